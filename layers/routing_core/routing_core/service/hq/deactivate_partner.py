"""HQ works with a partner no longer: no offers, links end, and its open leads are seen to.

Offers that wait for its answer always go to the next partner. What it owns is kept, for it to
finish, or routed anew. A partner can be reactivated: nothing of it is lost.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from routing_core.domain.activity import ActivityKind
from routing_core.domain.partner import Partner
from routing_core.domain.people import end_all_links
from routing_core.service.hq.known_partners import saved_partner
from routing_core.service.hq.note_activity import note_partner
from routing_core.service.hq.revoke_access import mail_new_links
from routing_core.service.hq.save_partner import ProfileEdit, refuse_if_changed
from routing_core.service.kernel.ports import Bus
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services
from routing_core.service.placing.take_from_partner import (
    leads_with,
    live_offer,
    take_from_partner,
)


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Deactivation:
    """That HQ works with a partner no longer, and what becomes of the leads that it owns."""

    partner: str
    """The partner's id."""
    edit: ProfileEdit
    """Who decides so, and which version of the profile they saw."""
    reroute_all: bool = False
    reroute: frozenset[str] = frozenset()
    """Leads that are routed anew, where not all are."""
    may_go_on: Callable[[], bool] = _always
    """Tells whether there is time for another lead."""

    def takes(self, lead_id: str) -> bool:
        """Tell whether a lead is taken from the partner who owns it."""
        return self.reroute_all or lead_id in self.reroute


@dataclass(frozen=True, slots=True)
class Deactivated:
    """What a deactivation has done."""

    partner: Partner
    rerouted: tuple[str, ...]
    """Leads that have gone on to somebody else."""
    kept: tuple[str, ...]
    """Leads that the partner keeps."""
    left: int
    """Leads that are still to be routed anew, for want of time: doing it again goes on."""


def deactivate_partner(services: Services, what: Deactivation, now: datetime) -> Deactivated:
    """End the work with a partner, then see to its leads while there is time.

    Doing it again goes on with what was left. Raises NotFound, or PartnerChanged.
    """
    partner = _set_deactivated(services, what, now)
    rerouted: list[str] = []
    kept: list[str] = []
    left = 0
    for lead in leads_with(services, partner.id):
        if not live_offer(lead, partner.id) and not what.takes(lead.id):
            kept.append(lead.id)
        elif not what.may_go_on():
            left += 1
        elif take_from_partner(services, lead.id, partner.id, what.edit.by, now):
            rerouted.append(lead.id)
    return Deactivated(partner, tuple(rerouted), tuple(kept), left)


def _set_deactivated(services: Services, what: Deactivation, now: datetime) -> Partner:
    edit = what.edit

    def work(_: bool) -> Partner:
        known = saved_partner(services, what.partner)
        if known.deactivated:
            return known
        refuse_if_changed(services, known, edit.seen)
        changed = end_all_links(replace(known, paused=True, deactivated=True))
        services.partners.save([(changed, known.version)], now, edit.by)
        note_partner(services, ActivityKind.PARTNER_DEACTIVATED, known.id, edit.by, now)
        return replace(changed, version=known.version + 1)

    return retry_on_conflict(work)


def reactivate_partner(
    services: Services, bus: Bus, partner_id: str, now: datetime, by: str
) -> Partner:
    """Work with a partner again: it gets offers, and new links by mail. Raises NotFound.

    Sent again, it asks for that mail again: it goes once for each time that links were ended.
    """

    def work(_: bool) -> Partner:
        known = saved_partner(services, partner_id)
        if not known.deactivated:
            return known
        changed = replace(known, paused=False, deactivated=False)
        services.partners.save([(changed, known.version)], now, by)
        note_partner(services, ActivityKind.PARTNER_REACTIVATED, known.id, by, now)
        return replace(changed, version=known.version + 1)

    partner = retry_on_conflict(work)
    if _was_deactivated(services, partner_id):
        mail_new_links(bus, partner, "")
    return partner


def _was_deactivated(services: Services, partner_id: str) -> bool:
    """Tell whether a partner has ever been deactivated: its links had ended then."""
    changed = chain.from_iterable(each.fields for each in services.partners.history(partner_id))
    return any(each.field == "deactivated" for each in changed)

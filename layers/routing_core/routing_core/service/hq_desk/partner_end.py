"""Ending the work with a partner on HQ's desk: its open leads are listed, and kept or not."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.hq_people import HqPerson
from routing_core.domain.lead import Lead
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.service.hq.deactivate_partner import (
    Deactivated,
    Deactivation,
    deactivate_partner,
)
from routing_core.service.hq.save_partner import ProfileEdit
from routing_core.service.hq_desk.partner_rights import partner_changed_by
from routing_core.service.kernel.services import Services
from routing_core.service.placing.take_from_partner import leads_with, live_offer


@dataclass(frozen=True, slots=True)
class PartnerEndView:
    """The page that asks what becomes of a partner's open leads."""

    programme: Programme
    visitor: HqPerson
    now: datetime
    partner: Partner
    owned: tuple[Lead, ...]
    """Leads that it owns: each is kept, or routed anew."""
    waiting: int
    """Counts the offers that wait for its answer: they go to the next partner in any case."""


@dataclass(frozen=True, slots=True)
class EndChoice:
    """What somebody chose on the page."""

    what: str
    """``keep``, ``reroute``, or ``some``."""
    leads: Collection[str]
    """Those that are routed anew, if it is ``some``."""
    may_go_on: Callable[[], bool]
    """Tells whether there is time for another lead."""


def view_end(
    services: Services, visitor: HqPerson, partner_id: str, now: datetime
) -> PartnerEndView:
    """Show what a partner has open. Raises NotAllowed, or NotFound."""
    partner = partner_changed_by(services, visitor, partner_id)
    leads = leads_with(services, partner.id)
    waiting = [lead for lead in leads if live_offer(lead, partner.id)]
    owned = tuple(lead for lead in leads if lead not in waiting)
    return PartnerEndView(services.programme, visitor, now, partner, owned, len(waiting))


def end_partner(
    services: Services, visitor: HqPerson, partner_id: str, choice: EndChoice, now: datetime
) -> Deactivated:
    """Deactivate a partner as chosen; doing it again goes on. Raises NotAllowed, or NotFound."""
    partner = partner_changed_by(services, visitor, partner_id)
    chosen = frozenset(choice.leads) if choice.what == "some" else frozenset()
    what = Deactivation(
        partner.id,
        ProfileEdit(visitor.actor),
        reroute_all=choice.what == "reroute",
        reroute=chosen,
        may_go_on=choice.may_go_on,
    )
    return deactivate_partner(services, what, now)

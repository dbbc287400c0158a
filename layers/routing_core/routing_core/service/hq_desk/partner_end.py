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
    """Leads that it owns and the visitor sees: each is kept, or routed anew."""
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
    owned = tuple(lead for lead in leads if lead not in waiting and visitor.sees(lead))
    return PartnerEndView(services.programme, visitor, now, partner, owned, len(waiting))


def end_partner(
    services: Services, visitor: HqPerson, partner_id: str, choice: EndChoice, now: datetime
) -> Deactivated:
    """Deactivate a partner as chosen; doing it again goes on. Raises NotAllowed, or NotFound.

    Leads of regions that are not the visitor's are kept, whatever was chosen.
    """
    partner = partner_changed_by(services, visitor, partner_id)
    what = Deactivation(
        partner.id,
        ProfileEdit(visitor.actor),
        reroute=rerouted_leads(services, visitor, partner.id, choice.what, choice.leads),
        may_go_on=choice.may_go_on,
    )
    return deactivate_partner(services, what, now)


def rerouted_leads(
    services: Services, visitor: HqPerson, partner_id: str, what: str, chosen: Collection[str] = ()
) -> frozenset[str]:
    """Give the leads that are routed anew: of those that the visitor sees, the chosen ones.

    ``what`` is ``reroute`` for all of them, ``some`` for the ``chosen`` ones; else there are none.
    """
    if what not in ("reroute", "some"):
        return frozenset()
    theirs = {lead.id for lead in leads_with(services, partner_id) if visitor.sees(lead)}
    return frozenset(theirs if what == "reroute" else theirs.intersection(chosen))

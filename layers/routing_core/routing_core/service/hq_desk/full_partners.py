"""Leads that wait because partners have all they can take, and asking these partners for more."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from routing_core.domain.checks.partner_regions import regions_of
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.lead import Lead
from routing_core.domain.partner import Partner
from routing_core.routing.decide.decision import decide
from routing_core.routing.decide.eligibility import local_day
from routing_core.service.kernel.ports import Bus
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.situations import situation_of
from routing_core.service.offers.take_more import extra_in_force
from routing_core.service.placing.place_lead import partners_to_read

MOST_LEADS_TRIED = 5
"""So many of the leads that wait are looked at, the oldest first."""
MOST_ASKED = 10
"""So many partners are asked with one press."""
ASKED_MORE = "partner.asked_more"
"""The event by which a partner is asked to take more for a while."""


@dataclass(frozen=True, slots=True)
class FullPartners:
    """Partners who would be asked about leads that wait, had they not reached their limit."""

    partners: tuple[Partner, ...]
    leads: int
    """Counts the leads looked at that one of them could take."""


def full_partners(
    services: Services, person: HqPerson, waiting: Sequence[str], now: datetime
) -> FullPartners:
    """Find who is full, and could have one of the leads that wait; ``waiting`` are their ids."""
    found: dict[str, Partner] = {}
    leads = 0
    for lead in services.leads.several(waiting[:MOST_LEADS_TRIED]):
        could = [
            each
            for each in _full_for(services, lead, now)
            if _may_be_asked(services, person, each, now)
        ]
        leads += bool(could)
        found |= {each.id: each for each in could}
    return FullPartners(tuple(found.values())[:MOST_ASKED], leads)


def _full_for(services: Services, lead: Lead, now: datetime) -> Iterable[Partner]:
    if lead.finished or lead.owner:
        return ()
    loads = services.leads.loads(partners_to_read(services, lead, now))
    excluded = decide(situation_of(lead, services.rules, now).with_loads(loads)).excluded
    names: Collection[str] = dict(excluded.items()).get("full", ())
    partners = services.rules.network().partners
    return [partners[name] for name in names]


def _may_be_asked(services: Services, person: HqPerson, partner: Partner, now: datetime) -> bool:
    """Tell whether a mail can be sent that would change anything: a limit, and no more yet."""
    if partner.caps.open is None or extra_in_force(partner, local_day(partner, now)):
        return False
    if partner.deactivated or not partner.confirmed or partner.bounced:
        return False
    return person.sees_any_of(regions_of(partner, services.programme))


def ask_for_more(
    services: Services, bus: Bus, person: HqPerson, partners: Sequence[str], now: datetime
) -> int:
    """Mail each of these partners the question whether they take two more; once a day at most.

    Gives how many are asked; whoever cannot be asked is left out. Raises NotAllowed.
    """
    person.need(Right.ACT_ON_LEADS)
    asked = []
    for partner_id in dict.fromkeys(partners[:MOST_ASKED]):
        partner = services.partners.get(partner_id)
        if partner and _may_be_asked(services, person, partner, now):
            day = now.astimezone(UTC).date().isoformat()
            asked.append((ASKED_MORE, {"partner": partner.id, "event": f"more.{day}"}))
    bus.publish((), asked)
    return len(asked)

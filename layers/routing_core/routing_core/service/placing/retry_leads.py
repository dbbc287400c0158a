"""Routes leads once more that nobody was left to be asked about.

It happens when partners have room again, or when somebody at HQ presses the button.
"""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.events import LeadRerouted
from routing_core.domain.lead import Lead, LeadStatus, state_list
from routing_core.routing.decide.backups import could_be_asked
from routing_core.service.kernel.ports import Change
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services
from routing_core.service.placing.place_lead import offer_next, offer_next_by_hand

STATES_THAT_WAIT = (LeadStatus.FOLLOW_UP, LeadStatus.HQ_QUEUE)
"""Names the states in which a lead may wait for a partner to have room again."""
MOST_WAITING_READ = 10_000
"""So many waiting leads are looked at, in each of the two states.

The most urgent one may be the newest.
"""
MOST_PLACED_FOR_ONE = 20
"""So many waiting leads are placed when one partner has room again."""
MOST_PLACED_FOR_ALL = 200
"""So many waiting leads are placed when many partners have room again at the same time."""


def retry_waiting(services: Services, partners: AbstractSet[str], now: datetime) -> list[str]:
    """Route the leads once more that could be these partners', who have room again.

    It returns the ids of those offered.
    """
    services.rules.look_again()  # a partner may be newer than the network that was read last
    network = services.rules.network()
    programme = services.programme

    def could_be_theirs(lead: Lead) -> bool:
        is_waited_for = not partners.isdisjoint(lead.waiting)
        return is_waited_for or could_be_asked(partners, lead, programme, network)

    most = min(MOST_PLACED_FOR_ONE * len(partners), MOST_PLACED_FOR_ALL)
    return retry_all(services, now, could_be_theirs, most=most)


def retry_all(
    services: Services,
    now: datetime,
    may_be_tried: Callable[[Lead], bool],
    *,
    most: int = MOST_PLACED_FOR_ONE,
    by: str | None = None,
) -> list[str]:
    """Route those who wait for a partner once more, by urgency, then age.

    It returns the ids of those now offered, and stops once ``most`` of them are placed. ``by``
    names who asks for it at HQ: then no limit of partners or time holds.
    """
    offered: list[str] = []
    for lead in _waiting_leads(services, may_be_tried):
        if retry_lead(services, lead.id, now, by):
            offered.append(lead.id)
        if len(offered) == most:
            break
    return offered


def _waiting_leads(services: Services, may_be_tried: Callable[[Lead], bool]) -> list[Lead]:
    """List the leads that nobody is left to be asked about, by urgency, then age."""
    waiting: list[Lead] = []
    for status in STATES_THAT_WAIT:
        held = services.leads.held_by(state_list(status), MOST_WAITING_READ)
        waiting += [lead for lead in held if lead.exhausted and may_be_tried(lead)]
    ranks = {urgency.id: rank for rank, urgency in enumerate(services.programme.urgencies)}

    def by_urgency_and_age(lead: Lead) -> tuple[int, datetime]:
        # An urgency that the programme no longer has comes last.
        return ranks.get(lead.urgency, len(ranks)), lead.received_at

    return sorted(waiting, key=by_urgency_and_age)


def retry_lead(services: Services, lead_id: str, now: datetime, by: str | None = None) -> bool:
    """Route one lead once more; return whether somebody was offered it, else nothing is changed.

    ``by`` names who asks for it at HQ.
    """

    def work(caps_only: bool) -> bool:
        lead = services.leads.get(lead_id)
        if lead is None or lead.status not in STATES_THAT_WAIT:
            return False
        if not lead.exhausted or lead.undecided:
            return False
        draft = Draft(lead)
        if by is not None:
            draft.add_event(LeadRerouted(by=by))
        if by is None:
            loads = offer_next(draft, services, now, caps_only=caps_only)
        else:
            loads = offer_next_by_hand(draft, services, now, caps_only=caps_only)
        if draft.lead.status is not LeadStatus.OFFERED:
            return False
        services.commit(Change(draft, loads=loads), now=now)
        return True

    return retry_on_conflict(work)

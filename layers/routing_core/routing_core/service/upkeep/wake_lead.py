"""Looks at a lead again and does whatever is due: remind, expire and re-route, keep a promise,
chase a contact.

The only reader of deadlines. A wake that comes early, late, twice or for something long superseded
does what the lead's state asks for now, and nothing else.
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.lead import Deadline, DeadlineKind, Draft, Lead, LeadStatus, listed
from routing_core.domain.lifecycle import ending, offering, promises
from routing_core.domain.lifecycle import ownership as owning
from routing_core.domain.lifecycle import queueing as resting
from routing_core.domain.offer import RELEASE, Offer
from routing_core.domain.partner import Lapse, Load, Partner, lapses_pause, with_lapse
from routing_core.domain.programme.programme import Programme
from routing_core.domain.repeats import LOOK_AGAIN
from routing_core.routing.decide.backups import could_be_asked
from routing_core.routing.decide.eligibility import local_day
from routing_core.service.kernel.ports import Change, LoadChange
from routing_core.service.kernel.services import Services, retry_on_conflict
from routing_core.service.placing.admit_lead import claims_left
from routing_core.service.placing.place_lead import offer_next, offer_next_by_hand, partners_to_read
from routing_core.service.placing.repeats import attached_at_last, look_at_first, older_ones_let_go

K = DeadlineKind
EVERYBODY = 10_000
"""Waiting leads looked at; the most urgent may be the newest."""
PER_PARTNER, AT_ONCE = 20, 200
"""Waiting leads placed when one partner has room again, and when many have at the same time."""
Loads = Mapping[str, Load]


def wake_lead(services: Services, lead_id: str, now: datetime) -> Lead | None:
    """Does what is due and returns the lead as it then stands; None if there is no such lead.

    The caller arms a new timer if the lead's ``due`` still lies ahead and nothing was committed.
    """

    def work(caps_only: bool) -> Lead | None:
        lead = services.leads.get(lead_id)
        if lead is None or lead.due is None or lead.due > now:
            return lead
        if lead.is_attached:
            for older in older_ones_let_go(services, lead, now):
                wake_lead(services, older, now)
            return look_at_first(services, lead, now, caps_only)
        if _is_asked_now(lead, now) and (attached := attached_at_last(services, lead, now)):
            return attached
        draft, loads = _do_what_is_due(services, lead, now, caps_only)
        claims = (
            claims_left(services, lead, now)
            if lead.crowded_out and not draft.lead.crowded_out
            else {}
        )
        services.commit(Change(draft, loads=loads, **claims), now=now)
        return draft.lead

    return retry_on_conflict(work)


def _is_asked_now(lead: Lead, now: datetime) -> bool:
    """Nobody has been asked yet, and now somebody would be."""
    waits = lead.held_until is not None or lead.crowded_out
    return waits and any(d.kind is K.RETRY and d.at <= now for d in lead.deadlines)


def _do_what_is_due(
    services: Services, lead: Lead, now: datetime, caps_only: bool
) -> tuple[Draft, dict[str, LoadChange]]:
    draft = Draft(lead)
    due = [d for d in lead.deadlines if d.at <= now]
    ends = {d.offer for d in due if d.kind is K.EXPIRE}
    draft.set(deadlines=tuple(d for d in lead.deadlines if d.at > now))
    changes: dict[str, LoadChange] = {}
    lapsed = [d for d in due if d.kind is K.EXPIRE]
    lost = any(d.kind is K.RETRACT for d in due)
    undecided = lead.undecided and any(d.kind is K.HQ_HOLD for d in due)
    again = any(d.kind is K.RETRY for d in due)
    programme = services.programme
    for deadline in sorted(due):
        if deadline.kind is K.REMIND and deadline.offer in ends:
            continue  # nobody is reminded of a window that has ended
        if deadline.kind is K.HQ_HOLD and undecided:
            continue  # HQ had its time to decide
        if deadline.kind in SIMPLE:
            SIMPLE[deadline.kind](Due(draft, deadline, services, programme, now))
    waits = lead.held_until is not None or draft.lead.crowded_out
    again = again and (waits or draft.lead.status is LeadStatus.FOLLOW_UP)
    if lapsed or lost or undecided or again:
        loads = services.leads.loads(_to_read(services, draft.lead, now))
        for deadline in lapsed:
            changes |= _lapse(draft, deadline, loads, services, now, caps_only)
        if lost:
            former = owning.take_back(draft, "retracted", programme, now)
            draft.tell("contact.retracted", offer=former.number, partner=former.partner)
        if undecided:
            resting.go_on(draft, "undecided", now)
        if not draft.lead.live_offers:  # others of the wave may still answer
            changes |= offer_next(draft, services, now, loads=loads, caps_only=caps_only)
    return draft, changes


def _to_read(services: Services, lead: Lead, now: datetime) -> tuple[str, ...]:
    offered = tuple(o.partner for o in lead.live_offers)
    return tuple(dict.fromkeys((*partners_to_read(services, lead, now), *offered)))


def _lapse(
    draft: Draft,
    deadline: Deadline,
    loads: Loads,
    services: Services,
    now: datetime,
    caps_only: bool,
) -> dict[str, LoadChange]:
    """Counts it against the partner; so many unseen means phone them, so many in a row means pause:
    of different people who asked on different days, so that one person or one burst of junk pauses
    nobody.

    Guarded by what was seen: of two offers that lapse at once, one must see the other's count. Who
    was asked with so many others that no place was held owed no answer, and who went on holiday
    meanwhile is excused: nothing is counted.
    """
    offer = offering.lapse(draft, deadline.offer, now)
    if not offer.holds or offer.on_lapse == RELEASE:
        return {}
    rule = services.programme.lapses
    before = loads.get(offer.partner, Load(offer.partner))
    lapse = _lapse_of(draft.lead, offer, services)
    after = with_lapse(before, lapse, rule)
    if before.unseen < rule.unseen_to_hq == after.unseen:
        draft.tell("partner.unseen", partner=offer.partner, lapses=after.unseen)
    pause = before.active and lapses_pause(after, rule)
    if pause:
        draft.tell("partner.paused", partner=offer.partner, lapses=after.lapses)
    seq = None if caps_only else before.seq
    return {
        offer.partner: LoadChange(lapse=lapse if after != before else None, pause=pause, seq=seq)
    }


def _lapse_of(lead: Lead, offer: Offer, services: Services) -> Lapse:
    person = services.mailbox_key(lead.contact.email)[:8] if lead.contact else lead.reference
    day = local_day(services.partner(offer.partner), lead.received_at)
    return Lapse(lead.reference, person, day, unseen=offer.seen_at is None)


@dataclass(frozen=True, slots=True)
class Due:
    """One deadline that has come, and what it needs to be met."""

    draft: Draft
    deadline: Deadline
    services: Services
    programme: Programme
    now: datetime

    @property
    def owner(self) -> Partner:
        return self.services.partner(self.draft.lead.owner or "")


def _remind(due: Due) -> None:
    offer = due.draft.lead.offer(due.deadline.offer)
    if offer is not None:
        offering.remind(due.draft, due.deadline, due.services.partner(offer.partner), due.programme)


def _keep_promise(due: Due) -> None:
    if due.draft.lead.promised_by is not None:
        promises.keep_promise(due.draft, due.programme, due.now)


def _remind_contact(due: Due) -> None:
    due.draft.tell("contact.reminded", partner=due.draft.lead.owner)


def _miss_contact(due: Due) -> None:
    owning.miss_contact(due.draft, due.deadline, due.owner, due.programme)


def _ask_status(due: Due) -> None:
    due.draft.tell("status.asked", partner=due.draft.lead.owner)
    owning.ask_status(due.draft, due.owner, due.programme, due.now)


def _miss_quote(due: Due) -> None:
    due.draft.tell("quote.missed", partner=due.draft.lead.owner)


def _miss_outcome(due: Due) -> None:
    owning.miss_outcome(due.draft, due.now)


def _end_hold(due: Due) -> None:
    resting.follow_up(due.draft, due.programme, due.now)


def _end_follow_up(due: Due) -> None:
    if due.draft.lead.status is LeadStatus.FOLLOW_UP:
        resting.end_follow_up(due.draft, due.programme, due.now)


def _ask_nurtured(due: Due) -> None:
    resting.ask_nurtured(due.draft, due.programme, due.now)


def _end_nurture(due: Due) -> None:
    ending.finish(due.draft, LeadStatus.LOST, due.programme, due.now, reason="cooled")
    due.draft.tell("lead.closed", reason="cooled")


def _remind_hq(due: Due) -> None:
    """An enquiry that was once merged into another rests with HQ until somebody decides."""
    if due.draft.lead.status is LeadStatus.HQ_QUEUE:
        due.draft.tell("lead.queued", reason=due.draft.lead.reason)
        due.draft.add_deadlines(Deadline(due.now + LOOK_AGAIN, K.FIRST))


SIMPLE: Mapping[DeadlineKind, Callable[[Due], None]] = {
    K.REMIND: _remind,
    K.PROMISE: _keep_promise,
    K.CONTACT_REMIND: _remind_contact,
    K.CONTACT: _miss_contact,
    K.STATUS: _ask_status,
    K.QUOTE: _miss_quote,
    K.OUTCOME: _miss_outcome,
    K.HQ_HOLD: _end_hold,
    K.FOLLOW_UP_END: _end_follow_up,
    K.NURTURE_ASK: _ask_nurtured,
    K.NURTURE_END: _end_nurture,
    K.FIRST: _remind_hq,
}
"""What each deadline means that needs no new decision; EXPIRE, RETRACT and RETRY route the lead
again, and so does HQ_HOLD where HQ was to decide first.
"""


def retry_waiting(services: Services, partners: AbstractSet[str], now: datetime) -> list[str]:
    """Partners have room again: leads that could be theirs are routed once more; the ids of those
    now offered.
    """
    services.rules.look_again()  # a partner may be newer than the network last read
    network, programme = services.rules.network(), services.programme

    def could_be_theirs(lead: Lead) -> bool:
        return not partners.isdisjoint(lead.waiting) or could_be_asked(
            partners, lead, programme, network
        )

    return retry_all(services, now, could_be_theirs, most=min(PER_PARTNER * len(partners), AT_ONCE))


def retry_all(
    services: Services,
    now: datetime,
    only: Callable[[Lead], bool] | None = None,
    most: int = PER_PARTNER,
    theirs: Callable[[Lead], bool] = lambda _: True,
    by: str | None = None,
) -> list[str]:
    """Routes who waits for a partner once more, by urgency, then age; returns the ids of those now
    offered.

    Stops once ``most`` of them are placed. ``by`` names who asks for it at HQ: then no limit of
    partners or time holds, and it is ``theirs`` which leads that person may act on.
    """
    order = {urgency.id: place for place, urgency in enumerate(services.programme.urgencies)}
    leads = [
        lead
        for status in (LeadStatus.FOLLOW_UP, LeadStatus.HQ_QUEUE)
        for lead in services.leads.held_by(listed(status), EVERYBODY)
        if lead.exhausted and (only is None or only(lead)) and theirs(lead)
    ]
    leads.sort(key=lambda lead: (order.get(lead.urgency, len(order)), lead.received_at))
    offered: list[str] = []
    for lead in leads:
        if retry_lead(services, lead.id, now, by):
            offered.append(lead.id)
        if len(offered) == most:
            break
    return offered


def retry_lead(services: Services, lead_id: str, now: datetime, by: str | None = None) -> bool:
    """True if somebody could be offered it now; otherwise nothing is changed. ``by`` names who asks
    for it at HQ.
    """

    def work(caps_only: bool) -> bool:
        lead = services.leads.get(lead_id)
        if lead is None or lead.status not in (LeadStatus.FOLLOW_UP, LeadStatus.HQ_QUEUE):
            return False
        if not lead.exhausted or lead.undecided:
            return False
        draft = Draft(lead)
        if by is not None:
            draft.tell("lead.rerouted", by=by)
        if by is None:
            loads = offer_next(draft, services, now, caps_only=caps_only)
        else:
            loads = offer_next_by_hand(draft, services, now, caps_only=caps_only)
        if draft.lead.status is not LeadStatus.OFFERED:
            return False
        services.commit(Change(draft, loads=loads), now=now)
        return True

    return retry_on_conflict(work)

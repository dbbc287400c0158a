"""Looks at a lead again and does whatever is due: reminds, expires, escalates, keeps a promise.

Nothing else acts on a deadline. A wake that comes early, late, twice or for something long
superseded does what the lead's state asks for now, and nothing else: so timers may be lost,
repeated or overtaken.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.events import (
    ContactReminded,
    ContactRetracted,
    LeadClosed,
    LeadQueued,
    PartnerPaused,
    PartnerUnseen,
    QuoteMissed,
    StatusAsked,
)
from routing_core.domain.lead import Deadline, DeadlineKind, Lead, LeadStatus
from routing_core.domain.lifecycle import ending, offering, ownership, promises, queueing
from routing_core.domain.offer import RELEASE, Offer
from routing_core.domain.partner import Lapse, Load, Partner, lapses_pause, with_lapse
from routing_core.domain.programme.programme import Programme
from routing_core.domain.reasons import QueueReason, WithdrawReason
from routing_core.domain.repeats import LOOK_AGAIN
from routing_core.routing.decide.eligibility import local_day
from routing_core.service.kernel.ports import Change, ContactUpdate, LoadChange, Timers
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services
from routing_core.service.placing.admit_lead import unlisted_contacts
from routing_core.service.placing.place_lead import offer_next, partners_to_read
from routing_core.service.placing.repeats import attached_at_last, look_at_first, older_ones_let_go


@dataclass(frozen=True, slots=True)
class FiredTimer:
    """A timer that went off."""

    lead: str
    version: int
    """The version of the lead that it was armed for."""
    again: int = 0
    """Counts how often the timer of this version has come before its time."""


def wake_by_timer(
    services: Services, timers: Timers, timer: FiredTimer, now: datetime
) -> Lead | None:
    """Do what is due on the lead of a timer, and return the lead; arm another one if it is early."""
    lead = wake_lead(services, timer.lead, now)
    if lead and lead.due and lead.due > now and lead.version == timer.version:
        # Nothing was due yet, so nothing was committed: no stream record will arm the next timer.
        timers.arm(lead.id, lead.version, lead.due, now, again=timer.again + 1)
    return lead


def wake_lead(services: Services, lead_id: str, now: datetime) -> Lead | None:
    """Do what is due for a lead and return it as it then stands; None if there is no such lead.

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
        if _is_asked_now(lead, now):
            attached = attached_at_last(services, lead, now)
            if attached is not None:
                return attached
        waking = Waking(services, Draft(lead), services.programme, now, caps_only)
        loads = _do_what_is_due(waking, lead)
        after = waking.draft.lead
        # At the door a crowded-out enquiry was listed under no contact: it is as soon as partners
        # are asked about it.
        came_through = lead.crowded_out and not after.crowded_out
        contacts = unlisted_contacts(services, lead, now) if came_through else ContactUpdate()
        services.commit(Change(waking.draft, loads=loads, contacts=contacts), now=now)
        return after

    return retry_on_conflict(work)


def _is_asked_now(lead: Lead, now: datetime) -> bool:
    """Tell whether nobody has been asked yet about a lead, and now somebody would be."""
    return _waits_to_be_asked(lead) and any(
        deadline.kind is DeadlineKind.RETRY for deadline in _due(lead, now)
    )


def _waits_to_be_asked(lead: Lead) -> bool:
    """Tell whether a lead waits for an office to open, or for the crowd at the door to pass."""
    return lead.partner_opens_at is not None or lead.crowded_out


def _due(lead: Lead, now: datetime) -> list[Deadline]:
    """List the deadlines of a lead that have come, the earliest first."""
    return sorted(deadline for deadline in lead.deadlines if deadline.at <= now)


@dataclass(frozen=True, slots=True)
class Waking:
    """One look at a lead: the draft that is committed, and by which rules and clock it is made."""

    services: Services
    draft: Draft
    programme: Programme
    now: datetime
    caps_only: bool
    """Others compete for the same partners, so that the caps alone decide.

    The loads may then be other than they were when they were read.
    """

    @property
    def owner(self) -> Partner:
        """Gives the partner who owns the lead; raises NotFound where nobody does."""
        return self.services.partner(self.draft.lead.owner or "")


def _do_what_is_due(waking: Waking, before: Lead) -> dict[str, LoadChange]:
    """Change the draft by all that is due, and return what the commit does to the loads."""
    draft = waking.draft
    due = _due(before, waking.now)
    draft.set(
        deadlines=tuple(deadline for deadline in before.deadlines if deadline.at > waking.now)
    )
    for deadline in due:
        meaning = MEANING.get(deadline.kind)
        if meaning is not None and not _is_superseded(deadline, due, before):
            meaning(waking, deadline)
    kinds = _kinds_that_reroute(waking, due, before)
    if not kinds:
        return {}
    return _route_again(waking, due, kinds)


def _is_superseded(deadline: Deadline, due: Sequence[Deadline], before: Lead) -> bool:
    """Tell whether something else that is due leaves nothing to do for this deadline."""
    if deadline.kind is DeadlineKind.REMIND:
        # Nobody is reminded of a window that has ended.
        return any(
            each.kind is DeadlineKind.EXPIRE and each.offer == deadline.offer for each in due
        )
    # HQ had its time to decide: the lead does not rest once more, partners are asked.
    return deadline.kind is DeadlineKind.HQ_HOLD and before.undecided


def _kinds_that_reroute(waking: Waking, due: Sequence[Deadline], before: Lead) -> set[DeadlineKind]:
    """Collect the kinds of the due deadlines with which routing goes on."""
    kinds = REROUTING.intersection(deadline.kind for deadline in due)
    if not before.undecided:
        kinds -= {DeadlineKind.HQ_HOLD}
    # A retry may be left over from a state that the lead is in no more: HQ may have taken it on
    # meanwhile.
    if not _waits_to_be_asked(before) and waking.draft.lead.status is not LeadStatus.FOLLOW_UP:
        kinds -= {DeadlineKind.RETRY}
    return set(kinds)


def _route_again(
    waking: Waking, due: Sequence[Deadline], kinds: AbstractSet[DeadlineKind]
) -> dict[str, LoadChange]:
    """End what stood in the way and ask the next partner or wave.

    It returns what the commit does to the loads.
    """
    draft = waking.draft
    loads = waking.services.leads.loads(_partners_to_read(waking))
    changes: dict[str, LoadChange] = {}
    for deadline in due:
        if deadline.kind is DeadlineKind.EXPIRE:
            changes |= _lapse(waking, deadline, loads)
    if DeadlineKind.RETRACT in kinds:
        former = ownership.take_back(draft, WithdrawReason.RETRACTED, waking.programme, waking.now)
        draft.add_event(ContactRetracted(offer=former.number, partner=former.partner))
    if DeadlineKind.HQ_HOLD in kinds:
        queueing.resume_routing(draft, WithdrawReason.UNDECIDED, waking.now)
    if not draft.lead.live_offers:  # others of the wave may still answer
        changes |= offer_next(
            draft, waking.services, waking.now, loads=loads, caps_only=waking.caps_only
        )
    return changes


def _partners_to_read(waking: Waking) -> tuple[str, ...]:
    """Name the partners whose loads are needed: who could be asked, and whose offer may lapse."""
    lead = waking.draft.lead
    names = partners_to_read(waking.services, lead, waking.now)
    offered = (offer.partner for offer in lead.live_offers)
    return tuple(dict.fromkeys((*names, *offered)))


def _lapse(waking: Waking, deadline: Deadline, loads: Mapping[str, Load]) -> dict[str, LoadChange]:
    """Let an offer lapse and count it against its partner.

    So many unseen offers mean that HQ phones the partner, and so many in a row mean a pause: of
    different people who asked on different days, so that one person or one burst of junk pauses
    nobody. Whoever was asked with so many others that no place was held owed no answer, and whoever
    went on holiday meanwhile is excused: nothing is counted.
    """
    draft = waking.draft
    pending = draft.lead.offer(deadline.offer)
    if pending is not None and pending.unsent and pending.on_lapse != RELEASE:
        # Nobody there has heard of it.
        offering.withdraw_offer(draft, pending, WithdrawReason.UNSENT, waking.now)
        return {}
    offer = offering.lapse(draft, deadline.offer, waking.now)
    if not offer.reserves_slot or offer.on_lapse == RELEASE:
        return {}
    rule = waking.programme.lapses
    before = loads.get(offer.partner, Load(offer.partner))
    lapse = _lapse_of(waking, offer)
    after = with_lapse(before, lapse, rule)
    if before.unseen < rule.unseen_to_hq == after.unseen:
        draft.add_event(PartnerUnseen(partner=offer.partner, lapses=after.unseen))
    pauses = before.active and lapses_pause(after, rule)
    if pauses:
        draft.add_event(PartnerPaused(partner=offer.partner, lapses=after.lapses))
    counted = lapse if after != before else None
    # Two offers may lapse at once: one commit must see the other's count, else both stop short of
    # the limit.
    seq = None if waking.caps_only else before.seq
    return {offer.partner: LoadChange(lapse=counted, pause=pauses, seq=seq)}


def _lapse_of(waking: Waking, offer: Offer) -> Lapse:
    """Make the entry of a lapse: whose enquiry it was, on which day it came, and if it was seen.

    The day is the partner's own.
    """
    lead = waking.draft.lead
    if lead.contact and lead.contact.email:
        person = waking.services.mailbox_key(lead.contact.email)[:8]
    else:
        person = lead.reference
    day = local_day(waking.services.partner(offer.partner), lead.received_at)
    return Lapse(lead.reference, person, day, unseen=offer.seen_at is None)


def _remind(waking: Waking, due: Deadline) -> None:
    offer = waking.draft.lead.offer(due.offer)
    if offer is not None:
        offering.remind(waking.draft, due, waking.services.partner(offer.partner), waking.programme)


def _keep_promise(waking: Waking, _: Deadline) -> None:
    if waking.draft.lead.promised_by is not None:
        promises.keep_promise(waking.draft, waking.programme, waking.now)


def _remind_contact(waking: Waking, _: Deadline) -> None:
    waking.draft.add_event(ContactReminded(partner=waking.draft.lead.owner))


def _miss_contact(waking: Waking, due: Deadline) -> None:
    ownership.miss_contact(waking.draft, due, waking.owner, waking.programme)


def _ask_status(waking: Waking, _: Deadline) -> None:
    waking.draft.add_event(StatusAsked(partner=waking.draft.lead.owner))
    ownership.ask_status(waking.draft, waking.owner, waking.programme, waking.now)


def _miss_quote(waking: Waking, _: Deadline) -> None:
    waking.draft.add_event(QuoteMissed(partner=waking.draft.lead.owner))


def _miss_outcome(waking: Waking, _: Deadline) -> None:
    ownership.miss_outcome(waking.draft, waking.now)


def _end_hq_hold(waking: Waking, _: Deadline) -> None:
    queueing.follow_up(waking.draft, waking.programme, waking.now)


def _end_follow_up(waking: Waking, _: Deadline) -> None:
    if waking.draft.lead.status is LeadStatus.FOLLOW_UP:
        queueing.end_follow_up(waking.draft, waking.programme, waking.now)


def _ask_nurtured(waking: Waking, _: Deadline) -> None:
    queueing.ask_nurtured(waking.draft, waking.programme, waking.now)


def _end_nurture(waking: Waking, _: Deadline) -> None:
    how = ending.Ending(LeadStatus.LOST, reason="cooled")
    ending.finish(waking.draft, how, waking.programme, waking.now)
    waking.draft.add_event(LeadClosed(reason="cooled"))


def _remind_hq(waking: Waking, _: Deadline) -> None:
    """Remind HQ of an enquiry once merged into another: it rests until somebody decides."""
    draft = waking.draft
    if draft.lead.status is LeadStatus.HQ_QUEUE:
        draft.add_event(LeadQueued(reason=QueueReason(draft.lead.reason)))
        draft.add_deadlines(Deadline(waking.now + LOOK_AGAIN, DeadlineKind.FIRST))


MEANING: Mapping[DeadlineKind, Callable[[Waking, Deadline], None]] = {
    DeadlineKind.REMIND: _remind,
    DeadlineKind.PROMISE: _keep_promise,
    DeadlineKind.CONTACT_REMIND: _remind_contact,
    DeadlineKind.CONTACT: _miss_contact,
    DeadlineKind.STATUS: _ask_status,
    DeadlineKind.QUOTE: _miss_quote,
    DeadlineKind.OUTCOME: _miss_outcome,
    DeadlineKind.HQ_HOLD: _end_hq_hold,
    DeadlineKind.FOLLOW_UP_END: _end_follow_up,
    DeadlineKind.NURTURE_ASK: _ask_nurtured,
    DeadlineKind.NURTURE_END: _end_nurture,
    DeadlineKind.FIRST: _remind_hq,
}
"""What is done at each deadline that needs no new decision on whom to ask."""

REROUTING = frozenset(
    {DeadlineKind.EXPIRE, DeadlineKind.RETRACT, DeadlineKind.HQ_HOLD, DeadlineKind.RETRY}
)
"""Names the deadlines with which routing goes on.

Of HQ's time only where HQ was to decide before anybody is asked.
"""

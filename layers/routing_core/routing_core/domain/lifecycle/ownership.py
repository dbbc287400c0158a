"""A partner owns the lead: accepts it, calls, quotes, wins or loses it, or lets it go."""

from dataclasses import replace
from datetime import datetime, timedelta

from routing_core.domain.absences import eaten_up
from routing_core.domain.calendar.business_time import (
    Duration,
    deadline,
    in_hours,
    without_absences,
)
from routing_core.domain.calendar.reminders import NOBODY_READS, RemindedTime
from routing_core.domain.draft import Draft
from routing_core.domain.events import (
    ContactAtRisk,
    ContactMissed,
    LeadClosed,
    LeadContacted,
    LeadDelegated,
    LeadHandedOver,
    LeadQuoted,
    LeadReturned,
    LeadUndone,
    OfferAccepted,
    OutcomeMissed,
)
from routing_core.domain.lead import (
    OWNED,
    Colleague,
    Deadline,
    DeadlineKind,
    Lead,
    LeadStatus,
    Undo,
)
from routing_core.domain.lifecycle.ending import finish
from routing_core.domain.lifecycle.offering import withdraw_offer
from routing_core.domain.lifecycle.promises import promise, promised_by
from routing_core.domain.lifecycle.queueing import queue
from routing_core.domain.offer import Offer, OfferStatus
from routing_core.domain.partner import Partner
from routing_core.domain.programme.document import most_specific_rule
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.reasons import ReturnReason
from routing_core.domain.reasons import QueueReason, WithdrawReason

UNDO = timedelta(minutes=2)
OUTCOME_AGAIN = timedelta(days=30)

K = DeadlineKind
FIRST_CALL = (K.CONTACT, K.CONTACT_REMIND, K.RETRACT, K.PROMISE)
"""What ends once the partner has spoken with the prospect."""


def accept(
    draft: Draft, number: int, partner: Partner, programme: Programme, now: datetime
) -> None:
    """The partner owns the lead; every other offer ends; the contact deadline starts.

    It runs on through the partner's own absence: somebody waits for the call. They are reminded
    before they leave.
    """
    for other in draft.lead.live_offers:
        if other.number != number:
            withdraw_offer(draft, other, WithdrawReason.TAKEN, now)
    draft.answer_offer(number, OfferStatus.ACCEPTED, now)
    lead = draft.lead
    calendar = partner.calendar(programme.hq_calendar)
    rule = most_specific_rule(
        programme.contact, partner_type=partner.type, product=lead.product, urgency=lead.urgency
    )
    contact_by = deadline(now, rule.window.duration, without_absences(calendar))
    span = RemindedTime(now, contact_by, calendar, programme.is_emergency(lead.urgency))
    remind_at = span.at(programme.missed_contact.remind_at)
    draft.drop_deadlines()
    draft.move(
        LeadStatus.ACCEPTED,
        owner=partner.id,
        accepted_at=now,
        exhausted=False,
        reason="",
        colleague=None,
        waiting=tuple(w for w in lead.waiting if w != partner.id),
    )
    draft.add_deadlines(Deadline(contact_by, K.CONTACT))
    if remind_at:
        draft.add_deadlines(Deadline(remind_at, K.CONTACT_REMIND))
    draft.add_deadlines(
        Deadline(now + timedelta(days=programme.afterwards.outcome_days), K.OUTCOME)
    )
    if days := programme.afterwards.quote_days:
        quote_by = deadline(now, Duration(working_days=days), calendar)
        draft.add_deadlines(Deadline(in_hours(quote_by, calendar), K.QUOTE))
    ask_status(draft, partner, programme, now)
    promise(draft, contact_by, now)
    no_reminder = None if remind_at else NOBODY_READS
    draft.add_event(
        OfferAccepted(
            offer=number, partner=partner.id, contact_by=contact_by, no_reminder=no_reminder
        )
    )
    if not span.by_the_clock and eaten_up(partner.absences, calendar, now, contact_by):
        draft.add_event(ContactAtRisk(partner=partner.id, until=contact_by, known=True))


def warn_of_absence(draft: Draft, contact_by: datetime) -> None:
    """The owner will be away when the call is due: they are asked for a colleague or to give it
    back; HQ hears now.
    """
    draft.add_event(ContactAtRisk(partner=draft.lead.owner, until=contact_by))


def ask_status(draft: Draft, partner: Partner, programme: Programme, now: datetime) -> None:
    """Sets the next day on which the owner is asked how it stands, in working days since
    acceptance.
    """
    accepted = draft.lead.accepted_at
    if accepted is None:
        return
    calendar = partner.calendar(programme.hq_calendar)
    for days in sorted(programme.afterwards.status_days):
        at = in_hours(deadline(accepted, Duration(working_days=days), calendar), calendar)
        if at > now:
            draft.add_deadlines(Deadline(at, K.STATUS))
            return


def delegate(draft: Draft, colleague: Colleague) -> None:
    """Somebody else at the owner's firm looks after it from now on; the partner stays the owner."""
    draft.set(colleague=replace(colleague, since=draft.lead.version))
    draft.add_event(LeadDelegated(partner=colleague.partner))


def miss_contact(draft: Draft, due: Deadline, partner: Partner, programme: Programme) -> None:
    """HQ is told; the lead is taken back later if the programme says so."""
    draft.add_event(ContactMissed(partner=partner.id))
    retract = programme.missed_contact.retract_after
    if retract:
        calendar = without_absences(partner.calendar(programme.hq_calendar))
        draft.add_deadlines(Deadline(deadline(due.at, retract.duration, calendar), K.RETRACT))


def miss_outcome(draft: Draft, now: datetime) -> None:
    """HQ is told, and told again every month: a lead somebody owns may not rest for ever."""
    draft.add_event(OutcomeMissed(partner=draft.lead.owner))
    draft.add_deadlines(Deadline(now + OUTCOME_AGAIN, K.OUTCOME))


def contacted(draft: Draft, now: datetime) -> None:
    before = draft.lead
    draft.drop_deadlines(*FIRST_CALL)
    draft.move(LeadStatus.CONTACTED, contacted_at=now, promised_by=None)
    _undoable(draft, before, now)
    draft.add_event(LeadContacted(partner=before.owner))


def quoted(draft: Draft, programme: Programme, now: datetime, amount: str = "") -> None:
    """A quote has gone out, so they have spoken too. ``amount``: decimal text, or empty if the
    partner names none.
    """
    before = draft.lead
    draft.drop_deadlines(*FIRST_CALL, K.QUOTE)
    draft.move(
        LeadStatus.QUOTED,
        contacted_at=before.contacted_at or now,
        quoted_at=now,
        quote=amount,
        promised_by=None,
    )
    _undoable(draft, before, now)
    currency = programme.currency if amount else None
    draft.add_event(LeadQuoted(partner=before.owner, value=amount or None, currency=currency))


def close(
    draft: Draft,
    status: LeadStatus,
    programme: Programme,
    now: datetime,
    reason: str = "",
    value: str = "",
) -> None:
    """Won or lost, by the owner: no deadline is left, the place comes free."""
    before = draft.lead
    finish(draft, status, programme, now, reason=reason, value=value)
    _undoable(draft, before, now)


def _undoable(draft: Draft, before: Lead, now: datetime) -> None:
    ended = tuple(d for d in before.deadlines if d not in draft.lead.deadlines)
    draft.set(undo=Undo(before.status, now + UNDO, ended, before.promised_by))


def undo(draft: Draft, now: datetime) -> None:
    """Takes back contacted, quoted, won or lost: what the step ended stands again, what came due
    since does not.
    """
    lead = draft.lead
    step = lead.undo
    if step is None or now >= step.until:
        raise ValueError("nothing to undo")
    draft.add_event(LeadUndone(step=lead.status, partner=lead.owner))
    was_quoted = step.status is LeadStatus.QUOTED
    draft.move(
        step.status,
        deadlines=tuple(sorted({*lead.deadlines, *step.deadlines})),
        undo=None,
        finished_at=None,
        value="",
        reason="",
        contacted_at=lead.contacted_at if step.status is not LeadStatus.ACCEPTED else None,
        quoted_at=lead.quoted_at if was_quoted else None,
        quote=lead.quote if was_quoted else "",
        promised_by=step.promised_by,
    )


def return_until(lead: Lead, partner: Partner, programme: Programme) -> datetime | None:
    """The owner may give the lead back until then; None if nobody owns it."""
    if lead.accepted_at is None or lead.status not in OWNED:
        return None
    return deadline(
        lead.accepted_at, programme.return_within.duration, partner.calendar(programme.hq_calendar)
    )


def give_back(draft: Draft, reason: ReturnReason, programme: Programme, now: datetime) -> None:
    """The owner returns the lead: the reason says whether the next partner is asked, HQ looks at
    it, or it ends here.

    The prospect was told who would call, so they are told in any case; by when they hear again is
    in the same mail.
    """
    before = draft.lead
    offer = _let_go(draft, OfferStatus.RETURNED, reason.id, now)
    draft.add_event(
        LeadReturned(offer=offer.number, partner=offer.partner, reason=reason.id, next=reason.then)
    )
    if reason.then == "close":
        finish(draft, LeadStatus.LOST, programme, now, reason=reason.id)
        draft.add_event(LeadClosed(reason="returned", partner=offer.partner))
        return
    _promise_on(draft, before.promised_by, programme, now)
    if reason.then == "review":
        queue(draft, QueueReason.RETURNED, programme, now, partner=offer.partner)


def hand_over(draft: Draft, to: str | None, programme: Programme, now: datetime) -> None:
    """The owner gives the lead to another partner (``to``, who is then offered it), or to HQ: it
    counts against nobody.

    The prospect is told, as with a return.
    """
    before = draft.lead
    offer = _let_go(draft, OfferStatus.WITHDRAWN, WithdrawReason.HANDED_OVER, now)
    draft.add_event(LeadHandedOver(offer=offer.number, partner=offer.partner, to=to))
    _promise_on(draft, before.promised_by, programme, now)
    if to is None:
        queue(draft, QueueReason.HANDED_OVER, programme, now, partner=offer.partner)


def take_back(draft: Draft, why: WithdrawReason, programme: Programme, now: datetime) -> Offer:
    """The owner loses the lead (given back early, nobody called, or HQ chose another); returns
    their offer.

    The prospect is told, as with a return: the fact that whoever calls this adds names the offer.
    """
    before = draft.lead
    offer = _let_go(draft, OfferStatus.WITHDRAWN, why, now)
    _promise_on(draft, before.promised_by, programme, now)
    return offer


def _let_go(draft: Draft, status: OfferStatus, why: str, now: datetime) -> Offer:
    """Nobody owns the lead any more, and nothing of what the owner did with it stands; returns
    their offer.
    """
    offer = next(o for o in draft.lead.offers if o.status is OfferStatus.ACCEPTED)
    draft.answer_offer(offer.number, status, now, why)
    draft.drop_deadlines()
    draft.set(
        owner=None, accepted_at=None, contacted_at=None, attempts=(), total_by=None, undo=None
    )
    draft.set(quoted_at=None, quote="")
    return offer


def _promise_on(draft: Draft, until: datetime | None, programme: Programme, now: datetime) -> None:
    """What was promised stands, or there is a new promise; who calls this tells the prospect."""
    lead = draft.lead
    still = (
        until if until and until > now else promised_by(programme, lead.product, lead.urgency, now)
    )
    promise(draft, still, now)

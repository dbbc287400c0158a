"""A partner owns the lead: accepts it, calls, quotes, wins or loses it, or lets it go."""

from dataclasses import replace
from datetime import datetime, timedelta

from routing_core.domain.absences import eaten_up
from routing_core.domain.calendar.business_time import (
    Calendar,
    Duration,
    deadline,
    in_hours,
    without_absences,
)
from routing_core.domain.calendar.reminders import NOBODY_READS, RemindedTime
from routing_core.domain.draft import Draft
from routing_core.domain.events import (
    ContactAtRisk,
    ContactConfirmed,
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
from routing_core.domain.lifecycle.ending import Ending, finish
from routing_core.domain.lifecycle.offering import withdraw_offer
from routing_core.domain.lifecycle.promises import promise, promised_by
from routing_core.domain.lifecycle.queueing import queue
from routing_core.domain.offer import Offer, OfferStatus
from routing_core.domain.partner import Partner
from routing_core.domain.programme.document import most_specific_rule
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.reasons import ReturnReason
from routing_core.domain.reasons import QueueReason, WithdrawReason

UNDO_WITHIN = timedelta(minutes=2)
"""So long the owner may take a step back."""
OUTCOME_AGAIN = timedelta(days=30)
"""So often HQ hears of a lead without an outcome."""

FIRST_CALL = (
    DeadlineKind.CONTACT,
    DeadlineKind.CONTACT_REMIND,
    DeadlineKind.RETRACT,
    DeadlineKind.PROMISE,
)
"""What ends once the partner has spoken with the prospect."""


def accept(
    draft: Draft, number: int, partner: Partner, programme: Programme, now: datetime
) -> None:
    """Make the partner the owner: all other offers end, and the time for the first call starts."""
    for other in draft.lead.live_offers:
        if other.number != number:
            withdraw_offer(draft, other, WithdrawReason.TAKEN, now)
    draft.answer_offer(number, OfferStatus.ACCEPTED, now)
    lead = draft.lead
    calendar = partner.calendar(programme.hq_calendar)
    contact_by = _contact_by(lead, partner, programme, now)
    window = RemindedTime(now, contact_by, calendar, programme.is_emergency(lead.urgency))
    remind_at = window.at(programme.missed_contact.remind_at)
    draft.drop_deadlines()
    draft.move(
        LeadStatus.ACCEPTED,
        owner=partner.id,
        accepted_at=now,
        contact_missed=None,
        contact_confirmed=False,
        exhausted=False,
        reason="",
        colleague=None,
        waiting=tuple(name for name in lead.waiting if name != partner.id),
    )
    draft.add_deadlines(Deadline(contact_by, DeadlineKind.CONTACT))
    if remind_at:
        draft.add_deadlines(Deadline(remind_at, DeadlineKind.CONTACT_REMIND))
    _expect_results(draft, calendar, programme, now)
    ask_status(draft, partner, programme, now)
    promise(draft, contact_by, now)
    draft.add_event(
        OfferAccepted(
            offer=number,
            partner=partner.id,
            contact_by=contact_by,
            no_reminder=None if remind_at else NOBODY_READS,
        )
    )
    if window.by_the_clock:
        return
    if eaten_up(partner.absences, calendar, now, contact_by):
        draft.add_event(ContactAtRisk(partner=partner.id, until=contact_by, known=True))


def _contact_by(lead: Lead, partner: Partner, programme: Programme, now: datetime) -> datetime:
    """Give the end of the time in which the partner is to call.

    It runs on through the partner's own absence: somebody waits for the call. They are reminded
    before they leave.
    """
    rule = most_specific_rule(
        programme.contact, partner_type=partner.type, product=lead.product, urgency=lead.urgency
    )
    calendar = partner.calendar(programme.hq_calendar)
    return deadline(now, rule.window.duration, without_absences(calendar))


def _expect_results(draft: Draft, calendar: Calendar, programme: Programme, now: datetime) -> None:
    """Set the deadlines for an outcome and, if the programme wants one, for a quote."""
    terms = programme.afterwards
    outcome_by = now + timedelta(days=terms.outcome_days)
    draft.add_deadlines(Deadline(outcome_by, DeadlineKind.OUTCOME))
    if terms.quote_days:
        quote_by = deadline(now, Duration(working_days=terms.quote_days), calendar)
        draft.add_deadlines(Deadline(in_hours(quote_by, calendar), DeadlineKind.QUOTE))


def warn_of_absence(draft: Draft, contact_by: datetime) -> None:
    """Warn the owner, and HQ, of a holiday that the promised call falls into.

    The owner is asked for a colleague, or to give the lead back.
    """
    draft.add_event(ContactAtRisk(partner=draft.lead.owner, until=contact_by))


def ask_status(draft: Draft, partner: Partner, programme: Programme, now: datetime) -> None:
    """Set the next day on which the owner is asked how it stands.

    The programme names the days as working days since acceptance.
    """
    accepted_at = draft.lead.accepted_at
    if accepted_at is None:
        return
    calendar = partner.calendar(programme.hq_calendar)
    for days in sorted(programme.afterwards.status_days):
        day = deadline(accepted_at, Duration(working_days=days), calendar)
        ask_at = in_hours(day, calendar)
        if ask_at > now:
            draft.add_deadlines(Deadline(ask_at, DeadlineKind.STATUS))
            return


def delegate(draft: Draft, colleague: Colleague) -> None:
    """Let somebody else at the owner's firm look after it; the partner stays the owner."""
    draft.set(colleague=replace(colleague, since=draft.lead.version))
    draft.add_event(LeadDelegated(partner=colleague.partner))


def miss_contact(draft: Draft, due: Deadline, partner: Partner, programme: Programme) -> None:
    """Tell HQ that nobody called; the lead is taken back later if the programme says so."""
    draft.set(contact_missed=due.at)
    draft.add_event(ContactMissed(partner=partner.id))
    retract = programme.missed_contact.retract_after
    if retract:
        calendar = without_absences(partner.calendar(programme.hq_calendar))
        retract_at = deadline(due.at, retract.duration, calendar)
        draft.add_deadlines(Deadline(retract_at, DeadlineKind.RETRACT))


def miss_outcome(draft: Draft, now: datetime) -> None:
    """Tell HQ that there is no outcome yet, and again every month."""
    draft.add_event(OutcomeMissed(partner=draft.lead.owner))
    # A lead that somebody owns may not rest for ever without any deadline.
    draft.add_deadlines(Deadline(now + OUTCOME_AGAIN, DeadlineKind.OUTCOME))


def confirm_contact(draft: Draft, write: bool | None) -> None:
    """Note that the prospect heard from the owner: nobody is reminded of that call any more.

    What the owner noted of it stays the owner's. ``write``: they can only be written to.
    """
    draft.drop_deadlines(*FIRST_CALL)
    draft.set(contact_confirmed=True, contact_missed=None, promised_by=None)
    draft.add_event(ContactConfirmed(partner=draft.lead.owner, write=write))


def contacted(draft: Draft, now: datetime) -> None:
    """Note that the owner spoke with the prospect."""
    before = draft.lead
    draft.drop_deadlines(*FIRST_CALL)
    draft.move(LeadStatus.CONTACTED, contacted_at=now, promised_by=None)
    _may_be_undone(draft, before, now)
    draft.add_event(LeadContacted(partner=before.owner))


def quoted(draft: Draft, programme: Programme, now: datetime, amount: str = "") -> None:
    """Note that a quote has gone out, so that they have spoken too.

    ``amount`` is decimal text, or empty if the partner names none.
    """
    before = draft.lead
    draft.drop_deadlines(*FIRST_CALL, DeadlineKind.QUOTE)
    draft.move(
        LeadStatus.QUOTED,
        contacted_at=before.contacted_at or now,
        quoted_at=now,
        quote=amount,
        promised_by=None,
    )
    _may_be_undone(draft, before, now)
    currency = programme.currency if amount else None
    draft.add_event(LeadQuoted(partner=before.owner, value=amount or None, currency=currency))


def close(draft: Draft, how: Ending, programme: Programme, now: datetime) -> None:
    """End the lead as won or lost, by its owner: no deadline is left, and the slot comes free."""
    before = draft.lead
    finish(draft, how, programme, now)
    _may_be_undone(draft, before, now)


def _may_be_undone(draft: Draft, before: Lead, now: datetime) -> None:
    """Remember what the step ended, so that the owner may take it back."""
    kept = draft.lead.deadlines
    ended = tuple(each for each in before.deadlines if each not in kept)
    draft.set(undo=Undo(before.status, now + UNDO_WITHIN, ended, before.promised_by))


def undo(draft: Draft, now: datetime) -> None:
    """Take back contacted, quoted, won or lost.

    What the step ended stands again, what came due since does not. Raises ValueError if there is
    nothing to undo.
    """
    lead = draft.lead
    step = lead.undo
    if step is None or now >= step.until:
        raise ValueError("nothing to undo")
    draft.add_event(LeadUndone(step=lead.status, partner=lead.owner))
    was_contacted = step.status is not LeadStatus.ACCEPTED
    was_quoted = step.status is LeadStatus.QUOTED
    ended = step.deadlines
    if lead.contact_confirmed:
        ended = tuple(each for each in ended if each.kind not in FIRST_CALL)
    draft.move(
        step.status,
        deadlines=tuple(sorted({*lead.deadlines, *ended})),
        undo=None,
        finished_at=None,
        value="",
        reason="",
        contacted_at=lead.contacted_at if was_contacted else None,
        quoted_at=lead.quoted_at if was_quoted else None,
        quote=lead.quote if was_quoted else "",
        promised_by=None if lead.contact_confirmed else step.promised_by,
    )


def return_until(lead: Lead, partner: Partner, programme: Programme) -> datetime | None:
    """Give the instant until which the owner may give the lead back; None if nobody owns it."""
    if lead.accepted_at is None or lead.status not in OWNED:
        return None
    calendar = partner.calendar(programme.hq_calendar)
    return deadline(lead.accepted_at, programme.return_within.duration, calendar)


def give_back(draft: Draft, reason: ReturnReason, programme: Programme, now: datetime) -> None:
    """Return the lead for its owner.

    The reason says whether the next partner is asked, HQ looks at it, or it ends here.
    """
    before = draft.lead
    offer = _let_go(draft, OfferStatus.RETURNED, reason.id, now)
    draft.add_event(
        LeadReturned(offer=offer.number, partner=offer.partner, reason=reason.id, next=reason.then)
    )
    if reason.then == "close":
        finish(draft, Ending(LeadStatus.LOST, reason=reason.id), programme, now)
        draft.add_event(LeadClosed(reason="returned", partner=offer.partner))
        return
    _keep_promising(draft, before.promised_by, programme, now)
    if reason.then == "review":
        queue(draft, QueueReason.RETURNED, programme, now, partner=offer.partner)


def hand_over(draft: Draft, to: str | None, programme: Programme, now: datetime) -> None:
    """Give the lead from its owner to another partner (``to``), or to HQ.

    It counts against nobody. The other partner is offered it afterwards.
    """
    before = draft.lead
    offer = _let_go(draft, OfferStatus.WITHDRAWN, WithdrawReason.HANDED_OVER.value, now)
    draft.add_event(LeadHandedOver(offer=offer.number, partner=offer.partner, to=to))
    _keep_promising(draft, before.promised_by, programme, now)
    if to is None:
        queue(draft, QueueReason.HANDED_OVER, programme, now, partner=offer.partner)


def take_back(draft: Draft, why: WithdrawReason, programme: Programme, now: datetime) -> Offer:
    """Take the lead from its owner, and return their offer.

    It was given back early, nobody called, or HQ chose another: whoever calls this adds the event
    that says so, and that names the offer.
    """
    before = draft.lead
    offer = _let_go(draft, OfferStatus.WITHDRAWN, why.value, now)
    _keep_promising(draft, before.promised_by, programme, now)
    return offer


def _let_go(draft: Draft, status: OfferStatus, why: str, now: datetime) -> Offer:
    """End the ownership, so that nothing of what the owner did stands; return their offer."""
    offer = next(each for each in draft.lead.offers if each.status is OfferStatus.ACCEPTED)
    draft.answer_offer(offer.number, status, now, why)
    draft.drop_deadlines()
    draft.set(
        owner=None,
        accepted_at=None,
        contacted_at=None,
        quoted_at=None,
        quote="",
        attempts=(),
        total_by=None,
        undo=None,
    )
    return offer


def _keep_promising(
    draft: Draft, promised: datetime | None, programme: Programme, now: datetime
) -> None:
    """Let stand what was promised, or promise anew.

    The prospect had been told who would call, so they are told in any case; by when they hear
    again is in the same mail.
    """
    lead = draft.lead
    if promised is None or promised <= now:
        promised = promised_by(programme, lead.product, lead.urgency, now)
    promise(draft, promised, now)

"""Nobody owns the lead and nobody is asked.

It is HQ's, waits for a partner to open, or is tried again later.
"""

from datetime import datetime, timedelta
from zlib import crc32

from routing_core.domain.calendar.business_time import deadline
from routing_core.domain.draft import Draft
from routing_core.domain.events import (
    ExistingCustomerClaimed,
    LeadClosed,
    LeadFollowedUp,
    LeadHeld,
    LeadNurtured,
    LeadQueued,
    NurtureAsked,
)
from routing_core.domain.lead import Deadline, DeadlineKind, Lead, LeadStatus
from routing_core.domain.lifecycle.ending import Ending, finish
from routing_core.domain.lifecycle.offering import WAITING_DEADLINES, end_claim
from routing_core.domain.offer import OfferKind, OfferStatus
from routing_core.domain.offer_terms import offer_terms, total_deadline
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.reasons import TIME_LIMITED, QueueReason, WithdrawReason


def queue(
    draft: Draft,
    reason: QueueReason,
    programme: Programme,
    now: datetime,
    partner: str | None = None,
) -> None:
    """Give the lead to HQ; ``partner`` claims it, gave it back or handed it over."""
    draft.move(LeadStatus.HQ_QUEUE, reason=reason.value)
    draft.add_event(LeadQueued(reason=reason, partner=partner))
    if reason in TIME_LIMITED:
        decides_by = hq_decides_by(programme, now)
        draft.add_deadlines(Deadline(decides_by, DeadlineKind.HQ_HOLD))


def hq_decides_by(programme: Programme, now: datetime) -> datetime:
    """Give the end of the time that HQ has for a lead it gets now."""
    return deadline(now, programme.fallback.hq_hold.duration, programme.hq_calendar)


def claim(draft: Draft, number: int, reason: str, programme: Programme, now: datetime) -> None:
    """Note that a partner says "already my customer", and give HQ its time to decide."""
    # It counts against nobody, and nobody else is asked: a customer of somebody's is not passed on.
    offer = draft.answer_offer(number, OfferStatus.EXISTING_CUSTOMER, now, reason)
    partner = offer.partner
    draft.add_event(ExistingCustomerClaimed(offer=number, partner=partner, reason=reason))
    queue(draft, QueueReason.EXISTING_CUSTOMER, programme, now, partner=partner)


def resume_routing(draft: Draft, why: WithdrawReason, now: datetime) -> None:
    """Let routing go on, because HQ has decided or had its time.

    What HQ took of it is not missing from the partners' time.
    """
    end_claim(draft, why, now)
    draft.drop_deadlines(DeadlineKind.HQ_HOLD)
    draft.set(reason="", total_by=None)


def wait_for_opening(
    draft: Draft, partner: Partner, opens_at: datetime, programme: Programme, now: datetime
) -> None:
    """Let the lead wait for the partner who comes first, and is closed, to open."""
    lead = draft.lead
    terms = offer_terms(programme, partner, OfferKind.ROUTED, lead.product, lead.urgency)
    draft.set(total_by=total_deadline(lead, terms.total, programme, now))
    draft.drop_deadlines(*WAITING_DEADLINES)
    draft.move(LeadStatus.HQ_QUEUE, reason=QueueReason.CLOSED.value)
    # In the first minute after they open, so that not all leads of a night meet in one commit.
    draft.add_deadlines(Deadline(opens_at + _apart(lead), DeadlineKind.RETRY))
    draft.add_event(LeadHeld(partner=partner.id, until=opens_at))


def crowd_out(draft: Draft, programme: Programme, now: datetime) -> None:
    """Store the lead, and route it in one to two minutes: too many commits met just now."""
    queue(draft, QueueReason.CROWDED, programme, now)
    retry_at = now + timedelta(minutes=1) + _apart(draft.lead)
    draft.add_deadlines(Deadline(retry_at, DeadlineKind.RETRY))


def _apart(lead: Lead) -> timedelta:
    """Give less than a minute, always the same for a lead.

    So those who wait for the same instant do not all meet in it.
    """
    return timedelta(seconds=crc32(lead.id.encode()) % 60)


def follow_up(draft: Draft, programme: Programme, now: datetime) -> None:
    """Try a lead that nobody placed by hand again and again, until an honest end."""
    terms = programme.fallback.follow_up
    draft.move(LeadStatus.FOLLOW_UP)
    if draft.lead.deadline(DeadlineKind.FOLLOW_UP_END) is None:
        end = deadline(now, terms.give_up_after.duration, programme.hq_calendar)
        draft.add_deadlines(Deadline(end, DeadlineKind.FOLLOW_UP_END))
        draft.add_event(LeadFollowedUp(until=end))
    retry_later(draft, programme, now)


def retry_later(draft: Draft, programme: Programme, now: datetime) -> None:
    """Set the next instant at which the lead is tried again."""
    pause = programme.fallback.follow_up.retry_every.duration
    retry_at = deadline(now, pause, programme.hq_calendar)
    draft.drop_deadlines(DeadlineKind.RETRY)
    draft.add_deadlines(Deadline(retry_at, DeadlineKind.RETRY))


def end_follow_up(draft: Draft, programme: Programme, now: datetime) -> None:
    """Give up: HQ gets the lead, or it is closed, as the programme says."""
    if programme.fallback.follow_up.then == "hq":
        draft.drop_deadlines(DeadlineKind.RETRY)
        queue(draft, QueueReason.FOLLOW_UP_ENDED, programme, now)
    else:
        finish(draft, Ending(LeadStatus.LOST, reason="unplaced"), programme, now)
        draft.add_event(LeadClosed(reason="unplaced"))


def nurture(draft: Draft, programme: Programme, now: datetime) -> None:
    """Ask a lead again later that is below the bar, but not hopeless."""
    ask_at = now + timedelta(days=programme.qualification.nurture.ask_after_days)
    draft.move(LeadStatus.NURTURE)
    draft.add_deadlines(Deadline(ask_at, DeadlineKind.NURTURE_ASK))
    draft.add_event(LeadNurtured())


def ask_nurtured(draft: Draft, programme: Programme, now: datetime) -> None:
    """Ask the prospect whether the time has come, and set the end of waiting for an answer."""
    terms = programme.qualification.nurture
    draft.add_event(NurtureAsked())
    # Both counts begin with the enquiry; a programme changed meanwhile may leave no day between.
    days_left = max(terms.close_after_days - terms.ask_after_days, 1)
    draft.add_deadlines(Deadline(now + timedelta(days=days_left), DeadlineKind.NURTURE_END))

"""Nobody owns the lead and nobody is asked: it is HQ's, waits for a partner to open, or is tried
again later.
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
from routing_core.domain.lifecycle.ending import finish
from routing_core.domain.lifecycle.offering import AT_REST, end_claim
from routing_core.domain.offer import OfferKind, OfferStatus
from routing_core.domain.offer_terms import offer_terms, total_deadline
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.reasons import TIME_LIMITED, QueueReason, WithdrawReason

K = DeadlineKind


def queue(
    draft: Draft,
    reason: QueueReason,
    programme: Programme,
    now: datetime,
    partner: str | None = None,
) -> None:
    """HQ holds the lead: exhausted, low score (review), claimed, returned or handed over by
    ``partner``, a follow-up in vain, or crowded out for a minute.
    """
    draft.move(LeadStatus.HQ_QUEUE, reason=reason)
    draft.add_event(LeadQueued(reason=reason, partner=partner))
    if reason in TIME_LIMITED:
        draft.add_deadlines(
            Deadline(
                deadline(now, programme.fallback.hq_hold.duration, programme.hq_calendar), K.HQ_HOLD
            )
        )


def claim(draft: Draft, number: int, reason: str, programme: Programme, now: datetime) -> None:
    """ "Already my customer": it counts against nobody, nobody else is asked, and HQ has its time
    to decide.
    """
    offer = draft.answer_offer(number, OfferStatus.EXISTING_CUSTOMER, now, reason)
    draft.add_event(ExistingCustomerClaimed(offer=number, partner=offer.partner, reason=reason))
    queue(draft, QueueReason.EXISTING_CUSTOMER, programme, now, partner=offer.partner)


def resume_routing(draft: Draft, why: WithdrawReason, now: datetime) -> None:
    """HQ has decided or had its time: routing may go on. What HQ took of it is not missing from the
    partners' time.
    """
    end_claim(draft, why, now)
    draft.drop_deadlines(K.HQ_HOLD)
    draft.set(reason="", total_by=None)


def hold(
    draft: Draft, partner: Partner, until: datetime, programme: Programme, now: datetime
) -> None:
    """The partner who comes first is closed: routed in the first minute after they open, not all
    leads at once.
    """
    lead = draft.lead
    _, _, total = offer_terms(programme, partner, OfferKind.ROUTED, lead.product, lead.urgency)
    draft.set(total_by=total_deadline(lead, total, programme, now))
    draft.drop_deadlines(*AT_REST)
    draft.move(LeadStatus.HQ_QUEUE, reason=QueueReason.CLOSED)
    draft.add_deadlines(Deadline(until + _apart(lead), K.RETRY))
    draft.add_event(LeadHeld(partner=partner.id, until=until))


def crowd_out(draft: Draft, programme: Programme, now: datetime) -> None:
    """Too many commits met on the same partners: stored, and routed in one to two minutes, not all
    at once.
    """
    queue(draft, QueueReason.CROWDED, programme, now)
    draft.add_deadlines(Deadline(now + timedelta(minutes=1) + _apart(draft.lead), K.RETRY))


def _apart(lead: Lead) -> timedelta:
    """Less than a minute: so that those who wait for the same instant do not all meet in it."""
    return timedelta(seconds=crc32(lead.id.encode()) % 60)


def follow_up(draft: Draft, programme: Programme, now: datetime) -> None:
    """Nobody placed it by hand: tried again on freed capacity and on schedule, until an honest
    end.
    """
    terms = programme.fallback.follow_up
    draft.move(LeadStatus.FOLLOW_UP)
    if draft.lead.deadline(K.FOLLOW_UP_END) is None:
        end = deadline(now, terms.give_up_after.duration, programme.hq_calendar)
        draft.add_deadlines(Deadline(end, K.FOLLOW_UP_END))
        draft.add_event(LeadFollowedUp(until=end))
    retry_later(draft, programme, now)


def retry_later(draft: Draft, programme: Programme, now: datetime) -> None:
    draft.drop_deadlines(K.RETRY)
    at = deadline(now, programme.fallback.follow_up.retry_every.duration, programme.hq_calendar)
    draft.add_deadlines(Deadline(at, K.RETRY))


def end_follow_up(draft: Draft, programme: Programme, now: datetime) -> None:
    if programme.fallback.follow_up.then == "hq":
        draft.drop_deadlines(K.RETRY)
        queue(draft, QueueReason.FOLLOW_UP_ENDED, programme, now)
    else:
        finish(draft, LeadStatus.LOST, programme, now, reason="unplaced")
        draft.add_event(LeadClosed(reason="unplaced"))


def nurture(draft: Draft, programme: Programme, now: datetime) -> None:
    """Below the bar, not hopeless: asked again later."""
    draft.move(LeadStatus.NURTURE)
    draft.add_deadlines(
        Deadline(
            now + timedelta(days=programme.qualification.nurture.ask_after_days), K.NURTURE_ASK
        )
    )
    draft.add_event(LeadNurtured())


def ask_nurtured(draft: Draft, programme: Programme, now: datetime) -> None:
    draft.add_event(NurtureAsked())
    rest = (
        programme.qualification.nurture.close_after_days
        - programme.qualification.nurture.ask_after_days
    )
    draft.add_deadlines(Deadline(now + timedelta(days=max(rest, 1)), K.NURTURE_END))

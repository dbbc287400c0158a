"""What the prospect was told: by when they hear from somebody."""

from datetime import datetime, timedelta

from routing_core.domain.calendar.business_time import deadline
from routing_core.domain.draft import Draft
from routing_core.domain.events import PromiseRenewed
from routing_core.domain.lead import OWNED, Deadline, DeadlineKind, LeadStatus
from routing_core.domain.programme.document import most_specific_rule
from routing_core.domain.programme.programme import Programme

PROMISE_MARGIN = timedelta(minutes=8)
"""The message that keeps a promise leaves this long before it (or a tenth of the time given, if
that is less): should its timer be lost, the sweeper comes by within seven minutes.
"""

K = DeadlineKind


def promised_by(programme: Programme, product: str, urgency: str, now: datetime) -> datetime:
    """By when a prospect who asks now hears from us."""
    return deadline(
        now,
        most_specific_rule(programme.promise, product=product, urgency=urgency).within.duration,
        programme.hq_calendar,
    )


def promise(draft: Draft, until: datetime, now: datetime) -> None:
    """Tells the prospect ``until``, and sets the deadline that keeps it."""
    draft.drop_deadlines(K.PROMISE)
    margin = min(PROMISE_MARGIN, (until - now) / 10)
    draft.set(promised_by=until)
    draft.add_deadlines(Deadline(until - margin, K.PROMISE))


def keep_promise(draft: Draft, programme: Programme, now: datetime) -> None:
    """Before a promise passes, the prospect hears: when they will hear next, or (once a partner
    owns the lead) whom to tell if nobody called.
    """
    lead = draft.lead
    if lead.status in OWNED:
        draft.set(promised_by=None)
        draft.add_event(PromiseRenewed(partner=lead.owner))
        return
    if lead.status is LeadStatus.OFFERED or lead.partner_opens_at:
        until = promised_by(programme, lead.product, lead.urgency, lead.partner_opens_at or now)
    else:
        until = deadline(
            now, programme.fallback.follow_up.update_every.duration, programme.hq_calendar
        )
    promise(draft, until, now)
    draft.add_event(PromiseRenewed(until=until))

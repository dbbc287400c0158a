"""What the prospect was told: by when they hear from somebody."""

from datetime import datetime, timedelta

from routing_core.domain.calendar.business_time import deadline
from routing_core.domain.draft import Draft
from routing_core.domain.events import PromiseRenewed
from routing_core.domain.lead import OWNED, Deadline, DeadlineKind, LeadStatus
from routing_core.domain.programme.document import most_specific_rule
from routing_core.domain.programme.programme import Programme

PROMISE_MARGIN = timedelta(minutes=8)
"""The message that keeps a promise leaves so long before it passes.

A tenth of the time given counts instead where that is shorter. Should its timer be lost, the
sweeper comes by within seven minutes.
"""


def promised_by(programme: Programme, product: str, urgency: str, now: datetime) -> datetime:
    """Give the instant by which a prospect who asks now hears from us."""
    rule = most_specific_rule(programme.promise, product=product, urgency=urgency)
    return deadline(now, rule.within.duration, programme.hq_calendar)


def promise(draft: Draft, until: datetime, now: datetime) -> None:
    """Promise the prospect to hear until then, and set the deadline that keeps the promise."""
    draft.drop_deadlines(DeadlineKind.PROMISE)
    margin = min(PROMISE_MARGIN, (until - now) / 10)
    draft.set(promised_by=until)
    draft.add_deadlines(Deadline(until - margin, DeadlineKind.PROMISE))


def keep_promise(draft: Draft, programme: Programme, now: datetime) -> None:
    """Tell the prospect, before a promise passes, when they will hear next.

    Once a partner owns the lead, they are asked whether somebody called instead.
    """
    lead = draft.lead
    if lead.status in OWNED:
        draft.set(promised_by=None)
        draft.add_event(PromiseRenewed(partner=lead.owner))
        return
    if lead.status is LeadStatus.OFFERED or lead.partner_opens_at is not None:
        asked_at = lead.partner_opens_at or now
        until = promised_by(programme, lead.product, lead.urgency, asked_at)
    else:
        pause = programme.fallback.follow_up.update_every.duration
        until = deadline(now, pause, programme.hq_calendar)
    promise(draft, until, now)
    draft.add_event(PromiseRenewed(until=until))

"""The owner of a first enquiry says of an attached one that it is dealt with too."""

from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.events import LeadAttached, LeadServed, PromiseRenewed
from routing_core.domain.lead import SERVED, Deadline, DeadlineKind, Lead, LeadStatus
from routing_core.domain.lifecycle.ending import erase_at
from routing_core.domain.lifecycle.on_paper import forget_paper
from routing_core.domain.lifecycle.promises import promise, promised_by
from routing_core.domain.programme.programme import Programme
from routing_core.domain.repeats import LOOK_AGAIN


def serve_with_first(draft: Draft, first: Draft, programme: Programme, now: datetime) -> None:
    """Do for the attached enquiry what the owner just did with ``first``.

    That is: spoke with its sender, quoted, won or lost it. Its sender hears of the last two.
    """
    partner = first.lead.owner
    outcome = first.lead.status
    draft.set(preferred=partner, contacted_at=draft.lead.contacted_at or now)
    forget_paper(draft)
    if outcome in (LeadStatus.WON, LeadStatus.LOST):
        _end_with_first(draft, programme, now)
    else:
        draft.drop_deadlines(DeadlineKind.PROMISE)
        draft.set(promised_by=None)
        if not draft.lead.deadlines:
            # Nothing else would ever wake it, should the first end unnoticed.
            draft.add_deadlines(Deadline(now + LOOK_AGAIN, DeadlineKind.FIRST))
    draft.add_event(LeadServed(first=first.lead.id, partner=partner, outcome=outcome))


def _end_with_first(draft: Draft, programme: Programme, now: datetime) -> None:
    """End the attached enquiry without an amount of its own: the order is counted once."""
    forgotten = erase_at(draft.lead, LeadStatus.ATTACHED, programme, now)
    draft.drop_deadlines()
    draft.move(
        LeadStatus.ATTACHED,
        erase_at=forgotten,
        finished_at=now,
        reason=SERVED,
        promised_by=None,
    )


def was_served_with(second: Lead, step: Lead) -> bool:
    """Tell whether the step at which the first enquiry stands (``step``) was said of ``second``."""
    if second.status is not LeadStatus.ATTACHED or second.attached_to != step.id:
        return False
    if step.finished_at:
        return second.finished_at == step.finished_at
    if second.contacted_at is None:
        return False
    return second.is_attached and second.contacted_at == step.contacted_at


def unserve(draft: Draft, programme: Programme, now: datetime) -> None:
    """Take it back with the step of the first enquiry: attached as before, with a promise again."""
    lead = draft.lead
    draft.move(LeadStatus.ATTACHED, finished_at=None, reason="", contacted_at=None)
    draft.add_event(LeadAttached(first=lead.attached_to))
    promise(draft, promised_by(programme, lead.product, lead.urgency, now), now)


def was_left(second: Lead, first: Lead) -> bool:
    """Tell whether whoever spoke with the sender of an attached enquiry has the first no more."""
    return second.contacted_at is not None and second.preferred != first.owner


def forget_former_owner(draft: Draft, first: Lead, programme: Programme, now: datetime) -> None:
    """Undo what a former owner of ``first`` did: the sender is promised to hear, and told so."""
    lead = draft.lead
    until = promised_by(programme, lead.product, lead.urgency, now)
    draft.set(contacted_at=None, preferred=first.owner)
    promise(draft, until, now)
    draft.add_event(PromiseRenewed(until=until))

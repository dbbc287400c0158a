"""What would have become of an attached enquiry, kept on paper until a partner acts on it."""

from dataclasses import replace

from routing_core.domain.draft import Draft
from routing_core.domain.lead import DeadlineKind, Lead, Moved
from routing_core.domain.repeats import as_if_alone

ON_PAPER = (
    DeadlineKind.PROMISE,
    DeadlineKind.EXPIRE,
    DeadlineKind.RETRY,
    DeadlineKind.HQ_HOLD,
)
"""The deadlines that an attached enquiry shares with one that is not.

They are a promise to keep, a window that ends, an office that opens; and the end of HQ's time,
where nobody could have been asked at the door.
"""


def keep_on_paper(draft: Draft, decided: Lead) -> None:
    """Keep of ``decided`` what would have become of the lead: its sender sees that, or will see."""
    kept = (*ON_PAPER, DeadlineKind.FIRST)
    draft.set(
        as_if=decided.offers[len(draft.lead.offers) :],
        total_by=decided.total_by,
        promised_by=decided.promised_by,
        reason=decided.reason,
        deadlines=tuple(each for each in decided.deadlines if each.kind in kept),
    )


def forget_paper(draft: Draft) -> None:
    """End it: a partner has acted on the enquiry, or it goes its own way.

    Its sender's promise stays, and how many partners they were told are being asked.
    """
    lead = draft.lead
    asked = len(as_if_alone(lead).wave) or lead.asked_at_door
    # What was on paper before the lead moved was never asked, and counts at no place.
    moves = tuple(_without_paper(each, len(lead.offers)) for each in lead.moves)
    draft.drop_deadlines(DeadlineKind.EXPIRE, DeadlineKind.RETRY, DeadlineKind.HQ_HOLD)
    draft.set(as_if=(), asked_at_door=asked, total_by=None, reason="", moves=moves)


def _without_paper(moved: Moved, offers_made: int) -> Moved:
    return replace(moved, offers=min(moved.offers, offers_made))

"""What would have become of an attached enquiry: kept on paper for as long as no partner has acted
on it.
"""

from dataclasses import replace

from routing_core.domain.draft import Draft
from routing_core.domain.lead import DeadlineKind, Lead
from routing_core.domain.repeats import as_if_alone

K = DeadlineKind
ON_PAPER = (K.PROMISE, K.EXPIRE, K.RETRY, K.HQ_HOLD)
"""The deadlines that an attached enquiry shares with one that is not: a promise to keep, a window
that ends, an office that opens; and the end of HQ's time, where nobody could have been asked at the
door.
"""


def keep_on_paper(draft: Draft, decided: Lead) -> None:
    """Keeps of ``decided``, what would have become of it, whatever its sender sees of it or will
    see.
    """
    draft.set(
        as_if=decided.offers[len(draft.lead.offers) :],
        total_by=decided.total_by,
        promised_by=decided.promised_by,
        reason=decided.reason,
        deadlines=tuple(each for each in decided.deadlines if each.kind in (*ON_PAPER, K.FIRST)),
    )


def forget_paper(draft: Draft) -> None:
    """Ends it: a partner has acted on the enquiry, or it goes its own way. Its sender's promise
    stays, and how many they were told are being asked; what was on paper before it moved was never
    asked.
    """
    made = len(draft.lead.offers)
    moves = tuple(replace(each, offers=min(each.offers, made)) for each in draft.lead.moves)
    asked = len(as_if_alone(draft.lead).wave) or draft.lead.asked_at_door
    draft.drop_deadlines(K.EXPIRE, K.RETRY, K.HQ_HOLD)
    draft.set(as_if=(), asked_at_door=asked, total_by=None, reason="", moves=moves)

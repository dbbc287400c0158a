"""Why HQ holds a lead, and why an offer ended without its partner's doing; what each reason means.

The values are stored in leads, offers and events, and locales have words for each of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class QueueReason(StrEnum):
    """Why a lead is in the state ``HQ_QUEUE``; ``QUEUE_RULES`` says what follows from each."""

    EXHAUSTED = "exhausted"
    """Nobody is left to be asked about it."""
    UNATTENDED = "unattended"
    """The partner of the enquiry to which it was attached did nothing for it in time."""
    REVIEW = "review"
    """Its score is too low for routing to go ahead by itself."""
    EXISTING_CUSTOMER = "claimed"
    """The partner who was asked says that the customer is theirs already."""
    RETURNED = "returned"
    """The owner gave it back for a reason of the programme that HQ looks at."""
    HANDED_OVER = "handed_over"
    """The owner handed it over to HQ."""
    FOLLOW_UP_ENDED = "follow_up_ended"
    """It was tried again and again in vain until the programme's end."""
    CLOSED = "closed"
    """The partner who comes first is closed and will be asked once they open."""
    CROWDED = "crowded"
    """Too many others were being placed in the same moment: routing has not looked at it yet."""
    MERGED = "merged"
    """It was once merged into another enquiry, and got lost with it."""


@dataclass(frozen=True, slots=True)
class QueueRule:
    """What follows for a lead from the reason for which HQ holds it."""

    hq_decides_first: bool = False
    """Partners could be asked, but nobody is until HQ has decided."""
    has_time_limit: bool = False
    """It goes on by itself if HQ does nothing in the programme's time."""
    is_retried: bool = False
    """It goes on by itself at an instant that is known already, whatever HQ does."""
    shown_in: str = "hq_queue"
    """The section of HQ's queue in which it stands."""


QUEUE_RULES: Mapping[QueueReason, QueueRule] = {
    QueueReason.EXHAUSTED: QueueRule(has_time_limit=True),
    QueueReason.UNATTENDED: QueueRule(has_time_limit=True),
    QueueReason.REVIEW: QueueRule(),
    QueueReason.EXISTING_CUSTOMER: QueueRule(hq_decides_first=True, has_time_limit=True),
    QueueReason.RETURNED: QueueRule(hq_decides_first=True),
    QueueReason.HANDED_OVER: QueueRule(hq_decides_first=True, has_time_limit=True),
    QueueReason.FOLLOW_UP_ENDED: QueueRule(),
    QueueReason.CLOSED: QueueRule(is_retried=True, shown_in="held"),
    QueueReason.CROWDED: QueueRule(is_retried=True),
    QueueReason.MERGED: QueueRule(),
}
UNKNOWN_OUTCOME = "unknown"
"""The reason of a lead of the past of which the list does not say what became of it."""
UNKNOWN_PARTNER = "unnamed"
"""The reason of a lead of the past that was lost, where the list does not say who had it."""
PAST_ENDS: Mapping[str, str] = {
    UNKNOWN_OUTCOME: "_unknown_outcome",
    UNKNOWN_PARTNER: "_unknown_partner",
}
"""Says of a lead of the past which words tell that it is closed: nobody was told so."""
HQ_DECIDES_FIRST = frozenset(why for why, rule in QUEUE_RULES.items() if rule.hq_decides_first)
"""Reasons for which nobody is asked until HQ has decided."""
TIME_LIMITED = frozenset(why for why, rule in QUEUE_RULES.items() if rule.has_time_limit)
"""Reasons for which HQ has its time, after which the lead goes on by itself."""


_SECTIONS: Mapping[str, str] = {why.value: rule.shown_in for why, rule in QUEUE_RULES.items()}


def section_of(reason: str) -> str:
    """Name the section of HQ's queue for a stored reason, also for one of older versions."""
    return _SECTIONS.get(reason, QueueRule().shown_in)


class WithdrawReason(StrEnum):
    """Why an offer ended without its partner's doing, or how a claim of "my customer" did."""

    TAKEN = "taken"
    """Another partner of the wave accepted first."""
    ASSIGNED = "assigned"
    """HQ chose another partner."""
    WITHDRAWN = "withdrawn"
    """The prospect no longer wants it."""
    CLOSED = "closed"
    """HQ closed the enquiry."""
    MOVED = "moved"
    """The place was put right, and the partner does not work there."""
    UNREACHABLE = "unreachable"
    """All mail to the partner comes back."""
    UNSENT = "unsent"
    """The mail with the offer could not be sent in time, or at all."""
    RETRACTED = "retracted"
    """The owner did not call in time."""
    RETURNED = "returned"
    """The owner had accepted by mistake, and gave it back within the early-return time."""
    HANDED_OVER = "handed_over"
    """The owner handed it over."""
    NOT_GRANTED = "not_granted"
    """HQ decided against the claim."""
    UNDECIDED = "undecided"
    """HQ's time to decide about the claim ran out."""
    ATTACHED = "joined"
    """The enquiry was merged into another one, as repeats once were."""

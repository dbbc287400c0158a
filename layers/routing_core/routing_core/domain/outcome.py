"""What became of an enquiry of the past: who had it, and whether it was won."""

import re
from dataclasses import dataclass
from datetime import datetime

WORDS_FOR_WON = frozenset(
    {"won", "closed won", "closed-won", "sold", "sale", "gewonnen", "verkauft", "auftrag"}
)
"""The words by which spreadsheets and other systems say that an order was won."""
WORDS_FOR_LOST = frozenset(
    {"lost", "closed lost", "closed-lost", "verloren", "abgelehnt", "absage"}
)
"""The words by which they say that it was lost."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of the end of an enquiry; what is not known is left at its default."""

    partner: str = ""
    """Names who had it."""
    won: bool | None = None
    """Tells whether it was won; None while that is not known."""
    value: float | None = None
    """What was won, in units of the programme's currency."""
    accepted_at: datetime | None = None
    """The instant at which the partner accepted it."""
    ended_at: datetime | None = None
    """The instant at which it was won or lost."""


def read_won(cell: str) -> bool | None:
    """Read whether an enquiry was won; None for whatever says neither, for it may be open."""
    spaced = cell.strip().lower().replace("_", " ")
    word = re.sub(r"\s+", " ", spaced)
    if word in WORDS_FOR_WON:
        return True
    if word in WORDS_FOR_LOST:
        return False
    return None

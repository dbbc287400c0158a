"""What became of an enquiry of the past: who had it, and whether it was won."""

import re
from dataclasses import dataclass
from datetime import datetime

WON = frozenset(
    {"won", "closed won", "closed-won", "sold", "sale", "gewonnen", "verkauft", "auftrag"}
)
LOST = frozenset({"lost", "closed lost", "closed-lost", "verloren", "abgelehnt", "absage"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """``won`` is None while that is not known; ``value`` is in units of the programme's
    currency.
    """

    partner: str = ""
    won: bool | None = None
    value: float | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None


def read_won(cell: str) -> bool | None:
    """None for whatever says neither: an enquiry may still be open."""
    word = re.sub(r"\s+", " ", cell.strip().lower().replace("_", " "))
    if word in WON:
        return True
    return False if word in LOST else None

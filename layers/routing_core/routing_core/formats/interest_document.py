"""Read what another system tells of a sender's interest."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.lead import LONGEST_INTEREST, MOST_INTEREST, Interest, InterestKind
from routing_core.domain.values.clean import one_line

EARLIEST_YEAR = 1990
"""Nothing was downloaded before."""
LONGEST_SOURCE = 60
"""The name of a system has so many characters; what is longer is cut."""


def read_interest(document: Mapping[str, Any], now: datetime) -> tuple[Interest, ...]:
    """Read ``{"activities": [{"kind", "at", "text", "source"}]}``, at most forty of them.

    ``at`` may be left out for something that was just now. Raises InvalidInput, naming every
    problem.
    """
    told = document.get("activities")
    if not isinstance(told, list) or not 0 < len(told) <= MOST_INTEREST:
        message = f"is a list of 1 to {MOST_INTEREST} activities"
        raise InvalidInput([Problem("activities", "required", message)])
    reader = _Reader(now)
    read = [reader.read(number, each) for number, each in enumerate(told)]
    if reader.problems:
        raise InvalidInput(reader.problems)
    return tuple(filter(None, read))


class _Reader:
    """Reads one activity after the other, and collects what is wrong with them."""

    def __init__(self, now: datetime):
        self.now = now
        self.problems: list[Problem] = []

    def read(self, number: int, told: Any) -> Interest | None:
        field = f"activities[{number}]"
        if not isinstance(told, Mapping):
            return self._wrong(field, "is an object with kind, text, and perhaps at and source")
        if told.get("kind") not in list(InterestKind):
            kinds = ", ".join(kind.value for kind in InterestKind)
            return self._wrong(f"{field}.kind", f"is one of {kinds}")
        text = told.get("text")
        words = one_line(str(text))[:LONGEST_INTEREST] if isinstance(text, str | int) else ""
        if not words:
            return self._wrong(f"{field}.text", "says what it was: a title, a page, a score")
        at = self._instant(told.get("at"))
        if at is None:
            message = "is a date and time with an offset, not to come: 2026-11-21T09:00:00Z"
            return self._wrong(f"{field}.at", message)
        source = one_line(str(told.get("source") or ""))[:LONGEST_SOURCE]
        return Interest(at, InterestKind(told["kind"]), words, source)

    def _instant(self, told: Any) -> datetime | None:
        """Read an instant that is not to come, to the second; None for anything else."""
        if told is None:
            return self.now.replace(microsecond=0)
        try:
            at = datetime.fromisoformat(told)
        except (TypeError, ValueError):
            return None
        if at.tzinfo is None or at > self.now or at.year < EARLIEST_YEAR:
            return None
        return at.replace(microsecond=0)

    def _wrong(self, field: str, message: str) -> Interest | None:
        self.problems.append(Problem(field, "invalid", message))
        return None

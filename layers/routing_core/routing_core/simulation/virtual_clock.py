"""A clock that jumps from one event to the next: a year is played in seconds."""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count


class VirtualClock:
    """A clock that knows what is to happen, and makes it happen in the order of time."""

    def __init__(self) -> None:
        self.now = datetime.min.replace(tzinfo=UTC)
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        # Of what is due at once the first planned comes first; functions cannot be compared.
        self._numbers = count()

    def at(self, when: datetime, happens: Callable[[], None]) -> None:
        """Plan something.

        What would have been due before now is due now: the clock never goes back.
        """
        due = max(when, self.now)
        heapq.heappush(self._due, (due, next(self._numbers), happens))

    def run_until(self, end: datetime) -> None:
        """Let happen all that is due by then, also what is planned meanwhile."""
        while self._due and self._due[0][0] <= end:
            self.now, _, happens = heapq.heappop(self._due)
            happens()
        self.now = end

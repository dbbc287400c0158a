"""Count what comes through unproven, and remember who is over a ceiling, in bounded memory.

Each instance counts for itself (``HourlyCounts``); a stream counts for all of them (``Batches``),
and what it finds is shared as ``Pressure``.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

QUIET_AFTER = timedelta(minutes=15)
"""Pressure ends when no other post was over a ceiling for so long."""
COUNTED_FOR = timedelta(hours=1)
"""A post counts for so long."""
REPORTED_AGAIN_AFTER = timedelta(minutes=1)
"""A report that is not older than this is no news."""


@dataclass(frozen=True, slots=True)
class Pressure:
    """All instances know this of a flood."""

    until: datetime | None = None
    """The flood is taken to last until then; None = there was none."""
    over: Mapping[str, datetime] = field(default_factory=dict)
    """Each mark that is over a ceiling is taken to be so until then.

    The key is the mark (a keyed hash) of a client address, contact or postcode.
    """

    MOST_MARKS = 500
    """The row has room for this many; those that end first make room."""

    def is_on(self, now: datetime) -> bool:
        """Tell whether the flood is taken to last."""
        return self.until is not None and now < self.until

    def covers(self, marks: Iterable[str], now: datetime) -> bool:
        """Tell whether one of these was reported to be over a ceiling."""
        return any(mark in self.over and now < self.over[mark] for mark in marks)

    def renewed(self, marks: Iterable[str], now: datetime) -> "Pressure":
        """Give the pressure as it stands once these marks are reported."""
        until = now + QUIET_AFTER
        known = {mark: end for mark, end in self.over.items() if end > now}
        known |= dict.fromkeys(marks, until)
        latest_first = sorted(known, key=known.__getitem__, reverse=True)
        kept = {mark: known[mark] for mark in latest_first[: self.MOST_MARKS]}
        return Pressure(until, kept)

    def is_news(self, marks: Iterable[str], now: datetime) -> bool:
        """Tell whether reporting these says more than was said within the last minute."""
        # Each report writes one row that all instances read: a flood must not become one of writes.
        soon = now + QUIET_AFTER - REPORTED_AGAIN_AFTER
        return any(self.over.get(mark, now) < soon for mark in marks)


class HourlyCounts:
    """Posts that came through unproven within the last hour are counted here, by one instance.

    What was held is not counted: a flood from one address must not use up what its whole postcode
    may have.
    """

    MOST_KEYS = 5_000
    """This many keys are remembered, and as many enquiries."""
    MOST_OF_ONE = 5_000
    """This many posts of one key are counted: no ceiling is higher."""

    def __init__(self) -> None:
        self._times: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._seen: OrderedDict[str, None] = OrderedDict()

    def of(self, key: str, now: datetime) -> int:
        """Give how many came through with that key within the last hour."""
        times = self._times.get(key, deque())
        while times and times[0] <= now - COUNTED_FOR:
            times.popleft()
        return len(times)

    def has_seen(self, enquiry: str) -> bool:
        """Tell whether that very enquiry came through before: a post tried again is no other."""
        return enquiry in self._seen

    def add(self, keys: Iterable[str], enquiry: str, now: datetime) -> None:
        """Count an enquiry that came through for each of its keys, once however often posted."""
        if self.has_seen(enquiry):
            return
        self._seen[enquiry] = None
        for key in keys:
            self._times.setdefault(key, deque(maxlen=self.MOST_OF_ONE)).append(now)
            self._times.move_to_end(key)
        self._forget_the_oldest()

    def _forget_the_oldest(self) -> None:
        while len(self._times) > self.MOST_KEYS:
            self._times.popitem(last=False)
        while len(self._seen) > self.MOST_KEYS:
            self._seen.popitem(last=False)


class Batches:
    """Counts of the current hour of the clock are gathered here, so that not each costs a write."""

    MOST_KEYS = 20_000
    """This many keys and enquiries are remembered."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[tuple[str, datetime], int] = OrderedDict()
        self._seen: OrderedDict[str, None] = OrderedDict()

    def has_seen(self, enquiry: str) -> bool:
        """Tell whether that enquiry was counted here before: a stream brings some records twice."""
        return enquiry in self._seen

    def note(self, enquiry: str) -> None:
        """Remember that the enquiry was counted."""
        self._seen[enquiry] = None
        if len(self._seen) > self.MOST_KEYS:
            self._seen.popitem(last=False)

    def add(self, key: str, size: int, now: datetime) -> bool:
        """Count one more, and tell whether a batch of that size is full and is to be written."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        waiting = self._waiting.pop((key, hour), 0) + 1
        if waiting >= size:
            return True
        # Put back at the end: what was counted last is forgotten last.
        self._waiting[(key, hour)] = waiting
        if len(self._waiting) > self.MOST_KEYS:
            self._waiting.popitem(last=False)
        return False

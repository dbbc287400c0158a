"""A calendar's open hours laid out once, for thousands of deadlines: the same answers, by look-up."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

from .business_time import Calendar, Duration, deadline, open_spans, rounded_up


class Timetable:
    """From ``first`` on, for that many days; outside of it the calendar itself is asked."""

    def __init__(self, calendar: Calendar, first: datetime, days: int):
        self.calendar = calendar
        self._first = first.astimezone(UTC)
        self._starts: list[datetime] = []
        self._ends: list[datetime] = []
        self._before: list[timedelta] = []
        """Open time before each span."""
        total = timedelta()
        for start, end in open_spans(self._first, calendar, days):
            start = max(start, self._first)
            self._starts.append(start)
            self._ends.append(end)
            self._before.append(total)
            total += end - start
        self._total = total

    def deadline(self, start: datetime, duration: Duration) -> datetime:
        """As ``business_time.deadline``."""
        if duration.response_hours is not None and start >= self._first:
            exact = self.after(start, timedelta(hours=duration.response_hours))
            if exact is not None:
                return rounded_up(exact, self.calendar) if self.calendar.round_up_minutes > 0 else exact
        return deadline(start, duration, self.calendar)

    def open_until(self, at: datetime) -> timedelta:
        """Open time between the table's beginning and ``at``."""
        place = bisect_right(self._starts, at) - 1
        if place < 0:
            return timedelta()
        return self._before[place] + (min(at, self._ends[place]) - self._starts[place])

    def after(self, start: datetime, length: timedelta) -> datetime | None:
        """When so much open time has passed; None if the table does not reach so far."""
        needed = self.open_until(start) + length
        if needed > self._total or not self._starts:
            return None
        place = max(bisect_right(self._before, needed) - 1, 0)
        while place and needed <= self._before[place]:  # it ends with the span before, not as the next one begins
            place -= 1
        return self._starts[place] + (needed - self._before[place])

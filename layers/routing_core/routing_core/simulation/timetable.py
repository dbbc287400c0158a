"""A calendar's open hours and working days laid out once, for the same deadlines by look-up."""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta

from routing_core.domain.calendar.business_time import (
    HORIZON_DAYS,
    OPENING_DAYS,
    Calendar,
    Duration,
    deadline,
    is_working_day,
    next_opening,
    open_spans,
    open_time,
    rounded_up,
    zone_of,
)
from routing_core.domain.partner import Partner


class Timetable:
    """Answers for a calendar what ``business_time`` answers, for thousands of deadlines.

    The table reaches from its first moment on for some days; outside of it the calendar itself is
    asked.
    """

    def __init__(self, calendar: Calendar, first: datetime, days: int):
        """Lay out the open hours and working days of that many days."""
        self.calendar = calendar
        self._first = first.astimezone(UTC)
        self._last = self._first + timedelta(days=days - 1)
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
        self._zone = zone_of(calendar.time_zone)
        today = self._first.astimezone(self._zone).date()
        ahead = (today + timedelta(days=n) for n in range(days + 1))
        self._working: list[date] = [day for day in ahead if is_working_day(day, calendar)]

    def deadline(self, start: datetime, duration: Duration) -> datetime:
        """Give what ``business_time.deadline`` gives."""
        exact: datetime | None = None
        if duration.response_hours is not None and start >= self._first:
            exact = self.after(start, timedelta(hours=duration.response_hours))
        elif duration.working_days is not None and start >= self._first:
            exact = self._working_days_after(start, duration.working_days)
        if exact is None:
            return deadline(start, duration, self.calendar)
        if self.calendar.round_up_minutes > 0:
            return rounded_up(exact, self.calendar)
        return exact

    def _working_days_after(self, start: datetime, days: int) -> datetime | None:
        local = start.astimezone(self._zone)
        today = local.date()
        place = bisect_right(self._working, today) + days - 1
        if days < 1 or place >= len(self._working):
            return None
        ahead = self._working[place] - today
        return (local + ahead).astimezone(UTC) if ahead.days <= HORIZON_DAYS else None

    def next_opening(self, at: datetime) -> datetime | None:
        """Give what ``business_time.next_opening`` gives."""
        place = bisect_right(self._ends, at)
        if at < self._first or place >= len(self._starts):
            return next_opening(at, self.calendar)
        opens = max(self._starts[place], at)
        return (
            opens if opens - at < timedelta(days=OPENING_DAYS) else next_opening(at, self.calendar)
        )

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """Give what ``business_time.open_time`` gives."""
        if start < self._first or end > self._last:
            return open_time(start, end, self.calendar)
        return self.open_until(end) - self.open_until(start)

    def open_until(self, at: datetime) -> timedelta:
        """Give the open time between the table's beginning and ``at``."""
        place = bisect_right(self._starts, at) - 1
        if place < 0:
            return timedelta()
        return self._before[place] + (min(at, self._ends[place]) - self._starts[place])

    def after(self, start: datetime, length: timedelta) -> datetime | None:
        """Give when so much open time has passed, never before ``start``.

        It is None if the table does not reach so far.
        """
        if not length:  # over at once, also at night: not when the last office hours ended
            return start
        needed = self.open_until(start) + length
        if needed > self._total or not self._starts:
            return None
        place = max(bisect_right(self._before, needed) - 1, 0)
        # It ends with the span before, not as the next one begins.
        while place and needed <= self._before[place]:
            place -= 1
        return self._starts[place] + (needed - self._before[place])


class Timetables:
    """The timetables of everybody; those with equal calendars share one."""

    def __init__(self, hq_calendar: Calendar, days: int):
        """Take HQ's calendar, and how many days a table reaches from when it is first asked for."""
        self._hq_calendar = hq_calendar
        self._days = days
        self._by_calendar: dict[Calendar, Timetable] = {}
        self._by_partner: dict[str, Timetable] = {}

    def of(self, partner: Partner | None, now: datetime) -> Timetable:
        """Give the timetable of a partner, or of HQ."""
        name = partner.id if partner else ""
        found = self._by_partner.get(name)
        if found is None:
            calendar = partner.calendar(self._hq_calendar) if partner else self._hq_calendar
            found = self._by_calendar.get(calendar)
            if found is None:
                found = self._by_calendar[calendar] = Timetable(calendar, now, self._days)
            self._by_partner[name] = found
        return found

"""How much time a partner has to answer an offer, and how much must stay for the next one.

A window counts a partner's response hours or working days, so an absence makes it as long as the
absence. All offers of one lead together have a limit of their own (``total``). Who is away until
that limit must not keep the lead.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from routing_core.domain.calendar.business_time import (
    WEEKDAYS,
    Calendar,
    Duration,
    ResponseHours,
    deadline,
    next_opening,
    open_time,
)

LEAST_SHARE = 0.5
"""The part of a window's open time that must lie before its end.

With less of it the partner did not really have the window.
"""

_ALL_DAY = ResponseHours.parse({day: ["00:00-24:00"] for day in WEEKDAYS})


class Clock(Protocol):
    """A calendar that answers questions; ``Timetable`` is a faster one for many of them."""

    @property
    def calendar(self) -> Calendar:
        """The calendar that is asked."""
        ...

    def deadline(self, start: datetime, duration: Duration) -> datetime:
        """Give the instant at which the duration has passed."""
        ...

    def next_opening(self, at: datetime) -> datetime | None:
        """Give the instant itself if somebody is there, else the next at which somebody is."""
        ...

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """Measure the response hours between two instants."""
        ...


@dataclass(frozen=True, slots=True)
class CalendarClock:
    """The plain clock: it asks ``business_time`` each time."""

    calendar: Calendar

    def deadline(self, start: datetime, duration: Duration) -> datetime:
        """Give the instant at which the duration has passed."""
        return deadline(start, duration, self.calendar)

    def next_opening(self, at: datetime) -> datetime | None:
        """Give the instant itself if somebody is there, else the next at which somebody is."""
        return next_opening(at, self.calendar)

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """Measure the response hours between two instants."""
        return open_time(start, end, self.calendar)


def window_end(start: datetime, window: Duration, clock: Clock) -> datetime:
    """Give the instant at which a window ends by itself.

    One of working days in which the partner never opens begins when they do: who opens once a week
    reads it then.
    """
    ends = clock.deadline(start, window)
    if window.working_days is None or _opens_before(ends, start, clock):
        return ends
    opens = clock.next_opening(start)
    return clock.deadline(opens, window) if opens else ends


def open_share(start: datetime, window: Duration, until: datetime, clock: Clock) -> float:
    """Give the part of the window's open time that lies before ``until``: 1 for all of it.

    A window in minutes runs by the clock, at night too; only days of absence are missing from it.
    So does any window of a calendar without any hours.
    """
    ends = window_end(start, window, clock)
    last = min(ends, until)
    whole = ends - start
    usable = last - start
    if window.minutes is not None:
        usable = _present(start, last, clock.calendar)
    elif any(clock.calendar.hours.blocks):
        if last == ends:
            return 1.0 if _opens_before(ends, start, clock) else 0.0
        whole = clock.open_time(start, ends)
        usable = clock.open_time(start, last)
    return usable / whole if whole > timedelta() else 0.0


def latest_end(
    start: datetime, window: Duration, total_by: datetime, sharing: int, clock: Clock
) -> datetime:
    """Give the latest end of an offer made now, so that the next partners have time too.

    ``sharing`` partners, this one included, may still be asked. The last one may use the time up;
    before that, half an equal share of what is left (on HQ's ``clock``) stays for the next. Nothing
    is shared among more partners than could each have half a window: tiny windows help nobody.
    """
    if sharing <= 1 or total_by <= start:
        return total_by
    by_the_clock = window.minutes is not None
    whole = total_by - start if by_the_clock else clock.open_time(start, total_by)
    least = _length(start, window, clock) * LEAST_SHARE
    sharing = min(sharing, int(whole / least))
    if sharing <= 1:
        return total_by
    kept = whole * (1 - 1 / (2 * sharing))
    if by_the_clock:
        return start + kept
    open_hours = Duration(response_hours=kept / timedelta(hours=1))
    # A deadline is rounded up, which must not lead beyond the total.
    return min(clock.deadline(start, open_hours), total_by)


def _length(start: datetime, window: Duration, clock: Clock) -> timedelta:
    """Measure a window in minutes or open hours; it is never nothing."""
    if window.minutes is not None:
        return timedelta(minutes=window.minutes)
    if window.response_hours is not None:
        return timedelta(hours=window.response_hours)
    return max(clock.open_time(start, window_end(start, window, clock)), timedelta(hours=1))


def _opens_before(end: datetime, start: datetime, clock: Clock) -> bool:
    """Tell whether somebody is there at any time between the two."""
    opens = clock.next_opening(start)
    return opens is not None and opens < end


def _present(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Measure all the time but the days of absence."""
    if not calendar.absences or end <= start:
        return end - start
    day_and_night = replace(calendar, hours=_ALL_DAY, closed=frozenset(), holidays_through=0)
    return open_time(start, end, day_and_night)

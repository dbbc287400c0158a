"""Whether a partner could answer an offer in time, and until when it may last so that the next one
has time too.

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

ENOUGH = 0.5
"""This part of a window's open time must lie before the window's end, or the partner did not really
have it.
"""

_ALL_DAY = ResponseHours.parse({day: ["00:00-24:00"] for day in WEEKDAYS})


class Clock(Protocol):
    """A calendar that answers questions; ``Timetable`` is a faster one for many of them."""

    @property
    def calendar(self) -> Calendar: ...

    def deadline(self, start: datetime, duration: Duration) -> datetime: ...

    def next_opening(self, at: datetime) -> datetime | None: ...

    def open_time(self, start: datetime, end: datetime) -> timedelta: ...


@dataclass(frozen=True, slots=True)
class CalendarClock:
    calendar: Calendar

    def deadline(self, start: datetime, duration: Duration) -> datetime:
        return deadline(start, duration, self.calendar)

    def next_opening(self, at: datetime) -> datetime | None:
        return next_opening(at, self.calendar)

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        return open_time(start, end, self.calendar)


def window_end(start: datetime, window: Duration, clock: Clock) -> datetime:
    """When the window ends by itself.

    One of working days in which the partner never opens begins when they do: who opens once a week
    reads it then.
    """
    ends = clock.deadline(start, window)
    if window.working_days is None or _opens_before(ends, start, clock):
        return ends
    opens = clock.next_opening(start)
    return clock.deadline(opens, window) if opens else ends


def open_share(start: datetime, window: Duration, until: datetime, clock: Clock) -> float:
    """The part of the window's open time that lies before ``until``: 1 for all of it.

    A window in minutes runs by the clock, at night too; only days of absence are missing from it.
    So does any window of a calendar without any hours.
    """
    ends = window_end(start, window, clock)
    last = min(ends, until)
    whole, usable = ends - start, last - start
    if window.minutes is not None:
        usable = _present(start, last, clock.calendar)
    elif any(clock.calendar.hours.blocks):
        if last == ends:
            return 1.0 if _opens_before(ends, start, clock) else 0.0
        whole, usable = clock.open_time(start, ends), clock.open_time(start, last)
    return usable / whole if whole > timedelta() else 0.0


def latest_end(
    start: datetime, window: Duration, total_by: datetime, sharing: int, clock: Clock
) -> datetime:
    """Until when an offer made now may last at most, if so many partners, this one included, may
    still be asked.

    The last one may use the time up; before that, half an equal share of what is left (HQ's
    ``clock``) stays for the next. Nothing is shared among more partners than could each have half a
    window: tiny windows help nobody.
    """
    if sharing <= 1 or total_by <= start:
        return total_by
    by_the_clock = window.minutes is not None
    whole = total_by - start if by_the_clock else clock.open_time(start, total_by)
    sharing = min(sharing, int(whole / (_length(start, window, clock) * ENOUGH)))
    if sharing <= 1:
        return total_by
    kept = whole * (1 - 1 / (2 * sharing))
    if by_the_clock:
        return start + kept
    return min(clock.deadline(start, Duration(response_hours=kept / timedelta(hours=1))), total_by)


def _length(start: datetime, window: Duration, clock: Clock) -> timedelta:
    """Of a window, in minutes or open hours; never nothing."""
    if window.minutes is not None:
        return timedelta(minutes=window.minutes)
    if window.response_hours is not None:
        return timedelta(hours=window.response_hours)
    return max(clock.open_time(start, window_end(start, window, clock)), timedelta(hours=1))


def _opens_before(end: datetime, start: datetime, clock: Clock) -> bool:
    opens = clock.next_opening(start)
    return opens is not None and opens < end


def _present(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """All the time but the days of absence."""
    if not calendar.absences or end <= start:
        return end - start
    return open_time(
        start, end, replace(calendar, hours=_ALL_DAY, closed=frozenset(), holidays_through=0)
    )

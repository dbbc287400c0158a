"""Reminders of a deadline: at fractions of the time in which mail is read, never at night."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from routing_core.domain.calendar.business_time import Calendar, open_time, open_time_passed

NOBODY_READS = "closed"
"""The reason for no reminder: nobody reads mail between the offer and its end."""
TOO_SHORT = "short"
"""The reason for no reminder: no instant is far enough from both the beginning and the end."""


@dataclass(frozen=True)
class RemindedTime:
    """The time within which somebody is reminded."""

    start: datetime
    end: datetime
    calendar: Calendar
    """Whose hours count."""
    by_the_clock: bool = False
    """Whether it is an emergency, which does not wait for anybody to open."""

    @cached_property
    def length(self) -> timedelta:
        """The open time in it, or all of it by the clock."""
        if self.by_the_clock:
            return self.end - self.start
        return open_time(self.start, self.end, self.calendar)

    def at(self, fraction: float) -> datetime | None:
        """Give the instant at which this fraction of the open time has passed.

        It is None if nobody reads mail then or later before the end.
        """
        if self.by_the_clock:
            return self.start + self.length * fraction
        return open_time_passed(self.start, self.length * fraction, self.calendar, self.end)


def reminder_times(
    span: RemindedTime, fractions: Iterable[float], gap: timedelta
) -> tuple[list[datetime], str]:
    """Give the times of reminders, and why there is none.

    They come at the fractions of the open time, each at least the gap after the one before and
    before the end. The reason is ``NOBODY_READS`` or ``TOO_SHORT`` beside an empty list, else
    empty.
    """
    chosen: list[datetime] = []
    last = span.start
    for fraction in sorted(fractions):
        at = span.at(fraction)
        if at is None or at - last < gap or span.end - at < gap:
            continue
        chosen.append(at)
        last = at
    if chosen:
        return chosen, ""
    return [], TOO_SHORT if span.length else NOBODY_READS

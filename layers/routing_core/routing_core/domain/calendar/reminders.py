"""When somebody is reminded of a deadline: at fractions of the time in which they read mail, never
at night.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from routing_core.domain.calendar.business_time import Calendar, open_time, open_time_passed

CLOSED = "closed"
"""Nobody reads mail between the offer and its end."""
SHORT = "short"
"""There is no instant far enough from both the beginning and the end."""


@dataclass(frozen=True)
class Span:
    """The time that is reminded of. ``by_the_clock``: an emergency, which does not wait for anybody
    to open.
    """

    start: datetime
    end: datetime
    calendar: Calendar
    by_the_clock: bool = False

    @cached_property
    def length(self) -> timedelta:
        """The open time in it."""
        return (
            self.end - self.start
            if self.by_the_clock
            else open_time(self.start, self.end, self.calendar)
        )

    def at(self, fraction: float) -> datetime | None:
        """When this fraction of the open time has passed; None if nobody is open then or later
        before the end.
        """
        if self.by_the_clock:
            return self.start + self.length * fraction
        return open_time_passed(self.start, self.length * fraction, self.calendar, self.end)


def reminder_times(
    span: Span, fractions: Iterable[float], gap: timedelta
) -> tuple[list[datetime], str]:
    """At the fractions of the open time, each at least the gap after the one before and before the
    end.

    Returns why there is none, ``CLOSED`` or ``SHORT``, beside the empty list, else an empty text.
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
    return [], SHORT if span.length else CLOSED

"""Name the months and weeks that reports are about, by the programme's clock.

    2026-10     the month of October 2026
    2026-W41    the week from Monday, 5 October 2026 (ISO 8601)

A period is half-open: what happens in its first instant belongs to it, what happens in the first
instant of the next one does not.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.programme.report_rules import ReportRules

_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
A_WEEK = timedelta(days=7)
MADE_LATE = timedelta(days=7)
"""A report that nothing could make for so long is made by hand, if anybody still wants it.

So a network that is set up in the middle of a month does not begin with a report on nothing.
"""


@dataclass(frozen=True, slots=True)
class ReportPeriod:
    """A month or a week, from midnight to midnight by one clock."""

    name: str
    """The name under which it is stored and asked for: ``2026-10`` or ``2026-W41``."""
    first_day: date
    next_first_day: date
    """The first day that does not belong to it any more."""
    time_zone: str
    """The clock by which its days begin."""

    @property
    def start(self) -> datetime:
        """Give its first instant."""
        return _midnight(self.first_day, self.time_zone)

    @property
    def end(self) -> datetime:
        """Give the first instant that does not belong to it any more."""
        return _midnight(self.next_first_day, self.time_zone)

    @property
    def is_week(self) -> bool:
        """Tell whether it is a week; else it is a month."""
        return "W" in self.name

    @property
    def before(self) -> "ReportPeriod":
        """Give the month or week before it."""
        return _containing(self.first_day - timedelta(days=1), self.time_zone, week=self.is_week)

    def made_at(self, rules: ReportRules) -> datetime:
        """Give the instant from which the report on it is due."""
        # A week's report is made on the Monday after it, a month's on the day that HQ chose.
        day = self.next_first_day
        if not self.is_week:
            day = day.replace(day=rules.day)
        at = datetime.combine(day, time.fromisoformat(rules.hour), ZoneInfo(self.time_zone))
        return at.astimezone(UTC)


def report_period(name: str, time_zone: str) -> ReportPeriod:
    """Read the name of a period. Raises InvalidInput for what is none."""
    try:
        if month := _MONTH.fullmatch(name):
            return _containing(date(int(month[1]), int(month[2]), 1), time_zone, week=False)
        if week := _WEEK.fullmatch(name):
            monday = date.fromisocalendar(int(week[1]), int(week[2]), 1)
            return _containing(monday, time_zone, week=True)
    except (ValueError, OverflowError):
        pass
    message = "is a month like 2026-10 or a week like 2026-W41"
    raise InvalidInput([Problem("period", "invalid", message)])


def last_complete_period(now: datetime, time_zone: str, *, week: bool = False) -> ReportPeriod:
    """Give the month, or the week, that was over last."""
    today = now.astimezone(ZoneInfo(time_zone)).date()
    return _containing(today, time_zone, week=week).before


def due_periods(rules: ReportRules, time_zone: str, now: datetime) -> list[ReportPeriod]:
    """Give the periods that were over last and whose report is to be made now, or was missed."""
    over = [last_complete_period(now, time_zone)]
    if rules.weekly:
        over.append(last_complete_period(now, time_zone, week=True))
    return [each for each in over if each.made_at(rules) <= now < each.made_at(rules) + MADE_LATE]


def _containing(day: date, time_zone: str, *, week: bool) -> ReportPeriod:
    if week:
        first = day - timedelta(days=day.weekday())
        year, number, _ = first.isocalendar()
        return ReportPeriod(f"{year}-W{number:02}", first, first + A_WEEK, time_zone)
    first = day.replace(day=1)
    # Thirty-two days after the first is always in the next month.
    following = (first + timedelta(days=32)).replace(day=1)
    return ReportPeriod(f"{first:%Y-%m}", first, following, time_zone)


def _midnight(day: date, time_zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)

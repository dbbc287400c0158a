"""Name the months and weeks that reports are about, and say when their reports are due.

2026-10     the month of October 2026
2026-W41    the week from Monday, 5 October 2026 (ISO 8601)
"""

import re
from datetime import UTC, date, datetime, time, timedelta

from routing_core.domain.calendar.business_time import zone_of
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.programme.report_rules import ReportRules
from routing_core.reporting.period import Period

_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
A_WEEK = timedelta(days=7)
MADE_LATE = timedelta(days=7)
"""A report that nothing could make for so long is made by hand, if anybody still wants it.

So a network that is set up in the middle of a month does not begin with a report on nothing.
"""


def period_name(period: Period) -> str:
    """Give the name under which a month or a week is stored and asked for."""
    if is_week(period):
        year, number, _ = period.first_day.isocalendar()
        return f"{year}-W{number:02}"
    return f"{period.first_day:%Y-%m}"


def named_period(name: str, zone: str) -> Period:
    """Give the month or week of a name. Raises InvalidInput for what is none."""
    try:
        if month := _MONTH.fullmatch(name):
            return Period.month(int(month[1]), int(month[2]), zone)
        if week := _WEEK.fullmatch(name):
            return _week_of(date.fromisocalendar(int(week[1]), int(week[2]), 1), zone)
    except (ValueError, OverflowError):
        pass
    message = "is a month like 2026-10 or a week like 2026-W41"
    raise InvalidInput([Problem("period", "invalid", message)])


def is_week(period: Period) -> bool:
    """Tell whether a period is a week; else it is a month."""
    return period.next_day - period.first_day == A_WEEK


def period_before(period: Period) -> Period:
    """Give the month before a month, and the week before a week."""
    if is_week(period):
        return _week_of(period.first_day - A_WEEK, period.zone)
    return period.month_before()


def last_complete_period(now: datetime, zone: str, *, week: bool = False) -> Period:
    """Give the month, or the week, that was over last."""
    if week:
        return period_before(_week_of(now.astimezone(zone_of(zone)).date(), zone))
    return period_before(Period.month_of(now, zone))


def due_periods(rules: ReportRules, zone: str, now: datetime) -> list[Period]:
    """Give the periods that were over last and whose report is to be made now, or was missed."""
    over = [last_complete_period(now, zone)]
    if rules.weekly:
        over.append(last_complete_period(now, zone, week=True))
    return [
        each for each in over if _made_at(each, rules) <= now < _made_at(each, rules) + MADE_LATE
    ]


def _made_at(period: Period, rules: ReportRules) -> datetime:
    """Give the instant from which the report on a period is due."""
    # A week's report is made on the Monday after it, a month's on the day that HQ chose.
    day = period.next_day
    if not is_week(period):
        day = day.replace(day=rules.day)
    at = datetime.combine(day, time.fromisoformat(rules.hour), zone_of(period.zone))
    return at.astimezone(UTC)


def _week_of(day: date, zone: str) -> Period:
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + A_WEEK, zone)

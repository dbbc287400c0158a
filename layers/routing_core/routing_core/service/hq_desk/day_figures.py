"""The day's and the week's figures beside the usual ones.

What is usual on a Wednesday is the median of the last eight Wednesdays: neither a holiday nor a
fair moves it much, and weekends are compared with weekends.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from routing_core.service.kernel.read_model import DayFigures, Speed

WEEKS_COMPARED = 8
"""Weeks that the usual figure is the median of."""
FEWEST_WEEKS = 3
"""Of fewer weeks nobody can tell what is usual."""
DAYS_PICTURED = 14
"""Days of the small picture, today included."""
SEVEN_DAYS = timedelta(days=7)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TodayFigure:
    """One figure of today and of this week."""

    name: str
    day: int
    week: int
    """Since Monday, today included."""
    usual_day: float | None
    """Of a whole day; None where nobody can tell."""
    usual_week: float | None
    """Of the same days of a week, today's taken whole."""
    trend: tuple[int, ...]
    """One number for each of the last days, the last of them today's."""


def _received(day: DayFigures) -> int:
    return day.received


def _placed_alone(day: DayFigures) -> int:
    return day.placed_alone


def _accepted(day: DayFigures) -> int:
    return day.accepted


def _contacted_soon(day: DayFigures) -> int:
    return day.contacted.get(Speed.HOUR, 0) + day.contacted.get(Speed.DAY, 0)


FIGURES: Mapping[str, Callable[[DayFigures], int]] = {
    "received": _received,
    "placed_alone": _placed_alone,
    "accepted": _accepted,
    "contacted_soon": _contacted_soon,
}
"""The figures of the page, in their order, and where each is found."""


def first_day_needed(today: date) -> date:
    """Give the first day that the usual figures are made of."""
    return today - timedelta(days=today.weekday()) - WEEKS_COMPARED * SEVEN_DAYS


def today_figures(days: Sequence[DayFigures], today: date) -> tuple[TodayFigure, ...]:
    """Work out the figures from the days since ``first_day_needed``, one for each day."""
    known = {each.day: each for each in days}
    started = [each.day for each in days if each.received]
    weeks = _weeks(today, min(started, default=today))
    return tuple(_figure(name, read, known, (today, weeks)) for name, read in FIGURES.items())


def _weeks(today: date, started: date) -> tuple[int, ...]:
    """Give how many weeks back to compare with: only such as were whole when work began."""
    monday = today - timedelta(days=today.weekday())
    weeks = range(1, WEEKS_COMPARED + 1)
    return tuple(back for back in weeks if monday - back * SEVEN_DAYS >= started)


def _figure(
    name: str,
    read: Callable[[DayFigures], int],
    known: Mapping[date, DayFigures],
    compared: tuple[date, tuple[int, ...]],
) -> TodayFigure:
    today, weeks = compared

    def of_day(day: date) -> int:
        return read(known[day]) if day in known else 0

    def of_week(last: date) -> int:
        return sum(of_day(last - back * ONE_DAY) for back in range(last.weekday() + 1))

    usual_day = usual_week = None
    if len(weeks) >= FEWEST_WEEKS:
        usual_day = float(median(of_day(today - back * SEVEN_DAYS) for back in weeks))
        usual_week = float(median(of_week(today - back * SEVEN_DAYS) for back in weeks))
    trend = tuple(of_day(today - back * ONE_DAY) for back in reversed(range(DAYS_PICTURED)))
    return TodayFigure(name, of_day(today), of_week(today), usual_day, usual_week, trend)

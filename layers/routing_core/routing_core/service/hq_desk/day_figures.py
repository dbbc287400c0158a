"""The day's and the week's figures beside the usual ones.

What is usual on a Wednesday is the median of the last eight Wednesdays: neither a holiday nor a
fair moves it much, and weekends are compared with weekends.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
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


FIGURES: Mapping[str, Callable[[DayFigures], int]] = {
    "received": _received,
    "placed_alone": _placed_alone,
    "accepted": _accepted,
}
"""The figures of the page, in their order, and where each is found."""
WITHIN: Mapping[Speed, tuple[Speed, ...]] = {
    Speed.HOUR: (Speed.HOUR,),
    Speed.DAY: (Speed.HOUR, Speed.DAY),
    Speed.TWO_DAYS: (Speed.HOUR, Speed.DAY, Speed.TWO_DAYS),
}
"""The limits of speed-to-lead, and the classes that lie within each."""


@dataclass(frozen=True, slots=True)
class PartOf:
    """So many of so many."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """Give the part of one; None of nothing."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class SpeedFigure:
    """How many of the first contacts came soon enough after their enquiry."""

    within: Speed
    """The limit: whatever was faster counts too."""
    day: PartOf
    week: PartOf
    usual_day: float | None
    """The usual share of a day; None where nobody can tell."""
    usual_week: float | None


@dataclass(frozen=True, slots=True)
class RegionFigures:
    """The figures of one region."""

    region: str
    figures: tuple[TodayFigure, ...]
    within_a_day: SpeedFigure


@dataclass(frozen=True, slots=True)
class TodayFigures:
    """All figures of today and of this week, as far as somebody sees them."""

    figures: tuple[TodayFigure, ...]
    speed: tuple[SpeedFigure, ...]
    """Speed-to-lead, limit by limit."""
    speed_trend: tuple[PartOf, ...]
    """The first contacts within a day, one for each of the last days, the last of them today's."""
    regions: tuple[RegionFigures, ...]
    """The same of each region, the one with most enquiries of the week first."""


def first_day_needed(today: date) -> date:
    """Give the first day that the usual figures are made of."""
    return _monday(today) - WEEKS_COMPARED * SEVEN_DAYS


def today_figures(
    days: Sequence[DayFigures], today: date, seen: frozenset[str] | None = None
) -> TodayFigures:
    """Work out the figures from the days since ``first_day_needed``, one for each day.

    ``seen`` are the regions whose leads the reader sees; None is everything.
    """
    named = frozenset[str]().union(*(day.regions for day in days))
    theirs = named if seen is None else named & seen
    whole = _Days(days if seen is None else [day.of(seen) for day in days], today)
    regions = [_of_region(region, days, today) for region in theirs]
    regions.sort(key=lambda each: (-each.figures[0].week, each.region))
    return TodayFigures(
        whole.figures(),
        tuple(whole.speed(within) for within in WITHIN),
        tuple(whole.contacted(day, day, Speed.DAY) for day in whole.pictured()),
        tuple(regions),
    )


def _of_region(region: str, days: Sequence[DayFigures], today: date) -> RegionFigures:
    of_days = _Days([day.of((region,)) for day in days], today)
    return RegionFigures(region, of_days.figures(), of_days.speed(Speed.DAY))


class _Days:
    """Works out figures from those of days, seen from one of them."""

    def __init__(self, days: Sequence[DayFigures], today: date):
        self._known = {each.day: each for each in days}
        self._today = today
        started = [each.day for each in days if each.received]
        self._weeks = _weeks(today, min(started, default=today))

    def pictured(self) -> list[date]:
        """Give the days of the small picture, the last of them today."""
        return [self._today - back * ONE_DAY for back in reversed(range(DAYS_PICTURED))]

    def figures(self) -> tuple[TodayFigure, ...]:
        """Give what is counted."""
        return tuple(self._figure(name, read) for name, read in FIGURES.items())

    def _figure(self, name: str, read: Callable[[DayFigures], int]) -> TodayFigure:
        def between(first: date, last: date) -> float:
            return sum(read(day) for day in self._between(first, last))

        today, monday = self._today, _monday(self._today)
        return TodayFigure(
            name,
            int(between(today, today)),
            int(between(monday, today)),
            self._usual(between, today),
            self._usual(between, monday),
            tuple(int(between(day, day)) for day in self.pictured()),
        )

    def speed(self, within: Speed) -> SpeedFigure:
        """Give how many of the first contacts came within a limit."""

        def share(first: date, last: date) -> float | None:
            return self.contacted(first, last, within).share

        today, monday = self._today, _monday(self._today)
        return SpeedFigure(
            within,
            self.contacted(today, today, within),
            self.contacted(monday, today, within),
            self._usual(share, today),
            self._usual(share, monday),
        )

    def contacted(self, first: date, last: date, within: Speed) -> PartOf:
        """Count first contacts of some days, and those within a limit."""
        part = whole = 0
        for day in self._between(first, last):
            whole += sum(day.contacted.values())
            part += sum(day.contacted.get(speed, 0) for speed in WITHIN[within])
        return PartOf(part, whole)

    def _between(self, first: date, last: date) -> Iterator[DayFigures]:
        for back in range((last - first).days + 1):
            day = self._known.get(last - back * ONE_DAY)
            if day is not None:
                yield day

    def _usual(self, read: Callable[[date, date], float | None], first: date) -> float | None:
        """Give the median of the same days of the last weeks; None where nobody can tell."""
        values = [
            read(first - back * SEVEN_DAYS, self._today - back * SEVEN_DAYS) for back in self._weeks
        ]
        told = [value for value in values if value is not None]
        return float(median(told)) if len(told) >= FEWEST_WEEKS else None


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _weeks(today: date, started: date) -> tuple[int, ...]:
    """Give how many weeks back to compare with: only such as were whole when work began."""
    monday = _monday(today)
    weeks = range(1, WEEKS_COMPARED + 1)
    return tuple(back for back in weeks if monday - back * SEVEN_DAYS >= started)

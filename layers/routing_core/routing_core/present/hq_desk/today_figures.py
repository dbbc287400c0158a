"""The figures of HQ's first page: of the day and of the week, beside the usual ones, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from routing_core.domain.hq_people import HqPerson
from routing_core.domain.programme.programme import Programme
from routing_core.present.hq_desk.sparkline import Bar, bars
from routing_core.present.lead_summary import region_name
from routing_core.present.locale_context import LocaleContext
from routing_core.present.reports.written_cells import share_in_words
from routing_core.service.hq_desk.day_figures import (
    PartOf,
    RegionFigures,
    SpeedFigure,
    TodayFigure,
)
from routing_core.service.hq_desk.today import TodayView

FEWEST_CONTACTS = 5
"""Of fewer first contacts there is no share."""
FEWEST_REGIONS = 2
"""Regions that are worth a table: the figures above are those of a single one."""
MOST_REGIONS = 15
"""Regions of the table."""


@dataclass(frozen=True, slots=True)
class FigureCard:
    """One figure in words, with its picture."""

    name: str
    day: str
    usual_day: str
    week: str
    usual_week: str
    bars: list[Bar]
    told: str
    """Tells the picture in words."""


@dataclass(frozen=True, slots=True)
class SpeedRow:
    """How many of the first contacts came within a limit."""

    within: str
    day: str
    usual_day: str
    week: str
    usual_week: str


@dataclass(frozen=True, slots=True)
class RegionRow:
    """The figures of a region: each of today, and of this week."""

    name: str
    cells: tuple[tuple[str, str, str], ...]
    """The name of each figure, that of today, and that of the week."""


def told_figures(view: TodayView, visitor: HqPerson, locale: LocaleContext) -> dict[str, Any]:
    """Give what the template needs of the figures."""
    found = view.figures
    regions = found.regions if len(found.regions) >= FEWEST_REGIONS else ()
    shares = [round(100 * (each.share or 0)) for each in found.speed_trend]
    names = sorted(_region(each, view.programme, locale) for each in visitor.regions or ())
    return {
        "figures": [_card(each, locale) for each in found.figures],
        "speed": [_speed(each, locale) for each in found.speed],
        "speed_bars": bars(shares, highest=100),
        "speed_told": _shares_told(found.speed_trend, locale),
        "any_contact": any(each.whole for each in found.speed_trend),
        "regions": [_row(each, view.programme, locale) for each in regions[:MOST_REGIONS]],
        "more_regions": max(len(regions) - MOST_REGIONS, 0),
        "their_regions": ", ".join(names),
    }


def _card(figure: TodayFigure, locale: LocaleContext) -> FigureCard:
    days = ", ".join(locale.number(str(each)) for each in figure.trend)
    return FigureCard(
        name=locale.translate(f"hq_today.figure.{figure.name}"),
        day=locale.number(str(figure.day)),
        usual_day=_usual(figure.usual_day, locale),
        week=locale.number(str(figure.week)),
        usual_week=_usual(figure.usual_week, locale),
        bars=bars(figure.trend),
        told=locale.translate("hq_today.trend", n=len(figure.trend), days=days),
    )


def _usual(value: float | None, locale: LocaleContext) -> str:
    """Give the usual figure; empty where nobody can tell."""
    return "" if value is None else locale.number(f"{value:g}")


def _speed(figure: SpeedFigure, locale: LocaleContext) -> SpeedRow:
    return SpeedRow(
        locale.translate(f"hq_today.within.{figure.within.value}"),
        _part(figure.day, locale),
        _usual_share(figure.usual_day, locale),
        _part(figure.week, locale),
        _usual_share(figure.usual_week, locale),
    )


def _part(counted: PartOf, locale: LocaleContext) -> str:
    """Say so many of so many, with the share where there are enough of them."""
    if not counted.whole:
        return locale.translate("hq_today.no_contact")
    part, whole = (locale.number(str(each)) for each in (counted.part, counted.whole))
    if counted.share is None or counted.whole < FEWEST_CONTACTS:
        return locale.translate("hq_today.part", part=part, whole=whole)
    share = share_in_words(counted.share, locale)
    return locale.translate("hq_today.share", share=share, part=part, whole=whole)


def _usual_share(share: float | None, locale: LocaleContext) -> str:
    return "" if share is None else share_in_words(share, locale)


def _shares_told(trend: Sequence[PartOf], locale: LocaleContext) -> str:
    none = locale.translate("hq_today.no_contact_day")
    shares = (each.share for each in trend)
    days = ", ".join(none if each is None else share_in_words(each, locale) for each in shares)
    return locale.translate("hq_today.trend", n=len(trend), days=days)


def _row(figures: RegionFigures, programme: Programme, locale: LocaleContext) -> RegionRow:
    cells = []
    for each in figures.figures:
        name = locale.translate(f"hq_today.figure.{each.name}")
        day, week = locale.number(str(each.day)), locale.number(str(each.week))
        usual = _usual(each.usual_week, locale)
        told = locale.translate(
            "hq_today.week_usual" if usual else "hq_today.week_so_far", week=week, usual=usual
        )
        cells.append((name, day, told))
    speed = figures.within_a_day
    name = locale.translate("hq_today.figure.contacted_soon")
    week = locale.translate("hq_today.week_so_far", week=_part(speed.week, locale))
    cells.append((name, _part(speed.day, locale), week))
    return RegionRow(_region(figures.region, programme, locale), tuple(cells))


def _region(region: str, programme: Programme, locale: LocaleContext) -> str:
    return region_name(programme, region, locale) or region

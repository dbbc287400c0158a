"""A back-test as one page that stands by itself, and the same figures for a terminal."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from markupsafe import Markup

from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import page_in, render
from routing_core.routing.history import Run, Tally
from routing_core.simulation.back_test import BackTest

CHART_HOURS = (0, 2, 8, 24, 48, 96)
MOST_BARS = 20
CHART_WIDTH = 360
CHART_HEIGHT = 230
NO_CHANGE = "="


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of both runs, as people read it."""

    name: str
    label: str
    current: str
    draft: str
    change: str
    better: str
    """``good``, ``bad`` or empty: what kind of change it is."""


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """What one partner had in both runs, as people read it."""

    name: str
    offers: tuple[int, int]
    accepted: tuple[str, str]
    wait: tuple[str, str]
    fair: tuple[str, str]
    change: str
    bars: tuple[float, float]
    """The length of both bars, in hundredths of the widest."""


def figures(test: BackTest, locale: LocaleContext) -> tuple[Figure, ...]:
    """Give the figures of both runs: what is known of life comes last, as far as it is known."""
    current, draft = test.current, test.draft
    write = _FigureWriter(locale)
    found = [
        write.counted("routed", current.routed, draft.routed),
        write.counted("offers", current.offers, draft.offers),
        write.shared("accepted", _accepted_part(current), _accepted_part(draft), good=1),
    ]
    if current.waits and draft.waits:
        found += [
            write.timed("median", _middle(current.waits), _middle(draft.waits)),
            write.timed("slowest", _ninth_tenth(current.waits), _ninth_tenth(draft.waits)),
        ]
    found += [
        write.counted("exhausted", current.exhausted, draft.exhausted, good=-1),
        write.counted("unplaced", current.unplaced, draft.unplaced, good=-1),
        write.averaged("asked", _mean(current.asked), _mean(draft.asked)),
        write.shared("unfair", current.unfair, draft.unfair, good=-1),
    ]
    if current.known or draft.known:
        kept = (_part(current.kept, current.known), _part(draft.kept, draft.known))
        found.append(write.shared("kept", *kept))
    if test.outcomes:
        found.append(write.counted("won", round(current.won), round(draft.won), good=1))
    values = (round(current.value), round(draft.value))
    if any(values):
        found.append(write.counted("value", *values, good=1))
    return tuple(found)


def back_test_lines(test: BackTest) -> tuple[str, ...]:
    """Give the figures as a table for a terminal, in HQ's language."""
    locale = _locale(test)
    head = ["", *(locale.translate(f"backtest.{name}") for name in ("current", "draft", "change"))]
    rows = [head]
    rows += [[each.label, each.current, each.draft, each.change] for each in figures(test, locale)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return tuple(_table_line(row, widths) for row in rows)


def _table_line(row: Sequence[str], widths: Sequence[int]) -> str:
    """Give a row with its label on the left and its numbers on the right of their columns."""
    cells = [row[0].ljust(widths[0])]
    cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return "  ".join(cells)


def back_test_page(test: BackTest) -> str:
    """Give a page that shows both runs, in HQ's language."""
    locale = _locale(test)
    partners = _partner_rows(test, locale)
    first, last = (locale.clock.local(at).date() for at in (test.first, test.last))
    days = {"first": locale.day(first), "last": locale.day(last)}
    learned = "learned" if test.learned_from else "unlearned"
    return render(
        page_in(locale, test.programme, "backtest.html", locale.translate("backtest.title")),
        test=test,
        figures=figures(test, locale),
        summary=_many("summary", test.current.leads, locale, **days),
        learned=_many(learned, test.learned_from, locale),
        unscored=_unscored(test, locale),
        file=_of_the_file(test, locale),
        speed=_speed_chart(test, locale),
        partners=partners,
        bars=partners[:MOST_BARS],
        seed=test.seed,
    )


def _many(name: str, number: int, locale: LocaleContext, **fill: str) -> str:
    """Give a sentence about a number, in which ``many`` is the number as people there write it."""
    return locale.translate(f"backtest.{name}", n=number, many=locale.number(str(number)), **fill)


def _unscored(test: BackTest, locale: LocaleContext) -> str:
    most = max(test.current.unscored, test.draft.unscored)
    return _many("unscored", most, locale) if most else ""


def _of_the_file(test: BackTest, locale: LocaleContext) -> list[str]:
    """Tell what was left out of the file, and what was taken from it beside the enquiries."""
    told = []
    if test.skipped:
        told.append(_many("skipped", test.skipped, locale))
        told += [f"{each.field}: {each.message}" for each in test.problems[:MOST_BARS]]
    if test.ignored:
        told.append(_many("ignored", len(test.ignored), locale, names=", ".join(test.ignored)))
    if test.outcomes:
        told.append(_many("outcomes", test.outcomes, locale))
    return told


def _locale(test: BackTest) -> LocaleContext:
    return LocaleContext.for_programme(test.programme, test.programme.hq.language, test.at)


# ── one figure ────────────────────────────────────────────────────────────────────────────────────


class _FigureWriter:
    """Writes figures of both runs; ``good`` is 1 if more is better, -1 if less is, 0 if neither."""

    def __init__(self, locale: LocaleContext):
        self._locale = locale

    def counted(self, name: str, current: int, draft: int, good: int = 0) -> Figure:
        shown = (self._locale.number(str(current)), self._locale.number(str(draft)))
        return self._figure(name, shown, draft - current, good)

    def averaged(self, name: str, current: float, draft: float) -> Figure:
        shown = (self._locale.number(f"{current:.2f}"), self._locale.number(f"{draft:.2f}"))
        return self._figure(name, shown, round(draft - current, 2), good=-1)

    def shared(self, name: str, current: float, draft: float, good: int = 0) -> Figure:
        shown = (_percent(current, self._locale), _percent(draft, self._locale))
        # The change is that of the numbers that are shown, not of those behind them.
        change = round(100 * draft, 1) - round(100 * current, 1)
        unit = self._locale.translate("backtest.points")
        return self._figure(name, shown, round(change, 1), good, unit)

    def timed(self, name: str, current: float, draft: float) -> Figure:
        shown = (_hours(current, self._locale), _hours(draft, self._locale))
        change = draft - current
        if abs(change) < 1:
            minutes = round(60 * draft) - round(60 * current)
            return self._figure(name, shown, minutes, good=-1, unit="min")
        return self._figure(name, shown, round(change, 1), good=-1, unit="h")

    def _figure(
        self, name: str, shown: tuple[str, str], change: float, good: int, unit: str = ""
    ) -> Figure:
        label = self._locale.translate(f"backtest.figure.{name}")
        size = self._locale.number(f"{abs(change):g}")
        said = _signed(change, f"{size} {unit}".strip())
        return Figure(name, label, *shown, said, _kind_of_change(change, good))


def _kind_of_change(change: float, good: int) -> str:
    if not change or not good:
        return ""
    return "good" if (change > 0) == (good > 0) else "bad"


def _signed(change: float, size: str) -> str:
    if not change:
        return NO_CHANGE
    return f"+{size}" if change > 0 else f"−{size}"


def _percent(share: float, locale: LocaleContext) -> str:
    return locale.translate("common.percent", n=locale.number(f"{100 * share:.1f}"))


def _hours(hours: float, locale: LocaleContext) -> str:
    """Give a length of time; less than an hour in minutes."""
    minutes = round(60 * hours)
    if minutes < 60:
        return f"{minutes} min"
    return f"{locale.number(f'{hours:.1f}')} h"


def _part(some: int, of: int) -> float:
    return some / of if of else 0.0


def _accepted_part(run: Run) -> float:
    return _part(run.accepted, run.routed)


def _middle(values: Sequence[float]) -> float:
    return median(values) if values else 0.0


def _ninth_tenth(values: Sequence[float]) -> float:
    """Give what nine of ten stay below."""
    return quantiles(values, n=10)[-1] if len(values) > 1 else _middle(values)


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values) if values else 0.0


# ── partners ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _PartnerTallies:
    """What one partner had in both runs."""

    name: str
    partner: str
    current: Tally
    draft: Tally

    @property
    def change(self) -> int:
        return self.draft.offers - self.current.offers

    @property
    def most(self) -> int:
        return max(self.current.offers, self.draft.offers)


def _partner_rows(test: BackTest, locale: LocaleContext) -> list[PartnerRow]:
    """Give the partners who had offers in either run; who gains or loses most stands first."""
    nothing = Tally()
    asked = []
    for partner, profile in test.partners.items():
        current = test.current.partners.get(partner, nothing)
        draft = test.draft.partners.get(partner, nothing)
        tallies = _PartnerTallies(profile.name, partner, current, draft)
        if tallies.most:
            asked.append(tallies)
    asked.sort(key=lambda each: (-abs(each.change), each.partner))
    widest = max((each.most for each in asked), default=1)
    return [_partner_row(each, widest, locale) for each in asked]


def _partner_row(tallies: _PartnerTallies, widest: int, locale: LocaleContext) -> PartnerRow:
    current, draft = tallies.current, tallies.draft
    size = locale.number(str(abs(tallies.change)))
    return PartnerRow(
        name=tallies.name,
        offers=(current.offers, draft.offers),
        accepted=(_accepted_share(current, locale), _accepted_share(draft, locale)),
        wait=(_usual_wait(current, locale), _usual_wait(draft, locale)),
        fair=(locale.number(f"{current.fair:.0f}"), locale.number(f"{draft.fair:.0f}")),
        change=_signed(tallies.change, size),
        bars=(100 * current.offers / widest, 100 * draft.offers / widest),
    )


def _accepted_share(tally: Tally, locale: LocaleContext) -> str:
    return _percent(_part(tally.accepted, tally.offers), locale)


def _usual_wait(tally: Tally, locale: LocaleContext) -> str:
    return _hours(_middle(tally.waits), locale) if tally.waits else "–"


# ── drawing ───────────────────────────────────────────────────────────────────────────────────────

_LEFT = 44
_RIGHT = CHART_WIDTH - 12
_TOP = 12
_BOTTOM = CHART_HEIGHT - 34
_POINTS = 120


def _x(hours: float) -> float:
    """Give where so many hours stand: by their root, for the first hours are what matters."""
    return _LEFT + (_RIGHT - _LEFT) * math.sqrt(hours / CHART_HOURS[-1])


def _y(share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * share


def _speed_chart(test: BackTest, locale: LocaleContext) -> Markup:
    """Draw how many of the enquiries that went to partners were accepted after so many hours."""
    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = _y(share)
        label = locale.translate("common.percent", n=f"{100 * share:.0f}")
        parts.append(
            f'<line class="grid" x1="{_LEFT}" x2="{_RIGHT}" y1="{y:.0f}" y2="{y:.0f}"/>'
            f'<text x="{_LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{label}</text>'
        )
    for hours in CHART_HOURS:
        place = f'x="{_x(hours):.0f}" y="{_BOTTOM + 20}"'
        parts.append(f'<text {place} text-anchor="middle">{hours} h</text>')
    for kind, run in (("current", test.current), ("draft", test.draft)):
        parts.append(f'<polyline class="{kind}" points="{_curve(run)}"/>')
    size = f'viewBox="0 0 {CHART_WIDTH} {CHART_HEIGHT}"'
    label = locale.translate("backtest.speed.label")
    return Markup(  # nosec B704 # noqa: S704 - numbers and our own words
        f'<svg class="chart" {size} role="img" aria-label="{label}">{"".join(parts)}</svg>'
    )


def _curve(run: Run) -> str:
    """Give the points of a run's line, as dense in the first hours as in the last days."""
    points = []
    for number in range(_POINTS + 1):
        hours = CHART_HOURS[-1] * (number / _POINTS) ** 2
        points.append(f"{_x(hours):.1f},{_y(_accepted_within(run, hours)):.1f}")
    return " ".join(points)


def _accepted_within(run: Run, hours: float) -> float:
    return _part(len([wait for wait in run.waits if wait <= hours]), run.routed)

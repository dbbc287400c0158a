"""A back-test told and drawn: one page by itself, and the same figures for a terminal."""

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
WIDTH, HEIGHT = 360, 230


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    label: str
    current: str
    draft: str
    change: str
    better: str
    """``good``, ``bad`` or empty: whether the change is one for the better."""


@dataclass(frozen=True, slots=True)
class PartnerRow:
    name: str
    offers: tuple[int, int]
    accepted: tuple[str, str]
    wait: tuple[str, str]
    fair: tuple[str, str]
    change: str
    bars: tuple[float, float]
    """Of the widest bar, in hundredths."""


def figures(test: BackTest, reader: LocaleContext) -> tuple[Figure, ...]:
    current, draft = test.current, test.draft
    in_life: tuple[Figure, ...] = ()
    if current.known or draft.known:
        in_life = (
            _shared(
                "kept",
                _part(current.kept, current.known),
                _part(draft.kept, draft.known),
                reader,
                0,
            ),
        )
    if test.outcomes:
        in_life = (*in_life, _counted("won", round(current.won), round(draft.won), reader, 1))
    if round(current.value) or round(draft.value):
        in_life = (*in_life, _counted("value", round(current.value), round(draft.value), reader, 1))
    return (
        _counted("routed", current.routed, draft.routed, reader),
        _counted("offers", current.offers, draft.offers, reader),
        _shared(
            "accepted",
            _part(current.accepted, current.routed),
            _part(draft.accepted, draft.routed),
            reader,
            1,
        ),
        _timed("median", _middle(current.waits), _middle(draft.waits), reader),
        _timed("slowest", _ninth(current.waits), _ninth(draft.waits), reader),
        _counted("exhausted", current.exhausted, draft.exhausted, reader, -1),
        _counted("unplaced", current.unplaced, draft.unplaced, reader, -1),
        _numbered("asked", _mean(current.asked), _mean(draft.asked), reader),
        _shared("unfair", current.unfair, draft.unfair, reader, -1),
        *in_life,
    )


def back_test_lines(test: BackTest) -> tuple[str, ...]:
    """For a terminal, in HQ's language."""
    reader = _reader(test)
    rows = [(f.label, f.current, f.draft, f.change) for f in figures(test, reader)]
    t = reader.t
    rows.insert(0, ("", t("backtest.current"), t("backtest.draft"), t("backtest.change")))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return tuple(
        "  ".join(
            (
                row[0].ljust(widths[0]),
                *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True)),
            )
        )
        for row in rows
    )


def back_test_page(test: BackTest) -> str:
    reader = _reader(test)
    t = reader.t
    partners = _partner_rows(test, reader)
    return render(
        page_in(reader, test.programme, "backtest.html", t("backtest.title")),
        test=test,
        figures=figures(test, reader),
        summary=_many(
            "summary",
            test.current.leads,
            reader,
            first=reader.day(test.first),
            last=reader.day(test.last),
        ),
        learned=_many("learned" if test.learned_from else "unlearned", test.learned_from, reader),
        unscored=_unscored(test, reader),
        file=_of_the_file(test, reader),
        speed=_speed_chart(test, reader),
        partners=partners,
        bars=partners[:MOST_BARS],
        seed=test.seed,
    )


def _many(name: str, number: int, reader: LocaleContext, **fill: str) -> str:
    """``many``: the number as people there write it."""
    return reader.t(f"backtest.{name}", n=number, many=reader.number(str(number)), **fill)


def _unscored(test: BackTest, reader: LocaleContext) -> str:
    most = max(test.current.unscored, test.draft.unscored)
    return _many("unscored", most, reader) if most else ""


def _of_the_file(test: BackTest, reader: LocaleContext) -> list[str]:
    """What was left out of the file, and what was taken from it beside the enquiries."""
    told = []
    if test.skipped:
        told.append(_many("skipped", test.skipped, reader))
        told += [f"{each.field}: {each.message}" for each in test.problems[:MOST_BARS]]
    if test.ignored:
        told.append(_many("ignored", len(test.ignored), reader, names=", ".join(test.ignored)))
    if test.outcomes:
        told.append(_many("outcomes", test.outcomes, reader))
    return told


def _reader(test: BackTest) -> LocaleContext:
    return LocaleContext.at_home(test.programme, test.programme.hq.language, test.at)


# ── one figure
# ────────────────────────────────────────────────────────────────────────────────────────


def _counted(name: str, current: int, draft: int, reader: LocaleContext, good: int = 0) -> Figure:
    return _figure(
        name,
        reader.number(str(current)),
        reader.number(str(draft)),
        draft - current,
        "",
        reader,
        good,
    )


def _numbered(name: str, current: float, draft: float, reader: LocaleContext) -> Figure:
    change = round(draft - current, 2)
    return _figure(
        name, reader.number(f"{current:.2f}"), reader.number(f"{draft:.2f}"), change, "", reader, -1
    )


def _shared(name: str, current: float, draft: float, reader: LocaleContext, good: int) -> Figure:
    change = round(100 * draft, 1) - round(100 * current, 1)
    return _figure(
        name,
        _percent(current, reader),
        _percent(draft, reader),
        round(change, 1),
        reader.t("backtest.points"),
        reader,
        good,
    )


def _timed(name: str, current: float, draft: float, reader: LocaleContext) -> Figure:
    change = draft - current
    if abs(change) < 1:
        minutes = round(60 * draft) - round(60 * current)
        return _figure(
            name, _hours(current, reader), _hours(draft, reader), minutes, "min", reader, -1
        )
    return _figure(
        name, _hours(current, reader), _hours(draft, reader), round(change, 1), "h", reader, -1
    )


def _figure(
    name: str, current: str, draft: str, change: float, unit: str, reader: LocaleContext, good: int
) -> Figure:
    better = "" if not change or not good else "good" if change * good > 0 else "bad"
    size = reader.number(f"{abs(change):g}")
    said = f"{'+' if change > 0 else '−'}{size} {unit}".strip() if change else "="
    return Figure(name, reader.t(f"backtest.figure.{name}"), current, draft, said, better)


def _percent(share: float, reader: LocaleContext) -> str:
    return reader.t("common.percent", n=reader.number(f"{100 * share:.1f}"))


def _hours(hours: float, reader: LocaleContext) -> str:
    """Less than an hour in minutes."""
    if round(60 * hours) < 60:
        return f"{round(60 * hours)} min"
    return f"{reader.number(f'{hours:.1f}')} h"


def _part(some: int, of: int) -> float:
    return some / of if of else 0.0


def _middle(values: Sequence[float]) -> float:
    return median(values) if values else 0.0


def _ninth(values: Sequence[float]) -> float:
    return quantiles(values, n=10)[-1] if len(values) > 1 else _middle(values)


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values) if values else 0.0


# ── partners
# ──────────────────────────────────────────────────────────────────────────────────────────


def _partner_rows(test: BackTest, reader: LocaleContext) -> list[PartnerRow]:
    """Who gains or loses most stands first."""
    none = Tally()
    pairs = {
        partner: (test.current.partners.get(partner, none), test.draft.partners.get(partner, none))
        for partner in test.partners
    }
    met = [(name, pair) for name, pair in pairs.items() if pair[0].offers or pair[1].offers]
    met.sort(key=lambda each: (-abs(each[1][1].offers - each[1][0].offers), each[0]))
    widest = max((tally.offers for _, pair in met for tally in pair), default=1) or 1
    return [_partner_row(test.partners[name].name, pair, widest, reader) for name, pair in met]


def _partner_row(
    name: str, pair: tuple[Tally, Tally], widest: int, reader: LocaleContext
) -> PartnerRow:
    current, draft = pair
    change = draft.offers - current.offers
    return PartnerRow(
        name,
        (current.offers, draft.offers),
        tuple(_percent(_part(t.accepted, t.offers), reader) for t in pair),  # type: ignore[arg-type]
        tuple(_hours(_middle(t.waits), reader) if t.waits else "–" for t in pair),  # type: ignore[arg-type]
        tuple(reader.number(f"{t.fair:.0f}") for t in pair),  # type: ignore[arg-type]
        f"{'+' if change > 0 else '−'}{reader.number(str(abs(change)))}" if change else "=",
        (100 * current.offers / widest, 100 * draft.offers / widest),
    )


# ── drawing
# ───────────────────────────────────────────────────────────────────────────────────────────


def _speed_chart(test: BackTest, reader: LocaleContext) -> Markup:
    """Of the enquiries that went to partners, how many were accepted after so many hours."""
    left, right, top, bottom = 44, WIDTH - 12, 12, HEIGHT - 34
    last = CHART_HOURS[-1]

    def x(hours: float) -> float:
        return left + (right - left) * math.sqrt(hours / last)  # the first hours are what matters

    def y(share: float) -> float:
        return bottom - (bottom - top) * share

    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        parts.append(
            f'<line class="grid" x1="{left}" x2="{right}" y1="{y(share):.0f}" y2="{y(share):.0f}"/>'
        )
        label = reader.t("common.percent", n=f"{100 * share:.0f}")
        parts.append(
            f'<text x="{left - 6}" y="{y(share) + 4:.0f}" text-anchor="end">{label}</text>'
        )
    parts.extend(
        f'<text x="{x(hours):.0f}" y="{bottom + 20}" text-anchor="middle">{hours} h</text>'
        for hours in CHART_HOURS
    )
    for kind, run in (("current", test.current), ("draft", test.draft)):
        points = " ".join(f"{x(h):.1f},{y(_accepted_by(run, h)):.1f}" for h in _steps(last))
        parts.append(f'<polyline class="{kind}" points="{points}"/>')
    label = reader.t("backtest.speed.label")
    return Markup(  # noqa: S704 - numbers and our own words
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
    )


def _steps(last: int) -> list[float]:
    return [last * (n / 120) ** 2 for n in range(121)]


def _accepted_by(run: Run, hours: float) -> float:
    return _part(sum(wait <= hours for wait in run.waits), run.routed)

"""The coverage report for machines: a document, and a table for a spreadsheet."""

import csv
import io
from collections.abc import Sequence
from itertools import chain
from typing import Any

from routing_core.formats.sheet import harmless
from routing_core.present.lead_summary import product_name, region_name, urgency_name
from routing_core.present.locale_context import LocaleContext
from routing_core.routing.report.coverage import KeptOut, Kind, Need, Spot
from routing_core.service.hq.check_coverage import NetworkCoverageView

TOLD = 10_000
"""Findings of one document: Lambda answers with 6 MB at most. The table, which is a quarter of the
size, has all.
"""
COLUMNS = ("finding", "country", "area", "region", "product", "only_for", "partners", "kept_out")


def coverage_document(view: NetworkCoverageView) -> dict[str, Any]:
    """Makes the report as JSON. Of too many findings the gaps come first; ``left_out`` counts the
    rest.
    """
    spots: Sequence[Spot] = view.coverage.spots
    if len(spots) > TOLD:
        spots = list(chain.from_iterable(map(view.coverage.of, Kind)))[:TOLD]
    return {
        "at": view.coverage.at.isoformat(),
        "spots": list(map(_spot_document, spots)),
        "left_out": len(view.coverage.spots) - len(spots),
        "unreachable": [_out_document(out) for out in view.coverage.unreachable],
        "lost": [
            {"partner": partner, "territory": territory}
            for partner, territory in view.coverage.lost
        ],
    }


def _spot_document(spot: Spot) -> dict[str, Any]:
    return {
        "finding": spot.kind.value,
        "area": spot.area,
        "region": spot.region,
        "product": spot.product,
        "needs": [need._asdict() for need in spot.needs],
        "always": spot.always,
        "partners": list(spot.partners),
        "backup": spot.backup or None,
        "kept_out": list(map(_out_document, spot.kept_out)),
    }


def _out_document(out: KeptOut) -> dict[str, str | None]:
    return {
        "partner": out.partner,
        "reason": out.reason,
        "until": out.until.isoformat() if out.until else None,
    }


def coverage_csv(view: NetworkCoverageView) -> str:
    """Makes a table with a line for each finding, in HQ's language; the last lines are the partners
    nobody reaches, and the territories that cover nothing.
    """
    reader = LocaleContext.at_home(view.programme, view.programme.hq.language, view.coverage.at)
    t = reader.t
    file = io.StringIO()
    table = csv.writer(file, delimiter=";", lineterminator="\r\n")
    table.writerow(t(f"coverage.column.{name}") for name in COLUMNS)
    for spot in view.coverage.spots:
        row = (
            t(f"coverage.kind.{spot.kind.value}"),
            spot.country,
            spot.area,
            region_name(view.programme, spot.region, reader) or spot.region,
            product_name(view.programme, spot.product, reader),
            only_for(spot, view, reader),
            ", ".join(partner_name(partner, view) for partner in spot.partners),
            "; ".join((*backup_line(spot, view, reader), *kept_out(spot, view, reader))),
        )
        table.writerow(map(harmless, row))
    for out in view.coverage.unreachable:
        why = f"{partner_name(out.partner, view)}: {why_unreachable(out, reader)}"
        table.writerow(map(harmless, (t("coverage.kind.unreachable"), "", "", "", "", "", "", why)))
    for partner, territory in view.coverage.lost:
        named = partner_name(partner, view)
        table.writerow(
            map(harmless, (t("coverage.kind.lost"), "", territory, "", "", "", named, ""))
        )
    return "\ufeff" + file.getvalue()


def partner_name(partner: str, view: NetworkCoverageView) -> str:
    known = view.partners.get(partner)
    return known.name if known else partner


def kept_out(spot: Spot, view: NetworkCoverageView, reader: LocaleContext) -> tuple[str, ...]:
    """``Spatz & Söhne: paused``, for each who covers the area and is not asked."""
    return tuple(f"{partner_name(out.partner, view)}: {_why(out, reader)}" for out in spot.kept_out)


def backup_line(spot: Spot, view: NetworkCoverageView, reader: LocaleContext) -> tuple[str, ...]:
    """Says who is asked in a gap after all, in one sentence; in none where nobody is."""
    if not spot.backup:
        return ()
    return (reader.t("coverage.backup", partner=partner_name(spot.backup, view)),)


def why_unreachable(out: KeptOut, reader: LocaleContext) -> str:
    return reader.t.find(f"coverage.unreachable.{out.reason}") or _why(out, reader)


def _why(out: KeptOut, reader: LocaleContext) -> str:
    if out.until:
        return reader.t("coverage.away_until", day=reader.day(out.until))
    return reader.t.find(f"coverage.away.{out.reason}") or reader.t.code(
        "facts.excluded", out.reason
    )


def only_for(spot: Spot, view: NetworkCoverageView, reader: LocaleContext) -> str:
    """For which urgencies, languages and weekdays this is so; empty if for all."""
    if spot.always:
        return ""
    by_days: dict[tuple[str, ...], list[Need]] = {}
    for need in spot.needs:
        by_days.setdefault(need.weekdays, []).append(need)
    return "; ".join(
        _on(days, _what(spot, needs, view, reader), reader) for days, needs in by_days.items()
    )


def _on(days: Sequence[str], what: str, reader: LocaleContext) -> str:
    if not days:
        return what
    named = ", ".join(map(reader.weekday, days))
    return reader.t("coverage.on_days", what=what or reader.t("coverage.enquiries"), days=named)


def _what(
    spot: Spot, needs: Sequence[Need], view: NetworkCoverageView, reader: LocaleContext
) -> str:
    """Empty if it is whatever the form asks."""
    urgencies = dict.fromkeys(need.urgency for need in needs)
    languages = tuple(dict.fromkeys(need.language for need in needs))
    every_language = (
        set(languages) == set(view.programme.languages) or not view.programme.match_language
    )
    every_urgency = _every_urgency(spot, urgencies, view)
    whole = len(needs) == len(urgencies) * len(languages)
    if whole and every_language:
        named = () if every_urgency else urgencies
        return ", ".join(urgency_name(view.programme, urgency, reader) for urgency in named)
    if whole and every_urgency:
        return ", ".join(reader.language_name(language) for language in languages)
    return ", ".join(_in_words(need, view, reader) for need in needs)


def _every_urgency(spot: Spot, urgencies: dict[str, None], view: NetworkCoverageView) -> bool:
    return all(
        set(form.urgencies) <= set(urgencies)
        for form in view.programme.forms
        if spot.product in form.products
    )


def _in_words(need: Need, view: NetworkCoverageView, reader: LocaleContext) -> str:
    return f"{urgency_name(view.programme, need.urgency, reader)} ({reader.language_name(need.language)})"

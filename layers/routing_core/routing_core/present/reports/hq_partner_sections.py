"""The sections of HQ's report about partners: a row for each, and whether shares are fair."""

from collections.abc import Callable
from typing import Any

from routing_core.present.reports.report_document import (
    CellKind,
    PictureKind,
    ReportPicture,
    ReportSection,
    ReportTable,
)
from routing_core.present.reports.report_words import COUNT, HOURS, MONEY, SHARE, ReportWords
from routing_core.reporting.hq_report import HqReport
from routing_core.reporting.partner_counts import PartnerFigures

LEAST_FAIR_SHARE = 5
"""Of a fair share of fewer offers, chance says more than the weights."""
MOST_DOTS = 15
"""So many partners are drawn, those who are farthest from their fair share."""

RowCells = Callable[[PartnerFigures, ReportWords], tuple[Any, ...]]
"""Gives the cells of a partner's row behind its name."""


def partners_section(report: HqReport, words: ReportWords) -> ReportSection | None:
    """Show a row for each partner, who needs attention first; behind it three tables of details.

    Each of them fits a sheet of paper.
    """
    if not report.partners:
        return None
    glance = words.columns(
        "partner",
        ("attention", COUNT),
        ("offers", COUNT),
        ("acceptance", SHARE),
        ("median_hours", HOURS),
        ("sla", SHARE),
        ("overdue", COUNT),
        ("won", COUNT),
        ("value", MONEY),
    )
    offers = words.columns(
        "partner",
        ("offers", COUNT),
        ("accepted", COUNT),
        ("declined", COUNT),
        ("lapsed_seen", COUNT),
        ("lapsed_unseen", COUNT),
        ("pending", COUNT),
        ("acceptance", SHARE),
    )
    service = words.columns(
        "partner",
        ("median_hours", HOURS),
        ("p90_hours", HOURS),
        ("contact_hours", HOURS),
        ("sla", SHARE),
        ("open", COUNT),
        ("overdue", COUNT),
    )
    results = words.columns(
        "partner",
        ("contacted", COUNT),
        ("quoted", COUNT),
        ("won", COUNT),
        ("lost", COUNT),
        ("returned", COUNT),
        ("return_rate", SHARE),
        ("conversion", SHARE),
        ("value", MONEY),
    )
    tables = (
        ReportTable(
            "partners",
            words.translate("table.partners"),
            glance,
            _rows(report, words, _glance),
            tuple(words.link_to_partner(each.partner) for each in by_attention(report)),
        ),
        ReportTable(
            "partner-offers",
            words.translate("table.offers"),
            offers,
            _rows(report, words, _offers),
            folded=True,
        ),
        ReportTable(
            "partner-service",
            words.translate("table.service"),
            service,
            _rows(report, words, _service),
            folded=True,
        ),
        ReportTable(
            "partner-results",
            words.translate("table.results"),
            results,
            _rows(report, words, _results),
            folded=True,
        ),
    )
    return ReportSection(
        "partners",
        words.translate("section.partners"),
        (words.translate("few"),),
        tables=tables,
        definitions=words.definitions(
            ("column.attention", "attention"),
            ("column.acceptance", "acceptance"),
            ("column.median_hours", "response"),
            ("column.sla", "sla"),
            ("column.return_rate", "return_rate"),
            ("column.conversion", "conversion"),
            ("column.value", "value"),
        ),
    )


def by_attention(report: HqReport) -> list[PartnerFigures]:
    """Give the partners in the order of the tables: who needs attention first."""
    return sorted(
        report.partners,
        key=lambda each: (-needs_attention(each), -each.overdue, each.partner),
    )


def needs_attention(each: PartnerFigures) -> int:
    """Count what somebody should ask a partner about."""
    late = each.sla.of - each.sla.count
    return each.offers.lapsed + late + each.returned


def _rows(report: HqReport, words: ReportWords, figures: RowCells) -> tuple[tuple[Any, ...], ...]:
    return tuple(
        (words.partner(each.partner), *figures(each, words)) for each in by_attention(report)
    )


def _glance(each: PartnerFigures, words: ReportWords) -> tuple[Any, ...]:
    return (
        needs_attention(each),
        each.offers.made,
        each.offers.acceptance.rate,
        each.response_hours.median,
        each.sla.rate,
        each.overdue,
        each.won,
        words.amount(each.value),
    )


def _offers(each: PartnerFigures, _: ReportWords) -> tuple[Any, ...]:
    offers = each.offers
    return (
        offers.made,
        offers.accepted,
        offers.declined,
        offers.lapsed_seen,
        offers.lapsed_unseen,
        offers.pending,
        offers.acceptance.rate,
    )


def _service(each: PartnerFigures, _: ReportWords) -> tuple[Any, ...]:
    return (
        each.response_hours.median,
        each.response_hours.p90,
        each.contact_hours.median,
        each.sla.rate,
        each.open,
        each.overdue,
    )


def _results(each: PartnerFigures, words: ReportWords) -> tuple[Any, ...]:
    return (
        each.contacted,
        each.quoted,
        each.won,
        each.lost,
        each.returned,
        each.return_rate.rate,
        each.conversion.rate,
        words.amount(each.value),
    )


def fairness_section(report: HqReport, words: ReportWords) -> ReportSection | None:
    """Show who got more or fewer offers than the weights alone would have given."""
    compared = [each for each in report.partners if each.entitled >= LEAST_FAIR_SHARE]
    if not compared:
        return None
    compared.sort(key=lambda each: -abs(each.routed - each.entitled) / each.entitled)
    rows = tuple(
        (
            words.partner(each.partner),
            each.routed,
            each.entitled,
            (each.routed - each.entitled) / each.entitled,
        )
        for each in compared
    )
    columns = words.columns(
        "partner",
        ("offers", COUNT),
        ("entitled", CellKind.DECIMAL),
        ("difference", SHARE),
    )
    caption = words.translate("table.fairness")
    drawn = ReportTable("fairness-drawn", caption, columns, rows[:MOST_DOTS])
    picture = ReportPicture(PictureKind.DOTS, drawn, words.translate("picture.fairness"))
    more = (ReportTable("fairness", caption, columns, rows),) if len(rows) > MOST_DOTS else ()
    return ReportSection(
        "fairness",
        words.translate("section.fairness"),
        pictures=(picture,),
        tables=more,
        definitions=words.definitions(("section.fairness", "fairness")),
    )

"""Sections of HQ's report on demand, on reasons that people gave, and on earlier months."""

from collections.abc import Iterable
from decimal import Decimal

from routing_core.domain.programme.reasons import Reason, ReturnReason
from routing_core.present.reports.report_document import (
    CellValue,
    PictureKind,
    ReportPicture,
    ReportSection,
    ReportTable,
)
from routing_core.present.reports.report_words import (
    COUNT,
    MONEY,
    SHARE,
    ReportWords,
)
from routing_core.reporting.hq_report import (
    Gap,
    HqReport,
    ReasonCount,
)

MOST_DRAWN = 12
"""So many areas are drawn; the table has all of them."""


def demand_section(report: HqReport, words: ReportWords) -> ReportSection | None:
    """Show where enquiries came from, what was free there, and where nobody took them."""
    if not report.gaps:
        return None
    # Reports of earlier versions know of no free places.
    has_places = any(gap.free is not None for gap in report.gaps)
    columns = words.columns(
        "area",
        ("demand", COUNT),
        ("free", COUNT),
        ("not_taken", COUNT),
        ("nobody", COUNT),
        ("refused", COUNT),
    )
    rows = tuple(_gap_row(each, words) for each in report.gaps)
    if not has_places:
        columns = (*columns[:2], *columns[3:])
        rows = tuple((*row[:2], *row[3:]) for row in rows)
    caption = words.translate("table.demand")
    picture = ReportPicture(
        PictureKind.PAIRS,
        ReportTable(
            "demand-drawn", caption, columns[:3], tuple(row[:3] for row in rows[:MOST_DRAWN])
        ),
        words.translate("picture.demand_free" if has_places else "picture.demand"),
    )
    terms = [("column.demand", "demand")]
    if has_places:
        terms.append(("column.free", "free"))
    return ReportSection(
        "demand",
        words.translate("section.demand" if has_places else "section.demand_not_met"),
        pictures=(picture,),
        tables=(ReportTable("demand", caption, columns, rows),),
        definitions=words.definitions(*terms),
    )


def _gap_row(gap: Gap, words: ReportWords) -> tuple[CellValue, ...]:
    name = f"{words.area(gap.area, gap.country)}, {words.product(gap.product)}"
    free: CellValue = words.translate("no_limit") if gap.unlimited else gap.free
    return name, gap.demand, free, gap.nobody + gap.refused, gap.nobody, gap.refused


def reasons_section(report: HqReport, words: ReportWords) -> ReportSection | None:
    """Show why partners declined, lost or gave back."""
    programme = words.programme
    tables = (
        _reasons("decline_reasons", report.decline_reasons, programme.decline_reasons, words),
        _reasons("lost_reasons", report.lost_reasons, programme.lost_reasons, words),
        _reasons("return_reasons", report.return_reasons, programme.return_reasons, words),
    )
    told = tuple(table for table in tables if table.rows)
    if not told:
        return None
    return ReportSection("reasons", words.translate("section.reasons"), tables=told)


def _reasons(
    name: str,
    counts: Iterable[ReasonCount],
    reasons: Iterable[Reason | ReturnReason],
    words: ReportWords,
) -> ReportTable:
    known = list(reasons)
    rows = tuple((words.reason(known, each.reason), each.count) for each in counts)
    columns = words.columns("reason", ("count", COUNT))
    return ReportTable(name.replace("_", "-"), words.translate(f"table.{name}"), columns, rows)


def trend_section(report: HqReport, words: ReportWords) -> ReportSection:
    """Show the last twelve periods as they were reported."""
    received = _trend(report, "received", words)
    won = _trend(report, "won", words)
    columns = words.columns(
        "period",
        ("received", COUNT),
        ("accepted", COUNT),
        ("won", COUNT),
        ("value", MONEY),
        ("acceptance", SHARE),
        ("sla", SHARE),
    )
    rows = tuple(
        (
            words.period(each.period),
            each.received,
            each.accepted,
            each.won,
            words.amount(each.value),
            each.acceptance.rate,
            each.sla.rate,
        )
        for each in report.trend
    )
    table = ReportTable("trend", words.translate("table.trend"), columns, rows)
    return ReportSection(
        "trend", words.translate("section.trend"), pictures=(received, won), tables=(table,)
    )


def _trend(report: HqReport, figure: str, words: ReportWords) -> ReportPicture:
    columns = words.columns("period", (figure, COUNT))
    rows: list[tuple[CellValue, ...]] = []
    for each in report.trend:
        number: int | Decimal = getattr(each, figure)
        rows.append((words.period_briefly(each.period), number))
    caption = words.translate("headline." + figure)
    table = ReportTable(f"trend-{figure}", caption, columns, tuple(rows))
    return ReportPicture(PictureKind.TREND, table, words.translate(f"picture.{figure}"))

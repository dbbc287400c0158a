"""A partner's report in words: what is to be done first, then how it went beside the others."""

from collections.abc import Mapping
from typing import Any

from routing_core.present.reports.report_document import (
    CellKind,
    PictureKind,
    ReportCell,
    ReportDocument,
    ReportPicture,
    ReportSection,
    ReportTable,
)
from routing_core.present.reports.report_words import COUNT, HOURS, MONEY, SHARE, ReportWords
from routing_core.reporting.partner_report import (
    LESS_IS_BETTER,
    Benchmark,
    MissedLead,
    PartnerReport,
    ToDo,
)
from routing_core.reporting.report_lead import OfferEnd
from routing_core.reporting.report_schedule import period_name


def partner_report_document(
    report: PartnerReport, words: ReportWords, version: int, links: Mapping[str, str] | None = None
) -> ReportDocument:
    """Write a partner's report; ``links`` lead from leads that are open to their pages."""
    sections = (
        _tip(report, words),
        _todos(report, words, links or {}),
        _funnel(report, words),
        _missed(report, words),
        _benchmarks(report, words),
        _trend(report, words),
    )
    figures = report.figures
    name = period_name(report.period)
    return ReportDocument(
        title=words.translate(
            "title.partner",
            partner=words.partner(report.partner),
            period=words.period(report.period),
        ),
        subtitle=words.subtitle(report.period, report.created, version),
        file_name=f"report-{name}-{report.partner}",
        locale=words.locale,
        currency=words.programme.currency,
        sections=tuple(each for each in sections if each is not None),
        headlines=(
            (words.translate("headline.offers"), words.number(figures.offers.made, COUNT)),
            (words.translate("headline.accepted"), words.number(figures.offers.accepted, COUNT)),
            (words.translate("headline.sla"), words.share(figures.sla)),
            (words.translate("headline.won"), words.number(figures.won, COUNT)),
            (words.translate("headline.value"), words.written_money(report.value)),
        ),
    )


def tip_sentence(report: PartnerReport, words: ReportWords) -> str:
    """Give the one piece of advice."""
    tip = report.tip
    return words.translate(
        f"tip.{tip.kind.value}",
        count=words.number(tip.count, COUNT),
        of=words.number(tip.of, COUNT),
        reason=words.reason(words.programme.decline_reasons, tip.reason),
    )


def _tip(report: PartnerReport, words: ReportWords) -> ReportSection | None:
    heading = words.translate("section.tip")
    return ReportSection("tip", heading, (tip_sentence(report, words),))


def _todos(
    report: PartnerReport, words: ReportWords, links: Mapping[str, str]
) -> ReportSection | None:
    if not report.todos:
        return None
    columns = words.columns("reference", "what", "product", "area", ("since", CellKind.DAY), "by")
    rows = tuple(_todo_row(each, words) for each in report.todos)
    if not any(each.by for each in report.todos):
        # Once a customer was called, nothing has to be done by any instant.
        columns, rows = columns[:-1], tuple(row[:-1] for row in rows)
    hrefs = tuple(links.get(each.lead, "") for each in report.todos)
    table = ReportTable("todos", words.translate("table.todos"), columns, rows, hrefs)
    return ReportSection("todos", words.translate("section.todos"), tables=(table,))


def _todo_row(each: ToDo, words: ReportWords) -> tuple[Any, ...]:
    by = words.locale.when_known(each.by)
    return (
        each.lead[-8:].upper(),
        words.translate(f"todo.{each.stage.name.lower()}"),
        words.product(each.product),
        words.area(each.area),
        words.locale.clock.local(each.since).date(),
        f"{by} !" if each.overdue else by,
    )


def _funnel(report: PartnerReport, words: ReportWords) -> ReportSection:
    columns = words.columns("stage", ("enquiries", COUNT), ("went_on", SHARE))
    rows = words.funnel_rows(report.funnel)
    table = ReportTable("funnel", words.translate("table.funnel"), columns, rows)
    total = report.funnel[0].leads if report.funnel else 0
    description = words.translate("picture.funnel_partner", n=words.number(total, COUNT))
    return ReportSection(
        "funnel",
        words.translate("section.funnel"),
        pictures=(ReportPicture(PictureKind.FUNNEL, table, description),),
        definitions=words.definitions(("column.value", "value")),
    )


def missed_counts(report: PartnerReport, words: ReportWords) -> list[tuple[str, str, int]]:
    """Give why offers were not taken, how often in words, and how often."""
    return [
        (words.translate(f"ended.{why}"), words.number(count, COUNT), count)
        for why, count in report.missed_reasons.items()
        if count
    ]


def todo_sentence(todo: ToDo, words: ReportWords) -> str:
    """Say one thing that is to be done, and by when."""
    what = words.translate(f"todo.{todo.stage.name.lower()}")
    by = f" ({words.locale.when(todo.by)})" if todo.by else ""
    return f"{what}: {words.product(todo.product)}, {todo.lead[-8:].upper()}{by}"


def _missed(report: PartnerReport, words: ReportWords) -> ReportSection | None:
    if not report.missed:
        return None
    columns = words.columns("why", ("count", COUNT))
    rows = tuple((why, count) for why, _, count in missed_counts(report, words))
    reasons = ReportTable("missed-reasons", words.translate("table.missed_reasons"), columns, rows)
    picture = ReportPicture(PictureKind.BARS, reasons, words.translate("picture.missed"))
    leads = ReportTable(
        "missed",
        words.translate("table.missed"),
        words.columns("reference", "product", "area", ("at", CellKind.DAY), "why"),
        tuple(_missed_row(each, words) for each in report.missed),
    )
    return ReportSection(
        "missed",
        words.translate("section.missed"),
        pictures=(picture,),
        tables=(leads,),
        definitions=words.definitions(("section.missed", "missed")),
    )


def _missed_row(each: MissedLead, words: ReportWords) -> tuple[Any, ...]:
    why = each.why.name.lower()
    if each.why is OfferEnd.LAPSED:
        why = "lapsed_seen" if each.seen else "lapsed_unseen"
    told = words.translate(f"ended.{why}")
    if each.reason:
        told = f"{told}: {words.reason(words.programme.decline_reasons, each.reason)}"
    return (
        each.lead[-8:].upper(),
        words.product(each.product),
        words.area(each.area),
        words.locale.clock.local(each.ended_at).date(),
        told,
    )


def _benchmarks(report: PartnerReport, words: ReportWords) -> ReportSection | None:
    if not report.benchmarks:
        return None
    columns = words.columns(
        "measure",
        ("you", SHARE),
        ("lower", SHARE),
        ("middle", SHARE),
        ("upper", SHARE),
        ("peers", COUNT),
    )
    rows = tuple(_benchmark_row(each, words) for each in report.benchmarks)
    return ReportSection(
        "benchmarks",
        words.translate("section.benchmarks"),
        (words.translate("few"),),
        tables=(ReportTable("benchmarks", words.translate("table.benchmarks"), columns, rows),),
        definitions=words.definitions(
            ("table.benchmarks", "quartiles"),
            ("measure.acceptance", "acceptance"),
            ("measure.response", "response"),
            ("measure.sla", "sla"),
            ("measure.conversion", "conversion"),
        ),
    )


def _benchmark_row(each: Benchmark, words: ReportWords) -> tuple[Any, ...]:
    kind = HOURS if each.measure in LESS_IS_BETTER else SHARE
    values = (each.own, each.lower, each.middle, each.upper)
    name = words.translate(f"measure.{each.measure.value}")
    return name, *(ReportCell(value, kind) for value in values), each.peers


def _trend(report: PartnerReport, words: ReportWords) -> ReportSection | None:
    if not report.trend:
        return None
    months = (*report.trend, (report.period, report.figures))
    columns = words.columns("period", ("accepted", COUNT), ("won", COUNT), ("value", MONEY))
    rows = tuple(
        (words.period_briefly(period), each.offers.accepted, each.won, words.amount(each.value))
        for period, each in months
    )
    table = ReportTable("trend", words.translate("table.trend"), columns, rows)
    picture = ReportPicture(PictureKind.TREND, table, words.translate("picture.accepted"))
    return ReportSection("trend", words.translate("section.trend"), pictures=(picture,))

"""The first sections of HQ's report: what stands out, what came and went, and how soon."""

from datetime import datetime, time, timedelta
from itertools import chain

from routing_core.domain.calendar.business_time import ResponseHours
from routing_core.domain.programme.document import most_specific_rule
from routing_core.domain.programme.programme import Programme
from routing_core.present.reports.report_document import (
    CellValue,
    PictureKind,
    ReportCell,
    ReportPicture,
    ReportSection,
    ReportTable,
)
from routing_core.present.reports.report_words import (
    COUNT,
    MONEY,
    SHARE,
    ReportWords,
    half_of,
    nine_in_ten,
)
from routing_core.reporting.hq_report import (
    LONGER,
    Headline,
    HqReport,
    Notable,
    NotableKind,
    Restated,
)
from routing_core.reporting.share import Share

DAY = timedelta(days=1)
_ABOUT_PARTNERS = frozenset(NotableKind) - {
    NotableKind.GAP,
    NotableKind.WAITING,
    NotableKind.PROMISES,
}
_OF_EVERYBODY = {
    NotableKind.DISPUTED: ("disputed", "disputed_partner"),
    NotableKind.UNFAIR: ("unfair_everybody", "unfair"),
}
"""Kind → its words where it is about everybody, and where it is about one partner."""

# ── what stands out, what came and went ───────────────────────────────────────────────────────────


def exceptions_section(report: HqReport, words: ReportWords) -> ReportSection:
    """Say what needs a person first."""
    items = tuple(notable_sentence(each, words) for each in report.notable)
    text = () if items else (words.translate("no_findings"),)
    return ReportSection("exceptions", words.translate("section.exceptions"), text, items)


def notable_sentence(notable: Notable, words: ReportWords) -> str:
    """Say one exception."""
    key = notable.kind.value
    about_everybody, about_one = _OF_EVERYBODY.get(notable.kind, (key, key))
    key = about_one if notable.subject else about_everybody
    partner = words.partner(notable.subject) if notable.kind in _ABOUT_PARTNERS else ""
    return words.translate(
        f"finding.{key}",
        n=notable.of,
        partner=partner,
        area=words.area(notable.subject, notable.country),
        product=words.product(notable.product),
        count=words.number(notable.count, COUNT),
        of=words.number(notable.of, COUNT),
    )


def reconciliation_section(report: HqReport, words: ReportWords) -> ReportSection:
    """Show the line that adds up, as a sentence and line by line."""
    line = report.reconciliation
    came = ("open_at_start", "received", "reopened", "coming")
    ended: tuple[str, ...] = ("won", "lost", "rejected", "withdrawn", "closed_unplaced")
    if line.past_untold:
        ended += ("past_untold",)
    went = (*ended, "became_repeats", "open_at_end", "going")
    columns = words.columns("line", ("enquiries", COUNT))
    sentence = words.translate(
        "reconciles",
        start=words.number(line.open_at_start, COUNT),
        received=words.number(line.received, COUNT),
        reopened=words.number(line.reopened, COUNT),
        coming=words.number(line.coming, COUNT),
        ended=words.number(line.going - line.open_at_end, COUNT),
        open=words.number(line.open_at_end, COUNT),
        going=words.number(line.going, COUNT),
    )
    rows = tuple((words.translate(f"line.{name}"), getattr(line, name)) for name in came + went)
    apart = tuple(
        (words.translate(f"line.{name}"), getattr(line, name))
        for name in ("spam", "held", "repeats")
    )
    return ReportSection(
        "reconciliation",
        words.translate("section.reconciliation"),
        (sentence,),
        tables=(
            ReportTable("in-and-out", words.translate("table.reconciliation"), columns, rows),
            ReportTable("apart", words.translate("table.apart"), columns, apart),
        ),
        definitions=words.definitions(
            ("line.received", "received"), ("section.reconciliation", "reconciliation")
        ),
    )


def figures_section(report: HqReport, words: ReportWords) -> ReportSection:
    """Show the figures of the period beside those of the one before."""
    before = report.trend[-2] if len(report.trend) > 1 else None
    earlier = _headline_cells(before, words) if before else {}
    now = _headline_cells(report.headline, words)
    rows = [
        (words.translate(f"figure.{name}"), cell, earlier.get(name)) for name, cell in now.items()
    ]
    columns = words.columns("figure", ("this", COUNT), ("last", COUNT))
    return ReportSection(
        "figures",
        words.translate("section.figures"),
        (words.translate("few"),),
        tables=(ReportTable("figures", words.translate("table.figures"), columns, tuple(rows)),),
        definitions=words.definitions(
            ("figure.offers", "offers"),
            ("figure.acceptance", "acceptance"),
            ("figure.sla", "sla"),
            ("figure.automatic", "automatic"),
            ("figure.promises", "promises"),
            ("figure.value", "value"),
        ),
    )


def _headline_cells(headline: Headline, words: ReportWords) -> dict[str, ReportCell]:
    counts = (
        "received",
        "offers",
        "accepted",
        "declined",
        "lapsed",
        "contacted",
        "quoted",
        "won",
        "lost",
        "open_at_end",
    )
    shares = ("acceptance", "sla", "contacted_in_a_day", "automatic", "promises")
    cells = {name: ReportCell(getattr(headline, name), COUNT) for name in counts}
    cells["value"] = ReportCell(words.amount(headline.value), MONEY)
    for name in shares:
        share: Share = getattr(headline, name)
        cells[name] = ReportCell(share.rate, SHARE)
    cells["response_median"] = half_of(headline.response_hours)
    cells["response_p90"] = nine_in_ten(headline.response_hours)
    return cells


def restated_section(report: HqReport, words: ReportWords) -> ReportSection | None:
    """Show what the last report would say otherwise today."""
    if not report.restated:
        return None
    rows = tuple(_restated_row(each, words) for each in report.restated)
    columns = words.columns("figure", ("sent", COUNT), ("now", COUNT))
    return ReportSection(
        "restated",
        words.translate("section.restated"),
        tables=(ReportTable("restated", words.translate("table.restated"), columns, rows),),
        definitions=words.definitions(("section.restated", "restated")),
    )


def _restated_row(each: Restated, words: ReportWords) -> tuple[CellValue | ReportCell, ...]:
    name, _, currency = each.figure.partition(" ")
    label = words.translate(f"figure.{name}")
    if currency:
        label = f"{label} ({currency})"
    return label, ReportCell(each.sent, COUNT), ReportCell(each.now, COUNT)


# ── how far, how soon ─────────────────────────────────────────────────────────────────────────────


def funnel_section(report: HqReport, words: ReportWords) -> ReportSection:
    """Show how far the enquiries of the period came, and those of earlier periods since."""
    columns = words.columns("stage", ("enquiries", COUNT), ("went_on", SHARE))
    rows = words.funnel_rows(report.funnel)
    table = ReportTable("funnel", words.translate("table.funnel"), columns, rows)
    total = report.funnel[0].leads if report.funnel else 0
    description = words.translate("picture.funnel", n=words.number(total, COUNT))
    return ReportSection(
        "funnel",
        words.translate("section.funnel"),
        pictures=(ReportPicture(PictureKind.FUNNEL, table, description),),
        tables=(_cohorts(report, words),),
        definitions=words.definitions(("table.cohorts", "cohort")),
    )


def _cohorts(report: HqReport, words: ReportWords) -> ReportTable:
    counted = (
        "received",
        "offered",
        "accepted",
        "contacted",
        "quoted",
        "won",
        "lost",
        "unplaced",
        "open",
    )
    columns = words.columns(
        "period",
        ("after_days", COUNT),
        *((name, COUNT) for name in counted),
        ("value", MONEY),
    )
    rows: list[tuple[CellValue, ...]] = []
    for each in report.cohorts:
        counts = [getattr(each, name) for name in counted]
        rows.append((words.period(each.period), each.days, *counts, words.amount(each.value)))
    return ReportTable("cohorts", words.translate("table.cohorts"), columns, tuple(rows))


def response_section(report: HqReport, words: ReportWords) -> ReportSection:
    """Show how soon partners answer, and how many within the time they have."""
    bounds = sorted(bound for bound in report.answered_after if bound != LONGER)
    rows = [(words.translate("up_to", n=bound), report.answered_after[bound]) for bound in bounds]
    rows.append((words.translate("longer"), report.answered_after.get(LONGER, 0)))
    columns = words.columns("hours", ("answers", COUNT))
    table = ReportTable("answers", words.translate("table.response"), columns, tuple(rows))
    hours = accept_window_hours(words.programme)
    mark = None
    mark_label = ""
    if hours is not None:
        mark = float(sum(1 for bound in bounds if bound <= hours))
        mark_label = words.translate("picture.response_mark", time=_time_to_answer(hours, words))
    picture = ReportPicture(
        PictureKind.BARS,
        table,
        words.translate("picture.response"),
        mark,
        mark_label,
    )
    return ReportSection(
        "response",
        words.translate("section.response"),
        pictures=(picture,),
        definitions=words.definitions(("section.response", "response")),
    )


def _time_to_answer(hours: float, words: ReportWords) -> str:
    """Say a length of response hours: of less than one the minutes."""
    if hours < 1:
        return words.locale.duration(timedelta(hours=hours))
    return words.translate("picture.response_hours", hours=words.number(hours))


def accept_window_hours(programme: Programme) -> float | None:
    """Give the time to answer of the general rule, in response hours of an average day of HQ."""
    window = most_specific_rule(programme.offers).window
    if window.minutes is not None:
        return window.minutes / 60
    if window.working_days is not None:
        return window.working_days * _hours_a_day(programme.calendar.response_hours.response_hours)
    return window.response_hours


def _hours_a_day(hours: ResponseHours) -> float:
    lengths = [_length(start, end) for start, end in chain.from_iterable(hours.blocks)]
    open_days = sum(1 for blocks in hours.blocks if blocks)
    return sum(lengths, timedelta()).total_seconds() / 3600 / max(open_days, 1)


def _length(start: time, end: time) -> timedelta:
    day = datetime.min
    until = datetime.combine(day, end)
    if end == time():
        until += DAY
    return until - datetime.combine(day, start)


def speed_section(report: HqReport, words: ReportWords) -> ReportSection:
    """Show how soon somebody spoke with the prospect."""
    speed = report.speed
    columns = words.columns("within", ("share", SHARE), ("enquiries", COUNT), ("of", COUNT))
    told = [(words.translate("within", n=n), share) for n, share in sorted(speed.within.items())]
    told.append((words.translate("contact_confirmed"), speed.confirmed))
    told.append((words.translate("contact_disputed"), speed.disputed))
    rows = tuple((name, share.rate, share.count, share.of) for name, share in told)
    return ReportSection(
        "speed",
        words.translate("section.speed"),
        tables=(ReportTable("speed", words.translate("table.speed"), columns, rows),),
        definitions=words.definitions(
            ("section.speed", "speed"), ("contact_confirmed", "confirmed")
        ),
    )

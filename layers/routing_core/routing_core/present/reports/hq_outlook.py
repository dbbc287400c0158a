"""The last sections of HQ's report: where enquiries stand, what is to come, what campaigns bring."""

from collections.abc import Iterable, Iterator
from typing import Any

from routing_core.domain.programme.reasons import Reason
from routing_core.present.reports.report_document import (
    CellKind,
    PictureKind,
    ReportCell,
    ReportPicture,
    ReportSection,
    ReportTable,
)
from routing_core.present.reports.report_words import COUNT, DAYS, MONEY, ReportWords
from routing_core.reporting.hq_report import CampaignReturn, EndedLead, HqReport
from routing_core.reporting.outlook import ForecastCheck


def ages_section(report: HqReport, words: ReportWords) -> ReportSection | None:
    """Show where open enquiries stand, and for how long."""
    told = [each for each in report.ages if each.open]
    if not told:
        return None
    columns = words.columns("stage", ("open", COUNT), ("median_days", DAYS), ("overdue", COUNT))
    rows = tuple(
        (
            words.translate(f"stage.{each.stage.name.lower()}"),
            each.open,
            each.median_days,
            each.overdue,
        )
        for each in told
    )
    table = ReportTable("ages", words.translate("table.ages"), columns, rows)
    return ReportSection(
        "ages",
        words.translate("section.ages"),
        pictures=(ReportPicture(PictureKind.BARS, table, words.translate("picture.ages")),),
        definitions=words.definitions(("section.ages", "ages")),
    )


def velocity_section(report: HqReport, words: ReportWords) -> ReportSection:
    """Say how fast enquiries go on, and what that makes a day."""
    velocity = report.velocity
    text = words.translate("velocity_few")
    if velocity.per_day is not None:
        text = words.translate(
            "velocity_text",
            n=words.number(velocity.opportunities, COUNT),
            rate=words.number(velocity.win_rate, CellKind.SHARE),
            value=words.number(velocity.value, MONEY),
            days=words.number(velocity.cycle_days, DAYS),
            per_day=words.number(velocity.per_day, MONEY),
        )
    columns = words.columns(
        "step", ("median_days", DAYS), ("p90_days", DAYS), ("cases", COUNT), ("still", COUNT)
    )
    rows = tuple(
        (words.translate(f"stage.{step}"), took.median, took.p90, took.cases, took.censored)
        for step, took in velocity.days.items()
    )
    return ReportSection(
        "velocity",
        words.translate("section.velocity"),
        (text,),
        tables=(ReportTable("velocity", words.translate("table.velocity"), columns, rows),),
        definitions=words.definitions(("section.velocity", "velocity")),
    )


def forecast_section(report: HqReport, words: ReportWords) -> ReportSection:
    """Say what the open enquiries are expected to bring, and how the last forecast turned out."""
    forecast = report.forecast
    texts = [_forecast_text(report, words)]
    if report.last_forecast:
        texts.append(_last_forecast_text(report.last_forecast, words))
    columns = words.columns(
        "figure",
        ("low", CellKind.DECIMAL),
        ("expected", CellKind.DECIMAL),
        ("high", CellKind.DECIMAL),
    )
    rows: tuple[tuple[Any, ...], ...] = ()
    if forecast.open and forecast.based_on:
        value = f"{words.translate('figure.value')} ({forecast.currency})"
        expected = (forecast.value_low, forecast.value, forecast.value_high)
        # Nobody foresees cents, and the sentence above says whole amounts too.
        amounts = [ReportCell(round(each), COUNT) for each in expected]
        rows = (
            (words.translate("figure.won"), forecast.won_low, forecast.won, forecast.won_high),
            (value, *amounts),
        )
    return ReportSection(
        "forecast",
        words.translate("section.forecast"),
        tuple(texts),
        tables=(ReportTable("forecast", words.translate("table.forecast"), columns, rows),),
        definitions=words.definitions(("section.forecast", "forecast")),
    )


def _forecast_text(report: HqReport, words: ReportWords) -> str:
    forecast = report.forecast
    if not forecast.open:
        return words.translate("forecast_none")
    if not forecast.based_on:
        return words.translate("forecast_few")
    return words.translate(
        "forecast_text",
        n=forecast.open,
        count=words.number(forecast.open, COUNT),
        won=words.number(forecast.won),
        low=words.number(forecast.won_low),
        high=words.number(forecast.won_high),
        value=words.number(forecast.value, MONEY),
        value_low=words.number(forecast.value_low, MONEY),
        value_high=words.number(forecast.value_high, MONEY),
        based=words.number(forecast.based_on, COUNT),
    )


def _last_forecast_text(check: ForecastCheck, words: ReportWords) -> str:
    outcome = {True: "right", False: "wrong", None: "open"}[check.within]
    said = words.translate(
        "last_forecast_text",
        low=words.number(check.expected.won_low),
        high=words.number(check.expected.won_high),
        won=words.number(check.won, COUNT),
        lost=words.number(check.lost, COUNT),
        open=words.number(check.still_open, COUNT),
    )
    return f"{said} {words.translate(f'last_within.{outcome}')}"


def campaigns_section(report: HqReport, words: ReportWords) -> ReportSection | None:
    """Show what each campaign brought, and what it cost where that is known."""
    if not report.campaigns:
        return None
    columns = words.columns(
        "source",
        "campaign",
        ("enquiries", COUNT),
        ("accepted", COUNT),
        ("won", COUNT),
        "currency",
        ("value", MONEY),
        ("cost", MONEY),
        ("cost_per_lead", MONEY),
        ("cost_per_accepted", MONEY),
        ("cost_per_won", MONEY),
        ("return_on_cost", CellKind.DECIMAL),
    )
    rows: list[tuple[Any, ...]] = []
    for each in report.campaigns:
        rows += _campaign_rows(each, words)
    has_costs = any(each.cost for each in report.campaigns)
    return ReportSection(
        "campaigns",
        words.translate("section.campaigns"),
        text=() if has_costs else (words.translate("no_costs"),),
        tables=(
            ReportTable("campaigns", words.translate("table.campaigns"), columns, tuple(rows)),
        ),
        definitions=words.definitions(("section.campaigns", "campaigns")),
    )


def _campaign_rows(each: CampaignReturn, words: ReportWords) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each currency: amounts of two are never added up, and counts stand once."""
    own = words.programme.currency
    names = (each.source or words.translate("no_source"), each.campaign)
    counts: tuple[int | None, ...] = (each.leads, each.accepted, each.won)
    others = sorted({*each.value, *each.cost} - {own})
    has_own = own in each.value or own in each.cost
    for currency in [own, *others] if has_own or not others else others:
        amounts = (
            each.value,
            each.cost,
            each.cost_per(each.leads),
            each.cost_per(each.accepted),
            each.cost_per(each.won),
        )
        cells = [ReportCell(money.get(currency), MONEY, currency) for money in amounts]
        yield (*names, *counts, currency, *cells, each.returned.get(currency))
        counts = (None, None, None)


def ended_section(report: HqReport, words: ReportWords) -> ReportSection | None:
    """List the enquiries that were won or lost since the last report."""
    if not report.won_since and not report.lost_since:
        return None
    heads = ("reference", "area", "product", "partner", ("at", CellKind.DAY))
    won = words.columns(*heads, ("value", MONEY))
    lost = words.columns(*heads, "reason")
    reasons = words.programme.lost_reasons
    won_rows = tuple((*_ended(each, words), each.value) for each in report.won_since)
    lost_rows = tuple(
        (*_ended(each, words), _lost_reason(each, reasons, words)) for each in report.lost_since
    )
    return ReportSection(
        "ended",
        words.translate("section.ended"),
        (words.translate("ended_more"),),
        tables=(
            ReportTable("won", words.translate("table.won"), won, won_rows),
            ReportTable("lost", words.translate("table.lost"), lost, lost_rows),
        ),
    )


def _ended(each: EndedLead, words: ReportWords) -> tuple[Any, ...]:
    day = words.locale.clock.local(each.at).date()
    reference = each.lead[-8:].upper()
    return (
        reference,
        words.area(each.area),
        words.product(each.product),
        words.partner(each.partner),
        day,
    )


def _lost_reason(each: EndedLead, reasons: Iterable[Reason], words: ReportWords) -> str:
    return words.reason(reasons, each.reason)

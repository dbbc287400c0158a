"""HQ's report in words: its sections in the order in which somebody reads them."""

from routing_core.present.reports.hq_demand import demand_section, reasons_section, trend_section
from routing_core.present.reports.hq_outlook import (
    ages_section,
    campaigns_section,
    ended_section,
    forecast_section,
    velocity_section,
)
from routing_core.present.reports.hq_partner_sections import fairness_section, partners_section
from routing_core.present.reports.hq_sections import (
    exceptions_section,
    figures_section,
    funnel_section,
    reconciliation_section,
    response_section,
    restated_section,
    speed_section,
)
from routing_core.present.reports.report_document import ReportDocument
from routing_core.present.reports.report_words import COUNT, ReportWords
from routing_core.reporting.hq_report import HqReport
from routing_core.reporting.report_schedule import period_name

HQ_SECTIONS = (
    exceptions_section,
    reconciliation_section,
    figures_section,
    restated_section,
    funnel_section,
    response_section,
    speed_section,
    partners_section,
    fairness_section,
    demand_section,
    reasons_section,
    ages_section,
    velocity_section,
    forecast_section,
    campaigns_section,
    ended_section,
    trend_section,
)
"""Each makes one section of the report, or None where it has nothing to say."""


def hq_report_document(report: HqReport, words: ReportWords, version: int) -> ReportDocument:
    """Write HQ's report for one reader."""
    sections = [make(report, words) for make in HQ_SECTIONS]
    linked = [section for section in sections if section is not None]
    headline = report.headline
    name = period_name(report.period)
    return ReportDocument(
        title=words.translate("title.hq", period=words.period(report.period)),
        subtitle=words.subtitle(report.period, report.created, version),
        file_name=f"report-{name}",
        locale=words.locale,
        currency=words.programme.currency,
        sections=tuple(linked),
        headlines=(
            (words.translate("headline.received"), words.number(headline.received, COUNT)),
            (words.translate("headline.acceptance"), words.share(headline.acceptance)),
            (
                words.translate("headline.contacted_in_a_day"),
                words.share(headline.contacted_in_a_day),
            ),
            (words.translate("headline.won"), words.number(headline.won, COUNT)),
            (words.translate("headline.value"), words.written_money(headline.value)),
        ),
    )

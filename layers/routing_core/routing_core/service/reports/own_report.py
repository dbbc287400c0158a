"""A partner's report as somebody may read it, and the link that opens it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.errors import LinkRefused, NotFound
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.reporting.partner_report import PartnerReport
from routing_core.service.kernel.access import LinkReader, reader_of
from routing_core.service.kernel.links import Purpose
from routing_core.service.kernel.services import Services
from routing_core.service.reports.report_files import read_partner_report
from routing_core.service.reports.report_ports import ReportServices
from routing_core.service.reports.report_run import ReportRun, RunState, checked_run_id

REPORTS_LOOKED_AT = 12
"""The latest report on a month is looked for among so many: some may be on weeks."""


@dataclass(frozen=True, slots=True)
class PartnerReportView:
    """A partner's report as somebody may read it."""

    run: ReportRun
    programme: Programme
    partner: Partner
    report: PartnerReport | None
    """None if there was nothing to report about the partner."""
    language: str
    now: datetime
    lead_links: Mapping[str, str]
    """Lead's id → the reader's own link to its page, for what they have open."""
    desk: str = ""
    """The reader's link to the partner's desk; empty for HQ."""


def present_run(reports: ReportServices, run: str) -> ReportRun:
    """Give a report's row. Raises NotFound for one that was never asked for."""
    found = reports.runs.get(checked_run_id(run))
    if found is None:
        raise NotFound(f"there is no report {run}")
    return found


def open_partner_report(
    reports: ReportServices, token_text: str, now: datetime
) -> PartnerReportView:
    """Show a partner's report to whoever holds the link to it.

    Raises LinkRefused for a link that is not ours, or was ended.
    """
    services = reports.services
    token = services.links.read(Purpose.REPORT, token_text)
    load = services.leads.loads([token.subject]).get(token.subject)
    partner = services.partners.get(token.subject)
    reader = reader_of(token, load, partner) if load and partner else None
    if partner is None or reader is None:
        raise LinkRefused("this link is no longer valid")
    run = present_run(reports, token.extra) if token.extra else _latest_month(reports, now)
    report = read_partner_report(reports, run, partner.id) if run.is_there else None
    return PartnerReportView(
        run=run,
        programme=services.programme,
        partner=partner,
        report=report,
        language=services.programme.language_for(partner.language),
        now=now,
        lead_links=_links_to_leads(services, reader, report),
        desk=services.links.desk(partner.id, reader.generation, reader.person),
    )


def _latest_month(reports: ReportServices, now: datetime) -> ReportRun:
    """Give the latest report on a month that is there; one without figures where there is none.

    The link on a partner's desk names no report: it leads to whatever is the latest.
    """
    for run in reports.runs.newest(REPORTS_LOOKED_AT):
        if run.is_there and "W" not in run.period_name:
            return run
    return ReportRun("", RunState.EMPTY, now, "")


def _links_to_leads(
    services: Services, reader: LinkReader, report: PartnerReport | None
) -> Mapping[str, str]:
    """Give the reader's own links to what they have open."""
    if report is None:
        return {}
    links: dict[str, str] = {}
    for todo in report.todos:
        links[todo.lead] = services.links.offer(
            todo.lead,
            todo.offer,
            report.partner,
            generation=reader.generation,
            person=reader.person,
        )
    return links

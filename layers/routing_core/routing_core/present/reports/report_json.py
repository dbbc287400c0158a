"""Reports for programs: how far they are, and their figures field by field."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from routing_core.reporting.hq_report import HqReport
from routing_core.reporting.partner_report import PartnerReport
from routing_core.service.reports.own_report import PartnerReportView
from routing_core.service.reports.report_files import plain_figures
from routing_core.service.reports.report_run import ReportRun
from routing_core.service.reports.view_reports import HqReportView

if TYPE_CHECKING:  # it brings numpy
    from routing_core.service.reports.gather_days import CountingGoesOn


def run_json(run: ReportRun) -> dict[str, Any]:
    """Say how far a report is."""
    return {
        "id": run.id,
        "period": run.period_name,
        "version": run.version,
        "state": run.state.value,
        "asked_at": run.asked_at.isoformat(),
        "asked_by": run.asked_by,
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "leads": run.leads,
        "received": run.received,
        "partners": run.partners,
        "partners_done": run.partners_done,
        "failed_partners": list(run.failed_partners),
        "mailed": run.is_mailed,
    }


def hq_report_json(view: HqReportView) -> dict[str, Any]:
    """Give HQ's report; its figures are null while it is being made."""
    figures = plain_figures(HqReport, view.report) if view.report else None
    return {"run": run_json(view.run), "figures": figures}


def partner_report_json(view: PartnerReportView) -> dict[str, Any]:
    """Give a partner's report; its figures are null where there was nothing to report."""
    figures = plain_figures(PartnerReport, view.report) if view.report else None
    return {"run": run_json(view.run), "partner": view.partner.id, "figures": figures}


def figures_json(report: HqReport) -> Any:
    """Give figures alone."""
    return plain_figures(HqReport, report)


def counting_json(counting: "CountingGoesOn", asked: Mapping[str, str]) -> dict[str, Any]:
    """Say how many leads have been read, and which address goes on counting."""
    return {
        "leads_read": counting.leads,
        "as_of": _written(counting),
        "next": next_figures(counting, asked),
    }


def next_figures(counting: "CountingGoesOn", asked: Mapping[str, str]) -> str:
    """Give the address that goes on counting what was asked for."""
    return f"/v1/figures?{urlencode({**asked, 'as_of': _written(counting)})}"


def _written(counting: "CountingGoesOn") -> str:
    return f"{counting.as_of:%Y-%m-%dT%H:%M:%SZ}"

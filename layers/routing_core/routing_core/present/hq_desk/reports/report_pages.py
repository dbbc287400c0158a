"""HQ's report on the desk, and a partner's: what a file of them says, inside the desk's frame."""

from collections.abc import Mapping

from routing_core.domain.hq_people import HqPerson
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.hq_desk.reports.report_list import (
    REPORTS_URL,
    run_progress,
    run_state,
    run_title,
)
from routing_core.present.locale_context import LocaleContext
from routing_core.present.reports.hq_document import hq_report_document
from routing_core.present.reports.partner_document import partner_report_document
from routing_core.present.reports.report_document import ReportDocument
from routing_core.present.reports.report_page import report_fill
from routing_core.present.reports.report_words import COUNT, ReportWords
from routing_core.service.hq_desk.desk_reader import LEADS_URL
from routing_core.service.reports.own_report import PartnerReportView
from routing_core.service.reports.report_run import RunState
from routing_core.service.reports.view_reports import HqReportView

BEING_MADE = (RunState.ASKED, RunState.GATHERING, RunState.MAKING)
"""States of a report on which somebody is at work."""


def hq_document_of(
    view: HqReportView, locale: LocaleContext, partner_url: str = ""
) -> ReportDocument | None:
    """Give HQ's report in words; None while there is none."""
    if view.report is None:
        return None
    words = ReportWords(view.programme, locale, view.partner_names, partner_url)
    return hq_report_document(view.report, words, view.run.version)


def partner_document_of(
    view: PartnerReportView, locale: LocaleContext, links: Mapping[str, str] | None = None
) -> ReportDocument | None:
    """Give a partner's report in words; None while there is none.

    ``links`` lead from leads to their pages: a file has none, for it is read anywhere.
    """
    if view.report is None:
        return None
    words = ReportWords(view.programme, locale, {view.partner.id: view.partner.name})
    return partner_report_document(view.report, words, view.run.version, links)


def hq_report_page(view: HqReportView, visitor: HqPerson, notice: str = "") -> str:
    """Draw HQ's report, or how far it is."""
    locale = desk_locale(view.programme, visitor, view.now)
    address = f"{REPORTS_URL}/{view.run.id}"
    document = hq_document_of(view, locale, f"{address}/partners/")
    words = ReportWords(view.programme, locale, view.partner_names)
    title = document.title if document else run_title(view.run, words)
    frame = DeskFrame(
        "report.html",
        title,
        "reports",
        visitor,
        view.programme,
        locale,
        wide=True,
        more_sheets=("report.css",),
    )
    failed = [words.partner(each) for each in view.failed]
    return render_desk(
        frame,
        run=view.run,
        address=address,
        back=REPORTS_URL,
        back_words=words.translate("page.back"),
        state=run_state(view.run, words),
        progress=run_progress(view.run, words),
        failed=failed,
        may_make=view.may_make and view.run.state is RunState.FAILED,
        may_mail=view.may_make and view.run.may_be_mailed,
        who=words.translate(
            "page.who",
            people=words.number(view.mailed_people, COUNT),
            partners=words.number(view.run.partners, COUNT),
        ),
        notice=notice,
        is_being_made=document is None and view.run.state in BEING_MADE,
        missing=_missing(view, words),
        has_report=document is not None,
        **(report_fill(document) if document else {"subtitle": ""}),
    )


def _missing(view: HqReportView, words: ReportWords) -> str:
    """Say why there is no report to be shown."""
    match view.run.state:
        case RunState.FAILED:
            return words.translate("page.broken")
        case RunState.EMPTY:
            return words.translate("page.nothing")
        case _:
            return words.translate("page.not_ready")


def desk_partner_report_page(view: PartnerReportView, visitor: HqPerson) -> str:
    """Draw a partner's report for HQ."""
    locale = desk_locale(view.programme, visitor, view.now)
    document = partner_document_of(view, locale, _desk_links(view, visitor))
    words = ReportWords(view.programme, locale, {view.partner.id: view.partner.name})
    title = document.title if document else view.partner.name
    frame = DeskFrame(
        "report.html",
        title,
        "reports",
        visitor,
        view.programme,
        locale,
        wide=True,
        more_sheets=("report.css",),
    )
    address = f"{REPORTS_URL}/{view.run.id}"
    return render_desk(
        frame,
        run=view.run,
        address=f"{address}/partners/{view.partner.id}",
        back=address,
        back_words=words.translate("page.hq_report"),
        state="",
        progress="",
        failed=(),
        may_make=False,
        may_mail=False,
        notice="",
        missing=words.translate("page.partner_missing"),
        has_report=document is not None,
        **(report_fill(document) if document else {"subtitle": ""}),
    )


def _desk_links(view: PartnerReportView, visitor: HqPerson) -> dict[str, str]:
    """Give the desk's pages of what the partner has open, as far as the visitor sees it."""
    todos = view.report.todos if view.report else ()
    return {
        each.lead: f"{LEADS_URL}/{each.lead}" for each in todos if visitor.sees_region(each.area)
    }

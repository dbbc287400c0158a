"""Reports on HQ's desk: the list, the button that makes one, HQ's and every partner's."""

from aws_lambda_powertools.event_handler import Response

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.bodies import form_fields
from routing_core.aws.http import Reply, Router, file_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.domain.hq_people import Right
from routing_core.present.hq_desk.frame import desk_locale
from routing_core.present.hq_desk.reports.report_list import REPORTS_URL, report_list_page
from routing_core.present.hq_desk.reports.report_pages import (
    desk_partner_report_page,
    hq_document_of,
    hq_report_page,
    partner_document_of,
)
from routing_core.present.reports.report_document import ReportDocument
from routing_core.present.reports.report_download import report_download
from routing_core.service.reports.ask_report import ask_as_person, wanted_by_form
from routing_core.service.reports.view_reports import (
    view_hq_report,
    view_partner_report,
    view_reports,
)
from routing_core.web import acted, news, page

router = Router()


@router.get("/hq/reports")
def show_all() -> Reply:
    """List the reports that there are."""
    event = router.current_event
    visitor = signed_in(event)
    view = view_reports(wiring().reports, visitor, now_of(event))
    return page(report_list_page(view, visitor))


@router.post("/hq/reports")
def make() -> Reply:
    """Begin the report on a period, or show the one that there is."""
    event = router.current_event
    visitor, now = acting(event, Right.MAKE_REPORTS), now_of(event)
    reports, machine = wiring().reports, wiring().report_machine
    asked = ask_as_person(reports, machine, visitor, wanted_by_form(form_fields(event)), now)
    notice = "asked" if asked.is_new else "already"
    return acted(notice, now, f"{REPORTS_URL}/{asked.run.id}")


@router.get("/hq/reports/<run>", compress=True)
def show(run: str) -> Reply | Response[bytes]:
    """Show HQ's report, or give it as a file."""
    event = router.current_event
    visitor, now = signed_in(event), now_of(event)
    view = view_hq_report(wiring().reports, run, visitor, now)
    file = _file(hq_document_of(view, desk_locale(view.programme, visitor, now)))
    return file or page(hq_report_page(view, visitor, news(event)))


@router.get("/hq/reports/<run>/partners/<partner>")
def show_partner(run: str, partner: str) -> Reply | Response[bytes]:
    """Show a partner's report, or give it as a file."""
    event = router.current_event
    visitor, now = signed_in(event), now_of(event)
    view = view_partner_report(wiring().reports, run, partner, visitor, now)
    file = _file(partner_document_of(view, desk_locale(view.programme, visitor, now)))
    return file or page(desk_partner_report_page(view, visitor))


def _file(document: ReportDocument | None) -> Response[bytes] | None:
    """Give the file that is asked for; None if it is the page."""
    kind = query(router.current_event).get("as", "")
    if document is None or not kind:
        return None
    file = report_download(document, wiring().services.programme, kind)
    return file_reply(file.content, file.content_type, file.name) if file else None

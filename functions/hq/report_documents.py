"""What reports say, for machines: HQ's and a partner's, as JSON or as a file."""

from aws_lambda_powertools.event_handler import Response

from functions.hq.keys import require
from routing_core.aws.http import Reply, Router, file_reply, json_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.present.hq_desk.reports.report_pages import hq_document_of, partner_document_of
from routing_core.present.locale_context import LocaleContext
from routing_core.present.reports.report_document import ReportDocument
from routing_core.present.reports.report_download import report_download
from routing_core.present.reports.report_json import (
    hq_report_json,
    partner_report_json,
)
from routing_core.service.reports.view_reports import (
    view_hq_report,
    view_partner_report,
)

router = Router()


@router.get("/v1/reports/<run>", compress=True)
def show(run: str) -> Reply | Response[bytes]:
    """Give HQ's report as it was sent: how far it is, and its figures."""
    event = router.current_event
    caller = require(event, "reports:read")
    view = view_hq_report(wiring().reports, run, caller, now_of(event))
    return _file(hq_document_of(view, _locale())) or json_reply(hq_report_json(view))


@router.get("/v1/reports/<run>/partners/<partner>")
def show_partner(run: str, partner: str) -> Reply | Response[bytes]:
    """Give a partner's report as it was sent."""
    event = router.current_event
    caller = require(event, "reports:read")
    view = view_partner_report(wiring().reports, run, partner, caller, now_of(event))
    return _file(partner_document_of(view, _locale())) or json_reply(partner_report_json(view))


def _locale() -> LocaleContext:
    """Give the words and the clock of a file: the language that is asked for, else HQ's."""
    event, programme = router.current_event, wiring().services.programme
    language = programme.language_for(query(event).get("lang"), programme.hq.language)
    return LocaleContext.for_programme(programme, language, now_of(event))


def _file(document: ReportDocument | None) -> Response[bytes] | None:
    kind = query(router.current_event).get("as", "")
    if document is None or not kind:
        return None
    file = report_download(document, wiring().services.programme, kind)
    return file_reply(file.content, file.content_type, file.name) if file else None

"""A partner's report, behind the link that was mailed to them."""

from aws_lambda_powertools.event_handler import Response

from routing_core.aws.http import Reply, Router, file_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.present.pages.partner_report import own_report_document, own_report_page
from routing_core.present.reports.report_download import report_download
from routing_core.service.reports.own_report import open_partner_report
from routing_core.web import page

router = Router()


@router.get("/r/<token>")
def report(token: str) -> Reply | Response[bytes]:
    """Show the report, or give it as a file with ``?as=html``, ``csv`` or ``xlsx``."""
    event = router.current_event
    view = open_partner_report(wiring().reports, token, now_of(event))
    document = own_report_document(view)
    kind = query(event).get("as", "")
    file = report_download(document, view.programme, kind) if document and kind else None
    if file:
        return file_reply(file.content, file.content_type, file.name)
    return page(own_report_page(view))

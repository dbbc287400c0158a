"""Files of one lead on HQ's desk: attached, opened, removed."""

from dataclasses import replace
from secrets import token_hex

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.bodies import sent_file
from routing_core.aws.http import Reply, Router, file_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput, TooLarge
from routing_core.domain.file_checks import too_large_file
from routing_core.domain.hq_people import Right
from routing_core.domain.lead_file import SentFile
from routing_core.present.hq_desk.leads.lead import desk_lead_page
from routing_core.service.hq.lead_files import attach_file, new_file, open_file, remove_file
from routing_core.service.hq_desk.desk_lead import view_desk_lead
from routing_core.service.hq_desk.desk_reader import LEADS_URL
from routing_core.web import acted, page

router = Router()


@router.post("/hq/leads/<lead>/files")
def attach(lead: str) -> Reply:
    """Attach the file of a form to a lead."""
    event = router.current_event
    visitor, now = acting(event, Right.ACT_ON_LEADS), now_of(event)
    try:
        sent = _sent(event)
        file = new_file(sent, token_hex(8), visitor.actor, now)
        attach_file(wiring().file_desk, visitor, lead, file, sent.content)
    except InvalidInput as error:
        view = view_desk_lead(wiring().lead_desk, visitor, lead, now)
        return page(desk_lead_page(replace(view, refused_file=error.problems), visitor), 422)
    return acted("file_attached", now, f"{LEADS_URL}/{lead}")


@router.get("/hq/leads/<lead>/files/<file>")
def show(lead: str, file: str) -> Response[bytes]:
    """Give a file to be saved."""
    visitor = signed_in(router.current_event)
    opened = open_file(wiring().file_desk, visitor, lead, file)
    return file_reply(opened.content, opened.file.kind.content_type, opened.file.name)


@router.post("/hq/leads/<lead>/files/<file>")
def remove(lead: str, file: str) -> Reply:
    """Remove a file from a lead."""
    event = router.current_event
    visitor, now = acting(event, Right.ACT_ON_LEADS), now_of(event)
    remove_file(wiring().file_desk, visitor, lead, file, now)
    return acted("file_removed", now, f"{LEADS_URL}/{lead}")


def _sent(event: APIGatewayProxyEventV2) -> SentFile:
    try:
        return sent_file(event, "file")
    except TooLarge as error:
        raise too_large_file() from error

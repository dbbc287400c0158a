"""Files of one lead for machines: listed, attached, opened, removed."""

from secrets import token_hex

from aws_lambda_powertools.event_handler import Response

from functions.hq.keys import require
from functions.hq.leads_api import acting_on
from routing_core.aws.bodies import LIST_BODY, body_bytes
from routing_core.aws.http import Reply, Router, file_reply, json_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.domain.lead_file import SentFile
from routing_core.present.explain.files_document import file_document, files_document
from routing_core.service.hq.lead_files import (
    FileDesk,
    attach_file,
    list_files,
    new_file,
    open_file,
    remove_file,
)

router = Router()


@router.get("/v1/leads/<lead>/files")
def listed(lead: str) -> Reply:
    """List the files that are attached to a lead, the first one first."""
    caller = require(router.current_event, "leads:read")
    return json_reply(files_document(lead, list_files(wiring().services, caller, lead)))


@router.post("/v1/leads/<lead>/files")
def attach(lead: str) -> Reply:
    """Attach the body as a file under ``name``; its owner can open it.

    PDF, JPEG, PNG, WebP, DOCX, XLSX and UTF-8 text are taken, at most 4 MB each and ten a lead. The
    bytes decide the kind, and the name then ends so. The same file again is kept once.
    """
    event = router.current_event
    caller = require(event, "leads:write")
    sent = SentFile(query(event).get("name", ""), body_bytes(event, LIST_BODY))
    file = new_file(sent, token_hex(8), caller.actor, now_of(event))
    desk = FileDesk(acting_on(caller, lead), wiring().lead_files)
    return json_reply(file_document(attach_file(desk, caller, lead, file, sent.content)), 201)


@router.get("/v1/leads/<lead>/files/<file>")
def show(lead: str, file: str) -> Response[bytes]:
    """Give the content of a file."""
    caller = require(router.current_event, "leads:read")
    opened = open_file(wiring().file_desk, caller, lead, file)
    return file_reply(opened.content, opened.file.kind.content_type, opened.file.name)


@router.delete("/v1/leads/<lead>/files/<file>")
def remove(lead: str, file: str) -> Reply:
    """Remove a file, and list those that are left; one that is gone already is no error."""
    event = router.current_event
    caller = require(event, "leads:write")
    desk = FileDesk(acting_on(caller, lead), wiring().lead_files)
    return json_reply(files_document(lead, remove_file(desk, caller, lead, file, now_of(event))))

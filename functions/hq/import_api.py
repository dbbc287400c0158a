"""A list of leads for machines: checked, imported as a whole, followed and cancelled."""

import uuid

from functions.hq.keys import require
from routing_core.aws.bodies import LIST_BODY, body_bytes
from routing_core.aws.http import Reply, Router, flag, json_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.formats.sheet_file import read_sheet_file
from routing_core.present.explain.list_document import checked_document, list_document
from routing_core.service.hq.import_leads import ListImports, ListUpload, with_columns
from routing_core.service.hq.list_settings import read_list_settings
from routing_core.service.hq.release_lists import release_list
from routing_core.service.hq_desk.import_page import import_seen_by

router = Router()


@router.post("/v1/leads/import")
def import_() -> Reply:
    """Import a list of leads, CSV or XLSX, as a whole; ``?dry_run=true`` checks it alone.

    Each row is one lead, however often the list is sent: by the list's ``name`` and the row's own
    id, else by what stands in it. The leads have their turn a few at a time.
    """
    event = router.current_event
    caller = require(event, "leads:write")
    said, now = query(event), now_of(event)
    imports = ListImports(wiring().services, wiring().lead_lists, now)
    sheet = read_sheet_file(body_bytes(event, LIST_BODY))
    settings = read_list_settings(imports.services.programme, said, now)
    upload = ListUpload(sheet, settings, caller.actor, uuid.uuid4().hex[:6], caller.regions)
    prepared = with_columns(imports.prepared(upload), said.get("columns", ""))
    checked = imports.checked(prepared, sheet)
    checked.check.need_right()
    if flag(event, "dry_run"):
        return json_reply(checked_document(checked))
    decided = imports.decide(checked)
    release_list(imports.services, imports.lists, decided.id, now)
    return json_reply(list_document(imports.one(decided.id)), 202)


@router.get("/v1/leads/imports/<list>")
def show(list: str) -> Reply:
    """Say how far an import has come."""
    event = router.current_event
    caller = require(event, "leads:read")
    imports = ListImports(wiring().services, wiring().lead_lists, now_of(event))
    return json_reply(list_document(import_seen_by(imports, caller, list)))


@router.post("/v1/leads/imports/<list>/cancel")
def cancel(list: str) -> Reply:
    """Cancel whatever of an import still waits; what is in stays."""
    event = router.current_event
    caller = require(event, "leads:write")
    imports = ListImports(wiring().services, wiring().lead_lists, now_of(event))
    return json_reply(
        list_document(imports.cancel(import_seen_by(imports, caller, list), caller.actor))
    )

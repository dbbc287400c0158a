"""Leads taken away as files, for machines: begun, gone on with, looked at."""

from functools import partial
from secrets import token_hex

from functions.hq.keys import require
from routing_core.aws.http import Reply, Router, has_time, json_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.domain.hq_people import HqPerson
from routing_core.present.explain.export_document import export_document
from routing_core.present.hq_desk.leads.export_file import lead_export_file
from routing_core.service.hq_desk.lead_export import (
    ExportDesk,
    begin_export,
    go_on,
    links_to_files,
    view_export,
)

router = Router()


@router.post("/v1/leads/exports")
def begin() -> Reply:
    """Begin to write the leads that a filter keeps into files, CSV or XLSX (``?kind=xlsx``).

    A short list is done with this call; while ``is_done`` is false, ``continue`` writes the next
    file. Files live 7 days, for this key alone, and fall to erasure. It is noted in the activity
    log.
    """
    event, now = router.current_event, now_of(router.current_event)
    caller = require(event, "leads:read")
    export = begin_export(_tools(caller), caller, query(event), now)
    return _gone_on(caller, export.id, 201)


@router.post("/v1/leads/exports/<export>/continue")
def continue_(export: str) -> Reply:
    """Write the next file of an export; 409 if another call is just doing it."""
    return _gone_on(require(router.current_event, "leads:read"), export, 200)


@router.get("/v1/leads/exports/<export>")
def show(export: str) -> Reply:
    """Say how far an export is, with an address of each file that opens it for a minute."""
    event, now = router.current_event, now_of(router.current_event)
    caller = require(event, "leads:read")
    tools = _tools(caller)
    view = view_export(tools, caller, export, now)
    return json_reply(export_document(view.export, links_to_files(tools, view.export)))


def _gone_on(caller: HqPerson, export: str, status: int) -> Reply:
    tools, now = _tools(caller), now_of(router.current_event)
    view = go_on(tools, caller, export, now, partial(has_time, router.lambda_context))
    return json_reply(export_document(view.export, links_to_files(tools, view.export)), status)


def _tools(caller: HqPerson) -> ExportDesk:
    write = partial(lead_export_file, caller)
    return ExportDesk(wiring().lead_desk, wiring().exports, write, token_hex(8))

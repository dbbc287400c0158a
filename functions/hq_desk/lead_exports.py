"""Leads taken away as files, step by step: each press of the button writes one more file."""

from dataclasses import replace
from functools import partial
from secrets import token_hex

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.http import Reply, Router, found, has_time, now_of, query, see_other
from routing_core.aws.wiring import wiring
from routing_core.domain.hq_people import HqPerson
from routing_core.present.hq_desk.leads.export import export_page
from routing_core.present.hq_desk.leads.export_file import lead_export_file
from routing_core.service.hq_desk.desk_reader import DESK_URL
from routing_core.service.hq_desk.lead_export import (
    ExportDesk,
    begin_export,
    go_on,
    link_to_file,
    view_export,
)
from routing_core.service.kernel.export_store import ExportMoved
from routing_core.web import acted, news, page

router = Router()


def tools(visitor: HqPerson) -> ExportDesk:
    """Give what exports of somebody work with."""
    write = partial(lead_export_file, visitor)
    return ExportDesk(wiring().lead_desk, wiring().exports, write, token_hex(8))


@router.post("/hq/leads/export")
def write() -> Reply:
    """Begin an export of what the address asks for, or go on with one (``?go_on=<id>``).

    A short list is done with the first press.
    """
    event, now = router.current_event, now_of(router.current_event)
    visitor, asked = acting(event), query(event)
    desk = tools(visitor)
    export = asked.get("go_on") or begin_export(desk, visitor, asked, now).id
    address = f"{DESK_URL}/exports/{export}"
    try:
        go_on(desk, visitor, export, now, partial(has_time, router.lambda_context))
    except ExportMoved:
        return acted("meanwhile", now, address)
    return see_other(address)


@router.get("/hq/exports/<export>")
def show(export: str) -> Reply:
    """Show how far an export has come, or lead to the file that the address names.

    A file has an address that opens it for a minute.
    """
    event, now = router.current_event, now_of(router.current_event)
    visitor = signed_in(event)
    if number := query(event).get("file", ""):
        return found(link_to_file(tools(visitor), visitor, export, number, now))
    view = view_export(tools(visitor), visitor, export, now)
    return page(export_page(replace(view, notice=news(event)), visitor))

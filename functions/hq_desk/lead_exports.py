"""Leads taken away as files, step by step: each press of the button writes one more file."""

from functools import partial
from secrets import token_hex

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.http import Reply, Router, found, has_time, now_of, query, see_other
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import NotFound
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
from routing_core.web import page

router = Router()


def tools(visitor: HqPerson) -> ExportDesk:
    """Give what exports of somebody work with."""
    return ExportDesk(wiring().lead_desk, wiring().exports, partial(lead_export_file, visitor))


@router.post("/hq/leads/export")
def begin() -> Reply:
    """Begin an export of what the address asks for; a short list is done with this."""
    event, now = router.current_event, now_of(router.current_event)
    visitor = acting(event)
    export = begin_export(tools(visitor), visitor, query(event), token_hex(8), now)
    go_on(tools(visitor), visitor, export.id, now, partial(has_time, router.lambda_context))
    return see_other(f"{DESK_URL}/exports/{export.id}")


@router.get("/hq/exports/<export>")
def show(export: str) -> Reply:
    """Show how far an export has come."""
    visitor = signed_in(router.current_event)
    view = view_export(tools(visitor), visitor, export, now_of(router.current_event))
    return page(export_page(view, visitor))


@router.post("/hq/exports/<export>")
def step(export: str) -> Reply:
    """Write the next file of an export."""
    event, now = router.current_event, now_of(router.current_event)
    visitor = acting(event)
    go_on(tools(visitor), visitor, export, now, partial(has_time, router.lambda_context))
    return see_other(f"{DESK_URL}/exports/{export}")


@router.get("/hq/exports/<export>/<number>")
def file(export: str, number: str) -> Reply:
    """Lead to a file of an export, by an address that opens it for a minute."""
    if not (number.isascii() and number.isdigit() and len(number) <= 4):
        raise NotFound("there is no such file")
    visitor, now = signed_in(router.current_event), now_of(router.current_event)
    return found(link_to_file(tools(visitor), visitor, export, int(number), now))

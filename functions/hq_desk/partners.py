"""Partners on HQ's desk: the list, a new one, and all of them to take away."""

from aws_lambda_powertools.event_handler import Response

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.bodies import LIST_BODY, all_said, form_values, last_said
from routing_core.aws.http import Reply, Router, csv_reply, file_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.domain.hq_people import Right
from routing_core.formats.partner_form import typed_profile
from routing_core.formats.xlsx_table import XLSX_TYPE
from routing_core.present.hq_desk.partners.list import partner_list_page
from routing_core.present.hq_desk.partners.new import check_part, new_partner_page
from routing_core.service.hq_desk import partner_new as adding
from routing_core.service.hq_desk.partner_lists import partners_to_take_away, view_partner_list
from routing_core.service.hq_desk.partner_rights import PARTNERS_URL
from routing_core.web import acted, news, page

router = Router()


@router.get("/hq/partners")
def show() -> Reply:
    """Show a page of the partners that the address asks for."""
    event = router.current_event
    visitor, now = signed_in(event), now_of(event)
    view = view_partner_list(wiring().services, visitor, query(event), now, news(event))
    return page(partner_list_page(view), 422 if view.problems else 200)


@router.post("/hq/partners/export")
def export() -> Reply | Response[bytes]:
    """Give all partners as a list that can be imported again: CSV, or XLSX with ``?as=xlsx``.

    It holds their contacts, and is noted in the log.
    """
    event = router.current_event
    visitor, kind = acting(event, Right.EXPORT), query(event).get("as", "")
    table = partners_to_take_away(wiring().services, visitor, kind, now_of(event))
    if isinstance(table, bytes):
        return file_reply(table, XLSX_TYPE, "partners.xlsx")
    return csv_reply(table, "partners.csv")


@router.get("/hq/partners/new")
def show_new() -> Reply:
    """Show the form for a new partner."""
    event = router.current_event
    view = adding.view_new_partner(wiring().services, signed_in(event), now_of(event))
    return page(new_partner_page(view))


@router.post("/hq/partners/new")
def add() -> Reply:
    """Add a partner, or show the form again with what is wrong, or with what it would do."""
    event, services = router.current_event, wiring().services
    visitor, now, sent = acting(event), now_of(event), _sent()
    done = adding.act_on_new_partner(services, visitor, sent, now)
    if isinstance(done, str):
        return acted("added", now, f"{PARTNERS_URL}/{done}")
    return page(new_partner_page(done), 200 if done.form.checked else 422)


@router.post("/hq/partners/new/check")
def check_new() -> Reply:
    """Say what the form would do, as a part of the page, for its script."""
    event = router.current_event
    view = adding.check_new_partner(wiring().services, acting(event), _sent(), now_of(event))
    return page(check_part(view))


def _sent() -> adding.SentPartner:
    values = form_values(router.current_event, LIST_BODY)
    said = {name: all_said(value) for name, value in values.items()}
    only_check = last_said(values.get("action")) == "check"
    return adding.SentPartner(last_said(values.get("id")).strip(), typed_profile(said), only_check)

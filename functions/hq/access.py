"""The routes by which HQ ends links of a partner, by button or by API."""

from functions.hq.keys import require
from routing_core.aws.bodies import form_fields, json_object
from routing_core.aws.http import Reply, Router, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.present.pages.access import access_page
from routing_core.service.hq.revoke_access import (
    AccessPage,
    Revocation,
    act_on_access,
    revoke_access,
    view_access,
)
from routing_core.service.hq.save_partner import show_partner
from routing_core.service.hq_desk.partner_rights import partner_seen_by
from routing_core.web import acted, news, page

router = Router()


@router.post("/v1/partners/<partner>/revoke")
def revoke(partner: str) -> Reply:
    """End the links of one person with ``{"email": address}``, of everybody there with ``{}``.

    The person is a contact or a colleague. A contact who still has access gets a new link by mail.
    """
    event, services = router.current_event, wiring().services
    caller = require(event, "partners:write")
    email = json_object(event).get("email", "")
    if not isinstance(email, str):
        message = "is an address of one of the partner's people"
        raise InvalidInput([Problem("email", "invalid", message)])
    partner_seen_by(services, caller, partner)
    asked = Revocation(partner, caller.actor, email)
    revoke_access(services, wiring().bus, asked, now_of(event))
    return json_reply(show_partner(services, partner))


@router.get("/q/<token>/partners/<partner>")
def show(token: str, partner: str) -> Reply:
    """Show who may open a partner's links."""
    event = router.current_event
    view = view_access(wiring().services, AccessPage(token, partner), now_of(event), news(event))
    return page(access_page(view))


@router.post("/q/<token>/partners/<partner>")
def act(token: str, partner: str) -> Reply:
    """End somebody's links."""
    event = router.current_event
    services, form = wiring().services, form_fields(event)
    shown = AccessPage(token, partner)
    view = act_on_access(services, wiring().bus, shown, form, now_of(event))
    return acted(view.notice, view.now)

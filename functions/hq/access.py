"""Who may open a partner's links: HQ ends them, by button or by API."""

from functions.hq.keys import require
from routing_core.aws.bodies import form_fields, json_object
from routing_core.aws.http import Reply, Router, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.present.pages import access_page
from routing_core.service.hq.revoke_access import act_on_access, revoke_access, view_access
from routing_core.service.hq.save_partner import show_partner
from routing_core.web import acted, news, page

router = Router()


@router.post("/v1/partners/<partner>/revoke")
def revoke(partner: str) -> Reply:
    """``{"email": address}``: the links of that person, a contact or a colleague, end at once; with
    ``{}`` all links of
    the partner do. A contact who still has access gets a new one by mail.
    """
    event = router.current_event
    by = require(event, "partners:write")
    email = json_object(event).get("email", "")
    if not isinstance(email, str):
        raise InvalidInput(
            [Problem("email", "invalid", "is an address of one of the partner's people")]
        )
    revoke_access(wiring().services, wiring().bus, partner, email, by, now_of(event))
    return json_reply(show_partner(wiring().services, partner))


@router.get("/q/<token>/partners/<partner>")
def show(token: str, partner: str) -> Reply:
    event = router.current_event
    return page(
        access_page(view_access(wiring().services, token, partner, now_of(event), news(event)))
    )


@router.post("/q/<token>/partners/<partner>")
def act(token: str, partner: str) -> Reply:
    event = router.current_event
    view = act_on_access(
        wiring().services, wiring().bus, token, partner, form_fields(event), now_of(event)
    )
    return acted(view.notice, view.now)

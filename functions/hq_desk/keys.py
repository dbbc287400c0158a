"""The API keys on HQ's desk."""

from secrets import token_urlsafe

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.bodies import form_fields
from routing_core.aws.http import Reply, Router, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.present.hq_desk.keys import keys_page
from routing_core.service.hq_desk.key_desk import KeyDesk, make_key, revoke_key, view_keys
from routing_core.web import acted, news, page

router = Router()
KEY_BYTES = 32
"""Random bytes of a key."""


@router.get("/hq/keys")
def show() -> Reply:
    """List the keys."""
    event = router.current_event
    visitor = signed_in(event)
    view = view_keys(_desk_of(visitor))
    return page(keys_page(view, visitor, now_of(event), news(event)))


@router.post("/hq/keys")
def act() -> Reply:
    """Make a key, which the page then shows this once; or revoke one."""
    event = router.current_event
    visitor, now = acting(event, Right.MANAGE_KEYS), now_of(event)
    desk, form = _desk_of(visitor), form_fields(event)
    if form.get("action") == "revoke":
        revoke_key(desk, form.get("key", ""), now)
        return acted("revoked", now)
    view = make_key(desk, form, token_urlsafe(KEY_BYTES), now)
    return page(keys_page(view, visitor, now), 422 if view.problems else 200)


def _desk_of(visitor: HqPerson) -> KeyDesk:
    return KeyDesk(wiring().services, wiring().api_keys, visitor)

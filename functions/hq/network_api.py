"""One partner: read and replace."""

from functions.hq.keys import require
from routing_core.aws.bodies import json_object
from routing_core.aws.http import Reply, Router, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.service.hq.save_partner import save_partner, saved_document, show_partner

router = Router()


@router.get("/v1/partners/<partner>")
def show(partner: str) -> Reply:
    """Give one partner's profile, as it can be saved again."""
    require(router.current_event, "partners:read")
    return json_reply(show_partner(wiring().services, partner))


@router.put("/v1/partners/<partner>")
def save(partner: str) -> Reply:
    """Replace one partner's profile, or add a partner."""
    event = router.current_event
    key_name = require(event, "partners:write")
    saved = save_partner(wiring().services, partner, json_object(event), now_of(event), key_name)
    return json_reply(saved_document(wiring().services, saved))

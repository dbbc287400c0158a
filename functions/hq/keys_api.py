"""The API keys of HQ, for machines: listed, made, revoked."""

from secrets import token_urlsafe
from typing import Any

from functions.hq.keys import require_key
from routing_core.aws.bodies import json_object
from routing_core.aws.http import Reply, Router, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.api_key import ApiKeyNote, machine_of
from routing_core.formats.key_document import read_new_key
from routing_core.present.explain.key_document import key_document
from routing_core.service.hq_desk.key_desk import KeyDesk, add_key, revoke_key, view_keys

router = Router()
KEY_BYTES = 32
"""Random bytes of a key."""


@router.get("/v1/keys")
def show() -> Reply:
    """List the API keys, those revoked too, the newest first; the keys themselves nobody keeps."""
    desk = _desk_of(require_key(router.current_event, "keys:read"))
    return json_reply({"keys": [key_document(each) for each in view_keys(desk).keys]})


@router.post("/v1/keys")
def make() -> Reply:
    """Make a key with these ``scopes``, for these ``regions`` alone if some are named.

    The key is told this once. None makes one that may more than itself.
    """
    event = router.current_event
    desk, wanted = _desk_of(require_key(event, "keys:write")), read_new_key(json_object(event))
    key, made = add_key(desk, wanted, token_urlsafe(KEY_BYTES), now_of(event))
    told: dict[str, Any] = key_document(made) | {"key": key}
    return json_reply(told, 201)


@router.delete("/v1/keys/<key>")
def revoke(key: str) -> Reply:
    """Revoke a key by its ``id``: from now on it opens nothing. Its own, too."""
    event = router.current_event
    desk = _desk_of(require_key(event, "keys:write"))
    return json_reply(key_document(revoke_key(desk, key, now_of(event))))


def _desk_of(key: ApiKeyNote) -> KeyDesk:
    return KeyDesk(wiring().services, wiring().api_keys, machine_of(key), key.scopes)

"""One partner: read, replaced or changed."""

from functions.hq.etags import version_read, with_etag
from functions.hq.keys import require
from routing_core.aws.bodies import json_object
from routing_core.aws.http import Reply, Router, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.partner import Partner
from routing_core.service.hq.save_partner import (
    ProfileEdit,
    patch_partner,
    save_partner,
    saved_document,
    show_partner,
)
from routing_core.service.hq_desk.partner_rights import partner_seen_by

router = Router()


@router.get("/v1/partners/<partner>")
def show(partner: str) -> Reply:
    """Give one partner's profile, as it can be saved again; its version is the ETag."""
    caller = require(router.current_event, "partners:read")
    partner_seen_by(wiring().services, caller, partner)
    document = show_partner(wiring().services, partner)
    return with_etag(json_reply(document), document["status"]["version"])


@router.put("/v1/partners/<partner>")
def save(partner: str) -> Reply:
    """Replace one partner's profile, or add a partner.

    With ``If-Match`` only in place of the version that was read, with ``If-None-Match: *`` only a
    partner who is new; else 412 says what has changed.
    """
    event = router.current_event
    caller = require(event, "partners:write")
    edit = ProfileEdit(caller.actor, version_read(event), caller.regions)
    return saved(save_partner(wiring().services, partner, json_object(event), now_of(event), edit))


@router.patch("/v1/partners/<partner>")
def patch(partner: str) -> Reply:
    """Change what a JSON Merge Patch (RFC 7396) names; null gives a field its default.

    With ``If-Match`` only of the version that was read; else 412 says what has changed.
    """
    event = router.current_event
    caller = require(event, "partners:write")
    edit = ProfileEdit(caller.actor, version_read(event), caller.regions)
    changes = json_object(event)
    return saved(patch_partner(wiring().services, partner, changes, now_of(event), edit))


def saved(partner: Partner) -> Reply:
    """Answer with a partner who was just saved, with what is probably not meant."""
    return with_etag(json_reply(saved_document(wiring().services, partner)), partner.version)

"""A partner as stored: the profile, and what LOAD repeats of it so that a commit can be conditioned on it."""

from datetime import datetime
from typing import Any

from ..domain.partner import Partner
from ..domain.partner_plain import caps_to_plain, partner_to_plain
from .dynamo import typed
from .items import Item, load_key, stamp


def profile_key(partner: str) -> Item:
    return {"pk": f"PARTNER#{partner}", "sk": "PROFILE"}


def partner_writes(table: str, partner: Partner, now: datetime) -> list[dict[str, Any]]:
    """The two writes that store a partner in the version it names; LOAD's counters stay."""
    item = profile_key(partner.id) | {
        "kind": "partner",
        "version": partner.version,
        "saved_at": stamp(now),
        "profile": partner_to_plain(partner),
    }
    load = {
        "TableName": table,
        "Key": typed(load_key(partner.id)),
        "UpdateExpression": "SET active = :active, caps = :caps, links = :links, "
        "places = if_not_exists(places, :zero), seq = if_not_exists(seq, :zero) + :one",
        "ExpressionAttributeValues": typed(
            {
                ":active": partner.active,
                ":caps": caps_to_plain(partner.caps),
                ":links": partner.links,
                ":zero": 0,
                ":one": 1,
            }
        ),
    }
    return [{"Put": {"TableName": table, "Item": typed(item)}}, {"Update": load}]

"""A partner as stored: the profile, and what LOAD repeats of it so that a commit can be conditioned
on it.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from routing_core.aws.codecs.load_items import load_key
from routing_core.aws.codecs.value_codecs import Item, instant_text
from routing_core.aws.tables.dynamo import typed
from routing_core.domain.partner import Partner
from routing_core.domain.partner_plain import (
    NewerSchema,
    caps_to_plain,
    partner_from_plain,
    partner_to_plain,
)
from routing_core.domain.people import people

logger = logging.getLogger(__name__)


def readable(item: Mapping[str, Any]) -> Partner | None:
    """None for a profile that cannot be understood, and the log names it: it must hold up nobody
    else.

    Raises NewerSchema: trying again helps there.
    """
    try:
        return partner_from_plain(item["profile"])
    except NewerSchema:
        raise
    except (AttributeError, KeyError, TypeError, ValueError):
        logger.exception("unreadable", extra={"keys": item.get("pk")})
        return None


def profile_key(partner: str) -> Item:
    return {"pk": f"PARTNER#{partner}", "sk": "PROFILE"}


def partner_writes(table: str, partner: Partner, now: datetime) -> list[dict[str, Any]]:
    """The two writes that store a partner in the version it names; LOAD's counters stay."""
    item = profile_key(partner.id) | {
        "kind": "partner",
        "version": partner.version,
        "saved_at": instant_text(now),
        "profile": partner_to_plain(partner),
    }
    load = {
        "TableName": table,
        "Key": typed(load_key(partner.id)),
        "UpdateExpression": "SET active = :active, caps = :caps, links = :links, people = :people, revoked = :revoked, "
        "ended = :ended, "
        "places = if_not_exists(places, :zero), seq = if_not_exists(seq, :zero) + :one",
        "ExpressionAttributeValues": typed(
            {
                ":active": partner.active,
                ":caps": caps_to_plain(partner.caps),
                ":links": partner.links,
                ":people": people(partner),
                ":revoked": partner.revoked,
                ":ended": dict(partner.ended),
                ":zero": 0,
                ":one": 1,
            }
        ),
    }
    return [{"Put": {"TableName": table, "Item": typed(item)}}, {"Update": load}]

"""Write and read a partner's profile as an item."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from routing_core.aws.codecs.value_codecs import Item, instant_text
from routing_core.domain.partner import Partner
from routing_core.domain.partner_plain import partner_from_plain, partner_to_plain

logger = logging.getLogger(__name__)


def profile_key(partner: str) -> Item:
    """Give the key of a partner's profile."""
    return {"pk": f"PARTNER#{partner}", "sk": "PROFILE"}


def partner_to_item(partner: Partner, now: datetime) -> Item:
    """Give a partner's profile as its item, saved now in the version that it names."""
    return profile_key(partner.id) | {
        "kind": "partner",
        "version": partner.version,
        "saved_at": instant_text(now),
        "profile": partner_to_plain(partner),
    }


def readable(item: Mapping[str, Any]) -> Partner | None:
    """Read a partner's profile; None for one that cannot be understood, and the log names it.

    It must hold up nobody else. Raises NewerData for one that newer code wrote: trying again
    helps there.
    """
    try:
        return partner_from_plain(item["profile"])
    except (AttributeError, KeyError, TypeError, ValueError):
        logger.exception("unreadable", extra={"keys": item.get("pk")})
        return None

"""Write and read the rows of a partner's history: who changed what of the profile, and when.

The last ``CHANGES_KEPT`` are kept: a row's key is its version modulo that number, so that a new
change takes the place of the oldest one and nothing ever has to be deleted.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from routing_core.aws.codecs.value_codecs import (
    Item,
    instant_text,
    read_stored_instant,
    seconds,
)
from routing_core.domain.partner_history import FieldChange, ProfileChange

CHANGES_KEPT = 20
"""Changes of one profile that are kept."""
CHANGE_LASTS = timedelta(days=3 * 365)
"""A change is forgotten after so long, for it may name people who have left."""
CHANGE = "CHANGE#"
"""Begins the sort keys of a partner's history."""


def change_to_item(partner: str, change: ProfileChange) -> Item:
    """Give a change as its item."""
    return {
        "pk": f"PARTNER#{partner}",
        "sk": f"{CHANGE}{change.version % CHANGES_KEPT:02d}",
        "kind": "change",
        "version": change.version,
        "at": instant_text(change.at),
        "by": change.by,
        "fields": json.dumps(fields_to_plain(change.fields), ensure_ascii=False),
        "expires": seconds(change.at + CHANGE_LASTS),
    }


def change_from_item(item: Mapping[str, Any]) -> ProfileChange:
    """Read a change from its item."""
    return ProfileChange(
        version=int(item["version"]),
        at=read_stored_instant(item["at"]),
        by=item["by"],
        fields=fields_from_plain(json.loads(item["fields"])),
    )


def fields_to_plain(fields: Sequence[FieldChange]) -> list[list[Any]]:
    """Give the changed fields as short lists."""
    return [[each.field, each.before, each.after] for each in fields]


def fields_from_plain(plain: Sequence[Sequence[Any]]) -> tuple[FieldChange, ...]:
    """Read changed fields from short lists."""
    return tuple(FieldChange(name, before, after) for name, before, after in plain)

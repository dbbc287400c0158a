"""Write and read an import of a list of leads, and its parts, as items."""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from routing_core.aws.codecs.record_codec import RecordCodec, StoredField
from routing_core.aws.codecs.value_codecs import (
    FLAG,
    TEXT_INSTANT,
    TEXTS,
    WHOLE_NUMBER,
    WHOLE_NUMBERS,
    Item,
    ValueCodec,
    member,
)
from routing_core.domain.lead_list import LeadList, ListMode, ListSettings, ListState, WaitingRow
from routing_core.domain.on_behalf import ConsentWay, EntryWay

LIST_SCHEMA = 1
"""The schema of an import; the first ones name none."""
LISTS = "LISTS"
"""The partition of all imports, and of what HQ has said of columns."""
MAPPING_KEY: Item = {"pk": LISTS, "sk": "COLUMNS"}
"""The key of what HQ has said of columns."""


def _read_regions(stored: Iterable[str]) -> frozenset[str]:
    return frozenset(stored)


LIST_SETTINGS_CODEC = RecordCodec(
    ListSettings,
    StoredField("name", "name"),
    StoredField("form", "form"),
    StoredField("mode", "mode", member(ListMode)),
    StoredField("product", "product"),
    StoredField("urgency", "urgency"),
    StoredField("language", "language"),
    StoredField("campaign", "campaign"),
    StoredField("way", "way", member(EntryWay)),
    StoredField("all_agreed", "agreed", FLAG),
    StoredField("consent_way", "consent_way", member(ConsentWay)),
    StoredField("consent_by", "consent_by"),
    StoredField("consent_at", "consent_at"),
)

LEAD_LIST_CODEC = RecordCodec(
    LeadList,
    StoredField("by", "by"),
    StoredField("created_at", "created_at", TEXT_INSTANT),
    StoredField("settings", "settings", LIST_SETTINGS_CODEC.nested),
    StoredField("regions", "regions", ValueCodec(sorted, _read_regions)),
    StoredField("header", "header", TEXTS),
    StoredField("columns", "columns", TEXTS),
    StoredField("state", "state", member(ListState), always=True),
    StoredField("version", "version", WHOLE_NUMBER, always=True),
    StoredField("rows", "rows", WHOLE_NUMBER),
    StoredField("chunks", "chunks", WHOLE_NUMBER),
    StoredField("next_chunk", "next", WHOLE_NUMBER, always=True),
    StoredField("counts", "counts", WHOLE_NUMBERS, always=True),
    StoredField("decided_at", "decided_at", TEXT_INSTANT),
    StoredField("finished_at", "finished_at", TEXT_INSTANT),
    beside=("id",),
    no_fields=("expires",),
    schema=LIST_SCHEMA,
)


def list_key(list_id: str) -> Item:
    """Give the key of an import."""
    return {"pk": LISTS, "sk": f"LIST#{list_id}"}


def running_key(list_id: str) -> Item:
    """Give the key of the item that says that something of an import waits."""
    return {"pk": LISTS, "sk": f"RUNNING#{list_id}"}


def part_key(list_id: str, kind: str, number: int) -> Item:
    """Give the key of a stored part of an import: of the ``FILE``, or of what ``WAITS``."""
    return {"pk": f"LIST#{list_id}", "sk": f"{kind}#{number:05d}"}


def list_to_item(imported: LeadList) -> Item:
    """Give an import as its item."""
    return list_key(imported.id) | LEAD_LIST_CODEC.write(imported)


def list_from_item(item: Mapping[str, Any]) -> LeadList:
    """Read an import."""
    return LEAD_LIST_CODEC.read(item, id=item["sk"].removeprefix("LIST#"))


def packed(value: Any) -> bytes:
    """Give plain values as few bytes."""
    return zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def unpacked(stored: Any) -> Any:
    """Read plain values from what ``packed`` gave."""
    return json.loads(zlib.decompress(bytes(stored)))


def pack_leads(leads: Sequence[WaitingRow]) -> bytes:
    """Give leads that wait as few bytes."""
    return packed([[lead.row, lead.key, dict(lead.fields)] for lead in leads])


def unpack_leads(stored: Any) -> tuple[WaitingRow, ...]:
    """Read leads that wait."""
    return tuple(WaitingRow(row, key, fields) for row, key, fields in unpacked(stored))

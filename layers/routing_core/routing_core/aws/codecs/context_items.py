"""Write and read what came with an enquiry, as an item beside the lead.

It is read only by who shows it, and erased as a whole.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from routing_core.aws.codecs.lead_items import ITEM_SCHEMA
from routing_core.aws.codecs.record_codec import RecordCodec, StoredField
from routing_core.aws.codecs.value_codecs import (
    MAP,
    PACKED_SECOND,
    TEXT_INSTANT,
    TEXTS,
    WHOLE_NUMBER,
    Item,
    ValueCodec,
    member,
    several,
)
from routing_core.domain.lead import Context, Interest, InterestKind, Note
from routing_core.domain.lead_file import FileKind, LeadFile
from routing_core.domain.on_behalf import ConsentWay, EntryWay, OnBehalf

MARK_BYTES = 7
"""A mark has so many bytes: the letter that says of what, and six of the hash."""


def _write_marks(marks: Sequence[str]) -> bytes:
    return b"".join([mark[0].encode() + bytes.fromhex(mark[1:]) for mark in marks])


def _read_marks(stored: Any) -> tuple[str, ...]:
    packed = bytes(stored)
    starts = range(0, len(packed), MARK_BYTES)
    return tuple([_mark(packed[start : start + MARK_BYTES]) for start in starts])


def _mark(packed: bytes) -> str:
    return f"{chr(packed[0])}{packed[1:].hex()}"


NOTE_CODEC = RecordCodec(
    Note,
    StoredField("at", "at", TEXT_INSTANT),
    StoredField("by", "by"),
    StoredField("text", "text"),
    StoredField("asked", "asked"),
    StoredField("answered_by", "answered_by"),
)

ON_BEHALF_CODEC = RecordCodec(
    OnBehalf,
    StoredField("by", "by"),
    StoredField("way", "way", member(EntryWay)),
    StoredField("asked_at", "asked_at", TEXT_INSTANT),
    StoredField("consent_way", "consent_way", member(ConsentWay)),
    StoredField("consent_by", "consent_by"),
    StoredField("consent_at", "consent_at", TEXT_INSTANT),
    StoredField("list_row", "list_row"),
)

INTEREST_CODEC = RecordCodec(
    Interest,
    StoredField("at", "at", PACKED_SECOND),
    StoredField("kind", "k", member(InterestKind)),
    StoredField("text", "t"),
    StoredField("source", "s"),
)

FILE_CODEC = RecordCodec(
    LeadFile,
    StoredField("id", "id"),
    StoredField("name", "name"),
    StoredField("kind", "kind", member(FileKind)),
    StoredField("size", "size", WHOLE_NUMBER),
    StoredField("at", "at", TEXT_INSTANT),
    StoredField("by", "by"),
    StoredField("digest", "digest"),
)

CONTEXT_CODEC = RecordCodec(
    Context,
    StoredField("message", "message"),
    StoredField("source", "source"),
    StoredField("utm", "utm", MAP),
    StoredField("referrer", "referrer"),
    StoredField("pages", "pages", TEXTS),
    StoredField("locale", "locale"),
    StoredField("consent_version", "consent_version"),
    StoredField("consent_text", "consent_text"),
    StoredField("phone_typed", "phone_typed"),
    StoredField("also_sent", "also_sent", MAP),
    StoredField("notes", "notes", several(NOTE_CODEC.nested)),
    StoredField("interest", "interest", several(INTEREST_CODEC.nested)),
    StoredField("marks", "marks", ValueCodec(_write_marks, _read_marks)),
    StoredField("on_behalf", "on_behalf", ON_BEHALF_CODEC.nested),
    StoredField("files", "files", several(FILE_CODEC.nested)),
    schema=ITEM_SCHEMA,
)


def context_key(lead_id: str) -> Item:
    """Give the key of a lead's context."""
    return {"pk": f"LEAD#{lead_id}", "sk": "CONTEXT"}


def context_to_item(lead_id: str, context: Context) -> Item:
    """Give a lead's context as its item."""
    return context_key(lead_id) | CONTEXT_CODEC.write(context)


def context_from_item(item: Mapping[str, Any]) -> Context:
    """Read a lead's context."""
    return CONTEXT_CODEC.read(item)

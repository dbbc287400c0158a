"""Write and read what a commit made true, as an item beside the lead.

It is the audit trail, and the outbox that the stream reads.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from routing_core.aws.codecs.lead_items import ITEM_SCHEMA
from routing_core.aws.codecs.record_codec import RecordCodec, StoredField
from routing_core.aws.codecs.value_codecs import TEXT_INSTANT, Item, ValueCodec
from routing_core.domain.events import CommitRecord, LeadEvent, from_data


def _write_events(events: Sequence[LeadEvent]) -> str:
    # One text rather than maps: nobody looks into it but we, and DynamoDB charges for every name of
    # a map.
    return _json([[event.kind, event.to_data()] for event in events])


def _read_events(stored: str) -> tuple[LeadEvent, ...]:
    return tuple([from_data(kind, data) for kind, data in json.loads(stored)])


def _write_decision(decision: Mapping[str, Any]) -> bytes:
    return zlib.compress(_json(decision).encode(), 9)


def _read_decision(stored: Any) -> Any:
    return json.loads(zlib.decompress(bytes(stored)))


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


PAST = "PAST#"
"""The sort keys of commits of a lead of the past begin like this."""

COMMIT_RECORD_CODEC = RecordCodec(
    CommitRecord,
    StoredField("at", "at", TEXT_INSTANT),
    StoredField("events", "facts", ValueCodec(_write_events, _read_events)),
    StoredField("due", "due", TEXT_INSTANT, default=None),
    StoredField("decision", "decision", ValueCodec(_write_decision, _read_decision)),
    beside=("lead", "version"),
    schema=ITEM_SCHEMA,
)


def event_key(lead_id: str, version: int) -> Item:
    """Give the key of what the commit of a version made true; a lead's keys sort by version."""
    return {"pk": f"LEAD#{lead_id}", "sk": f"EVENT#{version:06d}"}


def past_to_item(row: CommitRecord) -> Item:
    """Give a commit of a lead of the past as its item.

    Its key is one that the stream's readers leave alone: nothing is published, armed or mailed.
    """
    key = {"pk": f"LEAD#{row.lead}", "sk": f"{PAST}{row.version:06d}"}
    return key | COMMIT_RECORD_CODEC.write(row)


def event_to_item(row: CommitRecord) -> Item:
    """Give what a commit made true as its item."""
    return event_key(row.lead, row.version) | COMMIT_RECORD_CODEC.write(row)


def event_from_item(item: Mapping[str, Any]) -> CommitRecord:
    """Read what a commit made true."""
    lead = item["pk"].removeprefix("LEAD#")
    _, _, version = item["sk"].partition("#")
    return COMMIT_RECORD_CODEC.read(item, lead=lead, version=int(version))

"""Write and read the items of the read model's table.

What                       pk                   sk
a lead's row               MONTH#2026-11#3      when it was received, and the lead
the same, of a partner     PARTNER#p1           the same
the same, of a wave        PARTNER#*            the same
a line of HQ's log         LOG#2026-11          when it happened, and its id
a lead's part in a day     DAY#2026-11-30       the lead
a day that is over         DAYS#2026-11         30
a month that has any       MONTHS               MONTH#2026-11 or LOG#2026-11
how far it has come        HEARTBEAT            HEARTBEAT

A row is one text, for nobody looks into it but we, and a text is read a hundred times faster than
thirty attributes. Beside it stand the attributes that are keys: of the index by state, and of those
that find an e-mail address, a phone number and a reference.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from routing_core.aws.codecs.record_codec import RecordCodec, StoredField
from routing_core.aws.codecs.value_codecs import (
    FLAG,
    PACKED_INSTANT,
    PACKED_SECOND,
    TEXTS,
    WHOLE_NUMBER,
    Item,
    instant_text,
    member,
)
from routing_core.domain.lead import LeadStatus
from routing_core.domain.lead_row import LeadRow, cut_to, lists_by_row
from routing_core.service.kernel.contact_search import SEARCHED_BY
from routing_core.service.kernel.read_model import DayFigures, LogEntry, Speed
from routing_core.service.kernel.row_store import KeptRow

ROW_SHARDS = 4
"""A month and a state have so many partitions each, which are read at once."""
KILOBYTE = 1024
SHORTER = 20
"""A name has so many bytes in a row that would be too long."""
MONTHS = "MONTHS"
"""The partition of the months that have leads, or lines of the log."""
HEARTBEAT: Item = {"pk": "HEARTBEAT", "sk": "HEARTBEAT"}
"""The key of how far the read model has come."""

ROW_CODEC = RecordCodec(
    LeadRow,
    StoredField("id", "id"),
    StoredField("version", "v", WHOLE_NUMBER),
    StoredField("status", "s", member(LeadStatus)),
    StoredField("received_at", "at", PACKED_INSTANT),
    StoredField("changed_at", "ch", PACKED_SECOND),
    StoredField("form", "f"),
    StoredField("country", "c"),
    StoredField("postcode", "pc", default=""),
    StoredField("product", "pr"),
    StoredField("urgency", "u"),
    StoredField("language", "l"),
    StoredField("town", "to"),
    StoredField("region", "re"),
    StoredField("score", "sc", WHOLE_NUMBER),
    StoredField("reason", "why"),
    StoredField("source", "src"),
    StoredField("campaign", "ca"),
    StoredField("name", "n"),
    StoredField("company", "co"),
    StoredField("owner", "o"),
    StoredField("asked", "as", TEXTS),
    StoredField("live_offers", "lo", WHOLE_NUMBER),
    StoredField("unseen_offers", "un", WHOLE_NUMBER),
    StoredField("offers", "of", WHOLE_NUMBER),
    StoredField("offered_at", "oa", PACKED_SECOND),
    StoredField("expires_at", "ex", PACKED_SECOND),
    StoredField("due", "du", PACKED_SECOND),
    StoredField("contact_by", "cb", PACKED_SECOND),
    StoredField("hq_by", "hb", PACKED_SECOND),
    StoredField("promised_by", "pb", PACKED_SECOND),
    StoredField("accepted_at", "aa", PACKED_SECOND),
    StoredField("contacted_at", "ct", PACKED_SECOND),
    StoredField("finished_at", "fa", PACKED_SECOND),
    StoredField("exhausted", "xh", FLAG),
    StoredField("value", "va"),
    StoredField("attached_to", "to1"),
    StoredField("ended", "en", member(LeadStatus)),
    StoredField("handled_by", "hd"),
)

LOG_CODEC = RecordCodec(
    LogEntry,
    StoredField("at", "at", PACKED_INSTANT),
    StoredField("by", "by"),
    StoredField("kind", "k"),
    StoredField("lead", "l"),
    StoredField("version", "v", WHOLE_NUMBER),
    StoredField("partner", "p"),
    StoredField("about", "a"),
    StoredField("detail", "d"),
)


def _text(content: Item) -> str:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


# ── rows ──────────────────────────────────────────────────────────────────────────────────────────


def row_position(received_at: datetime, lead_id: str) -> str:
    """Give the sort key of a row: texts of positions sort as the positions do."""
    return f"{instant_text(received_at)}#{lead_id}"


def month_of(received_at: datetime) -> str:
    """Name the month of a row, by UTC: it only parts the table, and nobody reads it."""
    return f"{received_at.astimezone(UTC):%Y-%m}"


def month_partition(month: str, shard: int) -> str:
    """Name one partition of a month's rows."""
    return f"MONTH#{month}#{shard}"


def state_partition(status: LeadStatus, shard: int) -> str:
    """Name one partition of a state in the index by state."""
    return f"{status.value}#{shard}"


def partner_partition(partner: str) -> str:
    """Name the partition of a partner's rows."""
    return f"PARTNER#{partner}"


def row_key(received_at: datetime, lead_id: str) -> Item:
    """Give the key of a lead's row."""
    partition = month_partition(month_of(received_at), _shard(lead_id))
    return {"pk": partition, "sk": row_position(received_at, lead_id)}


def partner_row_key(partner: str, row: LeadRow) -> Item:
    """Give the key of a lead's row on a partner's list."""
    return {"pk": partner_partition(partner), "sk": row_position(*row.position)}


def row_to_item(kept: KeptRow) -> Item:
    """Give a lead's row as its item, with the attributes by which the indexes find it.

    It is at most a kilobyte, which is what a write costs: where every name is as long as may be,
    lists show less of them.
    """
    item = _row_to_item(kept)
    if _size(item) <= KILOBYTE:
        return item
    row = kept.row
    name, company = cut_to(SHORTER, row.name), cut_to(SHORTER, row.company)
    return _row_to_item(replace(kept, row=replace(row, town="", name=name, company=company)))


def _size(item: Item) -> int:
    """Count the bytes of an item of texts and few numbers, as DynamoDB does, within a few."""
    return sum(len(name) + len(str(value).encode()) for name, value in item.items())


def _row_to_item(kept: KeptRow) -> Item:
    row = kept.row
    item = row_key(*row.position) | row_content(row)
    item["state_shard"] = state_partition(row.status, _shard(row.id))
    item["reference"] = row.reference
    for kind, key in kept.contact.items():
        item[f"{kind}_key"] = key
    return item


def kept_from_item(item: Mapping[str, Any]) -> KeptRow:
    """Read a lead's row with all that is kept beside it."""
    contact = {kind: item[f"{kind}_key"] for kind in SEARCHED_BY if f"{kind}_key" in item}
    row = row_from_text(item["row"])
    if "listed" in item:
        # As it was written when each partner of a wave had a row of their own.
        names = {*row.asked, *item["listed"], *((row.owner,) if row.owner else ())}
        return KeptRow(row, contact, frozenset(names))
    return KeptRow(row, contact, lists_by_row(row))


def row_content(row: LeadRow) -> Item:
    """Give what every item of a row holds, in whichever partition it stands."""
    return {"version": row.version, "row": _text(ROW_CODEC.write(row))}


def row_from_text(text: str) -> LeadRow:
    """Read a row; raises KeyError, TypeError or ValueError for a text that is none."""
    return ROW_CODEC.read(json.loads(text))


def _shard(lead_id: str) -> int:
    return zlib.crc32(lead_id.encode()) % ROW_SHARDS


# ── the log ───────────────────────────────────────────────────────────────────────────────────────


def log_partition(month: str) -> str:
    """Name the partition of a month's log."""
    return f"LOG#{month}"


def log_to_item(entry_id: str, entry: LogEntry) -> Item:
    """Give a line of the log as its item: the same id is the same line."""
    return {
        "pk": log_partition(month_of(entry.at)),
        "sk": f"{instant_text(entry.at)}#{entry_id}",
        "entry": _text(LOG_CODEC.write(entry)),
    }


def log_from_text(text: str) -> LogEntry:
    """Read a line of the log."""
    return LOG_CODEC.read(json.loads(text))


# ── days ──────────────────────────────────────────────────────────────────────────────────────────


def day_partition(day: date) -> str:
    """Name the partition of what leads did on a day."""
    return f"DAY#{day.isoformat()}"


def days_partition(day: date) -> str:
    """Name the partition of the totals of a month's days."""
    return f"DAYS#{day:%Y-%m}"


def totals_key(day: date) -> Item:
    """Give the key of the totals of a day."""
    return {"pk": days_partition(day), "sk": f"{day:%d}"}


def totals_to_item(figures: DayFigures) -> Item:
    """Give the totals of a day as their item."""
    regions = {region: _totals(each) for region, each in sorted(figures.regions.items())}
    return totals_key(figures.day) | _totals(figures) | {"regions": regions}


def _totals(figures: DayFigures) -> Item:
    contacted = {speed.value: count for speed, count in figures.contacted.items()}
    return {
        "received": figures.received,
        "placed": figures.placed_alone,
        "accepted": figures.accepted,
        "contacted": contacted,
    }


def totals_from_item(day: date, item: Mapping[str, Any]) -> DayFigures:
    """Read the totals of a day."""
    return DayFigures(
        day,
        int(item["received"]),
        int(item["placed"]),
        int(item["accepted"]),
        {Speed(speed): int(count) for speed, count in item["contacted"].items()},
        {region: totals_from_item(day, each) for region, each in item.get("regions", {}).items()},
    )

"""Write and read a lead as an item, with the items that point to it.

A lead is one item, written again with each step and paid by the kilobyte: one that leaves nothing
out should fit into the first kilobyte until somebody accepts it. So names are short where they
repeat, as in offers.
"""

import zlib
from collections.abc import Mapping
from typing import Any

from routing_core.aws.codecs.record_codec import RecordCodec, StoredField
from routing_core.aws.codecs.value_codecs import (
    DIGEST,
    FLAG,
    MAP,
    PACKED_INSTANT,
    PACKED_SECOND,
    TEXT_INSTANT,
    TEXTS,
    WHOLE_NUMBER,
    Item,
    ValueCodec,
    instant_text,
    member,
    milliseconds,
    read_stored_instant,
    seconds,
    several,
)
from routing_core.domain.errors import NewerData
from routing_core.domain.lead import (
    Colleague,
    Contact,
    Deadline,
    DeadlineKind,
    Lead,
    LeadStatus,
    Moved,
    Undo,
)
from routing_core.domain.offer import Offer, OfferKind, OfferStatus
from routing_core.domain.on_behalf import EntryWay

ITEM_SCHEMA = 1
"""The schema, written with every item of a lead for the day on which its shape changes."""
DUE_SHARDS = 8
"""The index of what is due has so many partitions: leads of one campaign are due together."""
ERASE_SHARD = "erase"
"""Ended leads stand apart in the index of what is due.

They wait for months, and no timer of theirs can be lost.
"""


# ── the parts of a lead ───────────────────────────────────────────────────────────────────────────


_DEADLINE_KIND = member(DeadlineKind)


def _write_deadline(deadline: Deadline) -> str:
    return f"{milliseconds(deadline.at)} {deadline.kind.value} {deadline.offer}"


def _read_deadline(text: str) -> Deadline:
    at, kind, offer, *more = text.split(" ")
    if more:
        raise NewerData(f"a deadline has {3 + len(more)} parts")
    # Items of old have the instant as ISO text.
    due = read_stored_instant(int(at) if at.isdigit() else at)
    return Deadline(due, _DEADLINE_KIND.read(kind), int(offer))


DEADLINES = several(ValueCodec(_write_deadline, _read_deadline))
"""Deadlines as texts, ``1795599600000 expire 1``: the shortest there is, for a lead has many."""

CONTACT_CODEC = RecordCodec(
    Contact,
    StoredField("name", "name", default=""),
    StoredField("email", "email", default=""),
    StoredField("phone", "phone"),
    StoredField("company", "company"),
    StoredField("street", "street"),
)

COLLEAGUE_CODEC = RecordCodec(
    Colleague,
    StoredField("partner", "p"),
    StoredField("email", "e"),
    StoredField("name", "n"),
    StoredField("since", "v", WHOLE_NUMBER),
)

UNDO_CODEC = RecordCodec(
    Undo,
    StoredField("status", "status", member(LeadStatus)),
    StoredField("until", "until", PACKED_INSTANT),
    StoredField("deadlines", "deadlines", DEADLINES, default=()),
    StoredField("promised_by", "promised_by", PACKED_INSTANT),
)

MOVED_CODEC = RecordCodec(
    Moved,
    StoredField("version", "version", WHOLE_NUMBER),
    StoredField("postcode", "postcode"),
    StoredField("region", "region"),
    StoredField("offers", "offers", WHOLE_NUMBER),
)

OFFER_CODEC = RecordCodec(
    Offer,
    StoredField("number", "n", WHOLE_NUMBER),
    StoredField("partner", "p"),
    StoredField("kind", "k", member(OfferKind)),
    StoredField("status", "s", member(OfferStatus), always=True),
    StoredField("made_at", "at", PACKED_INSTANT),
    StoredField("expires_at", "to", PACKED_INSTANT),
    StoredField("on_lapse", "l", always=True),
    StoredField("answered_at", "ans", PACKED_INSTANT),
    StoredField("accepted_at", "acc", PACKED_INSTANT),
    StoredField("reason", "why"),
    StoredField("seen_at", "seen", PACKED_INSTANT),
    StoredField("wave", "w", WHOLE_NUMBER),
    StoredField(
        "reserves_slot", "free", ValueCodec(lambda holds: not holds, lambda free: not free)
    ),
    StoredField("km", "km", WHOLE_NUMBER),
    StoredField("used", "u", WHOLE_NUMBER),
    StoredField("unsent", "un"),
    StoredField("window_from", "wf", PACKED_INSTANT),
)


def _write_offer(offer: Offer) -> Item:
    item = OFFER_CODEC.write(offer)
    if offer.status is OfferStatus.ACCEPTED:
        # As long as it stands, an accepted offer was answered when it was accepted: once is enough.
        item.pop("acc", None)
    return item


def _read_offer(item: Mapping[str, Any]) -> Offer:
    if item["s"] == OfferStatus.ACCEPTED and "ans" in item:
        item = {**item, "acc": item["ans"]}
    return OFFER_CODEC.read(item)


OFFERS = several(ValueCodec(_write_offer, _read_offer))

LEAD_CODEC = RecordCodec(
    Lead,
    StoredField("version", "version", WHOLE_NUMBER),
    StoredField("status", "status", member(LeadStatus)),
    StoredField("form", "form"),
    StoredField("received_at", "received_at", TEXT_INSTANT),
    StoredField("country", "country"),
    StoredField("postcode", "postcode", default=""),
    StoredField("town", "town"),
    StoredField("located_by", "by"),
    StoredField("region", "region"),
    StoredField("product", "product"),
    StoredField("urgency", "urgency"),
    StoredField("language", "language"),
    StoredField("payload_hash", "hash", DIGEST, default=""),
    StoredField("contact", "contact", CONTACT_CODEC.nested),
    StoredField("answers", "answers", MAP),
    StoredField("score", "score", WHOLE_NUMBER, always=True),
    StoredField("score_reasons", "scored", TEXTS),
    StoredField("programme", "programme", WHOLE_NUMBER, always=True),
    StoredField("offers", "offers", OFFERS),
    StoredField("owner", "owner"),
    StoredField("deadlines", "deadlines", DEADLINES),
    StoredField("total_by", "total_by", PACKED_INSTANT),
    StoredField("promised_by", "promised_by", PACKED_INSTANT),
    StoredField("answer", "answer"),
    StoredField("first_promise", "first_promise", PACKED_INSTANT),
    StoredField("preferred", "preferred"),
    StoredField("waiting", "waiting", TEXTS),
    StoredField("attached_to", "joined_to"),
    StoredField("attached", "attached", TEXTS),
    StoredField("alike", "alike"),
    StoredField("as_if", "as_if", OFFERS),
    StoredField("asked_at_door", "asked", WHOLE_NUMBER),
    StoredField("exhausted", "exhausted", FLAG),
    StoredField("attempts", "tried", several(PACKED_SECOND)),
    StoredField("colleague", "colleague", COLLEAGUE_CODEC.nested),
    StoredField("accepted_at", "accepted_at", PACKED_INSTANT),
    StoredField("contact_missed", "call_missed", PACKED_INSTANT),
    StoredField("contact_confirmed", "called", FLAG),
    StoredField("contacted_at", "contacted_at", PACKED_INSTANT),
    StoredField("quoted_at", "quoted_at", PACKED_INSTANT),
    StoredField("quote", "quote"),
    StoredField("finished_at", "finished_at", PACKED_INSTANT),
    StoredField("erase_at", "erase_at", PACKED_INSTANT),
    StoredField("ended", "ended", member(LeadStatus)),
    StoredField("value", "value"),
    StoredField("reason", "reason"),
    StoredField("undo", "undo", UNDO_CODEC.nested),
    StoredField("claims", "claims", several(DIGEST)),
    StoredField("from_client", "client"),
    StoredField("moves", "moves", several(MOVED_CODEC.as_list)),
    StoredField("entered", "entered", member(EntryWay)),
    beside=("id", "postcode_towns"),
    no_fields=("due_shard", "due_at", "holder", "holder_at", "attempts", "month_shard"),
    schema=ITEM_SCHEMA,
)


# ── the lead ──────────────────────────────────────────────────────────────────────────────────────


def lead_key(lead_id: str) -> Item:
    """Give the key of a lead."""
    return {"pk": f"LEAD#{lead_id}", "sk": "LEAD"}


def lead_to_item(lead: Lead) -> Item:
    """Give a lead as its item, with the attributes by which the indexes find it."""
    return lead_key(lead.id) | LEAD_CODEC.write(lead) | _index_attributes(lead)


def lead_from_item(item: Mapping[str, Any]) -> Lead:
    """Read a lead; raises NewerData, or KeyError, TypeError or ValueError for an item that is none."""
    if "attempts" in item and "tried" not in item:
        item = {**item, "tried": _counted_attempts(item)}
    return LEAD_CODEC.read(item, id=item["pk"].removeprefix("LEAD#"))


def _counted_attempts(item: Mapping[str, Any]) -> list[int]:
    # Older items only counted: all of the attempts are taken to be of the moment of acceptance.
    return [seconds(read_stored_instant(item["accepted_at"]))] * int(item["attempts"])


def _index_attributes(lead: Lead) -> Item:
    indexes: Item = {}
    if lead.due:
        indexes["due_shard"] = str(zlib.crc32(lead.id.encode()) % DUE_SHARDS)
        indexes["due_at"] = instant_text(lead.due)
    elif lead.erase_at:
        indexes["due_shard"] = ERASE_SHARD
        indexes["due_at"] = instant_text(lead.erase_at)
    if lead.sole_listing:
        indexes["holder"] = lead.sole_listing
        indexes["holder_at"] = instant_text(lead.received_at)
    return indexes


# ── pointers ──────────────────────────────────────────────────────────────────────────────────────


def pointer_key(lead_id: str, offer: int) -> Item:
    """Give the key of the item by which an offer of a wave puts its lead on the partner's list."""
    return {"pk": f"LEAD#{lead_id}", "sk": f"OFFER#{offer:03d}"}


def pointers(lead: Lead | None) -> dict[int, Item]:
    """Give an item for each offer of a live wave, by the offer's number.

    The lead is then on the lists of several partners, and one item is on one list only.
    """
    if lead is None or lead.finished:
        return {}
    return {offer.number: _pointer(lead, offer) for offer in lead.wave}


def _pointer(lead: Lead, offer: Offer) -> Item:
    listed = {"holder": offer.partner, "holder_at": instant_text(lead.received_at)}
    return pointer_key(lead.id, offer.number) | {"schema": ITEM_SCHEMA} | listed

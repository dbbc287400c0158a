"""Domain values as plain items and back: what is stored, key by key.

Plain means dicts, lists, text, whole numbers, booleans and bytes. A lead is one item, written again
with each step and paid by the kilobyte: one that leaves nothing out should fit into the first until
somebody accepts it, so names are short where they repeat, and instants and digests that are no keys
are packed. Each kind of record has its key builder beside its mapping.
"""

import json
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from routing_core.domain.events import CommitRecord, Fact
from routing_core.domain.lead import (
    Colleague,
    Contact,
    Context,
    Deadline,
    DeadlineKind,
    Lead,
    LeadStatus,
    Moved,
    Note,
    Undo,
)
from routing_core.domain.offer import Offer, OfferKind, OfferStatus
from routing_core.service.kernel.ports import KnownContact, Listed

Item = dict[str, Any]
SCHEMA = 1
DUE_SHARDS, MONTH_SHARDS = 8, 4
ERASE_SHARD = "erase"
"""Ended leads stand apart in the index of what is due: they wait for months, and no timer of theirs
can be lost.
"""


def stamp(at: datetime) -> str:
    """ISO-8601, UTC, milliseconds: sorts as text."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


EPOCH = datetime.fromtimestamp(0, UTC)


def _packed(at: datetime) -> int:
    """Milliseconds since 1970, for what is no key: a third of the bytes."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def instant(stored: str | int | None) -> datetime | None:
    return _known(stored) if stored else None


def _known(stored: str | int) -> datetime:
    """Of text, or of milliseconds since 1970."""
    return (
        datetime.fromisoformat(stored)
        if isinstance(stored, str)
        else EPOCH + timedelta(milliseconds=int(stored))
    )


def _hex(stored: str | bytes) -> str:
    """Of bytes; older items have it as text."""
    return stored if isinstance(stored, str) else bytes(stored).hex()


def shard(lead_id: str, shards: int) -> int:
    return zlib.crc32(lead_id.encode()) % shards


def without_empty(item: Mapping[str, Any]) -> Item:
    return {k: v for k, v in item.items() if v not in (None, "", b"", {}, [], ())}


# ── lead
# ──────────────────────────────────────────────────────────────────────────────────────────────


def lead_key(lead_id: str) -> Item:
    return {"pk": f"LEAD#{lead_id}", "sk": "LEAD"}


def lead_to_item(lead: Lead) -> Item:
    indexes = {"month_shard": f"{lead.received_at:%Y-%m}#{shard(lead.id, MONTH_SHARDS)}"}
    if lead.due:
        indexes |= {"due_shard": str(shard(lead.id, DUE_SHARDS)), "due_at": stamp(lead.due)}
    elif lead.erase_at:
        indexes |= {"due_shard": ERASE_SHARD, "due_at": stamp(lead.erase_at)}
    if lead.holder:
        indexes |= {"holder": lead.holder, "holder_at": stamp(lead.received_at)}
    contact = lead.contact and without_empty(
        {
            "name": lead.contact.name,
            "email": lead.contact.email,
            "phone": lead.contact.phone,
            "company": lead.contact.company,
            "street": lead.contact.street,
        }
    )
    return without_empty(
        lead_key(lead.id)
        | indexes
        | {
            "schema": SCHEMA,
            "version": lead.version,
            "status": lead.status.value,
            "form": lead.form,
            "received_at": stamp(lead.received_at),
            "country": lead.country,
            "postcode": lead.postcode,
            "town": lead.town,
            "by": lead.located_by,
            "region": lead.region,
            "product": lead.product,
            "urgency": lead.urgency,
            "language": lead.language,
            "hash": bytes.fromhex(lead.payload_hash) or None,
            "contact": contact,
            "answers": dict(lead.answers),
            "score": lead.score,
            "scored": list(lead.score_reasons),
            "programme": lead.programme,
            "offers": [_offer_to_item(o) for o in lead.offers],
            "owner": lead.owner,
            "deadlines": [_deadline_to_text(d) for d in lead.deadlines],
            "total_by": lead.total_by and _packed(lead.total_by),
            "promised_by": lead.promised_by and _packed(lead.promised_by),
            "answer": lead.answer,
            "first_promise": lead.first_promise and _packed(lead.first_promise),
            "preferred": lead.preferred,
            "waiting": list(lead.waiting),
            "joined_to": lead.attached_to,
            "attached": list(lead.attached),
            "alike": lead.alike,
            "as_if": [_offer_to_item(o) for o in lead.as_if],
            "asked": lead.asked_at_door or None,
            "exhausted": lead.exhausted or None,
            "tried": [int(at.timestamp()) for at in lead.attempts],
            "colleague": lead.colleague and _colleague_to_item(lead.colleague),
            "accepted_at": lead.accepted_at and _packed(lead.accepted_at),
            "contacted_at": lead.contacted_at and _packed(lead.contacted_at),
            "quoted_at": lead.quoted_at and _packed(lead.quoted_at),
            "quote": lead.quote,
            "finished_at": lead.finished_at and _packed(lead.finished_at),
            "erase_at": lead.erase_at and _packed(lead.erase_at),
            "ended": lead.ended and lead.ended.value,
            "value": lead.value,
            "reason": lead.reason,
            "undo": lead.undo and _undo_to_item(lead.undo),
            "claims": [bytes.fromhex(key) for key in lead.claims],
            "client": lead.from_client,
            "moves": [
                [each.version, each.postcode, each.region, each.offers] for each in lead.moves
            ],
        }
    )


def lead_from_item(item: Mapping[str, Any]) -> Lead:
    contact = item.get("contact")
    return Lead(
        id=item["pk"].removeprefix("LEAD#"),
        form=item["form"],
        status=LeadStatus(item["status"]),
        version=int(item["version"]),
        received_at=_known(item["received_at"]),
        country=item["country"],
        postcode=item.get("postcode", ""),
        product=item["product"],
        urgency=item["urgency"],
        language=item["language"],
        payload_hash=_hex(item.get("hash", "")),
        contact=Contact(**{"name": "", "email": ""} | contact) if contact else None,
        town=item.get("town", ""),
        located_by=item.get("by", ""),
        region=item.get("region", ""),
        answers=item.get("answers", {}),
        score=int(item.get("score", 0)),
        score_reasons=tuple(item.get("scored", ())),
        programme=int(item.get("programme", 0)),
        offers=tuple(_offer_from_item(o) for o in item.get("offers", ())),
        owner=item.get("owner"),
        deadlines=tuple(_deadline_from_text(d) for d in item.get("deadlines", ())),
        total_by=instant(item.get("total_by")),
        promised_by=instant(item.get("promised_by")),
        answer=item.get("answer", ""),
        first_promise=instant(item.get("first_promise")),
        preferred=item.get("preferred"),
        waiting=tuple(item.get("waiting", ())),
        attached_to=item.get("joined_to"),
        attached=tuple(item.get("attached", ())),
        alike=item.get("alike"),
        as_if=tuple(_offer_from_item(o) for o in item.get("as_if", ())),
        asked_at_door=int(item.get("asked", 0)),
        exhausted=bool(item.get("exhausted", False)),
        attempts=_attempts(item),
        accepted_at=instant(item.get("accepted_at")),
        contacted_at=instant(item.get("contacted_at")),
        quoted_at=instant(item.get("quoted_at")),
        quote=item.get("quote", ""),
        finished_at=instant(item.get("finished_at")),
        erase_at=instant(item.get("erase_at")),
        ended=LeadStatus(item["ended"]) if item.get("ended") else None,
        value=item.get("value", ""),
        reason=item.get("reason", ""),
        colleague=_colleague(item.get("colleague")),
        undo=_undo_from_item(item["undo"]) if item.get("undo") else None,
        claims=tuple(map(_hex, item.get("claims", ()))),
        from_client=item.get("client", ""),
        moves=tuple(
            Moved(int(v), code, region, int(offers))
            for v, code, region, offers in item.get("moves", ())
        ),
    )


def _attempts(item: Mapping[str, Any]) -> tuple[datetime, ...]:
    """Seconds since 1970. Older items only counted: all of them are taken to be of the moment of
    acceptance.
    """
    counted = (_known(item["accepted_at"]),) * int(item["attempts"]) if "attempts" in item else ()
    return tuple(datetime.fromtimestamp(int(at), UTC) for at in item.get("tried", ())) or counted


def _colleague_to_item(colleague: Colleague) -> Item:
    since = colleague.since or None
    return without_empty(
        {"p": colleague.partner, "e": colleague.email, "n": colleague.name, "v": since}
    )


def _colleague(item: Mapping[str, Any] | None) -> Colleague | None:
    return (
        Colleague(item["p"], item["e"], item.get("n", ""), int(item.get("v", 0))) if item else None
    )


def _offer_to_item(offer: Offer) -> Item:
    return without_empty(
        {
            "n": offer.number,
            "p": offer.partner,
            "k": offer.kind.value,
            "s": offer.status.value,
            "at": _packed(offer.made_at),
            "to": _packed(offer.expires_at),
            "l": offer.on_lapse,
            "ans": offer.answered_at and _packed(offer.answered_at),
            "acc": _packed(offer.accepted_at) if offer.accepted_at and _is_past(offer) else None,
            "why": offer.reason,
            "seen": offer.seen_at and _packed(offer.seen_at),
            "w": offer.wave or None,
            "free": not offer.holds or None,
            "km": offer.km,
            "u": offer.used,
        }
    )


def _is_past(offer: Offer) -> bool:
    """As long as it stands, an accepted offer was answered when it was accepted."""
    return offer.status is not OfferStatus.ACCEPTED


def _offer_from_item(item: Mapping[str, Any]) -> Offer:
    return Offer(
        number=int(item["n"]),
        partner=item["p"],
        kind=OfferKind(item["k"]),
        made_at=_known(item["at"]),
        expires_at=_known(item["to"]),
        on_lapse=item["l"],
        status=OfferStatus(item["s"]),
        answered_at=instant(item.get("ans")),
        accepted_at=instant(item.get("ans" if item["s"] == OfferStatus.ACCEPTED else "acc")),
        reason=item.get("why", ""),
        seen_at=instant(item.get("seen")),
        wave=int(item.get("w", 0)),
        holds=not item.get("free", False),
        km=int(item["km"]) if "km" in item else None,
        used=int(item["u"]) if "u" in item else None,
    )


def _deadline_to_text(deadline: Deadline) -> str:
    return f"{_packed(deadline.at)} {deadline.kind.value} {deadline.offer}"


def _deadline_from_text(text: str) -> Deadline:
    at, kind, offer = text.split()
    return Deadline(_known(int(at) if at.isdigit() else at), DeadlineKind(kind), int(offer))


def _undo_to_item(undo: Undo) -> Item:
    return without_empty(
        {
            "status": undo.status.value,
            "until": _packed(undo.until),
            "deadlines": [_deadline_to_text(d) for d in undo.deadlines],
            "promised_by": undo.promised_by and _packed(undo.promised_by),
        }
    )


def _undo_from_item(item: Mapping[str, Any]) -> Undo:
    deadlines = tuple(_deadline_from_text(d) for d in item.get("deadlines", ()))
    return Undo(
        LeadStatus(item["status"]),
        _known(item["until"]),
        deadlines,
        instant(item.get("promised_by")),
    )


# ── pointer
# ───────────────────────────────────────────────────────────────────────────────────────────


def pointer_key(lead_id: str, offer: int) -> Item:
    return {"pk": f"LEAD#{lead_id}", "sk": f"OFFER#{offer:03d}"}


def pointers(lead: Lead | None) -> dict[int, Item]:
    """While a wave is live the lead is on several lists, and one item is on one list only: an item
    for each offer.
    """
    if lead is None or lead.finished:
        return {}
    return {
        offer.number: pointer_key(lead.id, offer.number)
        | {"schema": SCHEMA, "holder": offer.partner, "holder_at": stamp(lead.received_at)}
        for offer in lead.wave
    }


# ── context
# ───────────────────────────────────────────────────────────────────────────────────────────


def context_key(lead_id: str) -> Item:
    return {"pk": f"LEAD#{lead_id}", "sk": "CONTEXT"}


def context_to_item(lead_id: str, context: Context) -> Item:
    return context_key(lead_id) | without_empty(
        {
            "schema": SCHEMA,
            "message": context.message,
            "source": context.source,
            "utm": dict(context.utm),
            "referrer": context.referrer,
            "pages": list(context.pages),
            "locale": context.locale,
            "consent_version": context.consent_version,
            "consent_text": context.consent_text,
            "phone_typed": context.phone_typed,
            "also_sent": dict(context.also_sent),
            "notes": [note_to_item(note) for note in context.notes],
            "marks": b"".join(mark[0].encode() + bytes.fromhex(mark[1:]) for mark in context.marks),
        }
    )


def note_to_item(note: Note) -> Item:
    return {"at": stamp(note.at), "by": note.by, "text": note.text}


def context_from_item(item: Mapping[str, Any]) -> Context:
    return Context(
        message=item.get("message", ""),
        source=item.get("source", ""),
        utm=item.get("utm", {}),
        referrer=item.get("referrer", ""),
        pages=tuple(item.get("pages", ())),
        locale=item.get("locale", ""),
        consent_version=item.get("consent_version", ""),
        consent_text=item.get("consent_text", ""),
        phone_typed=item.get("phone_typed", ""),
        also_sent=item.get("also_sent", {}),
        notes=tuple(Note(_known(n["at"]), n["by"], n["text"]) for n in item.get("notes", ())),
        marks=_marks_from_bytes(bytes(item.get("marks", b""))),
    )


MARK = 7
"""Bytes of a mark: a letter, and six of its hash."""


def _marks_from_bytes(packed: bytes) -> tuple[str, ...]:
    starts = range(0, len(packed), MARK)
    return tuple(
        f"{chr(packed[start])}{packed[start + 1 : start + MARK].hex()}" for start in starts
    )


# ── event
# ─────────────────────────────────────────────────────────────────────────────────────────────


def event_key(lead_id: str, version: int) -> Item:
    return {"pk": f"LEAD#{lead_id}", "sk": f"EVENT#{version:06d}"}


def event_to_item(row: CommitRecord) -> Item:
    facts = [[f.kind, dict(f.data)] for f in row.facts]
    item = event_key(row.lead, row.version) | {
        "schema": SCHEMA,
        "at": stamp(row.at),
        "facts": json.dumps(facts, separators=(",", ":")),
    }
    if row.due:
        item["due"] = stamp(row.due)
    if row.decision is not None:
        item["decision"] = zlib.compress(
            json.dumps(row.decision, separators=(",", ":")).encode(), 9
        )
    return item


def event_from_item(item: Mapping[str, Any]) -> CommitRecord:
    decision = item.get("decision")
    return CommitRecord(
        lead=item["pk"].removeprefix("LEAD#"),
        version=int(item["sk"].removeprefix("EVENT#")),
        at=_known(item["at"]),
        due=instant(item.get("due")),
        facts=tuple(Fact(kind, data) for kind, data in json.loads(item["facts"])),
        decision=json.loads(zlib.decompress(bytes(decision))) if decision is not None else None,
    )


# ── claim
# ─────────────────────────────────────────────────────────────────────────────────────────────


def claim_key(key: str) -> Item:
    return {"pk": f"CLAIM#{key}", "sk": "CLAIM"}


RETENTION_OF_CLAIMS = 86_400  # seconds kept after ``until``, for the reader of a late clock


def claim_to_item(claim: KnownContact) -> Item:
    """The newest enquiry stands as the only one did in rows written before they listed several."""
    newest, *earlier = claim.listed
    return claim_key(claim.key) | without_empty(
        {
            "lead": newest.lead,
            "until": stamp(newest.until),
            "place": newest.place,
            "earlier": [[each.lead, _packed(each.until), each.place] for each in earlier],
            "expires": int(max(each.until for each in claim.listed).timestamp())
            + RETENTION_OF_CLAIMS,
        }
    )


def claim_from_item(item: Mapping[str, Any]) -> KnownContact:
    newest = Listed(item["lead"], _known(item["until"]), item.get("place", ""))
    earlier = (Listed(lead, _known(until), place) for lead, until, place in item.get("earlier", ()))
    return KnownContact(item["pk"].removeprefix("CLAIM#"), (newest, *earlier))

"""Leads, contexts, events and claims in DynamoDB: one read before a decision, one transaction after
it.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError, HTTPClientError

from routing_core.aws.codecs.contact_items import claim_from_item, claim_key, claim_to_item
from routing_core.aws.codecs.context_items import (
    NOTE_CODEC,
    context_from_item,
    context_key,
    context_to_item,
)
from routing_core.aws.codecs.event_items import event_from_item, event_key, event_to_item
from routing_core.aws.codecs.lead_items import (
    DUE_SHARDS,
    ERASE_SHARD,
    lead_from_item,
    lead_key,
    lead_to_item,
    pointer_key,
    pointers,
)
from routing_core.aws.codecs.load_items import load_from_item, load_key
from routing_core.aws.codecs.value_codecs import instant_text
from routing_core.aws.tables.dynamo import (
    PASSING,
    PAUSES,
    batch_get,
    may_be_id,
    plain,
    query_pages,
    refusals,
    spread,
    typed,
)
from routing_core.aws.tables.load_update import load_update
from routing_core.domain.draft import Draft
from routing_core.domain.errors import (
    CapacityConflict,
    ContactChanged,
    LeadExists,
    NotesFull,
    VersionConflict,
)
from routing_core.domain.events import CommitRecord
from routing_core.domain.lead import Context, Lead, open_counts
from routing_core.domain.partner import Load
from routing_core.service.kernel.ports import Arrival, Change, LoadChange

logger = logging.getLogger(__name__)
MOST_NOTES = 40
"""With an enquiry: 2,000 characters each, of at most four bytes, leave room in an item of 400
kB.
"""


class LeadsTable:
    """Implements ports.Leads over the two tables."""

    def __init__(self, client: Any, leads_table: str, partners_table: str):
        self._client = client
        self._leads = leads_table
        self._partners = partners_table

    # ── reads
    # ─────────────────────────────────────────────────────────────────────────────────────────

    def arrival(
        self, lead_id: str, claim_keys: Sequence[str], partners: Sequence[str], former_id: str = ""
    ) -> Arrival:
        ids = [lead_id, former_id] if former_id else [lead_id]
        wanted = {
            self._leads: [
                *(lead_key(each) for each in ids),
                *(claim_key(key) for key in claim_keys),
            ]
        }
        if partners:
            wanted[self._partners] = [load_key(partner) for partner in partners]
        found = batch_get(self._client, wanted)
        leads = {
            lead.id: lead
            for lead in (lead_from_item(i) for i in found[self._leads] if i["sk"] == "LEAD")
        }
        claims = [claim_from_item(i) for i in found[self._leads] if i["sk"] == "CLAIM"]
        return Arrival(
            existing=leads.get(lead_id),
            claims={claim.key: claim for claim in claims},
            loads=_loads(found.get(self._partners, [])),
            former=leads.get(former_id),
        )

    def get(self, lead_id: str) -> Lead | None:
        item = self._get(lead_key(lead_id)) if may_be_id(lead_id) else None
        return lead_from_item(item) if item else None

    def get_for_partner(self, lead_id: str, partner: str) -> tuple[Lead, Context, Load] | None:
        keys = [lead_key(lead_id), context_key(lead_id)]
        found = batch_get(self._client, {self._leads: keys, self._partners: [load_key(partner)]})
        by_kind = {item["sk"]: item for item in (*found[self._leads], *found[self._partners])}
        if not {"LEAD", "CONTEXT", "LOAD"} <= by_kind.keys():
            return None
        lead, context, load = by_kind["LEAD"], by_kind["CONTEXT"], by_kind["LOAD"]
        return lead_from_item(lead), context_from_item(context), load_from_item(load)

    def context(self, lead_id: str) -> Context | None:
        item = self._get(context_key(lead_id))
        return context_from_item(item) if item else None

    def several(self, ids: Sequence[str]) -> tuple[Lead, ...]:
        return tuple(self._get_many(list(dict.fromkeys(ids)))) if ids else ()

    def with_contexts(self, ids: Sequence[str]) -> tuple[tuple[Lead, Context], ...]:
        if not ids:
            return ()
        ids = list(dict.fromkeys(ids))  # a key twice in one read is refused
        keys = [key for each in ids for key in (lead_key(each), context_key(each))]
        found = batch_get(self._client, {self._leads: keys})
        items = {(item["pk"], item["sk"]): item for item in found[self._leads]}
        pairs = []
        for each in ids:
            key = lead_key(each)["pk"]
            lead = _readable(items[key, "LEAD"]) if (key, "LEAD") in items else None
            if lead and (key, "CONTEXT") in items:
                pairs.append((lead, context_from_item(items[key, "CONTEXT"])))
        return tuple(pairs)

    def event(self, lead_id: str, version: int) -> CommitRecord | None:
        item = self._get(event_key(lead_id, version))
        return event_from_item(item) if item else None

    def events(self, lead_id: str) -> tuple[CommitRecord, ...]:
        rows = query_pages(
            self._client,
            TableName=self._leads,
            KeyConditionExpression="pk = :lead AND begins_with(sk, :event)",
            ExpressionAttributeValues=typed({":lead": f"LEAD#{lead_id}", ":event": "EVENT#"}),
            ConsistentRead=True,
        )
        return tuple(event_from_item(row) for row in rows)

    def loads(self, partners: Sequence[str]) -> Mapping[str, Load]:
        if not partners:
            return {}
        found = batch_get(
            self._client, {self._partners: [load_key(p) for p in dict.fromkeys(partners)]}
        )
        return _loads(found[self._partners])

    def held_by(
        self, holder: str, limit: int = 100, *, newest_first: bool = False
    ) -> tuple[Lead, ...]:
        """One that cannot be read is left out, with an error in the log: it must not hide the
        others.
        """
        rows = query_pages(
            self._client,
            TableName=self._leads,
            IndexName="by_partner",
            KeyConditionExpression="holder = :holder",
            ExpressionAttributeValues=typed({":holder": holder}),
            ScanIndexForward=not newest_first,
            Limit=min(limit, 1000),
        )
        ids = dict.fromkeys(row["pk"].removeprefix("LEAD#") for row in islice(rows, limit))
        leads = self._get_many(list(ids))
        return tuple(lead for lead in leads if holder in lead.listed_under)

    def overdue(self, before: datetime, limit: int) -> tuple[tuple[str, datetime], ...]:
        """Lead ids with their due instant, the longest overdue first."""
        return self._due([str(number) for number in range(DUE_SHARDS)], before, limit)

    def to_erase(self, before: datetime, limit: int) -> tuple[tuple[str, datetime], ...]:
        return self._due([ERASE_SHARD], before, limit)

    def _due(
        self, shards: Sequence[str], before: datetime, limit: int
    ) -> tuple[tuple[str, datetime], ...]:
        rows: list[tuple[datetime, str]] = []
        for shard in shards:
            page = self._client.query(
                TableName=self._leads,
                IndexName="due",
                KeyConditionExpression="due_shard = :shard AND due_at <= :before",
                ExpressionAttributeValues=typed({":shard": shard, ":before": instant_text(before)}),
                Limit=limit,
            )
            rows += [
                (datetime.fromisoformat(item["due_at"]), item["pk"].removeprefix("LEAD#"))
                for item in map(plain, page["Items"])
            ]
        return tuple((lead_id, due) for due, lead_id in sorted(rows)[:limit])

    def _get(self, key: Mapping[str, Any]) -> dict[str, Any] | None:
        answer = self._client.get_item(TableName=self._leads, Key=typed(key), ConsistentRead=True)
        return plain(answer["Item"]) if "Item" in answer else None

    def _get_many(self, ids: Sequence[str]) -> list[Lead]:
        found = batch_get(self._client, {self._leads: [lead_key(i) for i in ids]})
        by_id = {lead.id: lead for lead in map(_readable, found[self._leads]) if lead}
        return [by_id[i] for i in ids if i in by_id]

    # ── the one write
    # ─────────────────────────────────────────────────────────────────────────────────

    def commit(self, *changes: Change, now: datetime) -> None:
        mark = uuid4().hex[:12]
        writes: list[tuple[Exception, dict[str, Any]]] = []
        for change in changes:
            writes += self._lead_writes(change, now, mark)
            writes += self._claim_writes(change)
            writes += self._load_writes(change)
        for pause in (*PAUSES, None):
            try:
                self._client.transact_write_items(TransactItems=[item for _, item in writes])
                return
            except (ClientError, HTTPClientError) as error:
                codes = refusals(error) if isinstance(error, ClientError) else None
                if self._is_ours(changes[0].draft, mark):
                    return  # it happened, and its reply was lost
                if codes is None:
                    raise
                if pause is None or not PASSING.issuperset(codes):
                    raise self._refusal(writes, codes) from error
            spread(pause)

    def _lead_writes(
        self, change: Change, now: datetime, mark: str
    ) -> list[tuple[Exception, dict[str, Any]]]:
        draft = change.draft
        lead = draft.lead
        put: dict[str, Any] = {"TableName": self._leads, "Item": typed(lead_to_item(lead))}
        if draft.before is None:
            lead_is_new = {"ConditionExpression": "attribute_not_exists(pk)"}
            writes: list[tuple[Exception, dict[str, Any]]] = [
                (LeadExists(lead.id), {"Put": put | lead_is_new})
            ]
        else:
            version_as_read = {
                "ConditionExpression": "version = :read",
                "ExpressionAttributeValues": typed({":read": draft.before.version}),
            }
            writes = [(VersionConflict(lead.id), {"Put": put | version_as_read})]
        writes += [(VersionConflict(lead.id), each) for each in self._pointer_writes(draft)]
        if change.context is not None:
            item = typed(context_to_item(lead.id, change.context))
            writes.append(
                (VersionConflict(lead.id), {"Put": {"TableName": self._leads, "Item": item}})
            )
        if change.note is not None:
            writes.append((NotesFull(MOST_NOTES), self._note_write(change)))
        event = typed(event_to_item(_event_row(draft, now)) | {"commit": mark})
        writes.append(
            (VersionConflict(lead.id), {"Put": {"TableName": self._leads, "Item": event}})
        )
        return writes

    def _pointer_writes(self, draft: Draft) -> list[dict[str, Any]]:
        before, after = pointers(draft.before), pointers(draft.lead)
        gone = [pointer_key(draft.lead.id, number) for number in before if number not in after]
        new = [item for number, item in after.items() if number not in before]
        return [
            *({"Delete": {"TableName": self._leads, "Key": typed(key)}} for key in gone),
            *({"Put": {"TableName": self._leads, "Item": typed(item)}} for item in new),
        ]

    def _note_write(self, change: Change) -> dict[str, Any]:
        assert change.note is not None  # noqa: S101
        there_is_room = "attribute_not_exists(notes) OR size(notes) < :most"
        return {
            "Update": {
                "TableName": self._leads,
                "Key": typed(context_key(change.draft.lead.id)),
                "UpdateExpression": "SET notes = list_append(if_not_exists(notes, :none), :note)",
                "ConditionExpression": there_is_room,
                "ExpressionAttributeValues": typed(
                    {":none": [], ":note": [NOTE_CODEC.write(change.note)], ":most": MOST_NOTES}
                ),
            }
        }

    def _claim_writes(self, change: Change) -> list[tuple[Exception, dict[str, Any]]]:
        """A contact's row is written only as it was read: of two enquiries that come at once, the
        second sees the first.
        """
        writes: list[tuple[Exception, dict[str, Any]]] = []
        for claim in change.claims:
            seen = change.claims_seen.get(claim.key)
            row_as_read = "attribute_not_exists(pk)"
            values: dict[str, Any] = {}
            if seen is not None:
                row_as_read += " OR #lead = :seen"  # a reserved word
                values = {
                    "ExpressionAttributeNames": {"#lead": "lead"},
                    "ExpressionAttributeValues": typed({":seen": seen.listed[0].lead}),
                }
            item = typed(claim_to_item(claim))
            put = {"TableName": self._leads, "Item": item, "ConditionExpression": row_as_read}
            writes.append((ContactChanged(claim.key), {"Put": put | values}))
        return writes

    def _load_writes(self, change: Change) -> list[tuple[Exception, dict[str, Any]]]:
        before, after = open_counts(change.draft.before), open_counts(change.draft.lead)
        writes: list[tuple[Exception, dict[str, Any]]] = []
        for partner in sorted({*before, *after, *change.loads}):
            places = after.get(partner, 0) - before.get(partner, 0)
            update = load_update(
                self._partners,
                partner,
                places,
                change.draft.lead.product,
                change.loads.get(partner, LoadChange()),
            )
            if update:
                writes.append((CapacityConflict(partner), update))
        return writes

    def _refusal(
        self, writes: Sequence[tuple[Exception, dict[str, Any]]], codes: Sequence[str]
    ) -> Exception:
        """The first condition that failed says what happened; two transactions that met are a
        conflict to try again.
        """
        for (refusal, _), code in zip(writes, codes, strict=False):
            if code == "ConditionalCheckFailed":
                return refusal
        return VersionConflict(
            f"other commits were under way: {', '.join(sorted(set(codes) - {'None'}))}"
        )

    def _is_ours(self, draft: Draft, mark: str) -> bool:
        """Reads back: did this very commit write that version? Facts alone cannot tell: two may say
        the same.
        """
        stored = self._get(event_key(draft.lead.id, draft.lead.version))
        return stored is not None and stored.get("commit") == mark


def _readable(item: Mapping[str, Any]) -> Lead | None:
    try:
        return lead_from_item(item)
    except (AttributeError, KeyError, TypeError, ValueError):
        logger.exception("a lead cannot be read", extra={"lead": item["pk"]})
        return None


def _event_row(draft: Draft, now: datetime) -> CommitRecord:
    lead = draft.lead
    return CommitRecord(lead.id, lead.version, now, lead.due, tuple(draft.events), draft.decision)


def _loads(items: Sequence[Mapping[str, Any]]) -> dict[str, Load]:
    return {load.partner: load for load in map(load_from_item, items)}

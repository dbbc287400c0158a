"""Keep leads, contexts, events and known contacts in DynamoDB.

One read comes before a decision, and one transaction after it.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError, HTTPClientError

from routing_core.aws.codecs.contact_items import known_contact_from_item, known_contact_key
from routing_core.aws.codecs.context_items import context_from_item, context_key
from routing_core.aws.codecs.event_items import PAST, event_from_item, event_key
from routing_core.aws.codecs.lead_items import DUE_SHARDS, ERASE_SHARD, lead_from_item, lead_key
from routing_core.aws.codecs.load_items import load_from_item, load_key
from routing_core.aws.codecs.value_codecs import Item, instant_text
from routing_core.aws.tables.commit_writes import CommitWrites, Write
from routing_core.aws.tables.dynamo import (
    PAUSES,
    batch_get,
    deserialize_item,
    may_be_id,
    query_pages,
    read_item,
    refusal_codes,
    serialize_item,
    wait_up_to,
    will_pass,
)
from routing_core.domain.draft import Draft
from routing_core.domain.errors import NewerData, VersionConflict
from routing_core.domain.events import CommitRecord
from routing_core.domain.lead import Context, Lead
from routing_core.domain.partner import Load
from routing_core.service.kernel.ports import Arrival, Change

logger = logging.getLogger(__name__)
LARGEST_PAGE = 1000
"""Rows of an index asked for at once; a page holds no more than 1 MB anyway."""


class LeadsTable:
    """Keeps the leads: ``ports.Leads`` over the two tables."""

    def __init__(self, client: Any, leads_table: str, partners_table: str):
        self._client = client
        self._leads = leads_table
        self._partners = partners_table
        self._writes = CommitWrites(leads_table, partners_table)

    # ── reads ─────────────────────────────────────────────────────────────────────────────────────

    def arrival(
        self,
        lead_id: str,
        contact_keys: Sequence[str],
        partners: Sequence[str],
        former_id: str = "",
    ) -> Arrival:
        """Read in one go all that is needed before a new lead is decided on."""
        keys = [lead_key(lead_id), *map(known_contact_key, contact_keys)]
        if former_id:
            keys.append(lead_key(former_id))
        wanted = {self._leads: keys}
        if partners:
            wanted[self._partners] = [load_key(partner) for partner in partners]
        found = batch_get(self._client, wanted)
        leads: dict[str, Lead] = {}
        contacts = {}
        for item in found[self._leads]:
            if item["sk"] == "LEAD":
                lead = lead_from_item(item)
                leads[lead.id] = lead
            else:
                contact = known_contact_from_item(item)
                contacts[contact.key] = contact
        return Arrival(
            existing=leads.get(lead_id),
            contacts=contacts,
            loads=_by_partner(found.get(self._partners, [])),
            former=leads.get(former_id),
        )

    def get(self, lead_id: str) -> Lead | None:
        """Read a lead; None if there is none."""
        if not may_be_id(lead_id):
            return None
        item = read_item(self._client, self._leads, lead_key(lead_id))
        return lead_from_item(item) if item else None

    def get_for_partner(self, lead_id: str, partner: str) -> tuple[Lead, Context, Load] | None:
        """Read in one go all that a partner's page needs; None if any of it is not there."""
        keys = [lead_key(lead_id), context_key(lead_id)]
        found = batch_get(self._client, {self._leads: keys, self._partners: [load_key(partner)]})
        by_kind = {item["sk"]: item for item in (*found[self._leads], *found[self._partners])}
        if not {"LEAD", "CONTEXT", "LOAD"} <= by_kind.keys():
            return None
        return (
            lead_from_item(by_kind["LEAD"]),
            context_from_item(by_kind["CONTEXT"]),
            load_from_item(by_kind["LOAD"]),
        )

    def context(self, lead_id: str) -> Context | None:
        """Read what came with a lead; None if there is none."""
        item = read_item(self._client, self._leads, context_key(lead_id))
        return context_from_item(item) if item else None

    def several(self, ids: Sequence[str]) -> tuple[Lead, ...]:
        """Read several leads in one go, in that order; those that cannot be read are left out."""
        return tuple(self._get_many(ids))

    def with_contexts(self, ids: Sequence[str]) -> tuple[tuple[Lead, Context], ...]:
        """Read several leads in one go, each with its context.

        Those that cannot be read, or have no context, are left out.
        """
        keys: list[Item] = []
        for lead_id in dict.fromkeys(ids):  # a key twice in one read is refused
            keys += [lead_key(lead_id), context_key(lead_id)]
        if not keys:
            return ()
        found = batch_get(self._client, {self._leads: keys})[self._leads]
        items = {(item["pk"], item["sk"]): item for item in found}
        pairs: list[tuple[Lead, Context]] = []
        for lead_id in dict.fromkeys(ids):
            key = lead_key(lead_id)["pk"]
            lead_item = items.get((key, "LEAD"))
            context_item = items.get((key, "CONTEXT"))
            lead = _readable(lead_item) if lead_item else None
            if lead and context_item:
                pairs.append((lead, context_from_item(context_item)))
        return tuple(pairs)

    def event(self, lead_id: str, version: int) -> CommitRecord | None:
        """Read what the commit of a version made true; None if there is none."""
        item = read_item(self._client, self._leads, event_key(lead_id, version))
        return event_from_item(item) if item else None

    def events(self, lead_id: str) -> tuple[CommitRecord, ...]:
        """Read what all commits of a lead made true, the first one first."""
        rows = tuple(self._commits(lead_id, "EVENT#"))
        # Of a lead of the past there are none that were ever told.
        return rows or tuple(self._commits(lead_id, PAST))

    def _commits(self, lead_id: str, kind: str) -> Iterator[CommitRecord]:
        values = {":lead": f"LEAD#{lead_id}", ":kind": kind}
        rows = query_pages(
            self._client,
            TableName=self._leads,
            KeyConditionExpression="pk = :lead AND begins_with(sk, :kind)",
            ExpressionAttributeValues=serialize_item(values),
            ConsistentRead=True,
        )
        return map(event_from_item, rows)

    def loads(self, partners: Sequence[str]) -> Mapping[str, Load]:
        """Read the loads of partners, by their ids."""
        if not partners:
            return {}
        keys = [load_key(partner) for partner in dict.fromkeys(partners)]
        return _by_partner(batch_get(self._client, {self._partners: keys})[self._partners])

    def held_by(
        self, holder: str, limit: int = 100, *, newest_first: bool = False
    ) -> tuple[Lead, ...]:
        """Read the leads on somebody's list, the oldest first or the newest.

        One that cannot be read is left out, with an error in the log: it must not hide the others.
        """
        rows = query_pages(
            self._client,
            TableName=self._leads,
            IndexName="by_partner",
            KeyConditionExpression="holder = :holder",
            ExpressionAttributeValues=serialize_item({":holder": holder}),
            ScanIndexForward=not newest_first,
            Limit=min(limit, LARGEST_PAGE),
        )
        ids = [_lead_id(row) for row in islice(rows, limit)]
        # The index lags behind: what the lead itself says counts.
        return tuple(lead for lead in self._get_many(ids) if holder in lead.listed_under)

    def overdue(self, before: datetime, limit: int) -> tuple[tuple[str, datetime], ...]:
        """Give the leads whose deadline has passed, the longest overdue first.

        Each is an id with that deadline.
        """
        shards = [str(number) for number in range(DUE_SHARDS)]
        return self._due(shards, before, limit)

    def to_erase(self, before: datetime, limit: int) -> tuple[tuple[str, datetime], ...]:
        """Give the ended leads whose time to be erased has come, with that time."""
        return self._due([ERASE_SHARD], before, limit)

    def _due(
        self, shards: Sequence[str], before: datetime, limit: int
    ) -> tuple[tuple[str, datetime], ...]:
        due: list[tuple[datetime, str]] = []
        for shard in shards:
            values = {":shard": shard, ":before": instant_text(before)}
            page = self._client.query(
                TableName=self._leads,
                IndexName="due",
                KeyConditionExpression="due_shard = :shard AND due_at <= :before",
                ExpressionAttributeValues=serialize_item(values),
                Limit=limit,
            )
            due += [_due_lead(deserialize_item(item)) for item in page["Items"]]
        return tuple((lead_id, at) for at, lead_id in sorted(due)[:limit])

    def _get_many(self, ids: Sequence[str]) -> list[Lead]:
        ids = list(dict.fromkeys(ids))  # a key twice in one read is refused
        if not ids:
            return []
        keys = [lead_key(lead_id) for lead_id in ids]
        found = batch_get(self._client, {self._leads: keys})[self._leads]
        by_id = {lead.id: lead for lead in map(_readable, found) if lead}
        return [by_id[lead_id] for lead_id in ids if lead_id in by_id]

    # ── the one write ─────────────────────────────────────────────────────────────────────────────

    def commit(self, *changes: Change, now: datetime) -> None:
        """Write all changes or none, each on the condition that nothing it was decided on changed.

        Raises LeadExists, ContactChanged, CapacityConflict, NotesFull or VersionConflict, by the
        first condition that failed, and nothing has changed.
        """
        commit = uuid4().hex[:12]
        writes: list[Write] = []
        for change in changes:
            writes += self._writes.of(change, now, commit)
        requests = [write.request for write in writes]
        for pause in (*PAUSES, None):
            try:
                self._client.transact_write_items(TransactItems=requests)
                return
            except (ClientError, HTTPClientError) as error:
                codes = refusal_codes(error) if isinstance(error, ClientError) else None
                if self._is_ours(changes[0].draft, commit):
                    return  # it happened, and its reply was lost
                if codes is None:
                    raise
                if pause is None or not will_pass(codes):
                    raise _refusal(writes, codes) from error
            wait_up_to(pause)

    def _is_ours(self, draft: Draft, commit: str) -> bool:
        # Reads back whether this very commit wrote that version. Events alone cannot tell: those of
        # two commits may say the same.
        key = event_key(draft.lead.id, draft.lead.version)
        stored = read_item(self._client, self._leads, key)
        return stored is not None and stored.get("commit") == commit


def _refusal(writes: Sequence[Write], codes: Sequence[str]) -> Exception:
    # The first condition that failed says what happened; two transactions that met are a conflict
    # to try again.
    for write, code in zip(writes, codes, strict=False):
        if code == "ConditionalCheckFailed":
            return write.refusal
    reasons = sorted(set(codes) - {"None"})
    return VersionConflict(f"other commits were under way: {', '.join(reasons)}")


def _readable(item: Mapping[str, Any]) -> Lead | None:
    try:
        return lead_from_item(item)
    except (AttributeError, KeyError, NewerData, TypeError, ValueError):
        logger.exception("a lead cannot be read", extra={"lead": item["pk"]})
        return None


def _lead_id(item: Mapping[str, Any]) -> str:
    key: str = item["pk"]
    return key.removeprefix("LEAD#")


def _due_lead(item: Mapping[str, Any]) -> tuple[datetime, str]:
    return datetime.fromisoformat(item["due_at"]), _lead_id(item)


def _by_partner(items: Sequence[Mapping[str, Any]]) -> dict[str, Load]:
    return {load.partner: load for load in map(load_from_item, items)}

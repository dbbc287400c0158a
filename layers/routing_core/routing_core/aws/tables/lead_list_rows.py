"""Keep imports of lists of leads in the leads table: the file, what waits, and the counts.

An import is decided by one conditional write, after all that is to wait was put beside it under its
name: so it waits as a whole or not at all, and what nobody decided on forgets itself. Leads of a
part that had their turn leave it in the very transaction that counts them, so that no count can
disagree with what is left. What waits is personal data, and is gone once it is in or cancelled.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.codecs.context_items import context_to_item
from routing_core.aws.codecs.event_items import past_to_item
from routing_core.aws.codecs.lead_items import lead_key, lead_to_item
from routing_core.aws.codecs.list_items import (
    LISTS,
    MAPPING_KEY,
    list_from_item,
    list_key,
    list_to_item,
    pack_leads,
    packed,
    part_key,
    running_key,
    unpack_leads,
    unpacked,
)
from routing_core.aws.codecs.value_codecs import Item, seconds
from routing_core.aws.tables.dynamo import (
    batch_get,
    condition_failed,
    deserialize_item,
    query_pages,
    read_item,
    refusal_codes,
    serialize_item,
    transact,
)
from routing_core.domain.errors import VersionConflict
from routing_core.domain.lead_list import LeadList, ListState, SheetFile, WaitingRow
from routing_core.domain.past_lead import PastLead
from routing_core.service.kernel.lead_lists import WaitingPart

PER_PART = 25
"""Leads of one part."""
PAST_PER_TRANSACTION = 20
"""Leads of the past in one transaction: each is at most five items of a hundred."""
FILE_ROWS = 500
"""Rows of one stored part of a file; with cells of usual length a fifth of what an item holds."""
LARGEST_PART = 380 * 1024
"""Bytes of a stored part; an item holds 400 kB."""
DRAFT_SECONDS = 7 * 86_400
"""What was uploaded and never decided on is kept for so long."""
WAITING_SECONDS = 120 * 86_400
"""What waits is kept for so long at most."""
LIST_SECONDS = 3 * 366 * 86_400
"""The counts of an import are kept for so long."""
REMEMBERED_COLUMNS = 2_000
"""Names of columns that are kept for next time."""


class LeadListRows:
    """Keeps imports of lists of leads: ``lead_lists.LeadLists``."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    # ── imports ───────────────────────────────────────────────────────────────────────────────────

    def get(self, list_id: str) -> LeadList | None:
        """Read an import; None if there is none."""
        item = read_item(self._client, self._table, list_key(list_id))
        return list_from_item(item) if item else None

    def recent(self, limit: int) -> tuple[LeadList, ...]:
        """Read the last imports, the newest first."""
        page = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :lists AND begins_with(sk, :list)",
            ExpressionAttributeValues=serialize_item({":lists": LISTS, ":list": "LIST#"}),
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=limit,
        )
        return tuple(list_from_item(deserialize_item(item)) for item in page["Items"])

    def running(self) -> tuple[LeadList, ...]:
        """Read the imports of which something waits or is left to be cleared, the oldest first."""
        rows = query_pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :lists AND begins_with(sk, :running)",
            ExpressionAttributeValues=serialize_item({":lists": LISTS, ":running": "RUNNING#"}),
            ConsistentRead=True,
        )
        ids = [row["sk"].removeprefix("RUNNING#") for row in rows]
        return tuple(filter(None, map(self.get, ids)))

    def save(self, imported: LeadList, now: datetime) -> None:
        """Write an import over the version before its own. Raises VersionConflict."""
        try:
            self._client.put_item(**self._versioned(imported, now))
        except ClientError as error:
            if condition_failed(error):
                raise VersionConflict(imported.id) from error
            raise

    def _versioned(self, imported: LeadList, now: datetime) -> dict[str, Any]:
        item = list_to_item(imported) | {"expires": seconds(now) + LIST_SECONDS}
        put: dict[str, Any] = {"TableName": self._table, "Item": serialize_item(item)}
        if imported.version == 1:
            return put | {"ConditionExpression": "attribute_not_exists(pk)"}
        return put | {
            "ConditionExpression": "version = :before",
            "ExpressionAttributeValues": serialize_item({":before": imported.version - 1}),
        }

    # ── the file ──────────────────────────────────────────────────────────────────────────────────

    def put_file(self, list_id: str, sheet: SheetFile, now: datetime) -> None:
        """Keep what was uploaded, for as long as a draft is kept."""
        expires = seconds(now) + DRAFT_SECONDS
        for number, part in enumerate(_file_parts(sheet)):
            item = part_key(list_id, "FILE", number) | {"cells": part, "expires": expires}
            self._client.put_item(TableName=self._table, Item=serialize_item(item))

    def file(self, list_id: str) -> SheetFile | None:
        """Read what was uploaded; None once it was decided on, or forgotten."""
        header: tuple[str, ...] = ()
        rows: list[tuple[int, tuple[str, ...]]] = []
        for item in self._parts(list_id, "FILE"):
            names, cells = unpacked(item["cells"])
            header = tuple(names)
            rows += [(number, tuple(row)) for number, row in cells]
        return SheetFile(header, tuple(rows)) if header else None

    def _parts(self, list_id: str, kind: str) -> Iterator[Item]:
        values = {":list": f"LIST#{list_id}", ":kind": f"{kind}#"}
        return query_pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :list AND begins_with(sk, :kind)",
            ExpressionAttributeValues=serialize_item(values),
            ConsistentRead=True,
        )

    # ── what waits ────────────────────────────────────────────────────────────────────────────────

    def decide(self, imported: LeadList, leads: Sequence[WaitingRow], now: datetime) -> LeadList:
        """Let these leads wait for their turn: all of them or, if it fails, none."""
        expires = seconds(now) + WAITING_SECONDS
        starts = range(0, len(leads), PER_PART)
        for number, start in enumerate(starts):
            item = part_key(imported.id, "WAITS", number) | {
                "leads": pack_leads(leads[start : start + PER_PART]),
                "version": 1,
                "expires": expires,
            }
            self._client.put_item(TableName=self._table, Item=serialize_item(item))
        decided = replace(imported, version=imported.version + 1, chunks=len(starts))
        running = {"TableName": self._table, "Item": serialize_item(running_key(imported.id))}
        try:
            transact(self._client, [{"Put": self._versioned(decided, now)}, {"Put": running}])
        except ClientError as error:
            if refusal_codes(error) is None:
                raise
            raise VersionConflict(imported.id) from error
        self._forget(imported.id, "FILE")
        return decided

    def part(self, list_id: str, number: int) -> WaitingPart | None:
        """Read a part of what waits; None if nothing of it waits any more."""
        item = read_item(self._client, self._table, part_key(list_id, "WAITS", number))
        if item is None:
            return None
        return WaitingPart(number, int(item["version"]), unpack_leads(item["leads"]))

    def settle(
        self,
        imported: LeadList,
        part: WaitingPart,
        left: Sequence[WaitingRow],
        counts: Mapping[str, int],
    ) -> bool:
        """Note what became of leads of a part, and which are left; False if another was faster."""
        key = serialize_item(part_key(imported.id, "WAITS", part.number))
        as_read: dict[str, Any] = {
            "TableName": self._table,
            "Key": key,
            "ConditionExpression": "version = :read",
        }
        read = {":read": part.version}
        if left:
            values = {**read, ":leads": pack_leads(left), ":next": part.version + 1}
            write = {
                "Update": as_read
                | {
                    "UpdateExpression": "SET leads = :leads, version = :next",
                    "ExpressionAttributeValues": serialize_item(values),
                }
            }
        else:
            write = {"Delete": as_read | {"ExpressionAttributeValues": serialize_item(read)}}
        try:
            transact(self._client, [write, {"Update": self._counted(imported.id, counts)}])
        except ClientError as error:
            if refusal_codes(error) is None:
                raise
            return False
        return True

    def _counted(self, list_id: str, counts: Mapping[str, int]) -> dict[str, Any]:
        """Add to the counts of an import: they have all been there since it was decided."""
        names = {f"#{outcome}": outcome for outcome in counts} | {"#state": "state"}
        values: Item = {f":{outcome}": count for outcome, count in counts.items()}
        added = [f"counts.#{outcome} = counts.#{outcome} + :{outcome}" for outcome in counts]
        changes = ", ".join([*added, "version = version + :one"])
        return {
            "TableName": self._table,
            "Key": serialize_item(list_key(list_id)),
            "UpdateExpression": f"SET {changes}",
            # Whoever cancels has counted already what still waited.
            "ConditionExpression": "#state = :running",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": serialize_item(
                {**values, ":one": 1, ":running": ListState.RUNNING.value}
            ),
        }

    def finish(self, imported: LeadList, now: datetime) -> None:
        """Note that nothing waits any more, and clear it away. Raises VersionConflict."""
        self.save(imported, now)
        self.clear(imported.id)

    def clear(self, list_id: str) -> None:
        """Forget what is left of an import that is over; doing it again goes on."""
        self._forget(list_id, "WAITS")
        # Last, so that the next run finds whatever was not cleared.
        self._client.delete_item(TableName=self._table, Key=serialize_item(running_key(list_id)))

    def _forget(self, list_id: str, kind: str) -> None:
        for item in self._parts(list_id, kind):
            key = serialize_item({"pk": item["pk"], "sk": item["sk"]})
            self._client.delete_item(TableName=self._table, Key=key)

    # ── what is there, and what is known ──────────────────────────────────────────────────────────

    def existing(self, lead_ids: Sequence[str]) -> frozenset[str]:
        """Tell which leads there are already."""
        keys = [lead_key(lead_id) for lead_id in dict.fromkeys(lead_ids)]
        found = batch_get(self._client, {self._table: keys})[self._table] if keys else []
        return frozenset(item["pk"].removeprefix("LEAD#") for item in found)

    def keep_past(self, leads: Sequence[PastLead]) -> int:
        """Store leads of the past that are not there yet, and tell nobody; give how many were."""
        stored = 0
        for start in range(0, len(leads), PAST_PER_TRANSACTION):
            some = leads[start : start + PAST_PER_TRANSACTION]
            if self._keep_all(some):
                stored += len(some)
            else:
                # One of them is there already: each by itself then.
                stored += sum(self._keep_all([lead]) for lead in some)
        return stored

    def _keep_all(self, leads: Sequence[PastLead]) -> bool:
        writes: list[dict[str, Any]] = []
        for past in leads:
            new = {"ConditionExpression": "attribute_not_exists(pk)"}
            writes.append({"Put": self._put(lead_to_item(past.lead)) | new})
            writes.append({"Put": self._put(context_to_item(past.lead.id, past.context))})
            writes += [{"Put": self._put(past_to_item(commit))} for commit in past.commits]
        try:
            transact(self._client, writes)
        except ClientError as error:
            if refusal_codes(error) is None:
                raise
            return False
        return True

    def _put(self, item: Item) -> dict[str, Any]:
        return {"TableName": self._table, "Item": serialize_item(item)}

    def said_of_columns(self) -> dict[str, str]:
        """Give what HQ has said of columns before, by their folded names."""
        item = read_item(self._client, self._table, MAPPING_KEY)
        return dict(unpacked(item["said"])) if item else {}

    def remember_columns(self, said: Mapping[str, str]) -> None:
        """Keep what HQ says of columns, over what it has said before; of very many the newest."""
        newest = dict(said)
        for name, column in self.said_of_columns().items():
            newest.setdefault(name, column)
        kept = dict(list(newest.items())[:REMEMBERED_COLUMNS])
        item = MAPPING_KEY | {"said": packed(kept)}
        self._client.put_item(TableName=self._table, Item=serialize_item(item))


def _file_parts(sheet: SheetFile) -> Iterator[bytes]:
    """Give the parts of a file, each with its header and no larger than an item holds."""
    rows = list(sheet.rows)
    size = FILE_ROWS
    while rows:
        part = packed([sheet.header, rows[:size]])
        if len(part) > LARGEST_PART and size > 1:
            size //= 2
            continue
        yield part
        rows = rows[size:]

"""Save a list of partners too long for one transaction: all of it or nothing, come what may.

DynamoDB changes a hundred items at once, which is 32 partners. A longer list goes in three steps.

1. Staged: each chunk is an item under the import's own name. Nobody reads it, so nothing has
   changed yet.
2. Decided: one conditional write puts the import's name on the GATE. Every save of a partner passes
   the gate in its own transaction and is counted there; the decision holds only for the count that
   stood there before the versions were compared. So it is made on exactly the partners that the
   list was checked against, or not at all. HQ's log tells of the list from
   that moment on, for its line is in the same transaction.
3. Applied: each chunk in one transaction that also empties the staged item. So a chunk is applied
   exactly once, by whoever comes first (the request, anybody who saves a partner, the sweep), and
   never later by one who slept.

While an import is decided and not yet applied the gate is shut. Who finds it shut finishes the
import first, and is then judged by the version they had read: an older list never overwrites
something newer, and no change gets lost.

Items rather than an object in the bucket: emptying them belongs to the very transaction that
applies them, so that no counter can disagree with what was done, and they need no right beyond
those that save a partner. Applied partners are gone from the stage at once; what nobody decided on
expires after ``STAGED_SECONDS``.
"""

import json
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError, HTTPClientError

from routing_core.aws.codecs.partner_items import profile_key
from routing_core.aws.codecs.value_codecs import Item
from routing_core.aws.tables.dynamo import (
    batch_get,
    condition_failed,
    first_condition_failed,
    query_pages,
    read_item,
    serialize_item,
    transact,
)
from routing_core.aws.tables.partner_writes import (
    ProfileSave,
    partner_writes,
    read_profile_save,
)
from routing_core.domain.errors import VersionConflict
from routing_core.domain.partner import Partner
from routing_core.domain.partner_plain import partner_to_plain

PER_TRANSACTION = 32
"""Partners of a transaction of at most 100 writes: each takes three, one is for the gate or the
staged item, and one for the line of HQ's log.
"""
CHUNK_BYTES = 300 * 1024
"""Bytes of a chunk, before it is compressed: an item holds 400 kB, a transaction 4 MB."""
STAGED_SECONDS = 7 * 86_400
"""Chunks on which nobody decided are kept for so long."""
CHUNKS_AT_ONCE = 100
"""A request applies so many before it answers that the rest is being finished."""
TRIES_TO_DECIDE = 5
"""A list is compared so often because somebody saved a partner meanwhile."""
GATE: Item = {"pk": "PARTNERS", "sk": "GATE"}
"""Counts every save of a partner, and names the import for which it is shut."""


def staged_key(name: str, number: int) -> Item:
    """Give the key of a chunk of an import."""
    return {"pk": f"IMPORT#{name}", "sk": f"{number:06d}"}


def size_of(partner: Partner) -> int:
    """Give the bytes of a partner's profile, as JSON."""
    return len(json.dumps(partner_to_plain(partner), ensure_ascii=False).encode())


class LongImport:
    """Stages, decides and applies a list of partners that is too long for one transaction."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def passage(self) -> dict[str, Any]:
        """Give the write with which every other save passes the gate; refused while it is shut."""
        return {
            "Update": self._gate_key()
            | {
                "UpdateExpression": "ADD saves :one",
                "ConditionExpression": "attribute_not_exists(shut_for)",
                "ExpressionAttributeValues": serialize_item({":one": 1}),
            }
        }

    def decide(
        self, saves: Sequence[ProfileSave], now: datetime, noted: Sequence[dict[str, Any]] = ()
    ) -> None:
        """Decide that a list will be applied, come what may.

        ``noted`` are the writes of what HQ's log tells of it from then on. Raises VersionConflict,
        and nothing has changed, if a partner is no longer in the version before its own.
        """
        name = uuid4().hex
        for number, chunk in enumerate(_chunks(saves)):
            self._stage(name, number, chunk, now)
        for _ in range(TRIES_TO_DECIDE):
            gate = self._gate()
            if name in (gate.get("shut_for"), gate.get("opened_after")):
                return  # it was decided, and the reply got lost
            if not self.finish(now):
                break
            self._compare([save.partner for save in saves])
            if self._shut(name, gate, noted):
                return
        raise VersionConflict("partners are being saved by others: send the list again in a minute")

    def finish(self, now: datetime, most: int = CHUNKS_AT_ONCE) -> bool:
        """Apply what was decided, if there is anything.

        Gives False if more than ``most`` chunks were left.
        """
        name = self._gate().get("shut_for")
        if name is None:
            return True
        for chunk in self._staged(name):
            if most == 0:
                return False
            self._apply(chunk, now)
            most -= 1
        self._open(name)
        return True

    def _stage(self, name: str, number: int, saves: Sequence[ProfileSave], now: datetime) -> None:
        text = json.dumps([save.to_plain() for save in saves], ensure_ascii=False)
        item = staged_key(name, number) | {
            "partners": zlib.compress(text.encode()),
            "expires": int(now.timestamp()) + STAGED_SECONDS,
        }
        self._client.put_item(TableName=self._table, Item=serialize_item(item))

    def _compare(self, partners: Sequence[Partner]) -> None:
        keys = [profile_key(partner.id) for partner in partners]
        found = batch_get(self._client, {self._table: keys})[self._table]
        saved = {item["pk"]: int(item["version"]) for item in found}
        changed: list[str] = []
        for partner, key in zip(partners, keys, strict=True):
            if saved.get(key["pk"], 0) != partner.version - 1:
                changed.append(partner.id)
        if changed:
            raise VersionConflict(f"changed by somebody else meanwhile: {', '.join(changed)}")

    def _shut(self, name: str, gate: Item, noted: Sequence[dict[str, Any]]) -> bool:
        # False if somebody passed since it was looked at, or if nobody can say: then the gate is
        # looked at again.
        values = {":name": name, ":one": 1}
        nobody_passed = "attribute_not_exists(saves)"
        if "saves" in gate:
            nobody_passed = "saves = :seen"
            values[":seen"] = gate["saves"]
        shut = self._gate_key() | {
            "UpdateExpression": "SET shut_for = :name ADD saves :one",
            "ConditionExpression": f"attribute_not_exists(shut_for) AND {nobody_passed}",
            "ExpressionAttributeValues": serialize_item(values),
        }
        try:
            transact(self._client, [{"Update": shut}, *noted])
        except ClientError as error:
            if first_condition_failed(error):
                return False
            raise
        except HTTPClientError:
            return False
        return True

    def _staged(self, name: str) -> Iterator[Item]:
        return query_pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :import",
            FilterExpression="attribute_exists(partners)",
            ExpressionAttributeValues=serialize_item({":import": f"IMPORT#{name}"}),
            ConsistentRead=True,
        )

    def _apply(self, chunk: Item, now: datetime) -> None:
        # The versions need no condition: behind the shut gate nobody else saves.
        emptied = {
            "TableName": self._table,
            "Key": serialize_item({"pk": chunk["pk"], "sk": chunk["sk"]}),
            "UpdateExpression": "REMOVE partners",
            "ConditionExpression": "attribute_exists(partners)",
        }
        writes: list[dict[str, Any]] = [{"Update": emptied}]
        for plain in json.loads(zlib.decompress(bytes(chunk["partners"]))):
            writes += partner_writes(self._table, read_profile_save(plain), now)
        try:
            transact(self._client, writes)
        except ClientError as error:
            if not first_condition_failed(error):
                raise  # else somebody else has applied it meanwhile

    def _open(self, name: str) -> None:
        try:
            self._client.update_item(
                **self._gate_key(),
                UpdateExpression="SET opened_after = :name REMOVE shut_for",
                ConditionExpression="shut_for = :name",
                ExpressionAttributeValues=serialize_item({":name": name}),
            )
        except ClientError as error:
            if not condition_failed(error):
                raise  # else somebody else has opened it meanwhile

    def _gate(self) -> Item:
        return read_item(self._client, self._table, GATE) or {}

    def _gate_key(self) -> dict[str, Any]:
        return {"TableName": self._table, "Key": serialize_item(GATE)}


def _chunks(saves: Sequence[ProfileSave]) -> Iterator[list[ProfileSave]]:
    chunk: list[ProfileSave] = []
    size = 0
    for save in saves:
        more = size_of(save.partner)
        is_full = len(chunk) == PER_TRANSACTION or size + more > CHUNK_BYTES
        if chunk and is_full:
            yield chunk
            chunk = []
            size = 0
        chunk.append(save)
        size += more
    yield chunk

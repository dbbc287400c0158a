"""A list of partners too long for one transaction: all of it or nothing, whatever dies in between.

DynamoDB changes a hundred items at once, which is 49 partners. A longer list goes in three steps.

1. Staged: each chunk is an item under the import's own name. Nobody reads it, so nothing has
  changed yet.
2. Decided: one conditional write puts the import's name on the GATE. Every save of a partner passes
  the gate in its
   own transaction and is counted there; the decision holds only for the count that stood there
   before the versions
   were compared. So it is made on exactly the partners that the list was checked against, or not at
   all.
3. Applied: each chunk in one transaction that also empties the staged item. So a chunk is applied
  exactly once, by
   whoever comes first (the request, anybody who saves a partner, the sweep), and never later by one
   who slept.

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

from routing_core.aws.codecs.partner_items import partner_writes, profile_key
from routing_core.aws.codecs.value_codecs import Item
from routing_core.aws.tables.dynamo import (
    batch_get,
    condition_failed,
    plain,
    query_pages,
    refusals,
    transact,
    typed,
)
from routing_core.domain.errors import VersionConflict
from routing_core.domain.partner import Partner
from routing_core.domain.partner_plain import partner_from_plain, partner_to_plain

PER_TRANSACTION = 49
"""Two writes for each partner, and one for the gate or the staged item."""
CHUNK_BYTES = 300 * 1024
"""An item holds 400 kB, a transaction 4 MB."""
STAGED_SECONDS = 7 * 86_400
CHUNKS_AT_ONCE = 100
"""What a request applies before it answers that the rest is being finished."""
TRIES = 5
GATE: Item = {"pk": "PARTNERS", "sk": "GATE"}


def staged_key(name: str, number: int) -> Item:
    return {"pk": f"IMPORT#{name}", "sk": f"{number:06d}"}


def size_of(partner: Partner) -> int:
    return len(json.dumps(partner_to_plain(partner), ensure_ascii=False).encode())


class LongImport:
    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def passage(self) -> dict[str, Any]:
        """The write with which every other save passes the gate; refused while it is shut."""
        return {
            "Update": self._gate_key()
            | {
                "UpdateExpression": "ADD saves :one",
                "ConditionExpression": "attribute_not_exists(shut_for)",
                "ExpressionAttributeValues": typed({":one": 1}),
            }
        }

    def decide(self, partners: Sequence[Partner], now: datetime) -> None:
        """Afterwards the list will be applied, come what may. Raises VersionConflict, and nothing
        has changed, if a partner is no longer in the version before its own.
        """
        name = uuid4().hex
        for number, chunk in enumerate(_chunks(partners)):
            self._stage(name, number, chunk, now)
        for _ in range(TRIES):
            gate = self._gate()
            if name in (gate.get("shut_for"), gate.get("opened_after")):
                return  # it was decided, and the reply got lost
            if not self.finish(now):
                break
            self._compare(partners)
            if self._shut(name, gate):
                return
        raise VersionConflict("partners are being saved by others: send the list again in a minute")

    def finish(self, now: datetime, most: int = CHUNKS_AT_ONCE) -> bool:
        """Applies what was decided, if there is anything; False if more than ``most`` chunks were
        left.
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

    def _stage(self, name: str, number: int, partners: Sequence[Partner], now: datetime) -> None:
        text = json.dumps([partner_to_plain(partner) for partner in partners], ensure_ascii=False)
        item = staged_key(name, number) | {
            "partners": zlib.compress(text.encode()),
            "expires": int(now.timestamp()) + STAGED_SECONDS,
        }
        self._client.put_item(TableName=self._table, Item=typed(item))

    def _compare(self, partners: Sequence[Partner]) -> None:
        found = batch_get(self._client, {self._table: [profile_key(p.id) for p in partners]})[
            self._table
        ]
        saved = {item["pk"]: int(item["version"]) for item in found}
        changed = [p.id for p in partners if saved.get(profile_key(p.id)["pk"], 0) != p.version - 1]
        if changed:
            raise VersionConflict(f"changed by somebody else meanwhile: {', '.join(changed)}")

    def _shut(self, name: str, gate: Item) -> bool:
        """False if somebody passed since it was looked at, or if nobody can say: then it is looked
        at again.
        """
        saves = gate.get("saves")
        nobody_passed = "attribute_not_exists(saves)" if saves is None else "saves = :seen"
        values = {":name": name, ":one": 1} | ({} if saves is None else {":seen": saves})
        try:
            self._client.update_item(
                **self._gate_key(),
                UpdateExpression="SET shut_for = :name ADD saves :one",
                ConditionExpression=f"attribute_not_exists(shut_for) AND {nobody_passed}",
                ExpressionAttributeValues=typed(values),
            )
        except ClientError as error:
            if condition_failed(error):
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
            ExpressionAttributeValues=typed({":import": f"IMPORT#{name}"}),
            ConsistentRead=True,
        )

    def _apply(self, chunk: Item, now: datetime) -> None:
        """The versions need no condition: behind the shut gate nobody else saves."""
        emptied = {
            "TableName": self._table,
            "Key": typed({"pk": chunk["pk"], "sk": chunk["sk"]}),
            "UpdateExpression": "REMOVE partners",
            "ConditionExpression": "attribute_exists(partners)",
        }
        partners = map(partner_from_plain, json.loads(zlib.decompress(bytes(chunk["partners"]))))
        writes = [
            write for partner in partners for write in partner_writes(self._table, partner, now)
        ]
        try:
            transact(self._client, [{"Update": emptied}, *writes])
        except ClientError as error:
            if (refusals(error) or [""])[0] != "ConditionalCheckFailed":
                raise  # else somebody else has applied it meanwhile

    def _open(self, name: str) -> None:
        try:
            self._client.update_item(
                **self._gate_key(),
                UpdateExpression="SET opened_after = :name REMOVE shut_for",
                ConditionExpression="shut_for = :name",
                ExpressionAttributeValues=typed({":name": name}),
            )
        except ClientError as error:
            if not condition_failed(error):
                raise  # else somebody else has opened it meanwhile

    def _gate(self) -> Item:
        answer = self._client.get_item(**self._gate_key(), ConsistentRead=True)
        return plain(answer.get("Item", {}))

    def _gate_key(self) -> dict[str, Any]:
        return {"TableName": self._table, "Key": typed(GATE)}


def _chunks(partners: Sequence[Partner]) -> Iterator[list[Partner]]:
    chunk: list[Partner] = []
    size = 0
    for partner in partners:
        bytes_ = size_of(partner)
        if chunk and (len(chunk) == PER_TRANSACTION or size + bytes_ > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(partner)
        size += bytes_
    yield chunk

"""Keep the versions of the programme: one item each, and a pointer to the one in force.

The pointer also names the version that waits for its time: whoever reads it knows what is in force
at that instant and after it, and nobody has to act in that very moment.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.codecs.value_codecs import Item, instant_text, read_stored_instant
from routing_core.aws.tables.dynamo import (
    batch_get,
    deserialize_item,
    read_item,
    refusal_codes,
    serialize_item,
)
from routing_core.domain.errors import InvalidInput, NewerData, NotFound, Problem, VersionConflict
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.stored_document import read_stored
from routing_core.domain.rule_version import (
    RULES_WRITER,
    PlannedRules,
    RuleEdition,
    RulePointer,
    RuleVersion,
)

LARGEST_PROGRAMME = 380 * 1024
"""Bytes of a document and its text, compressed: DynamoDB keeps 400 kB in one item."""
ACTIVE_PROGRAMME: Item = {"pk": "PROGRAMME", "sk": "ACTIVE"}
"""Names the version in force."""
REGIONS_CHANGED: Item = {"pk": "PROGRAMME", "sk": "CHANGED"}
"""The item is written among the partners with each programme.

So their stream compiles the network with its regions.
"""
NOTED = "#sk, saved_at, #by, #comment, starts_at, back_to, called_off"
"""A list of versions shows these attributes, and not the document."""


def programme_key(version: int) -> Item:
    """Give the key of a version of the programme."""
    return {"pk": "PROGRAMME", "sk": f"v{version:06d}"}


def pointer_from_item(item: Item) -> RulePointer:
    """Read the pointer; one from before there were plans has only a version."""
    version = int(item["version"])
    plan = None
    if "planned" in item:
        plan = PlannedRules(int(item["planned"]), read_stored_instant(item["starts_at"]))
    return RulePointer(
        version,
        plan,
        last=int(item.get("last", version)),
        revision=int(item.get("revision", 0)),
        writer=int(item.get("writer", 0)),
    )


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version that is written together with the pointer."""

    number: int
    programme: Programme
    edition: RuleEdition


class ProgrammeTable:
    """Saves and reads versions of the programme."""

    def __init__(self, dynamo: Any, leads_table: str, partners_table: str):
        self._dynamo = dynamo
        self._leads = leads_table
        self._partners = partners_table

    def pointer(self) -> RulePointer:
        """Read which version is in force, and which waits."""
        found = batch_get(self._dynamo, {self._leads: [ACTIVE_PROGRAMME]})[self._leads]
        return pointer_from_item(found[0]) if found else RulePointer()

    def read(self, version: int) -> tuple[Programme, tuple[str, ...]]:
        """Read a version, with the fields that lie outside today's bounds and are read otherwise.

        Raises NotFound for a version that there is not.
        """
        item = self._item(version)
        document = json.loads(zlib.decompress(bytes(item["document"])))
        return read_stored(Programme, document)

    def text(self, version: int) -> str:
        """Give the YAML that a version was written as; empty if nobody wrote any."""
        item = self._item(version)
        return zlib.decompress(bytes(item["text"])).decode() if "text" in item else ""

    def _item(self, version: int) -> Item:
        item = read_item(self._dynamo, self._leads, programme_key(version))
        if item is None:
            raise NotFound(f"there is no version {version} of the programme")
        return item

    def recent(self, before: int, limit: int) -> tuple[RuleVersion, ...]:
        """List versions with a smaller number than ``before``, the newest first."""
        answer = self._dynamo.query(
            TableName=self._leads,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues=serialize_item(
                {
                    ":pk": "PROGRAMME",
                    ":first": programme_key(1)["sk"],
                    ":last": programme_key(before - 1)["sk"],
                }
            ),
            ProjectionExpression=NOTED,
            ExpressionAttributeNames={"#sk": "sk", "#by": "by", "#comment": "comment"},
            ScanIndexForward=False,
            Limit=limit,
            ConsistentRead=True,
        )
        return tuple(_noted(deserialize_item(item)) for item in answer["Items"])

    def save(
        self,
        versions: Sequence[NewVersion],
        pointer: RulePointer,
        was: RulePointer,
        now: datetime,
        noted: Sequence[dict[str, Any]] = (),
    ) -> None:
        """Write versions, the pointer that goes with them and what is ``noted``, all or nothing.

        A version that waited, and does so no longer without having been in force, is marked as
        called off. Raises VersionConflict if the pointer is not what it ``was`` any more,
        InvalidInput for a programme that is too large, NewerData where newer code saved last.
        """
        if was.writer > RULES_WRITER:
            raise NewerData("the rules were saved by a newer version, which is being installed")
        writes = [self._put(self._leads, _version_item(each, now)) for each in versions]
        writes.append(self._pointer_write(pointer, was, now))
        writes += noted
        # Only where the rules in force are others: a plan changes nothing yet.
        if pointer.version != was.version:
            changed = REGIONS_CHANGED | {"version": pointer.version}
            writes.append(self._put(self._partners, changed))
        gone = was.plan
        is_gone = gone and gone != pointer.plan and gone.number != pointer.version
        if gone and is_gone:
            writes.append(self._call_off(gone.number))
        try:
            self._dynamo.transact_write_items(TransactItems=writes)
        except ClientError as error:
            if refusal_codes(error) is None:
                raise
            raise VersionConflict("the programme was saved by somebody else meanwhile") from error

    def _pointer_write(
        self, pointer: RulePointer, was: RulePointer, now: datetime
    ) -> dict[str, Any]:
        item = ACTIVE_PROGRAMME | {
            "version": pointer.version,
            "last": pointer.last,
            "revision": was.revision + 1,
            "saved_at": instant_text(now),
            "writer": RULES_WRITER,
        }
        if pointer.plan:
            starts_at = instant_text(pointer.plan.starts_at)
            item |= {"planned": pointer.plan.number, "starts_at": starts_at}
        is_unchanged = "version = :version AND (attribute_not_exists(revision) OR revision = :seen)"
        nobody_saved_since = {
            "ConditionExpression": f"attribute_not_exists(pk) OR ({is_unchanged})",
            "ExpressionAttributeValues": serialize_item(
                {":version": was.version, ":seen": was.revision}
            ),
        }
        return {"Put": self._put(self._leads, item)["Put"] | nobody_saved_since}

    def _call_off(self, version: int) -> dict[str, Any]:
        return {
            "Update": {
                "TableName": self._leads,
                "Key": serialize_item(programme_key(version)),
                "UpdateExpression": "SET called_off = :yes",
                "ExpressionAttributeValues": serialize_item({":yes": True}),
            }
        }

    def _put(self, table: str, item: Item) -> dict[str, Any]:
        return {"Put": {"TableName": table, "Item": serialize_item(item)}}


def _noted(item: Item) -> RuleVersion:
    starts_at = item.get("starts_at")
    return RuleVersion(
        number=int(item["sk"].removeprefix("v")),
        saved_at=read_stored_instant(item["saved_at"]),
        by=item.get("by", ""),
        comment=item.get("comment", ""),
        starts_at=read_stored_instant(starts_at) if starts_at else None,
        back_to=int(item.get("back_to", 0)),
        called_off=bool(item.get("called_off", False)),
    )


def _version_item(version: NewVersion, now: datetime) -> Item:
    edition = version.edition
    item = programme_key(version.number) | {"saved_at": instant_text(now)}
    if edition.by:
        item["by"] = edition.by
    if edition.comment:
        item["comment"] = edition.comment
    if edition.starts_at:
        item["starts_at"] = instant_text(edition.starts_at)
    if edition.back_to:
        item["back_to"] = edition.back_to
    item["document"] = _packed(version.programme)
    text = zlib.compress(edition.text.encode(), 9)
    # The rules count; their text is left out where both together are more than one item holds.
    if edition.text and len(item["document"]) + len(text) <= LARGEST_PROGRAMME:
        item["text"] = text
    return item


def _packed(programme: Programme) -> bytes:
    document = json.dumps(programme.model_dump(mode="json", by_alias=True))
    packed = zlib.compress(document.encode(), 9)
    if len(packed) > LARGEST_PROGRAMME:
        message = f"is too large to be kept: at most {LARGEST_PROGRAMME // 1024} kB, compressed"
        raise InvalidInput([Problem("(document)", "document_too_large", message)])
    return packed

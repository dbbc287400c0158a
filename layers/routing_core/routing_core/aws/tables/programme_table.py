"""Keep the versions of the programme: one item each, and a pointer to the one in force."""

import json
import zlib
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.codecs.value_codecs import Item, instant_text
from routing_core.aws.tables.dynamo import batch_get, read_item, refusal_codes, serialize_item
from routing_core.domain.errors import InvalidInput, NotFound, Problem, VersionConflict
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.stored_document import read_stored

LARGEST_PROGRAMME = 380 * 1024
"""Bytes of a document, compressed: DynamoDB keeps 400 kB in one item."""
ACTIVE_PROGRAMME: Item = {"pk": "PROGRAMME", "sk": "ACTIVE"}
"""Names the version in force."""
REGIONS_CHANGED: Item = {"pk": "PROGRAMME", "sk": "CHANGED"}
"""The item is written among the partners with each programme.

So their stream compiles the network with its regions.
"""


def programme_key(version: int) -> Item:
    """Give the key of a version of the programme."""
    return {"pk": "PROGRAMME", "sk": f"v{version:06d}"}


class ProgrammeTable:
    """Saves and reads versions of the programme."""

    def __init__(self, dynamo: Any, leads_table: str, partners_table: str):
        self._dynamo = dynamo
        self._leads = leads_table
        self._partners = partners_table

    def active_version(self) -> int:
        """Give the number of the version in force; 0 while there is none."""
        found = batch_get(self._dynamo, {self._leads: [ACTIVE_PROGRAMME]})[self._leads]
        return int(found[0]["version"]) if found else 0

    def read(self, version: int) -> tuple[Programme, tuple[str, ...]]:
        """Read a version, with the fields that lie outside today's bounds and are read otherwise.

        Raises NotFound for a version that there is not.
        """
        item = read_item(self._dynamo, self._leads, programme_key(version))
        if item is None:
            raise NotFound(f"there is no version {version} of the programme")
        document = json.loads(zlib.decompress(bytes(item["document"])))
        return read_stored(Programme, document)

    def save(self, programme: Programme, replaced: int, now: datetime) -> int:
        """Save a programme in the place of a version, and give its own number.

        Raises VersionConflict if another version is in force by now, InvalidInput for a programme
        that is too large.
        """
        version = replaced + 1
        item = programme_key(version) | {
            "document": _packed(programme),
            "saved_at": instant_text(now),
        }
        pointer = ACTIVE_PROGRAMME | {"version": version, "saved_at": instant_text(now)}
        nobody_saved_since = {
            "ConditionExpression": "attribute_not_exists(pk) OR version = :replaced",
            "ExpressionAttributeValues": serialize_item({":replaced": replaced}),
        }
        writes = [
            self._put(self._leads, item),
            {"Put": self._put(self._leads, pointer)["Put"] | nobody_saved_since},
            self._put(self._partners, REGIONS_CHANGED | {"version": version}),
        ]
        try:
            self._dynamo.transact_write_items(TransactItems=writes)
        except ClientError as error:
            if refusal_codes(error) is None:
                raise
            raise VersionConflict("the programme was saved by somebody else meanwhile") from error
        return version

    def _put(self, table: str, item: Item) -> dict[str, Any]:
        return {"Put": {"TableName": table, "Item": serialize_item(item)}}


def _packed(programme: Programme) -> bytes:
    document = json.dumps(programme.model_dump(mode="json", by_alias=True))
    packed = zlib.compress(document.encode(), 9)
    if len(packed) > LARGEST_PROGRAMME:
        message = f"is too large to be kept: at most {LARGEST_PROGRAMME // 1024} kB, compressed"
        raise InvalidInput([Problem("(document)", "document_too_large", message)])
    return packed

"""Keep the keys of machines that use the API, and look them up.

    a key, by its hash    KEY#<SHA-256>    KEY
    the list of keys      KEYS             <the first digits of the hash>

The first says what a key may do, and is all that a request reads. The list is for people: it says
when a key was used last, which is written at most once an hour, by whatever function the key came
to. A key from before there was a list is put there when it is used.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.codecs.value_codecs import Item, instant_text, read_stored_instant
from routing_core.aws.tables.activity_rows import LogWrites, nothing_to_note
from routing_core.aws.tables.dynamo import (
    condition_failed,
    query_pages,
    read_item,
    serialize_item,
    transact,
)
from routing_core.domain.api_key import ApiKeyNote, NewKey
from routing_core.domain.errors import KeyRefused, NotFound
from routing_core.service.kernel.read_model import LogEntry

LISTED = "KEYS"
"""The partition of the list of keys."""
ID_DIGITS = 12
"""Digits of the hash by which a key is listed."""


def key_digest(key: str) -> str:
    """Hash a key; a plain hash, for nobody guesses 256 random bits however fast they are."""
    return hashlib.sha256(key.encode()).hexdigest()


def key_row(digest: str) -> Item:
    """Give the key of what a request looks up."""
    return {"pk": f"KEY#{digest}", "sk": "KEY"}


def listed_row(digest: str) -> Item:
    """Give the key of a key's place in the list."""
    return {"pk": LISTED, "sk": digest[:ID_DIGITS]}


def new_key_writes(table: str, digest: str, what: Item) -> list[dict[str, Any]]:
    """Give the writes that keep a new key; ``what`` is its name, scopes, instant and maker."""
    unused = {"TableName": table, "ConditionExpression": "attribute_not_exists(pk)"}
    return [
        {"Put": {**unused, "Item": serialize_item(key_row(digest) | what)}},
        {"Put": {**unused, "Item": serialize_item(listed_row(digest) | what | {"hash": digest})}},
    ]


class ApiKeys:
    """Knows the keys of machines: only their SHA-256 is stored, with a name and scopes."""

    def __init__(self, client: Any, table: str, log_writes: LogWrites = nothing_to_note):
        """Take the table; ``log_writes`` keep what the log tells of a key together with it."""
        self._log_writes = log_writes
        self._client = client
        self._table = table
        self._noted: dict[str, str] = {}
        """The hour in which this warm function has noted the use of each key."""

    # ── looking one up ────────────────────────────────────────────────────────────────────────────

    def used(self, key: str, now: datetime) -> ApiKeyNote:
        """Give what is known of a key, and note that it was used.

        Raises KeyRefused for one that is not known, or was revoked.
        """
        if not key:
            raise KeyRefused("send your key in the header X-Api-Key")
        digest = key_digest(key)
        item = read_item(self._client, self._table, key_row(digest))
        if item is None:
            raise KeyRefused("this API key is not known")
        if "revoked" in item:
            raise KeyRefused("this API key was revoked")
        self._note_use(digest, item, now)
        return _note_of(listed_row(digest) | {"created": instant_text(now)} | item)

    def _note_use(self, digest: str, item: Item, now: datetime) -> None:
        hour = instant_text(now.replace(minute=0, second=0, microsecond=0))
        if self._noted.get(digest) == hour:
            return
        values = {
            ":hour": hour,
            ":name": item["name"],
            ":scopes": item["scopes"],
            ":created": item.get("created", hour),
            ":hash": digest,
        }
        how = (
            "SET used = :hour, #name = if_not_exists(#name, :name), "
            "scopes = if_not_exists(scopes, :scopes), "
            "created = if_not_exists(created, :created), #hash = if_not_exists(#hash, :hash)"
        )
        try:
            self._client.update_item(
                TableName=self._table,
                Key=serialize_item(listed_row(digest)),
                UpdateExpression=how,
                ConditionExpression="attribute_not_exists(used) OR used < :hour",
                ExpressionAttributeNames={"#name": "name", "#hash": "hash"},
                ExpressionAttributeValues=serialize_item(values),
            )
        except ClientError as error:
            # Another function has noted the same hour.
            if not condition_failed(error):
                raise
        self._noted[digest] = hour

    # ── the list ──────────────────────────────────────────────────────────────────────────────────

    def all(self) -> tuple[ApiKeyNote, ...]:
        """List the keys, those revoked too, the newest first."""
        notes = [_note_of(item) for item in self._listed()]
        notes.sort(key=lambda note: note.created, reverse=True)
        return tuple(notes)

    def _listed(self) -> Sequence[Item]:
        found = query_pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :list",
            ExpressionAttributeValues=serialize_item({":list": LISTED}),
            ConsistentRead=True,
        )
        return list(found)

    def add(
        self,
        key: str,
        wanted: NewKey,
        by: str,
        now: datetime,
        noted: Sequence[LogEntry] = (),
    ) -> ApiKeyNote:
        """Keep a new key by its hash, and in the same transaction what is ``noted`` of it."""
        digest = key_digest(key)
        what: Item = {
            "name": wanted.name,
            "scopes": sorted(map(str, wanted.scopes)),
            "created": instant_text(now),
            "by": by,
        }
        if wanted.regions is not None:
            what["regions"] = sorted(wanted.regions)
        writes = new_key_writes(self._table, digest, what)
        transact(self._client, [*writes, *self._log_writes(noted)])
        return _note_of(listed_row(digest) | what)

    def revoke(self, key_id: str, now: datetime, noted: Sequence[LogEntry] = ()) -> ApiKeyNote:
        """End a key at once, and in the same transaction keep what is ``noted`` of it.

        Revoking it again changes nothing. Raises NotFound.
        """
        listed = next((item for item in self._listed() if item["sk"] == key_id), None)
        if listed is None:
            raise NotFound(f"there is no API key {key_id}")
        if "revoked" not in listed:
            listed["revoked"] = instant_text(now)
            rows = (key_row(listed["hash"]), listed_row(listed["hash"]))
            writes = [self._revoked(row, listed["revoked"]) for row in rows]
            transact(self._client, [*writes, *self._log_writes(noted)])
        return _note_of(listed)

    def _revoked(self, row: Item, at: str) -> dict[str, Any]:
        return {
            "Update": {
                "TableName": self._table,
                "Key": serialize_item(row),
                "UpdateExpression": "SET revoked = if_not_exists(revoked, :at)",
                "ConditionExpression": "attribute_exists(pk)",
                "ExpressionAttributeValues": serialize_item({":at": at}),
            }
        }


def _note_of(item: Item) -> ApiKeyNote:
    return ApiKeyNote(
        id=item["sk"],
        name=item["name"],
        scopes=frozenset(item["scopes"]),
        created=read_stored_instant(item["created"]),
        by=item.get("by", ""),
        last_used=_instant(item, "used"),
        revoked=_instant(item, "revoked"),
        regions=frozenset(item.get("regions", ())) or None,
    )


def _instant(item: Item, name: str) -> datetime | None:
    return read_stored_instant(item[name]) if name in item else None

"""Keep who at HQ is signed in where: one item a person, among the partners.

Keys: ``HQ#<short id>`` / ``ACCESS``. The item names nobody: neither an address nor a name.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.codecs.value_codecs import Item, milliseconds, read_stored_instant
from routing_core.aws.tables.dynamo import (
    batch_get,
    condition_failed,
    may_be_id,
    read_item,
    serialize_item,
)
from routing_core.domain.errors import VersionConflict
from routing_core.domain.hq_access import HqAccess, HqDevice, UsedLink
from routing_core.domain.saved_filters import SavedFilter

PERSON = "HQ#"
"""The keys of people at HQ begin like this."""


def access_key(person: str) -> Item:
    """Give the key of a person's access."""
    return {"pk": f"{PERSON}{person}", "sk": "ACCESS"}


class HqAccessRows:
    """Keeps the access of each person at HQ: ``HqAccessBook``."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def of(self, person: str) -> HqAccess:
        """Read a person's; of whoever was never here it is empty."""
        if not may_be_id(person):
            return HqAccess(person)
        item = read_item(self._client, self._table, access_key(person))
        return _access_in(item) if item else HqAccess(person)

    def several(self, persons: Collection[str]) -> Mapping[str, HqAccess]:
        """Read those of several people, by their short ids."""
        keys = [access_key(person) for person in sorted(set(persons))]
        found = batch_get(self._client, {self._table: keys})[self._table]
        there = {access.person: access for access in map(_access_in, found)}
        return {person: there.get(person, HqAccess(person)) for person in persons}

    def save(self, access: HqAccess) -> None:
        """Put it in the place of the version that was read; raises VersionConflict."""
        saved = replace(access, version=access.version + 1)
        try:
            self._client.put_item(
                TableName=self._table,
                Item=serialize_item(_item_of(saved)),
                ConditionExpression="attribute_not_exists(pk) OR version = :read",
                ExpressionAttributeValues=serialize_item({":read": access.version}),
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            # The answer to this very write may have been lost, and it was sent again.
            if self.of(access.person) != saved:
                message = "somebody else changed this access meanwhile"
                raise VersionConflict(message) from error


def _item_of(access: HqAccess) -> Item:
    devices = {
        each.id: {
            "browser": each.browser,
            "since": each.since.isoformat(),
            "used": each.last_used.isoformat(),
        }
        for each in access.devices
    }
    links = {
        name: [milliseconds(each.at), milliseconds(each.until)]
        for name, each in access.used_links.items()
    }
    return access_key(access.person) | {
        "generation": access.generation,
        "devices": devices,
        "links": links,
        "version": access.version,
        "filters": {each.name: dict(each.asked) for each in access.filters},
    }


def _access_in(item: Item) -> HqAccess:
    devices = [
        HqDevice(
            id=name,
            browser=each["browser"],
            since=date.fromisoformat(each["since"]),
            last_used=date.fromisoformat(each["used"]),
        )
        for name, each in item["devices"].items()
    ]
    links = {
        name: UsedLink(read_stored_instant(at), read_stored_instant(until))
        for name, (at, until) in item["links"].items()
    }
    filters = item.get("filters", {})
    return HqAccess(
        person=item["pk"].removeprefix(PERSON),
        generation=int(item["generation"]),
        devices=tuple(devices),
        used_links=links,
        version=int(item["version"]),
        filters=tuple(SavedFilter(*each) for each in sorted(filters.items(), key=_by_name)),
    )


def _by_name(kept: tuple[str, Mapping[str, str]]) -> str:
    return kept[0].casefold()

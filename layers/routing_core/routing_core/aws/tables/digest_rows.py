"""Keep the lines that wait for a digest or a grouped alert, and the slots not flushed yet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from routing_core.aws.codecs.value_codecs import Item, instant_text, seconds
from routing_core.aws.tables.dynamo import query_pages, serialize_item
from routing_core.service.notifications.digests import DigestLine, Slot

DIGEST_ROWS_KEPT = 90 * 86_400
"""Seconds after its slot for which a line that nobody flushed is kept."""


class DigestRows:
    """Keeps what waits for a digest: ``digests.Digests``."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def hold(self, slot: Slot, line: DigestLine) -> None:
        """Let a line wait for its slot, and put the slot on the list of what is due."""
        expires = seconds(slot.due) + DIGEST_ROWS_KEPT
        row = _line_key(slot, line) | {
            "kind": line.kind,
            "lead": line.lead,
            "partner": line.partner,
            "at": instant_text(line.at),
            "expires": expires,
        }
        # Both or neither: a line whose slot is on no list would never leave.
        writes = [self._put(row), self._put(_slot_key(slot) | {"expires": expires})]
        self._client.transact_write_items(TransactItems=writes)

    def held(self, slot_name: str) -> tuple[DigestLine, ...]:
        """Give the lines that wait for a slot."""
        rows = query_pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :slot",
            ExpressionAttributeValues=serialize_item({":slot": f"DIGEST#{slot_name}"}),
            ConsistentRead=True,
        )
        return tuple(map(_line_of, rows))

    def due(self, now: datetime) -> Sequence[Slot]:
        """Give the slots whose time has come and that are not flushed, the earliest first."""
        # "~" sorts behind every name: what is due at this very moment counts.
        values = {":list": "DIGESTS", ":now": f"{instant_text(now)}#~"}
        rows = query_pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :list AND sk <= :now",
            ExpressionAttributeValues=serialize_item(values),
            ConsistentRead=True,
        )
        return list(map(_slot_of, rows))

    def flushed(self, slot: Slot, lines: Sequence[DigestLine]) -> None:
        """Note that lines have left: they wait no more, and neither does the slot."""
        for line in lines:
            self._delete(_line_key(slot, line))
        self._delete(_slot_key(slot))
        late = self.held(slot.name)
        if late:
            # They came while the mail was being sent: the slot is due once more.
            self.hold(slot, late[0])

    def _put(self, item: Item) -> dict[str, Any]:
        return {"Put": {"TableName": self._table, "Item": serialize_item(item)}}

    def _delete(self, key: Item) -> None:
        self._client.delete_item(TableName=self._table, Key=serialize_item(key))


def _line_key(slot: Slot, line: DigestLine) -> Item:
    return {"pk": f"DIGEST#{slot.name}", "sk": line.fact}


def _line_of(row: Mapping[str, Any]) -> DigestLine:
    at = datetime.fromisoformat(row["at"])
    return DigestLine(row["sk"], row["kind"], row["lead"], row["partner"], at)


def _slot_key(slot: Slot) -> Item:
    return {"pk": "DIGESTS", "sk": f"{instant_text(slot.due)}#{slot.name}"}


def _slot_of(row: Mapping[str, Any]) -> Slot:
    due, name = row["sk"].split("#", 1)
    return Slot(name, datetime.fromisoformat(due))

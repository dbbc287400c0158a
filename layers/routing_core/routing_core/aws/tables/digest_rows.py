"""Lines that wait for a digest or a grouped alert, and the list of slots that are not flushed
yet.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from routing_core.aws.codecs.value_codecs import instant_text
from routing_core.aws.tables.dynamo import query_pages, serialize_item
from routing_core.service.notifications.digests import DigestLine, Slot

KEPT_SECONDS = 90 * 86_400


class DigestRows:
    """Implements digests.Digests."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def hold(self, slot: Slot, line: DigestLine) -> None:
        expires = int(slot.due.timestamp()) + KEPT_SECONDS
        row = {
            "pk": f"DIGEST#{slot.name}",
            "sk": line.fact,
            "kind": line.kind,
            "lead": line.lead,
            "partner": line.partner,
            "at": instant_text(line.at),
            "expires": expires,
        }
        waiting = {
            "pk": "DIGESTS",
            "sk": f"{instant_text(slot.due)}#{slot.name}",
            "expires": expires,
        }
        self._client.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": self._table, "Item": serialize_item(item)}}
                for item in (row, waiting)
            ]
        )

    def held(self, slot_name: str) -> tuple[DigestLine, ...]:
        rows = query_pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :slot",
            ExpressionAttributeValues=serialize_item({":slot": f"DIGEST#{slot_name}"}),
            ConsistentRead=True,
        )
        return tuple(
            DigestLine(r["sk"], r["kind"], r["lead"], r["partner"], datetime.fromisoformat(r["at"]))
            for r in rows
        )

    def due(self, now: datetime) -> Sequence[Slot]:
        rows = query_pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :list AND sk <= :now",
            ExpressionAttributeValues=serialize_item(
                {":list": "DIGESTS", ":now": f"{instant_text(now)}#~"}
            ),  # due now counts
            ConsistentRead=True,
        )
        parts = (row["sk"].split("#", 1) for row in rows)
        return [Slot(name, datetime.fromisoformat(due)) for due, name in parts]

    def flushed(self, slot: Slot, lines: Sequence[DigestLine]) -> None:
        for line in lines:
            self._client.delete_item(
                TableName=self._table,
                Key=serialize_item({"pk": f"DIGEST#{slot.name}", "sk": line.fact}),
            )
        pointer = {"pk": "DIGESTS", "sk": f"{instant_text(slot.due)}#{slot.name}"}
        self._client.delete_item(TableName=self._table, Key=serialize_item(pointer))
        if late := self.held(slot.name):  # held while the mail was being sent
            self.hold(slot, late[0])

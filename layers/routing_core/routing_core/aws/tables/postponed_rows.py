"""Leads the sweeper could not wake: counted, and after the third time left alone for a growing
while.
"""

from datetime import datetime
from typing import Any

from routing_core.aws.tables.dynamo import deserialize_item, serialize_item

PATIENCE = 3
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 900, 6 * 3600


class PostponedRows:
    """Implements sweep.Postponed; a row forgets itself a day after its last failure."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def waits(self, lead: str, now: datetime) -> bool:
        answer = self._client.get_item(
            TableName=self._table, Key=self._key(lead), ConsistentRead=True
        )
        return (
            "Item" in answer
            and int(deserialize_item(answer["Item"]).get("until", 0)) > now.timestamp()
        )

    def failed(self, lead: str, now: datetime) -> int:
        seconds = int(now.timestamp())
        row = self._client.update_item(
            TableName=self._table,
            Key=self._key(lead),
            UpdateExpression="ADD failures :one SET expires = :gone",
            ExpressionAttributeValues=serialize_item({":one": 1, ":gone": seconds + 86_400}),
            ReturnValues="ALL_NEW",
        )
        times = int(deserialize_item(row["Attributes"])["failures"])
        if times >= PATIENCE:
            pause = min(FIRST_PAUSE_SECONDS * 2 ** (times - PATIENCE), LONGEST_PAUSE_SECONDS)
            self._client.update_item(
                TableName=self._table,
                Key=self._key(lead),
                UpdateExpression="SET #until = :until",
                ExpressionAttributeNames={"#until": "until"},
                ExpressionAttributeValues=serialize_item({":until": seconds + pause}),
            )
        return times

    def succeeded(self, lead: str) -> None:
        self._client.delete_item(TableName=self._table, Key=self._key(lead))

    def _key(self, lead: str) -> dict[str, Any]:
        return serialize_item({"pk": f"LEAD#{lead}", "sk": "POSTPONED"})

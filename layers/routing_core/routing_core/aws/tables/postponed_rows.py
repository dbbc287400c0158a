"""Keep the leads that the sweep could not wake: counted, and left alone for a growing while."""

from datetime import datetime
from typing import Any

from routing_core.aws.codecs.value_codecs import Item, seconds
from routing_core.aws.tables.dynamo import deserialize_item, read_item, serialize_item

PATIENCE = 3
"""After so many failures in a row a lead is left alone for a while."""
FIRST_PAUSE_SECONDS = 900
"""It is left alone so long at first; with each further failure twice as long."""
LONGEST_PAUSE_SECONDS = 6 * 3600
"""It is never left alone for longer: somebody may have mended the cause."""
FORGOTTEN_SECONDS = 86_400
"""A row forgets itself so long after its last failure."""


class PostponedRows:
    """Keeps the leads that failed to wake: ``sweep.Postponed``."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def waits(self, lead: str, now: datetime) -> bool:
        """Tell whether a lead is left alone for now."""
        row = read_item(self._client, self._table, _postponed_key(lead)) or {}
        return int(row.get("until", 0)) > now.timestamp()

    def failed(self, lead: str, now: datetime) -> int:
        """Count a failure, and give how many there were in a row."""
        key = serialize_item(_postponed_key(lead))
        values = {":one": 1, ":gone": seconds(now) + FORGOTTEN_SECONDS}
        answer = self._client.update_item(
            TableName=self._table,
            Key=key,
            UpdateExpression="ADD failures :one SET expires = :gone",
            ExpressionAttributeValues=serialize_item(values),
            ReturnValues="ALL_NEW",
        )
        failures = int(deserialize_item(answer["Attributes"])["failures"])
        if failures >= PATIENCE:
            pause = FIRST_PAUSE_SECONDS * 2 ** (failures - PATIENCE)
            until = seconds(now) + min(pause, LONGEST_PAUSE_SECONDS)
            self._client.update_item(
                TableName=self._table,
                Key=key,
                UpdateExpression="SET #until = :until",
                ExpressionAttributeNames={"#until": "until"},
                ExpressionAttributeValues=serialize_item({":until": until}),
            )
        return failures

    def succeeded(self, lead: str) -> None:
        """Forget the failures of a lead."""
        key = serialize_item(_postponed_key(lead))
        self._client.delete_item(TableName=self._table, Key=key)


def _postponed_key(lead: str) -> Item:
    return {"pk": f"LEAD#{lead}", "sk": "POSTPONED"}

"""Keep what all instances know of a flood: pressure, used proofs of work, counts of posts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.codecs.value_codecs import Item, read_seconds, seconds
from routing_core.aws.tables.dynamo import condition_failed, deserialize_item, serialize_item
from routing_core.domain.enquiry.rate_limits import Pressure

PRESSURE: Item = {"pk": "PRESSURE", "sk": "ACTIVE"}
"""The key of the pressure row, read along with the programme's pointer."""
GATE_ROWS_KEPT = 2 * 3600
"""Seconds: after their hour counts are of no use; after it ends, neither is pressure."""


def pressure_from_item(item: Mapping[str, Any]) -> Pressure:
    """Read what is known of a flood."""
    over = {mark: read_seconds(until) for mark, until in item.get("over", {}).items()}
    return Pressure(read_seconds(item["until"]), over)


class GateRows:
    """Keeps what instances tell one another of a flood: ``ports.GateBook``."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def press(self, pressure: Pressure) -> None:
        """Let everybody know this from now on."""
        if pressure.until is None:
            return
        until = seconds(pressure.until)
        row = PRESSURE | {
            "until": until,
            "over": {mark: seconds(end) for mark, end in pressure.over.items()},
            "expires": until + GATE_ROWS_KEPT,
        }
        # The whole row, whatever is there. Two instances that meet lose one another's marks; who is
        # still over a ceiling is reported again within a minute.
        self._client.put_item(TableName=self._table, Item=serialize_item(row))

    def spend(self, challenge: str, lead: str, expires_at: datetime) -> bool:
        """Note that a solved challenge was used for a lead; False if another had used it."""
        row = {
            "pk": f"PROOF#{challenge}",
            "sk": "PROOF",
            "lead": lead,
            "expires": seconds(expires_at) + GATE_ROWS_KEPT,
        }
        # A post may be tried again, with the same proof.
        unused_or_used_for_this_very_lead = "attribute_not_exists(pk) OR #lead = :lead"
        try:
            self._client.put_item(
                TableName=self._table,
                Item=serialize_item(row),
                ConditionExpression=unused_or_used_for_this_very_lead,
                ExpressionAttributeNames={"#lead": "lead"},
                ExpressionAttributeValues=serialize_item({":lead": lead}),
            )
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True

    def count(self, mark: str, more: int, now: datetime) -> int:
        """Add to the posts of a kind in this hour of the clock, and give their number."""
        key = {"pk": f"COUNT#{mark}", "sk": f"{now.astimezone(UTC):%Y-%m-%dT%H}"}
        values = {":more": more, ":later": seconds(now) + GATE_ROWS_KEPT}
        answer = self._client.update_item(
            TableName=self._table,
            Key=serialize_item(key),
            UpdateExpression="ADD posts :more SET expires = :later",
            ExpressionAttributeValues=serialize_item(values),
            ReturnValues="UPDATED_NEW",
        )
        return int(deserialize_item(answer["Attributes"])["posts"])

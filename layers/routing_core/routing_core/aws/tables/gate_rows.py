"""What all instances know of a flood: the pressure row, used proofs of work, how many posts there
were of a kind.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.tables.dynamo import condition_failed, deserialize_item, serialize_item
from routing_core.domain.enquiry.rate_limits import Pressure

PRESSURE = {"pk": "PRESSURE", "sk": "ACTIVE"}
"""Read together with the programme's pointer, so that knowing it costs no request."""
KEPT_SECONDS = 2 * 3600
"""After their hour, counts are of no use; after it ends, neither is pressure."""


def pressure_from_item(item: Mapping[str, Any]) -> Pressure:
    over = {mark: _instant(until) for mark, until in item.get("over", {}).items()}
    return Pressure(_instant(item["until"]), over)


def _instant(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


class GateRows:
    """Implements ports.GateBook."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def press(self, pressure: Pressure) -> None:
        """Puts the whole row. Two that meet lose one another's marks; who is still over a ceiling
        is reported again within a minute.
        """
        if pressure.until is None:
            return
        until = int(pressure.until.timestamp())
        over = {mark: int(end.timestamp()) for mark, end in pressure.over.items()}
        row = PRESSURE | {"until": until, "over": over, "expires": until + KEPT_SECONDS}
        self._client.put_item(TableName=self._table, Item=serialize_item(row))

    def spend(self, challenge: str, lead: str, expires_at: datetime) -> bool:
        row = {
            "pk": f"PROOF#{challenge}",
            "sk": "PROOF",
            "lead": lead,
            "expires": int(expires_at.timestamp()) + KEPT_SECONDS,
        }
        unused_or_used_for_this_very_lead = (
            "attribute_not_exists(pk) OR #lead = :lead"  # a post may be tried again
        )
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
        answer = self._client.update_item(
            TableName=self._table,
            Key=serialize_item({"pk": f"COUNT#{mark}", "sk": f"{now.astimezone(UTC):%Y-%m-%dT%H}"}),
            UpdateExpression="ADD posts :more SET expires = :later",
            ExpressionAttributeValues=serialize_item(
                {":more": more, ":later": int(now.timestamp()) + KEPT_SECONDS}
            ),
            ReturnValues="UPDATED_NEW",
        )
        return int(deserialize_item(answer["Attributes"])["posts"])

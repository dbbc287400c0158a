"""Rows that make a mail leave once: leased, sent, marked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from routing_core.aws.codecs.value_codecs import instant_text
from routing_core.aws.tables.dynamo import condition_failed, deserialize_item, serialize_item
from routing_core.domain.errors import Conflict


class MailRows:
    """Implements ports.Outgoing: one row per fact, role and template, leased while it is being
    sent.
    """

    LEASE_SECONDS = 60

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def lease(self, key: str, now: datetime) -> bool:
        seconds = int(now.timestamp())
        row = {
            "pk": f"MAIL#{key}",
            "sk": "MAIL",
            "state": "leased",
            "by": (ours := uuid4().hex),
            "leased_until": seconds + self.LEASE_SECONDS,
            "expires": seconds + 90 * 86_400,
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=serialize_item(row),
                ConditionExpression="attribute_not_exists(pk) OR (#state = :leased AND leased_until <= :now)",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues=serialize_item({":leased": "leased", ":now": seconds}),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            found = deserialize_item(error.response.get("Item", {}))
            if found.get("state") == "sent":
                return False
            if found.get("by") == ours:  # the reply to our own first try was lost
                return True
            raise Conflict(f"somebody else is sending {key}") from error
        return True

    def begun(self, key: str) -> bool:
        return self._row(key) is not None

    def told(self, key: str) -> Sequence[str]:
        row = self._row(key)
        return row.get("facts", ()) if row else ()

    def _row(self, key: str) -> dict[str, Any] | None:
        row = serialize_item({"pk": f"MAIL#{key}", "sk": "MAIL"})
        answer = self._client.get_item(TableName=self._table, Key=row, ConsistentRead=True)
        return deserialize_item(answer["Item"]) if "Item" in answer else None

    def sent(self, key: str, message: str, now: datetime, facts: Sequence[str] = ()) -> None:
        values: dict[str, Any] = {":sent": "sent", ":message": message, ":at": instant_text(now)}
        noted = ""
        if facts:
            values[":facts"] = list(facts)
            noted = ", facts = :facts"
        self._client.update_item(
            TableName=self._table,
            Key=serialize_item({"pk": f"MAIL#{key}", "sk": "MAIL"}),
            UpdateExpression=f"SET #state = :sent, message = :message, sent_at = :at{noted} REMOVE leased_until",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues=serialize_item(values),
        )

    def release(self, key: str) -> None:
        self._client.delete_item(
            TableName=self._table, Key=serialize_item({"pk": f"MAIL#{key}", "sk": "MAIL"})
        )

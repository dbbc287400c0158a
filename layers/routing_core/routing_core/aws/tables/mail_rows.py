"""Make a mail leave once: its row is leased, sent, marked."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from routing_core.aws.codecs.value_codecs import Item, instant_text, read_stored_instant, seconds
from routing_core.aws.tables.dynamo import (
    batch_get,
    condition_failed,
    deserialize_item,
    read_item,
    serialize_item,
)
from routing_core.domain.errors import Conflict
from routing_core.service.kernel.mail_ports import NotedMail

MAIL_ROWS_KEPT = 90 * 86_400
"""Seconds for which is known that a mail was sent."""
RETURNED = "returned."
"""Begins the keys of rows that say of a message that it came back."""


class MailRows:
    """Keeps the log of sent mails, a row per event, role and template: ``SentMailLog``."""

    LEASE_SECONDS = 60
    """A mail is one sender's to send for so long; whoever died over it is then followed."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def lease(self, key: str, now: datetime) -> bool:
        """Tell whether a mail is ours to send; False if it was sent already.

        Raises Conflict while somebody else's lease is alive.
        """
        ours = uuid4().hex
        row = _mail_key(key) | {
            "state": "leased",
            "by": ours,
            "leased_until": seconds(now) + self.LEASE_SECONDS,
            "expires": seconds(now) + MAIL_ROWS_KEPT,
        }
        lease_has_ended = "#state = :leased AND leased_until <= :now"
        values = {":leased": "leased", ":now": seconds(now)}
        try:
            self._client.put_item(
                TableName=self._table,
                Item=serialize_item(row),
                ConditionExpression=f"attribute_not_exists(pk) OR ({lease_has_ended})",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues=serialize_item(values),
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
        """Tell whether a mail was sent, or is being sent."""
        return self._row(key) is not None

    def told(self, key: str) -> Sequence[str]:
        """Give the events that were noted with a mail that was sent."""
        row = self._row(key) or {}
        told: Sequence[str] = row.get("facts", ())
        return told

    def sent(self, key: str, message: str, now: datetime, facts: Sequence[str] = ()) -> None:
        """Note that a mail was sent, with the message's id and the events it told."""
        expression = "SET #state = :sent, message = :message, sent_at = :at"
        values: dict[str, Any] = {":sent": "sent", ":message": message, ":at": instant_text(now)}
        if facts:
            expression += ", facts = :facts"
            values[":facts"] = list(facts)
        self._client.update_item(
            TableName=self._table,
            Key=serialize_item(_mail_key(key)),
            UpdateExpression=f"{expression} REMOVE leased_until",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues=serialize_item(values),
        )

    def release(self, key: str) -> None:
        """Give a lease back: the mail could not be sent, and somebody may try again."""
        self._client.delete_item(TableName=self._table, Key=serialize_item(_mail_key(key)))

    def noted(self, keys: Sequence[str]) -> Mapping[str, NotedMail]:
        """Give what is noted of mails that were sent, by key; what is not there is left out."""
        rows = self._rows(keys)
        return {key: _noted(row) for key, row in rows.items() if "sent_at" in row}

    def note_return(self, message: str, now: datetime) -> None:
        """Note that a message came back, or that its reader complained."""
        row = _mail_key(RETURNED + message) | {"expires": seconds(now) + MAIL_ROWS_KEPT}
        self._client.put_item(TableName=self._table, Item=serialize_item(row))

    def returned(self, messages: Collection[str]) -> Collection[str]:
        """Give those of the messages that came back."""
        rows = self._rows([RETURNED + each for each in messages])
        return {key.removeprefix(RETURNED) for key in rows}

    def _rows(self, keys: Collection[str]) -> dict[str, Item]:
        wanted = [_mail_key(key) for key in dict.fromkeys(keys)]
        found = batch_get(self._client, {self._table: wanted})[self._table]
        return {row["pk"].removeprefix(MAIL): row for row in found}

    def _row(self, key: str) -> Item | None:
        return read_item(self._client, self._table, _mail_key(key))


MAIL = "MAIL#"


def _mail_key(key: str) -> Item:
    return {"pk": f"{MAIL}{key}", "sk": "MAIL"}


def _noted(row: Item) -> NotedMail:
    return NotedMail(tuple(row["message"].split(" ")), read_stored_instant(row["sent_at"]))

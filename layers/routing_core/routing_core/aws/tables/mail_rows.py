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
from routing_core.service.kernel.mail_ports import MailNews, NotedMail, PostedMail

MAIL_ROWS_KEPT = 90 * 86_400
"""Seconds for which is known that a mail was sent."""
MESSAGE = "message."
"""Begins the keys of rows that say what became of one message: an instant by kind of news."""


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

    def sent(self, key: str, posted: PostedMail, now: datetime, facts: Sequence[str] = ()) -> None:
        """Note that a mail was sent, what that came to, and the events it told."""
        expression = "SET #state = :sent, message = :message, sent_at = :at"
        values: dict[str, Any] = {
            ":sent": "sent",
            ":message": " ".join(posted.messages),
            ":at": instant_text(now),
        }
        names = {"#state": "state"}
        if posted.subject:
            expression += ", subject = :subject, #language = :language"
            values |= {":subject": posted.subject, ":language": posted.language}
            names["#language"] = "language"
        if facts:
            expression += ", facts = :facts"
            values[":facts"] = list(facts)
        self._client.update_item(
            TableName=self._table,
            Key=serialize_item(_mail_key(key)),
            UpdateExpression=f"{expression} REMOVE leased_until",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=serialize_item(values),
        )

    def release(self, key: str) -> None:
        """Give a lease back: the mail could not be sent, and somebody may try again."""
        self._client.delete_item(TableName=self._table, Key=serialize_item(_mail_key(key)))

    def noted(self, keys: Sequence[str]) -> Mapping[str, NotedMail]:
        """Give what is noted of mails that were sent, by key; what is not there is left out."""
        rows = self._rows(keys)
        return {key: _noted(row) for key, row in rows.items() if "sent_at" in row}

    def note_news(self, message: str, news: MailNews, at: datetime) -> None:
        """Note what became of a message, and when; earlier news of other kinds stay."""
        values = {":at": instant_text(at), ":expires": seconds(at) + MAIL_ROWS_KEPT}
        self._client.update_item(
            TableName=self._table,
            Key=serialize_item(_mail_key(MESSAGE + message)),
            UpdateExpression="SET #news = :at, expires = :expires",
            ExpressionAttributeNames={"#news": news.value},
            ExpressionAttributeValues=serialize_item(values),
        )

    def news(self, messages: Collection[str]) -> Mapping[str, Mapping[MailNews, datetime]]:
        """Give what is known of messages, with when each was so; no news leaves one out."""
        rows = self._rows([MESSAGE + each for each in messages])
        return {key.removeprefix(MESSAGE): _news(row) for key, row in rows.items()}

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
    posted = PostedMail(
        tuple(row["message"].split(" ")), row.get("subject", ""), row.get("language", "")
    )
    return NotedMail(posted, read_stored_instant(row["sent_at"]), row.get("facts", ()))


def _news(row: Item) -> dict[MailNews, datetime]:
    return {news: read_stored_instant(row[news]) for news in MailNews if news in row}

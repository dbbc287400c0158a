"""Make a mail leave once: its row is leased, sent, marked."""

from collections.abc import Callable, Collection, Mapping, Sequence
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
from routing_core.service.kernel.mail_ports import (
    MailNews,
    MailTry,
    NotedMail,
    PostedMail,
    ReaderMail,
)

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

    def lease(self, key: str, now: datetime, facts: Sequence[str] = ()) -> MailTry | None:
        """Lease a mail, which tells these events; None if it was sent already.

        Raises Conflict while somebody else's lease is alive.
        """
        ours = uuid4().hex
        values = {
            ":leased": "leased",
            ":ours": ours,
            ":until": seconds(now) + self.LEASE_SECONDS,
            ":expires": seconds(now) + MAIL_ROWS_KEPT,
            ":now": seconds(now),
        }
        lease_has_ended = "#state = :leased AND leased_until <= :now"
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=serialize_item(_mail_key(key)),
                # An update, so that what is noted of readers stays.
                UpdateExpression="SET #state = :leased, #by = :ours, leased_until = :until, "
                "expires = :expires",
                ConditionExpression=f"attribute_not_exists(pk) OR ({lease_has_ended})",
                ExpressionAttributeNames={"#state": "state", "#by": "by"},
                ExpressionAttributeValues=serialize_item(values),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            found = deserialize_item(error.response.get("Item", {}))
            if found.get("state") == "sent":
                return None
            if found.get("by") == ours:  # the reply to our own first try was lost
                return _try_of(key, found, facts)
            raise Conflict(f"somebody else is sending {key}") from error
        return _try_of(key, deserialize_item(answer["Attributes"]), facts)

    def note_reader(self, mail: MailTry, reader: str) -> None:
        """Note what one of several readers ``had``, and the events that the mail tells."""
        had = mail.had[reader]
        values: dict[str, Any] = {":had": {f"{reader} {had.message} {instant_text(had.at)}"}}
        facts = ""
        if mail.facts:
            facts = "SET facts = :facts "
            values[":facts"] = list(mail.facts)
        self._client.update_item(
            TableName=self._table,
            Key=serialize_item(_mail_key(mail.key)),
            UpdateExpression=f"{facts}ADD had :had",
            ExpressionAttributeValues=serialize_item(values),
        )

    def begun(self, key: str) -> bool:
        """Tell whether a mail was sent, or is being sent."""
        return self._row(key) is not None

    def told(self, key: str) -> Sequence[str]:
        """Give the events that were noted with a mail that was sent."""
        row = self._row(key) or {}
        if row.get("state") != "sent":
            return ()
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
            UpdateExpression=f"{expression} REMOVE leased_until, had",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=serialize_item(values),
        )

    def release(self, mail: MailTry) -> None:
        """Give a lease back: somebody may try again. Who has had the mail stays noted.

        A lease that somebody else has taken over is not ours to give back.
        """
        ours = "#state = :leased AND #by = :ours"
        values = {":leased": "leased", ":ours": mail.lease}
        if not self._changes_row(
            self._client.delete_item, mail.key, f"{ours} AND attribute_not_exists(had)", values
        ):
            self._changes_row(
                self._client.update_item,
                mail.key,
                ours,
                values | {":ended": 0},
                UpdateExpression="SET leased_until = :ended",
            )

    def _changes_row(
        self,
        call: Callable[..., Any],
        key: str,
        condition: str,
        values: Mapping[str, Any],
        **how: str,
    ) -> bool:
        """Change a row; tell whether it was as the condition says."""
        try:
            call(
                TableName=self._table,
                Key=serialize_item(_mail_key(key)),
                ConditionExpression=condition,
                ExpressionAttributeNames={"#by": "by", "#state": "state"},
                ExpressionAttributeValues=serialize_item(values),
                **how,
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return False
        return True

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


def _try_of(key: str, row: Item, facts: Sequence[str]) -> MailTry:
    """Read what earlier tries came to; without any it tells ``facts``."""
    had = {}
    for each in row.get("had", ()):
        reader, message, at = each.split(" ")
        had[reader] = ReaderMail(message, read_stored_instant(at))
    return MailTry(key, row["by"], row.get("facts", ()) if had else facts, had)


def _noted(row: Item) -> NotedMail:
    posted = PostedMail(
        tuple(row["message"].split(" ")), row.get("subject", ""), row.get("language", "")
    )
    return NotedMail(posted, read_stored_instant(row["sent_at"]), row.get("facts", ()))


def _news(row: Item) -> dict[MailNews, datetime]:
    return {news: read_stored_instant(row[news]) for news in MailNews if news in row}

"""Keep what people have to know of mail that does not leave: beside the log of sent mails."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from routing_core.aws.codecs.value_codecs import Item, instant_text, read_stored_instant, seconds
from routing_core.aws.tables.dynamo import (
    condition_failed,
    query_pages,
    read_item,
    serialize_item,
)
from routing_core.aws.tables.mail_rows import MAIL, MAIL_ROWS_KEPT
from routing_core.service.kernel.mail_delays import (
    STANDS_STILL,
    MailHindrance,
    RefusedMail,
    StandingMail,
)
from routing_core.service.kernel.mail_ports import REFUSED_MESSAGE

STANDING: Item = {"pk": f"{MAIL}standing", "sk": "MAIL"}
"""The key of the row that says since when mail stands still."""
REFUSED = f"{MAIL}refused"
"""The partition of mails that were refused for good, by when."""


class MailWatchRows:
    """Keeps the row of mail that stands still and those of refused mails: ``MailWatch``."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def note_delay(self, hindrance: MailHindrance, now: datetime) -> None:
        """Note that a mail could not leave for now; after a long quiet it begins anew."""
        try:
            self._note_delay(hindrance, now, "tried_at >= :quiet", "")
        except ClientError as error:
            if not condition_failed(error):
                raise
            # Several may begin at once: they write the same, but for a moment.
            self._note_delay(hindrance, now, "", ", since = :now")

    def _note_delay(
        self, hindrance: MailHindrance, now: datetime, condition: str, and_set: str
    ) -> None:
        values: dict[str, Any] = {
            ":now": instant_text(now),
            ":hindrance": hindrance.value,
            ":expires": seconds(now) + MAIL_ROWS_KEPT,
        }
        request: dict[str, Any] = {
            "TableName": self._table,
            "Key": serialize_item(STANDING),
            "UpdateExpression": "SET tried_at = :now, hindrance = :hindrance, expires = :expires"
            + and_set,
        }
        if condition:
            request["ConditionExpression"] = condition
            values[":quiet"] = instant_text(now - STANDS_STILL)
        self._client.update_item(**request, ExpressionAttributeValues=serialize_item(values))

    def standing(self, now: datetime) -> StandingMail | None:
        """Tell since when mail stands still; None while it moves."""
        row = read_item(self._client, self._table, STANDING)
        if row is None:
            return None
        tried_at = read_stored_instant(row["tried_at"])
        if now - tried_at > STANDS_STILL:
            return None
        since = read_stored_instant(row["since"])
        return StandingMail(since, tried_at, MailHindrance(row["hindrance"]))

    def note_refusal(self, tags: Mapping[str, str], now: datetime) -> str:
        """Note that a mail was refused for good; give the id that stands for its message."""
        message = f"{REFUSED_MESSAGE}{uuid4().hex}"
        row = {
            "pk": REFUSED,
            "sk": f"{instant_text(now)}#{message}",
            "at": instant_text(now),
            "expires": seconds(now) + MAIL_ROWS_KEPT,
        }
        row |= {name: tags[name] for name in ("role", "lead", "partner") if tags.get(name)}
        self._client.put_item(TableName=self._table, Item=serialize_item(row))
        return message

    def refused(self, since: datetime) -> Sequence[RefusedMail]:
        """Give the mails that were refused since then, the latest first."""
        rows = query_pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk >= :since",
            ExpressionAttributeValues=serialize_item(
                {":pk": REFUSED, ":since": instant_text(since)}
            ),
            ScanIndexForward=False,
        )
        return [_refused(row) for row in rows]


def _refused(row: Item) -> RefusedMail:
    return RefusedMail(
        at=read_stored_instant(row["at"]),
        role=row.get("role", ""),
        lead=row.get("lead", ""),
        partner=row.get("partner", ""),
    )

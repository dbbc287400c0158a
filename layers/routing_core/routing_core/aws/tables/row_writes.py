"""Keep the read model's table: ``row_store.RowStore`` over DynamoDB.

Every write may come twice and late: rows are written only over lower versions, marks are members of
a set, and a line of the log is the same line under the same id.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.codecs.row_items import (
    HEARTBEAT,
    MONTHS,
    day_partition,
    kept_from_item,
    log_to_item,
    month_of,
    partner_row_key,
    row_content,
    row_key,
    row_position,
    row_to_item,
    totals_key,
    totals_to_item,
)
from routing_core.aws.codecs.value_codecs import Item, milliseconds, seconds
from routing_core.aws.tables.dynamo import batch_get, condition_failed, serialize_item
from routing_core.aws.tables.read_model_table import marks_on
from routing_core.domain.lead_row import LeadRow
from routing_core.service.kernel.read_model import LogEntry
from routing_core.service.kernel.row_store import KeptRow, figures_of_day

MARKS_KEPT = timedelta(days=100)
"""What single leads did on a day is kept so long: its totals stay."""
DAYS_LOOKED_BACK = 7
"""Days before today that get their totals if they have none: far more than a stream waits."""
BEATS_APART = timedelta(seconds=5)
"""A warm function tells how far it has come no more often than this."""


class RowWrites:
    """Writes the read model."""

    def __init__(self, client: Any, table: str, *, again: bool = False):
        """Take the table; ``again`` writes rows anew that are there in the same version."""
        self._client = client
        self._table = table
        self._comparison = "<=" if again else "<"
        self._months: set[str] = set()
        """The months that this warm function has written down."""
        self._beaten: datetime | None = None
        self._closed: date | None = None
        """The day on which this warm function has added up the one before."""

    # ── rows ──────────────────────────────────────────────────────────────────────────────────────

    def kept(self, positions: Iterable[tuple[datetime, str]]) -> Mapping[str, KeptRow]:
        """Read rows by when their leads were received, and the lead; they are given by lead."""
        keys = {row_position(*each): row_key(*each) for each in positions}
        if not keys:
            return {}
        items = batch_get(self._client, {self._table: list(keys.values())})[self._table]
        return {kept.row.id: kept for kept in map(kept_from_item, items)}

    def keep(self, kept: KeptRow) -> None:
        """Write a lead's row, unless it is there in that version or a higher one."""
        self._note_month(f"MONTH#{month_of(kept.row.received_at)}")
        self._put_if_higher(row_to_item(kept))

    def list_under(self, name: str, row: LeadRow, asked: frozenset[str] = frozenset()) -> None:
        """Put a lead on a partner's list, unless it is there in that version or a higher one."""
        item = partner_row_key(name, row) | row_content(row)
        self._put_if_higher(item | {"asked": set(asked)} if asked else item)

    def unlist(self, name: str, row: LeadRow) -> None:
        """Take a lead off a partner's list, unless it is there in that version or a higher one."""
        self._unless_higher(
            self._client.delete_item,
            Key=serialize_item(partner_row_key(name, row)),
            ExpressionAttributeValues=serialize_item({":version": row.version}),
        )

    def _put_if_higher(self, item: Item) -> None:
        self._unless_higher(
            self._client.put_item,
            Item=serialize_item(item),
            ExpressionAttributeValues=serialize_item({":version": item["version"]}),
        )

    def _unless_higher(self, write: Any, **request: Any) -> None:
        condition = f"attribute_not_exists(pk) OR version {self._comparison} :version"
        try:
            write(TableName=self._table, ConditionExpression=condition, **request)
        except ClientError as error:
            if not condition_failed(error):
                raise

    def _note_month(self, month: str) -> None:
        """Write down that a month has something in it, once for each warm function."""
        if month in self._months:
            return
        self._put({"pk": MONTHS, "sk": month})
        self._months.add(month)

    # ── days ──────────────────────────────────────────────────────────────────────────────────────

    def mark(self, day: date, lead: str, region: str, marks: Collection[str]) -> None:
        """Mark what a lead of a region did on a day; a mark that is there stays one."""
        over = datetime.combine(day, time.min, UTC) + MARKS_KEPT
        beside = {":expires": seconds(over), ":region": region}
        how = "ADD marks :marks SET expires = :expires, #region = :region"
        self._update_marks(day, lead, how, {":marks": set(marks)} | beside, {"#region": "region"})

    def unmark(self, day: date, lead: str, marks: Collection[str]) -> None:
        """Take marks back: what they said was undone."""
        self._update_marks(day, lead, "DELETE marks :marks", {":marks": set(marks)})

    def _update_marks(
        self, day: date, lead: str, how: str, values: Item, names: Mapping[str, str] | None = None
    ) -> None:
        update: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
        self._client.update_item(
            TableName=self._table,
            Key=serialize_item({"pk": day_partition(day), "sk": lead}),
            UpdateExpression=how,
            ExpressionAttributeValues=serialize_item(values),
            **update,
        )

    def close_days(self, today: date, changed: Collection[date]) -> None:
        """Write the totals of days that are over: of those that changed, and of those without.

        Which have none yet is looked at once a day.
        """
        over = {day for day in changed if day < today}
        if self._closed != today:
            over |= self._without_totals(today)
        for day in sorted(over):
            self._add_up(day)
        self._closed = today

    def _without_totals(self, today: date) -> set[date]:
        days = [today - timedelta(days=ago) for ago in range(1, DAYS_LOOKED_BACK + 1)]
        keys = [totals_key(day) for day in days]
        found = batch_get(self._client, {self._table: keys})[self._table]
        known = {(item["pk"], item["sk"]) for item in found}
        return {
            day for day, key in zip(days, keys, strict=True) if tuple(key.values()) not in known
        }

    def _add_up(self, day: date) -> None:
        # Whoever adds up at the same time and has seen fewer leads does not write over it.
        marked = list(marks_on(self._client, self._table, day))
        item = totals_to_item(figures_of_day(day, marked)) | {"leads": len(marked)}
        try:
            self._client.put_item(
                TableName=self._table,
                Item=serialize_item(item),
                ConditionExpression="attribute_not_exists(pk) OR leads <= :leads",
                ExpressionAttributeValues=serialize_item({":leads": len(marked)}),
            )
        except ClientError as error:
            if not condition_failed(error):
                raise

    # ── the log, and how far it has come ──────────────────────────────────────────────────────────

    def note(self, entry_id: str, entry: LogEntry) -> None:
        """Write a line of the log; the same id is the same line."""
        self._note_month(f"LOG#{month_of(entry.at)}")
        self._put(log_to_item(entry_id, entry))

    def note_write(self, entry_id: str, entry: LogEntry) -> dict[str, Any]:
        """Give the write of such a line, for the transaction of what it tells of."""
        # A month that is written down in vain has no lines.
        self._note_month(f"LOG#{month_of(entry.at)}")
        return {
            "Put": {
                "TableName": self._table,
                "Item": serialize_item(log_to_item(entry_id, entry)),
            }
        }

    def beat(self, at: datetime, now: datetime) -> None:
        """Note that everything is kept that was committed until an instant."""
        if self._beaten is not None and timedelta(0) <= now - self._beaten < BEATS_APART:
            return
        self._put(HEARTBEAT | {"at": milliseconds(at), "seen": milliseconds(now)})
        self._beaten = now

    def _put(self, item: Item) -> None:
        self._client.put_item(TableName=self._table, Item=serialize_item(item))

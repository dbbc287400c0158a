"""Answer lists and searches from the read model's table: ``read_model.ReadModel`` over DynamoDB."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import product
from typing import Any

from routing_core.aws.codecs.row_items import (
    HEARTBEAT,
    ROW_SHARDS,
    day_partition,
    days_partition,
    log_from_text,
    log_partition,
    row_from_text,
    state_partition,
    totals_from_item,
)
from routing_core.aws.codecs.value_codecs import read_stored_instant
from routing_core.aws.tables.dynamo import (
    batch_get,
    may_be_id,
    query_pages,
    read_item,
    serialize_item,
)
from routing_core.aws.tables.lead_pages import (
    LOOKED_AT_ONCE,
    MOST_LOOKED_AT,
    LeadPages,
    PageAsked,
    cursor_of,
    known_months,
    overlaps,
    read_cursor,
    span_of,
)
from routing_core.aws.tables.row_counts import COUNTS_AT_ONCE, CountQuery, count_query
from routing_core.aws.tables.row_queries import (
    Partitions,
    SideBySide,
    run_at_once,
    text_of,
)
from routing_core.domain.lead import LeadStatus
from routing_core.domain.lead_row import LeadFilter, LeadRow, LeadSort
from routing_core.service.kernel.read_model import (
    MOST_ON_PAGE,
    WORTH_A_WORD,
    DayFigures,
    LeadPage,
    LogEntry,
    LogFilter,
    LogPage,
    StateCount,
)
from routing_core.service.kernel.row_store import MarkedLead, figures_of_day

MOST_OF_A_CONTACT = 100
"""So many leads of one contact are shown, the newest."""
PULSE_EVERY = timedelta(minutes=5)
"""The sweep sends a sign of life through the stream this often."""
STILL_AT_WORK = timedelta(seconds=15)
"""What was kept so recently tells how far behind the read model is at work."""


class ReadModelTable:
    """Reads the read model."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    # ── lists ─────────────────────────────────────────────────────────────────────────────────────

    def page(
        self,
        wanted: LeadFilter,
        now: datetime,
        sort: LeadSort = LeadSort.NEWEST,
        cursor: str = "",
        limit: int = 50,
    ) -> LeadPage:
        """Give a page of the leads that match. Raises InvalidInput for a cursor of nobody's."""
        asked = PageAsked(wanted, now, sort, cursor, limit)
        return LeadPages(self._client, self._table).page(asked)

    # ── searches ──────────────────────────────────────────────────────────────────────────────────

    def by_contact(self, key: str) -> Sequence[LeadRow]:
        """Give the leads of an exact e-mail address or phone number, the newest first."""
        kind = key.partition("#")[0]
        return self._by_index(f"by_{kind}", f"{kind}_key", key)

    def by_reference(self, reference: str) -> Sequence[LeadRow]:
        """Give the leads with that reference, the newest first."""
        sought = reference.strip().upper()
        if not may_be_id(sought):
            return ()
        return self._by_index("by_reference", "reference", sought)

    def _by_index(self, index: str, attribute: str, key: str) -> Sequence[LeadRow]:
        page = self._client.query(
            TableName=self._table,
            IndexName=index,
            KeyConditionExpression="#key = :key",
            ExpressionAttributeNames={"#key": attribute},
            ExpressionAttributeValues=serialize_item({":key": key}),
            ScanIndexForward=False,
            Limit=MOST_OF_A_CONTACT,
        )
        keys = [{"pk": item["pk"]["S"], "sk": item["sk"]["S"]} for item in page["Items"]]
        if not keys:
            return ()
        items = batch_get(self._client, {self._table: keys})[self._table]
        # The index lags behind: what the row itself says counts.
        found = [row_from_text(item["row"]) for item in items if item.get(attribute) == key]
        return tuple(sorted(found, key=lambda row: row.position, reverse=True))

    # ── counts ────────────────────────────────────────────────────────────────────────────────────

    def states(
        self, states: Collection[LeadStatus], wanted: LeadFilter, most: int = 1_000
    ) -> Mapping[LeadStatus, StateCount]:
        """Count the leads of a filter in each of these states, up to about ``most``."""
        query = count_query(self._table, wanted, most)
        if query is None:
            return {}
        shards = list(product(states, range(ROW_SHARDS)))
        calls = [partial(self._count, state_partition(*each), query) for each in shards]
        counts = run_at_once(calls, COUNTS_AT_ONCE)
        found = dict.fromkeys(states, StateCount(0))
        for (status, _), counted in zip(shards, counts, strict=True):
            before = found[status]
            found[status] = StateCount(before.count + counted.count, before.more or counted.more)
        return found

    def _count(self, partition: str, query: CountQuery) -> StateCount:
        answer = self._client.query(**query.of(partition))
        return StateCount(answer["Count"], "LastEvaluatedKey" in answer)

    # ── days ──────────────────────────────────────────────────────────────────────────────────────

    def days(self, first: date, last: date) -> Sequence[DayFigures]:
        """Give the figures of the days from ``first`` to ``last``.

        The last two of them may not be over, or not added up yet: they are added up here.
        """
        asked_for = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        months = dict.fromkeys(days_partition(day) for day in asked_for)
        fresh = asked_for[-2:]
        totals = run_at_once([partial(self._totals, month) for month in months])
        live = run_at_once([partial(self._live, day) for day in fresh])
        found: dict[str, Any] = {}
        for of_month in totals:
            found |= of_month
        figures = [_stored_figures(day, found) for day in asked_for]
        return (*figures[: -len(fresh)], *live)

    def _totals(self, partition: str) -> dict[str, Any]:
        rows = query_pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :days",
            ExpressionAttributeValues=serialize_item({":days": partition}),
        )
        return {f"{partition}-{row['sk']}": row for row in rows}

    def _live(self, day: date) -> DayFigures:
        return figures_of_day(day, marks_on(self._client, self._table, day))

    # ── the log ───────────────────────────────────────────────────────────────────────────────────

    def log(self, wanted: LogFilter, cursor: str = "", limit: int = 100) -> LogPage:
        """Give a page of the log. Raises InvalidInput for a cursor that no page gave."""
        limit = max(1, min(limit, MOST_ON_PAGE))
        behind = read_cursor(cursor)
        entries: list[LogEntry] = []
        last = ""
        for looked_at, (position, shown) in enumerate(self._log_lines(wanted, behind)):
            if len(entries) == limit or looked_at >= MOST_LOOKED_AT:
                back_to = read_stored_instant(last.partition("#")[0])
                return LogPage(tuple(entries), cursor_of(last), back_to)
            if position != behind:
                entry = log_from_text(text_of(shown))
                if wanted.matches(entry):
                    entries.append(entry)
            last = position
        return LogPage(tuple(entries))

    def _log_lines(self, wanted: LogFilter, behind: str) -> Iterator[tuple[str, Any]]:
        span = span_of(wanted.since, wanted.until, behind, ascending=False)
        months = known_months(self._client, self._table, "LOG#")
        reached = [month for month in reversed(months) if overlaps(month, span)]
        for month in reached:
            of_month = Partitions(
                self._table, (log_partition(month),), shown="entry", at_once=LOOKED_AT_ONCE
            )
            yield from SideBySide(self._client, of_month, span)

    # ── how far it has come ───────────────────────────────────────────────────────────────────────

    def lag(self, now: datetime) -> timedelta:
        """Tell how far behind the leads it is, as far as can be known.

        The sweep's sign of life comes through the same stream, so that silence for longer than that
        means that nothing comes through. Else what was kept last tells: how old it was by then, for
        as long as more of it may be under way.
        """
        beat = read_item(self._client, self._table, HEARTBEAT)
        if beat is None:
            return timedelta(0)
        until = read_stored_instant(int(beat["at"]))
        seen = read_stored_instant(int(beat["seen"]))
        if now - until > PULSE_EVERY + WORTH_A_WORD:
            return now - until
        if now - seen > STILL_AT_WORK:
            return timedelta(0)
        return max(seen - until, timedelta(0))


def _stored_figures(day: date, found: Mapping[str, Any]) -> DayFigures:
    item = found.get(f"{days_partition(day)}-{day:%d}")
    return totals_from_item(day, item) if item else DayFigures(day)


def marks_on(client: Any, table: str, day: date) -> Iterator[MarkedLead]:
    """Give the marks of each lead on a day."""
    rows = query_pages(
        client,
        TableName=table,
        KeyConditionExpression="pk = :day",
        ExpressionAttributeValues=serialize_item({":day": day_partition(day)}),
    )
    for row in rows:
        yield MarkedLead(row.get("region", ""), tuple(row.get("marks", ())))

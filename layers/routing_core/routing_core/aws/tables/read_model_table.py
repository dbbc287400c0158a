"""Answer lists and searches from the read model's table: ``read_model.ReadModel`` over DynamoDB.

A list is read in the order of receipt. It comes from the partitions of months; from those of one,
two or three states; or from a partner's own. Whatever else is filtered is looked at row by row,
``MOST_LOOKED_AT`` in one request, and the cursor goes on behind the last one.
"""

import base64
import binascii
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import product
from typing import Any

from routing_core.aws.codecs.row_items import (
    HEARTBEAT,
    MONTHS,
    ROW_SHARDS,
    day_partition,
    days_partition,
    log_from_text,
    log_partition,
    month_of,
    month_partition,
    partner_partition,
    row_from_text,
    state_partition,
    totals_from_item,
)
from routing_core.aws.codecs.value_codecs import instant_text, read_stored_instant
from routing_core.aws.tables.dynamo import (
    batch_get,
    may_be_id,
    query_pages,
    read_item,
    serialize_item,
)
from routing_core.aws.tables.row_queries import (
    WHOLE,
    Partitions,
    SideBySide,
    Span,
    chained,
    run_at_once,
    text_of,
)
from routing_core.domain.errors import InvalidInput, Problem
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
from routing_core.service.kernel.row_store import figures_of_day

MOST_LOOKED_AT = 2_000
"""A request looks at so many rows; what is behind them is the next one's."""
LOOKED_AT_ONCE = 250
"""Rows asked of each partition at once where a filter may leave most of them out."""
MOST_STATES_SIDE_BY_SIDE = 3
"""A list of so many states is read from the index by state, of more from the months."""
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
        limit = max(1, min(limit, MOST_ON_PAGE))
        behind = _read_cursor(cursor)
        walk = _Walk(wanted, behind, sort is LeadSort.OLDEST, limit)
        rows: list[LeadRow] = []
        last = ""
        for looked_at, (position, shown) in enumerate(self._walked(walk, now)):
            if len(rows) == limit or looked_at >= MOST_LOOKED_AT:
                back_to = read_stored_instant(last.partition("#")[0])
                return LeadPage(tuple(rows), _cursor(last), back_to)
            # Of a lead that changes its state at this moment the index may have both.
            if position not in (last, behind):
                row = row_from_text(text_of(shown))
                if wanted.matches(row):
                    rows.append(row)
            last = position
        return LeadPage(tuple(rows))

    def _walked(self, walk: "_Walk", now: datetime) -> Iterator[tuple[str, Any]]:
        if walk.wanted.partner:
            return iter(self._partner(walk))
        if 0 < len(walk.wanted.states) <= MOST_STATES_SIDE_BY_SIDE:
            return iter(self._states(walk))
        return chained(self._month(walk, month) for month in self._months(walk, now))

    def _partner(self, walk: "_Walk") -> Iterable[tuple[str, Any]]:
        if not may_be_id(walk.wanted.partner):
            return ()
        names = (partner_partition(walk.wanted.partner),)
        return SideBySide(self._client, self._partitions(walk, names), walk.span)

    def _states(self, walk: "_Walk") -> Iterable[tuple[str, Any]]:
        names: list[str] = []
        for status in sorted(walk.wanted.states):
            names += [state_partition(status, shard) for shard in range(ROW_SHARDS)]
        of_states = replace(
            self._partitions(walk, tuple(names)), attribute="state_shard", index="by_state"
        )
        return SideBySide(self._client, of_states, walk.span)

    def _month(self, walk: "_Walk", month: str) -> Iterable[tuple[str, Any]]:
        names = tuple(month_partition(month, shard) for shard in range(ROW_SHARDS))
        return SideBySide(self._client, self._partitions(walk, names), walk.span)

    def _partitions(self, walk: "_Walk", names: tuple[str, ...]) -> Partitions:
        return Partitions(self._table, names, at_once=walk.at_once)

    def _months(self, walk: "_Walk", now: datetime) -> Iterator[str]:
        """Give the months of a list in order: which there are is asked only for the second one."""
        begins = walk.begins_with(now)
        if begins:
            yield begins
        known = [month.removeprefix("MONTH#") for month in self._known_months("MONTH#")]
        for month in known if walk.ascending else reversed(known):
            if month != begins and walk.reaches(month):
                yield month

    def _known_months(self, kind: str) -> list[str]:
        rows = query_pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :months AND begins_with(sk, :kind)",
            ExpressionAttributeValues=serialize_item({":months": MONTHS, ":kind": kind}),
        )
        return [row["sk"] for row in rows]

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
        self, states: Collection[LeadStatus], most: int = 1_000
    ) -> Mapping[LeadStatus, StateCount]:
        """Count the leads in each of these states, up to about ``most``."""
        shards = list(product(states, range(ROW_SHARDS)))
        counts = run_at_once([partial(self._count, *each, most) for each in shards])
        found = dict.fromkeys(states, StateCount(0))
        for (status, _), counted in zip(shards, counts, strict=True):
            before = found[status]
            found[status] = StateCount(before.count + counted.count, before.more or counted.more)
        return found

    def _count(self, status: LeadStatus, shard: int, most: int) -> StateCount:
        answer = self._client.query(
            TableName=self._table,
            IndexName="by_state",
            KeyConditionExpression="state_shard = :shard",
            ExpressionAttributeValues=serialize_item({":shard": state_partition(status, shard)}),
            Select="COUNT",
            Limit=max(1, most // ROW_SHARDS),
        )
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
        behind = _read_cursor(cursor)
        entries: list[LogEntry] = []
        last = ""
        for looked_at, (position, shown) in enumerate(self._log_lines(wanted, behind)):
            if len(entries) == limit or looked_at >= MOST_LOOKED_AT:
                back_to = read_stored_instant(last.partition("#")[0])
                return LogPage(tuple(entries), _cursor(last), back_to)
            if position != behind:
                entry = log_from_text(text_of(shown))
                if wanted.matches(entry):
                    entries.append(entry)
            last = position
        return LogPage(tuple(entries))

    def _log_lines(self, wanted: LogFilter, behind: str) -> Iterator[tuple[str, Any]]:
        span = _span(wanted.since, wanted.until, behind, ascending=False)
        months = [month.removeprefix("LOG#") for month in self._known_months("LOG#")]
        reached = [month for month in reversed(months) if _overlaps(month, span)]
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


@dataclass(frozen=True, slots=True)
class _Walk:
    """The way through a list."""

    wanted: LeadFilter
    behind: str
    """The position that was looked at last; empty at the beginning."""
    ascending: bool
    limit: int

    @property
    def span(self) -> Span:
        """Give the keys that may match and were not looked at yet."""
        wanted = self.wanted
        return _span(wanted.received_from, wanted.received_to, self.behind, self.ascending)

    @property
    def at_once(self) -> int:
        """Give how many rows each partition is asked for at once.

        Without a filter that looks into rows, a page is never longer than what one partition has.
        """
        plain = LeadFilter(
            states=self.wanted.states,
            partner=self.wanted.partner,
            received_from=self.wanted.received_from,
            received_to=self.wanted.received_to,
        )
        of_few_states = len(self.wanted.states) <= MOST_STATES_SIDE_BY_SIDE
        # One more tells whether there are more, and one is the cursor's own.
        return self.limit + 2 if plain == self.wanted and of_few_states else LOOKED_AT_ONCE

    def begins_with(self, now: datetime) -> str:
        """Name the month in which the newest lead of the list can be; empty for the oldest."""
        if self.ascending:
            return self.behind[:7]
        if self.behind:
            return self.behind[:7]
        newest = min(now, self.wanted.received_to or now)
        return month_of(newest)

    def reaches(self, month: str) -> bool:
        """Tell whether the list may have rows of that month."""
        return _overlaps(month, self.span)


def _span(since: datetime | None, until: datetime | None, behind: str, ascending: bool) -> Span:
    low = instant_text(since) if since else WHOLE.low
    high = instant_text(until) if until else WHOLE.high
    if behind:
        low, high = (max(low, behind), high) if ascending else (low, min(high, behind))
    # DynamoDB refuses an interval that ends before it begins.
    return Span(low, max(low, high), ascending)


def _overlaps(month: str, span: Span) -> bool:
    return f"{month}-32" >= span.low and month <= span.high


def _stored_figures(day: date, found: Mapping[str, Any]) -> DayFigures:
    item = found.get(f"{days_partition(day)}-{day:%d}")
    return totals_from_item(day, item) if item else DayFigures(day)


def marks_on(client: Any, table: str, day: date) -> Iterator[Sequence[str]]:
    """Give the marks of each lead on a day."""
    rows = query_pages(
        client,
        TableName=table,
        KeyConditionExpression="pk = :day",
        ExpressionAttributeValues=serialize_item({":day": day_partition(day)}),
    )
    for row in rows:
        yield tuple(row.get("marks", ()))


def _cursor(position: str) -> str:
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> str:
    """Read a position; empty where there is no cursor. Raises InvalidInput."""
    if not cursor:
        return ""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        position = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        at, _, lead = position.partition("#")
        if not lead or not may_be_id(position) or instant_text(datetime.fromisoformat(at)) != at:
            raise ValueError(position)
    except (ValueError, binascii.Error) as error:
        problem = Problem("cursor", "unknown", "a cursor that an earlier page gave, unchanged")
        raise InvalidInput([problem]) from error
    return position

"""Read pages of lists of leads from the read model's table.

Rows stand in the order of receipt: in the partitions of months; in those of one, two or three
states; or in a partner's own. Whatever else is filtered is looked at row by row, ``MOST_LOOKED_AT``
in one request, and the cursor goes on behind the last one.

For any other order as many rows are read, sorted, and cut behind the cursor, which says what of the
list was sorted together: whatever arrives meanwhile moves nobody out of it. A longer list comes in
parts, one after the other, each sorted by itself.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from routing_core.aws.codecs.row_items import (
    MONTHS,
    ROW_SHARDS,
    month_of,
    month_partition,
    partner_partition,
    row_from_text,
    state_partition,
)
from routing_core.aws.codecs.value_codecs import instant_text, read_stored_instant
from routing_core.aws.tables.dynamo import may_be_id, query_pages, serialize_item
from routing_core.aws.tables.row_queries import (
    WHOLE,
    Partitions,
    SideBySide,
    Span,
    chained,
    text_of,
)
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.lead_order import SortKey, in_order, sort_key
from routing_core.domain.lead_row import WAVES, LeadFilter, LeadRow, LeadSort
from routing_core.service.kernel.read_model import MOST_ON_PAGE, LeadPage

MOST_LOOKED_AT = 2_000
"""A request looks at so many rows; what is behind them is the next one's."""
LOOKED_AT_ONCE = 250
"""Rows asked of each partition at once where a filter may leave most of them out."""
SORTED_AT_ONCE = 500
"""Rows asked of each partition at once where as many as may be are sorted."""
PART_ENDS = "~"
"""Behind the newest position of what is sorted together: no position lies between the two."""
NO_CURSOR = Problem("cursor", "unknown", "a cursor that an earlier page gave, unchanged")
MOST_STATES_SIDE_BY_SIDE = 3
"""A list of so many states is read from the index by state, of more from the months."""


@dataclass(frozen=True, slots=True)
class PageAsked:
    """What page of which list is wanted."""

    wanted: LeadFilter
    now: datetime
    sort: LeadSort
    cursor: str
    limit: int


class LeadPages:
    """Reads pages of lists."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def page(self, asked: PageAsked) -> LeadPage:
        """Give a page of the leads that match. Raises InvalidInput for a cursor of nobody's."""
        asked = replace(asked, limit=max(1, min(asked.limit, MOST_ON_PAGE)))
        return self._stored(asked) if asked.sort.is_by_receipt else self._sorted(asked)

    # ── in the order of receipt ───────────────────────────────────────────────────────────────────

    def _stored(self, asked: PageAsked) -> LeadPage:
        behind = read_cursor(asked.cursor)
        walk = _Walk(asked.wanted, behind, asked.sort is LeadSort.OLDEST, asked.limit)
        rows: list[LeadRow] = []
        last = ""
        for looked_at, (position, row) in enumerate(self._rows(walk, asked.now)):
            if len(rows) == asked.limit or looked_at >= MOST_LOOKED_AT:
                return LeadPage(tuple(rows), cursor_of(last), _instant_of(last))
            # Of a lead that changes its state at this moment the index may have both.
            if position not in (last, behind) and asked.wanted.matches(row):
                rows.append(row)
            last = position
        return LeadPage(tuple(rows))

    def _rows(self, walk: "_Walk", now: datetime) -> Iterator[tuple[str, LeadRow]]:
        for position, shown in self._walked(walk, now):
            yield position, row_from_text(text_of(shown))

    # ── in another order ──────────────────────────────────────────────────────────────────────────

    def _sorted(self, asked: PageAsked) -> LeadPage:
        part = _read_part(asked.cursor)
        walk = _Walk(asked.wanted, part.behind, ascending=False, limit=SORTED_AT_ONCE)
        found: dict[str, LeadRow] = {}
        first = last = ""
        for looked_at, (position, row) in enumerate(self._rows(walk, asked.now)):
            if position < part.low or (not part.low and looked_at >= MOST_LOOKED_AT):
                break
            if position != part.behind and asked.wanted.matches(row):
                found.setdefault(row.id, row)
            first, last = first or position, position
        else:
            last = WHOLE.low
        part = replace(part, behind=part.behind or f"{first}{PART_ENDS}", low=part.low or last)
        return _page_of_part(list(found.values()), asked, part)

    # ── the way through a list ────────────────────────────────────────────────────────────────────

    def _walked(self, walk: "_Walk", now: datetime) -> Iterator[tuple[str, Any]]:
        if walk.wanted.partner:
            return iter(self._partner(walk))
        if 0 < len(walk.wanted.states) <= MOST_STATES_SIDE_BY_SIDE:
            return iter(self._states(walk))
        return chained(self._month(walk, month) for month in self._months(walk, now))

    def _partner(self, walk: "_Walk") -> Iterable[tuple[str, Any]]:
        if not may_be_id(walk.wanted.partner):
            return ()
        partner = walk.wanted.partner
        names = (partner_partition(partner), partner_partition(WAVES))
        theirs = replace(self._partitions(walk, names), asking={names[1]: partner})
        return SideBySide(self._client, theirs, walk.span)

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
        known = known_months(self._client, self._table, "MONTH#")
        for month in known if walk.ascending else reversed(known):
            if month != begins and walk.reaches(month):
                yield month


def known_months(client: Any, table: str, kind: str) -> list[str]:
    """Give the months that have rows of a kind, ``MONTH#`` or ``LOG#``, the oldest first."""
    rows = query_pages(
        client,
        TableName=table,
        KeyConditionExpression="pk = :months AND begins_with(sk, :kind)",
        ExpressionAttributeValues=serialize_item({":months": MONTHS, ":kind": kind}),
    )
    return [row["sk"].removeprefix(kind) for row in rows]


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
        return span_of(wanted.received_from, wanted.received_to, self.behind, self.ascending)

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
        is_plain = plain == self.wanted and of_few_states
        return self.limit + 2 if is_plain else max(self.limit, LOOKED_AT_ONCE)

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
        return overlaps(month, self.span)


def span_of(since: datetime | None, until: datetime | None, behind: str, ascending: bool) -> Span:
    """Give the positions between two instants that come behind another one."""
    low = instant_text(since) if since else WHOLE.low
    high = instant_text(until) if until else WHOLE.high
    if behind:
        low, high = (max(low, behind), high) if ascending else (low, min(high, behind))
    # DynamoDB refuses an interval that ends before it begins.
    return Span(low, max(low, high), ascending)


def overlaps(month: str, span: Span) -> bool:
    """Tell whether a month may have positions of a span."""
    return f"{month}-32" >= span.low and month <= span.high


@dataclass(frozen=True, slots=True)
class _Part:
    """What of a list is sorted together, and where in its order to go on."""

    behind: str = ""
    """Where it begins, itself not part of it; empty at the beginning of the list."""
    low: str = ""
    """The last position of it; empty as long as nobody has looked so far."""
    key: SortKey | None = None
    """What the last row shown is sorted by; None at the beginning of the part."""

    @property
    def is_cut(self) -> bool:
        """Tell whether the list goes on behind it."""
        return self.low not in ("", WHOLE.low)

    @property
    def is_first(self) -> bool:
        """Tell whether nothing comes before it but what has arrived since."""
        return not self.behind or self.behind.endswith(PART_ENDS)


def _page_of_part(rows: list[LeadRow], asked: PageAsked, part: _Part) -> LeadPage:
    """Cut a page out of the rows of a part, in the order that is wanted."""
    key = part.key
    try:
        left = [row for row in rows if key is None or sort_key(row, asked.sort) > key]
    except TypeError as error:
        raise InvalidInput([NO_CURSOR]) from error
    left = in_order(left, asked.sort)
    shown = left[: asked.limit]
    cursor = ""
    if len(left) > len(shown):
        cursor = _cursor_of_part(replace(part, key=sort_key(shown[-1], asked.sort)))
    elif part.is_cut:
        cursor = _cursor_of_part(_Part(part.low))
    back_to = _instant_of(part.low) if part.is_cut else None
    return LeadPage(tuple(shown), cursor, back_to, part.is_cut or not part.is_first)


def _cursor_of_part(part: _Part) -> str:
    return _packed(json.dumps([part.behind, part.low, part.key], separators=(",", ":")))


def _read_part(cursor: str) -> _Part:
    """Read what of a list is sorted together. Raises InvalidInput."""
    if not cursor:
        return _Part()
    try:
        behind, low, key = json.loads(_unpacked(cursor))
        for position in (behind.removesuffix(PART_ENDS), low):
            if position not in ("", WHOLE.low):
                _check_position(position)
        return _Part(behind, low, None if key is None else tuple(key))
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        raise InvalidInput([NO_CURSOR]) from error


def cursor_of(position: str) -> str:
    """Give the cursor that goes on behind a position."""
    return _packed(position)


def read_cursor(cursor: str) -> str:
    """Read a position; empty where there is no cursor. Raises InvalidInput."""
    if not cursor:
        return ""
    try:
        position = _unpacked(cursor)
        _check_position(position)
    except ValueError as error:
        raise InvalidInput([NO_CURSOR]) from error
    return position


def _check_position(position: str) -> None:
    """Raise ValueError for what is no position of a row."""
    at, _, lead = position.partition("#")
    if not lead or not may_be_id(position) or instant_text(datetime.fromisoformat(at)) != at:
        raise ValueError(position)


def _packed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _unpacked(cursor: str) -> str:
    padded = cursor + "=" * (-len(cursor) % 4)
    return base64.b64decode(padded, altchars=b"-_", validate=True).decode()


def _instant_of(position: str) -> datetime:
    return read_stored_instant(position.partition("#")[0])

"""Count rows of a state without reading them: what a filter means as a condition on stored rows.

A row is one text of JSON, and a field of it is found in it as it was written: names that people
typed cannot look like one, for their quotation marks are escaped.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from routing_core.aws.codecs.row_items import ROW_CODEC, ROW_SHARDS
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.aws.tables.lead_pages import span_of
from routing_core.aws.tables.row_queries import Span
from routing_core.domain.lead_row import LeadFilter, came_word

COUNTS_AT_ONCE = 10
"""So many counts are under way at once: each is short, and there are many."""
STORED_AS = {row.field: row.stored for row in ROW_CODEC.rows}
"""The name of each field in the text of a row."""


@dataclass(frozen=True, slots=True)
class CountQuery:
    """Counts the rows of one partition of the index by state."""

    table: str
    span: Span
    said: tuple[tuple[str, ...], ...]
    """What rows say: of each group at least one."""
    most: int
    """Rows of a partition that are counted at most where every row counts."""

    def of(self, partition: str) -> dict[str, Any]:
        """Give the query of a partition."""
        values: dict[str, Any] = {
            ":partition": partition,
            ":low": self.span.low,
            ":high": self.span.high,
        }
        query: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": "by_state",
            "KeyConditionExpression": "state_shard = :partition AND sk BETWEEN :low AND :high",
            "Select": "COUNT",
        }
        if not self.said:
            values = serialize_item(values)
            return query | {"ExpressionAttributeValues": values, "Limit": self.most}
        groups = []
        for number, group in enumerate(self.said):
            names = {f":said{number}x{index}": text for index, text in enumerate(group)}
            values |= names
            groups.append(" OR ".join(f"contains(#row, {name})" for name in names))
        return query | {
            "FilterExpression": " AND ".join(f"({group})" for group in groups),
            "ExpressionAttributeNames": {"#row": "row"},
            "ExpressionAttributeValues": serialize_item(values),
        }


def count_query(table: str, wanted: LeadFilter, most: int) -> CountQuery | None:
    """Give what counts the rows of a filter in one partition of up to ``most`` in all.

    None: the filter has something that only whoever reads a row can tell.
    """
    countable = LeadFilter(
        states=wanted.states,
        product=wanted.product,
        region=wanted.region,
        source=wanted.source,
        campaign=wanted.campaign,
        urgency=wanted.urgency,
        handled_by=wanted.handled_by,
        received_from=wanted.received_from,
        received_to=wanted.received_to,
        allowed=wanted.allowed,
    )
    if countable != wanted or wanted.allowed == frozenset():
        return None
    span = span_of(wanted.received_from, wanted.received_to, "", ascending=False)
    return CountQuery(table, span, tuple(_said(wanted)), max(1, most // ROW_SHARDS))


def _said(wanted: LeadFilter) -> Iterator[tuple[str, ...]]:
    fields = {
        "product": wanted.product,
        "region": wanted.region,
        "source": came_word(wanted.source),
        "campaign": came_word(wanted.campaign),
        "urgency": wanted.urgency,
        "handled_by": wanted.handled_by,
    }
    for field, value in fields.items():
        if value:
            yield (_written(field, value),)
    if wanted.allowed is not None:
        yield tuple(_written("region", region) for region in sorted(wanted.allowed))


def _written(field: str, value: str) -> str:
    """Give a field as the text of a row has it."""
    return f'"{STORED_AS[field]}":{json.dumps(value, ensure_ascii=False)}'

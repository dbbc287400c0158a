"""Read partitions of sorted items side by side, as one list in order.

    partition 0   12:05  11:40                    12:05
    partition 1   12:04  12:01  11:00      →      12:04
    partition 2                                   12:01  11:40  11:00

Each partition is asked for one page at a time, those that have run dry at once, and only as far as
somebody reads.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from routing_core.aws.tables.dynamo import serialize_item

Answer = TypeVar("Answer")
PARALLEL_QUERIES = 4
"""So many requests are under way at once."""
LOOKED_THROUGH = 500
"""Items looked through at once where most of them may not be meant."""


def run_at_once(
    calls: Sequence[Callable[[], Answer]], most: int = PARALLEL_QUERIES
) -> list[Answer]:
    """Run calls in threads, and give their results in order; raises what the first of them did."""
    if len(calls) == 1:
        return [calls[0]()]
    with ThreadPoolExecutor(min(most, len(calls))) as threads:
        return list(threads.map(lambda call: call(), calls))


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the keys of every partition, both ends included, and the way through it."""

    low: str = "0"
    high: str = ":"
    """Both begin with a year: this sign comes after all digits."""
    ascending: bool = False


WHOLE = Span()
"""All keys there are."""


@dataclass(frozen=True, slots=True)
class Partitions:
    """What is read side by side."""

    table: str
    names: tuple[str, ...]
    attribute: str = "pk"
    """Names the attribute that holds the partition's name."""
    index: str = ""
    """Names the index; empty is the table itself."""
    shown: str = "row"
    """Names the attribute that is wanted of each item."""
    at_once: int = 50
    """Items asked for at once of each partition."""
    asking: Mapping[str, str] = field(default_factory=dict)
    """Names the partner who has to be ``asked`` in items of a partition."""

    def query(self, name: str, span: Span) -> dict[str, Any]:
        """Give the query of one partition."""
        values = {":name": name, ":low": span.low, ":high": span.high}
        query: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "#partition = :name AND sk BETWEEN :low AND :high",
            "ExpressionAttributeNames": {"#partition": self.attribute, "#shown": self.shown},
            "ExpressionAttributeValues": serialize_item(values),
            "ProjectionExpression": "sk, #shown",
            "ScanIndexForward": span.ascending,
            "Limit": self.at_once,
        }
        if name in self.asking:
            query["ExpressionAttributeNames"]["#asked"] = "asked"
            values[":asked"] = self.asking[name]
            query |= {
                "FilterExpression": "contains(#asked, :asked)",
                "ExpressionAttributeValues": serialize_item(values),
                "Limit": max(self.at_once, LOOKED_THROUGH),
            }
        return query | {"IndexName": self.index} if self.index else query


@dataclass(slots=True)
class _Reader:
    """Reads one partition, page by page."""

    client: Any
    query: dict[str, Any]
    items: deque[tuple[str, Any]] = field(default_factory=deque)
    """What was read and not yet taken: the sort key, and what is shown."""
    over: bool = False

    def read_on(self) -> None:
        page = self.client.query(**self.query)
        shown = self.query["ExpressionAttributeNames"]["#shown"]
        for item in page["Items"]:
            self.items.append((item["sk"]["S"], item.get(shown)))
        last = page.get("LastEvaluatedKey")
        self.over = last is None
        self.query["ExclusiveStartKey"] = last

    @property
    def is_dry(self) -> bool:
        return not self.items and not self.over


class SideBySide:
    """Reads partitions as one list."""

    def __init__(self, client: Any, partitions: Partitions, span: Span):
        self._readers = [_Reader(client, partitions.query(name, span)) for name in partitions.names]
        self._choose: Callable[..., _Reader] = min if span.ascending else max

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Give sort keys, each with the attribute that is shown, in order."""
        while True:
            dry = [reader.read_on for reader in self._readers if reader.is_dry]
            if dry:
                run_at_once(dry)
                continue
            filled = [reader for reader in self._readers if reader.items]
            if not filled:
                return
            first = self._choose(filled, key=lambda reader: reader.items[0][0])
            yield first.items.popleft()


def text_of(shown: Mapping[str, Any]) -> str:
    """Give the text that an attribute holds, as the API answered it."""
    text: str = shown["S"]
    return text


def chained(parts: Iterable[Iterable[tuple[str, Any]]]) -> Iterator[tuple[str, Any]]:
    """Give one list after the other; the next is begun when it is needed."""
    for part in parts:
        yield from part

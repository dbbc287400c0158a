"""Keep who wants which digest no more: a row for each reader, named by the mark of the address."""

from collections.abc import Collection
from typing import Any

from routing_core.aws.codecs.value_codecs import Item
from routing_core.aws.tables.dynamo import batch_get, serialize_item

READER = "READER#"


class DigestReaderRows:
    """Keeps the rows of readers who have stopped a digest: ``DigestReaders``."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def without(self, digest: str, readers: Collection[str]) -> frozenset[str]:
        """Give those of the readers, by their marks, who have stopped a digest."""
        keys = [_key(reader) for reader in readers]
        rows = batch_get(self._client, {self._table: keys})[self._table] if keys else []
        stopped = (
            row["pk"].removeprefix(READER) for row in rows if digest in row.get("stopped", ())
        )
        return frozenset(stopped)

    def stop(self, digest: str, reader: str) -> None:
        """Note that a reader wants a digest no more; noted again it changes nothing."""
        self._change("ADD", digest, reader)

    def resume(self, digest: str, reader: str) -> None:
        """Note that a reader wants a digest again."""
        self._change("DELETE", digest, reader)

    def _change(self, how: str, digest: str, reader: str) -> None:
        self._client.update_item(
            TableName=self._table,
            Key=serialize_item(_key(reader)),
            UpdateExpression=f"{how} stopped :digest",
            ExpressionAttributeValues=serialize_item({":digest": {digest}}),
        )


def _key(reader: str) -> Item:
    return {"pk": f"{READER}{reader}", "sk": "READER"}

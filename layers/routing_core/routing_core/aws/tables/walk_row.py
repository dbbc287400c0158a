"""Keep where the sweep's slow walk through ended leads stands, in one row of its own."""

import json
from datetime import datetime
from typing import Any

from routing_core.aws.codecs.lead_items import ERASE_SHARD
from routing_core.aws.codecs.value_codecs import Item, seconds
from routing_core.aws.tables.dynamo import deserialize_item, read_item, serialize_item
from routing_core.service.upkeep.merged_before import Page

WALK: Item = {"pk": "WALK#merged", "sk": "WALK"}
"""The key of the row."""


class WalkRow:
    """Walks through the index of what is to be erased in time: ``merged_before.Walk``."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table
        self._over = False

    def page(self, now: datetime, most: int) -> Page | None:
        """Give the next page, of at most so many leads; None while there is nothing to do."""
        if self._over:
            return None  # for ever: a warm function need not even look
        row = self._row()
        if row.get("over"):
            self._over = True
            return None
        if int(row.get("rests", 0)) > now.timestamp():
            return None
        query: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": "due",
            "KeyConditionExpression": "due_shard = :shard",
            "ExpressionAttributeValues": serialize_item({":shard": ERASE_SHARD}),
            "Limit": most,
        }
        if row.get("at"):
            query["ExclusiveStartKey"] = json.loads(row["at"])
        answer = self._client.query(**query)
        keys = [deserialize_item(item)["pk"] for item in answer["Items"]]
        last = answer.get("LastEvaluatedKey")
        then = json.dumps(last) if last else None
        return Page([key.removeprefix("LEAD#") for key in keys], then)

    def turn(self, page: Page, again: datetime | None, some_left: bool) -> None:
        """Note that a page is done; at its end the walk begins anew ``again``, if any was left."""
        left = some_left or bool(self._row().get("left"))
        row: Item = WALK | {"left": left}
        if page.then is not None:
            row["at"] = page.then
        elif left and again:
            row["left"] = False
            row["rests"] = seconds(again)
        else:
            row["over"] = True
        self._client.put_item(TableName=self._table, Item=serialize_item(row))

    def _row(self) -> Item:
        return read_item(self._client, self._table, WALK) or {}

"""Where the sweeper's slow walk through ended leads stands, in one row of its own."""

import json
from datetime import datetime
from typing import Any

from routing_core.aws.codecs.lead_items import ERASE_SHARD
from routing_core.aws.tables.dynamo import deserialize_item, serialize_item
from routing_core.service.upkeep.merged_before import Page

KEY = {"pk": "WALK#merged", "sk": "WALK"}


class WalkRow:
    """Implements merged_before.Walk over the index of what is to be erased in time."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table
        self._over = False

    def page(self, now: datetime, most: int) -> Page | None:
        if self._over:
            return None
        row = self._row()
        rests_until = int(row.get("rests", 0))
        if row.get("over") or rests_until > now.timestamp():
            self._over = bool(row.get("over"))
            return None
        answer = self._client.query(
            TableName=self._table,
            IndexName="due",
            KeyConditionExpression="due_shard = :shard",
            ExpressionAttributeValues=serialize_item({":shard": ERASE_SHARD}),
            Limit=most,
            **({"ExclusiveStartKey": json.loads(row["at"])} if row.get("at") else {}),
        )
        ids = [deserialize_item(item)["pk"].removeprefix("LEAD#") for item in answer["Items"]]
        last = answer.get("LastEvaluatedKey")
        return Page(ids, json.dumps(last) if last else None)

    def turn(self, page: Page, again: datetime | None, some_left: bool) -> None:
        left = some_left or bool(self._row().get("left"))
        row: dict[str, Any] = KEY | {"left": left}
        if page.then is not None:
            row["at"] = page.then
        elif left and again:
            row |= {"left": False, "rests": int(again.timestamp())}
        else:
            row["over"] = True
        self._client.put_item(TableName=self._table, Item=serialize_item(row))

    def _row(self) -> dict[str, Any]:
        answer = self._client.get_item(
            TableName=self._table, Key=serialize_item(KEY), ConsistentRead=True
        )
        return deserialize_item(answer["Item"]) if "Item" in answer else {}

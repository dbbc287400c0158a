"""Keys of machines that use HQ's API."""

import hashlib
from typing import Any

from routing_core.aws.tables.dynamo import deserialize_item, serialize_item
from routing_core.domain.errors import KeyRefused


class ApiKeys:
    """Keys of machines: only their SHA-256 is stored, with a name and scopes."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def scopes(self, key: str) -> tuple[str, frozenset[str]]:
        """The key's name and scopes; raises KeyRefused."""
        if not key:
            raise KeyRefused("send your key in the header X-Api-Key")
        mark = hashlib.sha256(key.encode()).hexdigest()
        answer = self._client.get_item(
            TableName=self._table,
            Key=serialize_item({"pk": f"KEY#{mark}", "sk": "KEY"}),
            ConsistentRead=True,
        )
        if "Item" not in answer:
            raise KeyRefused("this API key is not known")
        item = deserialize_item(answer["Item"])
        return item["name"], frozenset(item["scopes"])

"""Look up the keys of machines that use the API."""

import hashlib
from typing import Any

from routing_core.aws.tables.dynamo import read_item
from routing_core.domain.errors import KeyRefused


class ApiKeys:
    """Knows the keys of machines: only their SHA-256 is stored, with a name and scopes."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def scopes(self, key: str) -> tuple[str, frozenset[str]]:
        """Give a key's name and scopes; raises KeyRefused for one that is not known."""
        if not key:
            raise KeyRefused("send your key in the header X-Api-Key")
        digest = hashlib.sha256(key.encode()).hexdigest()
        item = read_item(self._client, self._table, {"pk": f"KEY#{digest}", "sk": "KEY"})
        if item is None:
            raise KeyRefused("this API key is not known")
        return item["name"], frozenset(item["scopes"])

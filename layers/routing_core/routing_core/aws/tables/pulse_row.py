"""A sign of life that the sweep sends through the leads stream.

Whoever reads the stream hears of it within moments. So silence for longer than the sweep's interval
means that nothing comes through, and not that nothing happens.
"""

from datetime import datetime
from typing import Any

from routing_core.aws.codecs.value_codecs import Item, instant_text
from routing_core.aws.tables.dynamo import serialize_item

PULSE: Item = {"pk": "PULSE", "sk": "PULSE"}
"""The key of the row."""


class PulseRow:
    """Sends the sign of life."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def send(self, now: datetime) -> None:
        """Write the row anew, which is what the stream brings."""
        row = PULSE | {"at": instant_text(now)}
        self._client.put_item(TableName=self._table, Item=serialize_item(row))

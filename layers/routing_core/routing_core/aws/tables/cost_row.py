"""Keep what campaigns cost: one row among the partners."""

import json
import zlib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.codecs.value_codecs import Item, instant_text, read_stored_instant
from routing_core.aws.tables.dynamo import condition_failed, read_item, serialize_item
from routing_core.domain.campaign_cost import CampaignCost, CostList
from routing_core.domain.errors import InvalidInput, Problem, VersionConflict

LARGEST_COST_LIST = 350 * 1024
"""Bytes of the list, compressed: DynamoDB keeps 400 kB in a row."""
_KEY: Item = {"pk": "COSTS", "sk": "LIST"}


class CostRow:
    """Keeps the list in one row, over its last version alone: ``report_ports.CostBook``."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def read(self) -> CostList:
        """Read the list; an empty one in version 0 where none was ever saved."""
        item = read_item(self._client, self._table, _KEY)
        if item is None:
            return CostList()
        return CostList(
            costs=_unpacked(bytes(item["costs"])),
            version=int(item["version"]),
            saved_at=read_stored_instant(item["saved_at"]),
            by=item["by"],
        )

    def keep(self, told: CostList) -> None:
        """Write the list over the version before its own."""
        costs = _packed(told.costs)
        if len(costs) > LARGEST_COST_LIST or told.saved_at is None:
            message = "has too many months and campaigns to be kept: leave old ones out"
            raise InvalidInput([Problem("file", "file_too_large", message)])
        item = _KEY | {
            "costs": costs,
            "version": told.version,
            "saved_at": instant_text(told.saved_at),
            "by": told.by,
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=serialize_item(item),
                ConditionExpression="attribute_not_exists(pk) OR version = :before",
                ExpressionAttributeValues=serialize_item({":before": told.version - 1}),
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            raise VersionConflict("the costs were saved by somebody else meanwhile") from error


def _packed(costs: Iterable[CampaignCost]) -> bytes:
    rows = [
        (each.month.isoformat(), each.source, each.campaign, str(each.amount), each.currency)
        for each in costs
    ]
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode(), 9)


def _unpacked(content: bytes) -> tuple[CampaignCost, ...]:
    return tuple(
        CampaignCost(source, campaign, date.fromisoformat(month), Decimal(amount), currency)
        for month, source, campaign, amount, currency in json.loads(zlib.decompress(content))
    )

"""What a restore works on: the tables that were in use, the restored ones, and what reads both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from routing_core.aws.codecs.lead_items import lead_from_item
from routing_core.aws.codecs.value_codecs import Item
from routing_core.aws.settings import StoreSettings
from routing_core.aws.tables.dynamo import deserialize_item, serialize_item
from routing_core.aws.tables.lead_file_objects import LeadFileObjects
from routing_core.aws.tables.read_model_table import ReadModelTable
from routing_core.domain.lead import Lead
from routing_core.service.kernel.services import Services


@dataclass(frozen=True)
class Side:
    """One pair of tables, and what works on them."""

    services: Services
    stores: StoreSettings


@dataclass(frozen=True)
class Ground:
    """What was in use, what was restored, and the point between them."""

    dynamodb: Any
    """A client of DynamoDB."""
    old: Side
    new: Side
    log: ReadModelTable
    """The table of lists, which is not restored."""
    files: LeadFileObjects
    """The content of leads' files, which is not restored either."""
    at: datetime
    """The instant that was restored."""


def leads_of(dynamodb: Any, table: str) -> Iterator[Lead]:
    """Read every lead of a table but those that cannot be read, which rebuilding the lists names."""
    for item in scanned(dynamodb, table, "sk = :kind", {":kind": "LEAD"}):
        with suppress(AttributeError, KeyError, TypeError, ValueError):
            yield lead_from_item(item)


def scanned(dynamodb: Any, table: str, wanted: str, values: dict[str, Any]) -> Iterator[Item]:
    """Yield the items of a table that a filter, with these values in it, lets through.

    Attributes whose name DynamoDB has kept for itself are written with a ``#`` in it.
    """
    names = {name: name.removeprefix("#") for name in re.findall(r"#\w+", wanted)}
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression=wanted,
        ExpressionAttributeValues=serialize_item(values),
        ConsistentRead=True,
        **({"ExpressionAttributeNames": names} if names else {}),
    )
    for page in pages:
        yield from map(deserialize_item, page["Items"])

"""DynamoDB's typed values, batch reads that loop, and why a transaction was refused."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from routing_core.aws.codecs.value_codecs import Item

_to, _from = TypeSerializer(), TypeDeserializer()
BATCH = 100
PASSING = frozenset(
    {"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
)
"""Reasons that say nothing of our conditions: the same transaction may pass a moment later."""
PAUSES = (0.05, 0.1, 0.2)
"""Seconds at most between tries; two commits that meet on one item seldom meet again."""


LONGEST_ID = 200
"""Characters of an id: DynamoDB refuses a key of more than 1,024 bytes, and ours have forty."""


def may_be_id(text: str) -> bool:
    """Whether anything could be stored under that id; what no key can be is looked up nowhere, for
    it is not there.
    """
    return 0 < len(text) <= LONGEST_ID and not any(
        "\ud800" <= character <= "\udfff" for character in text
    )


def typed(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _to.serialize(value) for name, value in item.items()}


def plain(item: Mapping[str, Any]) -> Item:
    """Binary values come back as bytes, numbers as Decimal."""
    return {name: _from.deserialize(value) for name, value in item.items()}


def batch_get(client: Any, keys: Mapping[str, Sequence[Item]]) -> dict[str, list[Item]]:
    """Reads items of several tables, strongly consistent, 100 a request, until none is left
    unprocessed.
    """
    found: dict[str, list[Item]] = {table: [] for table in keys}
    wanted = [(table, key) for table, rows in keys.items() for key in rows]
    for start in range(0, len(wanted), BATCH):
        request: dict[str, Any] = {}
        for table, key in wanted[start : start + BATCH]:
            request.setdefault(table, {"Keys": [], "ConsistentRead": True})["Keys"].append(
                typed(key)
            )
        while request:
            answer = client.batch_get_item(RequestItems=request)
            for table, items in answer.get("Responses", {}).items():
                found[table] += [plain(item) for item in items]
            request = answer.get("UnprocessedKeys") or {}
    return found


def query_pages(client: Any, **query: Any) -> Iterator[Item]:
    while True:
        page = client.query(**query)
        yield from (plain(item) for item in page["Items"])
        if "LastEvaluatedKey" not in page:
            return
        query["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def transact(client: Any, writes: Sequence[Mapping[str, Any]]) -> None:
    """All or nothing, tried again while only a passing reason is in the way. Raises ClientError."""
    for pause in (*PAUSES, None):
        try:
            client.transact_write_items(TransactItems=list(writes))
            return
        except ClientError as error:
            if pause is None or not PASSING.issuperset(refusals(error) or ["unknown"]):
                raise
        spread(pause)


def spread(pause: float) -> None:
    time.sleep(random.uniform(0, pause))  # noqa: S311 - only spreads who comes back when


def refusals(error: ClientError) -> list[str] | None:
    """The reason code of each item of a cancelled transaction (``None`` = fine); None for another
    error.
    """
    if error.response["Error"]["Code"] != "TransactionCanceledException":
        return None
    return [reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])]


def condition_failed(error: ClientError) -> bool:
    code: str = error.response["Error"]["Code"]
    return code == "ConditionalCheckFailedException"

"""Do what all tables need of DynamoDB: type values, read in a loop, try transactions again."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.codecs.typed_values import plain_value, typed_value
from routing_core.aws.codecs.value_codecs import Item

KEYS_PER_READ = 100
"""Keys of one batch read; DynamoDB takes no more."""
PASSING = frozenset(
    {"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
)
"""Reasons that say nothing of our conditions: the same transaction may pass a moment later."""
PAUSES = (0.05, 0.1, 0.2)
"""Seconds at most between tries; two commits that meet on one item seldom meet again."""
READ_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds at most before keys are asked for again that nothing was found out about."""
LEFT_UNPROCESSED: Any = {
    "Error": {
        "Code": "ProvisionedThroughputExceededException",
        "Message": "keys were left unprocessed again and again",
    }
}
"""What a read that came to nothing is refused with, as if DynamoDB had refused it whole."""
LONGEST_KEY_PART = 200
"""Characters of an id: DynamoDB refuses a key of more than 1,024 bytes, and ours have forty."""
_SURROGATES = range(0xD800, 0xE000)
"""Halves of characters, which JSON can name and UTF-8 cannot write."""


def may_be_id(text: str) -> bool:
    """Tell whether anything could be stored under an id.

    What cannot be a key is looked up nowhere: DynamoDB would refuse the question itself.
    """
    if not text or len(text) > LONGEST_KEY_PART:
        return False
    return not any(ord(character) in _SURROGATES for character in text)


def serialize_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Give an item as the API takes it, each value with its type: ``{"S": "text"}``."""
    return {name: typed_value(value) for name, value in item.items()}


def deserialize_item(item: Mapping[str, Any]) -> Item:
    """Give the plain item of what the API answered; binary values are bytes, numbers Decimals."""
    return {name: plain_value(value) for name, value in item.items()}


def read_item(client: Any, table: str, key: Item) -> Item | None:
    """Read one item, strongly consistent; None if there is none."""
    answer = client.get_item(TableName=table, Key=serialize_item(key), ConsistentRead=True)
    return deserialize_item(answer["Item"]) if "Item" in answer else None


def batch_get(client: Any, keys: Mapping[str, Sequence[Item]]) -> dict[str, list[Item]]:
    """Read items of several tables by their keys, strongly consistent.

    Gives table → the items that there are, in no particular order. 100 keys are asked for at once,
    and what DynamoDB leaves unprocessed is asked for again a moment later. Raises ClientError, as
    of a throttled read, once many tries have brought nothing more.
    """
    found: dict[str, list[Item]] = {table: [] for table in keys}
    for request in _batch_requests(keys):
        for items_of in _answers(client, request):
            for table, items in items_of.items():
                found[table] += [deserialize_item(item) for item in items]
    return found


def _answers(client: Any, request: dict[str, Any]) -> Iterator[dict[str, list[Any]]]:
    fruitless = 0
    while True:
        answer = client.batch_get_item(RequestItems=request)
        items_of = answer.get("Responses", {})
        yield items_of
        request = answer.get("UnprocessedKeys") or {}
        if not request:
            return
        fruitless = 0 if any(items_of.values()) else fruitless + 1
        if fruitless > len(READ_PAUSES):
            raise ClientError(LEFT_UNPROCESSED, "BatchGetItem")
        wait_up_to(READ_PAUSES[max(fruitless - 1, 0)])


def _batch_requests(keys: Mapping[str, Sequence[Item]]) -> Iterator[dict[str, Any]]:
    wanted: list[tuple[str, Item]] = []
    for table, table_keys in keys.items():
        wanted += [(table, key) for key in table_keys]
    for start in range(0, len(wanted), KEYS_PER_READ):
        request: dict[str, Any] = {}
        for table, key in wanted[start : start + KEYS_PER_READ]:
            of_table = request.setdefault(table, {"Keys": [], "ConsistentRead": True})
            of_table["Keys"].append(serialize_item(key))
        yield request


def query_pages(client: Any, **query: Any) -> Iterator[Item]:
    """Give all items that a query finds, page by page as they are taken."""
    while True:
        page = client.query(**query)
        for item in page["Items"]:
            yield deserialize_item(item)
        if "LastEvaluatedKey" not in page:
            return
        query["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def transact(client: Any, writes: Sequence[Mapping[str, Any]]) -> None:
    """Write all or nothing, tried again while only a passing reason is in the way.

    Raises ClientError once another reason is, or too many tries have met others.
    """
    for pause in (*PAUSES, None):
        try:
            client.transact_write_items(TransactItems=list(writes))
            return
        except ClientError as error:
            if pause is None or not will_pass(refusal_codes(error)):
                raise
        wait_up_to(pause)


def will_pass(codes: Sequence[str] | None) -> bool:
    """Tell whether a transaction that was refused so may pass a moment later, as it is."""
    return codes is not None and PASSING.issuperset(codes)


def wait_up_to(pause: float) -> None:
    """Sleep for a random part of so many seconds.

    Those who met would meet again if all of them waited equally long.
    """
    time.sleep(random.uniform(0, pause))  # noqa: S311 - only spreads who comes back when


def refusal_codes(error: ClientError) -> list[str] | None:
    """Give the reason code of each item of a cancelled transaction; None for another error.

    The code of an item that was not in the way is the text ``None``.
    """
    if error.response["Error"]["Code"] != "TransactionCanceledException":
        return None
    return [reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])]


def first_condition_failed(error: ClientError) -> bool:
    """Tell whether a transaction was cancelled for the condition of its first item."""
    codes = refusal_codes(error)
    return codes is not None and codes[:1] == ["ConditionalCheckFailed"]


def condition_failed(error: ClientError) -> bool:
    """Tell whether a single write was refused for its condition."""
    code: str = error.response["Error"]["Code"]
    return code == "ConditionalCheckFailedException"

"""moto does the right thing, slowly; here is the same with the waste left out.

Nothing is answered differently. A value is compared and written down without asking ten times what
kind it is, a transaction remembers what it may have to take back without copying every value of the
table. An item is never changed once it is stored, only replaced: so whoever has read one may keep
what it read for as long as it is there.
"""

from base64 import b64encode
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import copy, deepcopy
from functools import cache
from typing import Any
from unittest.mock import patch

from botocore.useragent import UserAgentString
from moto.core import responses
from moto.core.model_instances import reset_model_data
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

_structure = BaseJSONSerializer._serialize_type_structure
_cast: Callable[[DynamoType], Any] = DynamoType.cast_value.fget  # type: ignore[attr-defined]
_update_item = DynamoDBBackend.update_item
_query, _scan = Table.query, Table.scan
_method_names = responses.method_names_from_class  # type: ignore[attr-defined]


def same_items(items: dict[Any, dict[Any, Item]]) -> dict[Any, dict[Any, Item]]:
    """The items of a table in places of their own, so that one can be written without the other."""
    return defaultdict(
        dict, {hash_key: dict(by_range_key) for hash_key, by_range_key in items.items()}
    )


def forget_the_past() -> None:
    """moto keeps every object there ever was, for a dashboard."""
    reset_model_data()


def _written(
    serializer: BaseJSONSerializer, into: dict[str, Any], value: Any, shape: Any, key: str
) -> None:
    if shape.name == "AttributeValue" and type(value) is dict:
        into[key] = _as_json(value)
    else:
        _structure(serializer, into, value, shape, key)


def _as_json(value: dict[str, Any]) -> dict[str, Any]:
    ((kind, inner),) = value.items()
    if kind == "M":
        return {"M": {key: _as_json(each) for key, each in inner.items()}}
    if kind == "L":
        return {"L": [_as_json(each) for each in inner]}
    if kind == "B":
        return {"B": b64encode(inner if isinstance(inner, bytes) else inner.encode()).decode()}
    return value


def _cast_value(value: DynamoType) -> Any:
    return value.value if value.type == "S" else _cast(value)


def _all_items(table: Table) -> list[Item]:
    """In the order of their keys, which are text in all our tables."""
    found = [item for items in table.items.values() for item in items.values()]
    return sorted(found, key=_keys_as_text)


def _keys_as_text(item: Item) -> tuple[str, str]:
    """Gives an item's key; every table of ours has both parts of it."""
    assert item.range_key is not None
    return item.hash_key.value, item.range_key.value


def _querying(
    table: Table,
    hash_key: DynamoType | None,
    range_comparison: str | None,
    range_objs: list[DynamoType],
    limit: int,
    exclusive_start_key: dict[str, Any],
    scan_index_forward: bool,
    projection_expressions: list[list[str]] | None,
    index_name: str | None = None,
    *words: Any,
    **more: Any,
) -> Any:
    """Looks at the items of one hash key, where moto sorts the whole table for each query."""
    if not index_name:
        asked = table.items.get(hash_key, {})
        table = copy(table)
        table.items = {hash_key: asked}  # type: ignore[assignment]
    return _query(
        table,
        hash_key,
        range_comparison,
        range_objs,
        limit,
        exclusive_start_key,
        scan_index_forward,
        projection_expressions,
        index_name,
        *words,
        **more,
    )


def _scanning(
    table: Table,
    filters: dict[str, Any],
    limit: int,
    exclusive_start_key: dict[str, Any],
    *words: Any,
    **more: Any,
) -> Any:
    """Begins at the key where the page before ended, where moto compares all items before it."""
    if exclusive_start_key and set(exclusive_start_key) == {"pk", "sk"}:
        ended = (exclusive_start_key["pk"]["S"], exclusive_start_key["sk"]["S"])
        items = table.all_items()
        left = items[bisect_left(items, ended, key=_keys_as_text) :]
        table = copy(table)
        table.all_items = lambda: left  # type: ignore[method-assign]
    return _scan(table, filters, limit, exclusive_start_key, *words, **more)


def _backup(table: Table, memo: dict[int, Any]) -> Table:
    kept = copy(table)
    kept.items = same_items(table.items)  # type: ignore[assignment]
    return kept


def _replacing(
    backend: DynamoDBBackend, table_name: str, key: dict[str, Any], *words: Any, **more: Any
) -> Item:
    table = backend.get_table(table_name)
    hash_key, range_key = DynamoType(key["pk"]), DynamoType(key["sk"])
    if stored := table.get_item(hash_key, range_key):
        table.items[hash_key][range_key] = deepcopy(stored)
    return _update_item(backend, table_name, key, *words, **more)


@contextmanager
def swift_moto() -> Iterator[None]:
    with ExitStack() as stack:
        for owner, name, instead in (
            (BaseJSONSerializer, "_serialize_type_structure", _written),
            (DynamoType, "cast_value", property(_cast_value)),
            (Table, "all_items", _all_items),
            (Table, "query", _querying),
            (Table, "scan", _scanning),
            (DynamoDBBackend, "update_item", _replacing),
            (responses, "method_names_from_class", cache(_method_names)),
            (UserAgentString, "to_string", lambda _: "tests"),
        ):
            stack.enter_context(patch.object(owner, name, instead))
        stack.enter_context(patch.object(Table, "__deepcopy__", _backup, create=True))
        yield

"""Write plain values with DynamoDB's types beside them, and read them: ``{"S": "text"}``.

boto3 has the same, but importing it brings all of boto3 and s3transfer into every cold start. Items
of ours hold text, numbers, booleans, bytes, lists, maps and sets of texts (the marks of a day, whom
a wave asked); DynamoDB's other sets are not among them.
"""

from collections.abc import Callable, Collection, Mapping
from decimal import Clamped, Context, Decimal, Inexact, Overflow, Rounded, Underflow
from functools import cache
from types import MappingProxyType, NoneType
from typing import Any

_NUMBERS = Context(
    prec=38, Emin=-128, Emax=126, traps=[Clamped, Overflow, Inexact, Rounded, Underflow]
)
"""DynamoDB keeps 38 digits of a number; what it would round is refused."""


def typed_value(value: Any) -> dict[str, Any]:
    """Give a value as the API takes it.

    Raises TypeError for what has no type here, such as a float, and decimal's errors for a number
    that DynamoDB would round.
    """
    kind, write = _writer(value.__class__)
    return {kind: write(value)}


def plain_value(typed: Mapping[str, Any]) -> Any:
    """Give the value of what the API answered; numbers are Decimals.

    Raises TypeError for a type that none of our items has.
    """
    ((kind, value),) = typed.items()
    read = _READERS.get(kind)
    if read is None:
        raise TypeError(f"no item of ours has DynamoDB's type {kind}")
    return read(value)


@cache
def _writer(kind: type) -> tuple[str, Callable[[Any], Any]]:
    """Give the type of DynamoDB's for one of Python's, or of its nearest ancestor's."""
    for ancestor in kind.__mro__:
        if ancestor in _WRITERS:
            return _WRITERS[ancestor]
    raise TypeError(f"DynamoDB has no type for {kind.__name__}: write text or a Decimal")


def _as_it_is(value: Any) -> Any:
    return value


def _null(_: None) -> bool:
    return True


def _nothing(_: bool) -> None:
    return None


def _number_text(number: int | Decimal) -> str:
    exact = _NUMBERS.create_decimal(number)
    if not exact.is_finite():
        raise TypeError("DynamoDB keeps no infinite number, and none that is not a number")
    return str(exact)


def _typed_map(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: typed_value(each) for name, each in values.items()}


def _typed_list(values: list[Any] | tuple[Any, ...]) -> list[Any]:
    return [typed_value(each) for each in values]


def _text_set(values: Collection[str]) -> list[str]:
    """Sort a set of texts, so that the same one is always written alike; raises TypeError."""
    if not values or not all(isinstance(each, str) for each in values):
        raise TypeError("DynamoDB keeps no empty set, and ours are of texts")
    return sorted(values)


def _plain_map(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain_value(each) for name, each in values.items()}


def _plain_list(values: list[Any]) -> list[Any]:
    return [plain_value(each) for each in values]


_WRITERS: Mapping[type, tuple[str, Callable[[Any], Any]]] = {
    str: ("S", str),  # an enum's member is written as plain text
    bool: ("BOOL", _as_it_is),
    int: ("N", _number_text),
    Decimal: ("N", _number_text),
    NoneType: ("NULL", _null),
    bytes: ("B", _as_it_is),
    bytearray: ("B", bytes),
    dict: ("M", _typed_map),
    MappingProxyType: ("M", _typed_map),
    list: ("L", _typed_list),
    tuple: ("L", _typed_list),
    set: ("SS", _text_set),
    frozenset: ("SS", _text_set),
}
_READERS: Mapping[str, Callable[[Any], Any]] = {
    "S": _as_it_is,
    "BOOL": _as_it_is,
    "N": _NUMBERS.create_decimal,
    "NULL": _nothing,
    "B": _as_it_is,
    "M": _plain_map,
    "L": _plain_list,
    "SS": set,
}

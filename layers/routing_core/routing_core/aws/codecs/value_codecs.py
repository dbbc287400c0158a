"""Write single values into an item and read them: texts, numbers, instants, digests, enums.

Items hold text, whole numbers, booleans, bytes, lists and maps. What repeats in every lead is
packed, because a lead is written again with each step and paid by the kilobyte: an instant that is
no key is a number, a digest is bytes.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from routing_core.domain.errors import NewerData

Item = dict[str, Any]
"""An item as a dict of plain values, by the names of its attributes."""

_EPOCH = datetime.fromtimestamp(0, UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class ValueCodec:
    """Writes values of one kind into an item, and reads them from it."""

    write: Callable[[Any], Any]
    """Give what the item holds for a value."""
    read: Callable[[Any], Any]
    """Give the value of what the item holds.

    Raises ValueError or TypeError for what nobody wrote so, NewerData for what newer code may have.
    """


def instant_text(at: datetime) -> str:
    """Give an instant as ISO-8601 text in UTC with milliseconds, which sorts as the instants do.

    Keys of indexes are written so, and whatever people look at in the console.
    """
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def read_stored_instant(stored: str | int) -> datetime:
    """Read an instant that was written as ISO-8601 text or as milliseconds since 1970.

    Both are read everywhere: items of old have text where milliseconds stand today.
    """
    if isinstance(stored, str):
        return datetime.fromisoformat(stored)
    return _EPOCH + timedelta(milliseconds=int(stored))


def milliseconds(at: datetime) -> int:
    """Give an instant as milliseconds since 1970: a third of the bytes of text."""
    return (at - _EPOCH) // _MILLISECOND


def seconds(at: datetime) -> int:
    """Give an instant as whole seconds since 1970, rounded down."""
    return int(at.timestamp())


def read_seconds(stored: int) -> datetime:
    """Read an instant that was written as seconds since 1970."""
    return datetime.fromtimestamp(int(stored), UTC)


def _unchanged(value: Any) -> Any:
    return value


def _read_digest(stored: str | bytes) -> str:
    # Items of old have the digest as text.
    return stored if isinstance(stored, str) else bytes(stored).hex()


AS_IT_IS = ValueCodec(_unchanged, _unchanged)
"""Texts, booleans and maps of texts."""
WHOLE_NUMBER = ValueCodec(_unchanged, int)  # DynamoDB gives a Decimal
"""Whole numbers."""
FLAG = ValueCodec(bool, bool)
"""Yes or no."""
TEXT_INSTANT = ValueCodec(instant_text, read_stored_instant)
"""Instants that are keys, or are to be read by people."""
PACKED_INSTANT = ValueCodec(milliseconds, read_stored_instant)
"""Instants that are no keys, to the millisecond."""
PACKED_SECOND = ValueCodec(seconds, read_seconds)
"""Instants of which the second says enough."""
DIGEST = ValueCodec(bytes.fromhex, _read_digest)
"""Hexadecimal digests, as the bytes they stand for."""
MAP = ValueCodec(dict, _unchanged)
"""Maps of texts to texts."""
TEXTS = ValueCodec(list, tuple)
"""Several texts."""


def member(kind: type[StrEnum]) -> ValueCodec:
    """Give a codec for the members of an enum, written as their values.

    It raises NewerData for a value that no member has: newer code knows what it means.
    """
    members = {each.value: each for each in kind}

    def read(stored: str) -> StrEnum:
        found = members.get(stored)
        if found is None:
            raise NewerData(f"{stored!r} is no {kind.__name__} that this code knows")
        return found

    return ValueCodec(_value_of, read)


def _value_of(member_of_enum: StrEnum) -> str:
    # A StrEnum is a str, but JSON and botocore are given the very type.
    return member_of_enum.value


def several(each: ValueCodec) -> ValueCodec:
    """Give a codec for several values, written as a list."""
    write, read = each.write, each.read

    def write_all(values: Iterable[Any]) -> list[Any]:
        return [write(value) for value in values]

    def read_all(stored: Iterable[Any]) -> tuple[Any, ...]:
        return tuple([read(value) for value in stored])  # a list first: faster than a generator

    return ValueCodec(write_all, read_all)


def read_numbers(stored: Mapping[str, Any]) -> dict[str, int]:
    """Read a map of names to whole numbers."""
    return {name: int(number) for name, number in stored.items()}


WHOLE_NUMBERS = ValueCodec(dict, read_numbers)
"""Maps of names to whole numbers."""

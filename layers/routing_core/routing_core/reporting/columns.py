"""Tables as columns of numbers: 100,000 leads in a few megabytes, counted by numpy.

A column is filled as an ``array``, which grows; figures look at it as numpy's, and nothing is copied.
An instant is a number of seconds since 1970, in UTC, and 0 is none. A text is its number in
``Texts``, and 0 is the empty one. An amount is a number of cents, and ``NO_AMOUNT`` is none.
"""

import sys
from array import array
from base64 import b64decode, b64encode
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from routing_core.reporting.coded_values import CENSORED_CODE, DONE_CODE, NO_AMOUNT

IntColumn: TypeAlias = "array[int]"
Numbers: TypeAlias = NDArray[Any]
"""Numbers of many rows, to count with."""
Selectors: TypeAlias = NDArray[np.bool_]
"""Says of each row whether it is meant."""


def as_numbers(column: IntColumn) -> Numbers:
    """Look at a column as numpy's, without a copy; it may not grow meanwhile.

    Instants are unsigned: whoever takes one from another asks for ``seconds_between``, or makes
    ``signed`` ones of them first.
    """
    return np.asarray(column)


def like(column: IntColumn, values: Numbers) -> IntColumn:
    """Give a column of the kind of another one with these numbers."""
    return array(column.typecode, values.astype(column.typecode).tobytes())


def narrowed_column(column: IntColumn) -> IntColumn:
    """Give a column in as few bytes as its least and its largest number need."""
    if not column:
        return column
    numbers = as_numbers(column)
    bounds = (np.min_scalar_type(int(bound)) for bound in (numbers.min(), numbers.max()))
    kind = np.promote_types(*bounds)
    return like(array(kind.char), numbers) if kind.itemsize < column.itemsize else column


def signed(values: Numbers) -> Numbers:
    """Give numbers that may become negative."""
    return values.astype(np.int64)


def seconds_between(earlier: Numbers, later: Numbers) -> Numbers:
    """Give the seconds from one instant to the other, below 0 if that came first.

    Both are unsigned numbers of four bytes, and so is the difference until it is looked at as a
    signed one: no copy of eight bytes is made. It is right for instants within 68 years.
    """
    return (later - earlier).view(np.int32)


def coded_times(seconds: Numbers, is_done: Selectors) -> Numbers:
    """Code many times as ``coded`` does one, each by whether it ended by being done."""
    return seconds * 2 + np.where(is_done, np.int32(DONE_CODE), np.int32(CENSORED_CODE))


def counts_of(values: Numbers) -> Counter[int]:
    """Count how often each number is there."""
    known, times = np.unique(values, return_counts=True)
    return Counter(dict(zip(known.tolist(), times.tolist(), strict=True)))


def amounts_by(
    keys: Numbers, cents: Numbers, currencies: Numbers
) -> Mapping[int, list[tuple[int, int]]]:
    """Add up cents by key and currency, and give each key's sums with the currency of each.

    What is not known is left out. One number for key and currency makes of both what numpy groups.
    """
    is_known = cents != NO_AMOUNT
    base = int(currencies.max(initial=0)) + 1
    codes = signed(keys[is_known]) * base + currencies[is_known]
    known, place = np.unique(codes, return_inverse=True)
    sums = np.zeros(len(known), np.int64)
    np.add.at(sums, place, cents[is_known])
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for code, total in zip(known.tolist(), sums.tolist(), strict=True):
        key, currency = divmod(code, base)
        found[key].append((total, currency))
    return found


def how_many(values: Numbers) -> int:
    """Count the rows that are meant, or have a number other than 0."""
    return int(np.count_nonzero(values))


def rows_with(column: Numbers, *values: int) -> Selectors:
    """Say of each row of a column of numbers up to 255 whether it has one of these."""
    is_meant = np.zeros(256, np.bool_)
    is_meant[list(values)] = True
    return is_meant[column]


def small_numbers() -> IntColumn:
    """Make a column of numbers up to 255."""
    return array("B")


def short_numbers() -> IntColumn:
    """Make a column of numbers up to 65,535."""
    return array("H")


def long_numbers() -> IntColumn:
    """Make a column of numbers up to 4,294,967,295: instants until 2106."""
    return array("I")


def text_numbers() -> IntColumn:
    """Make a column of numbers of texts."""
    return array("I")


def amounts() -> IntColumn:
    """Make a column of amounts."""
    return array("q")


def lengths() -> IntColumn:
    """Make a column of numbers of seconds up to 4,294,967,295, which hardly ever are so many."""
    return array("I")


_NARROWED = (text_numbers, short_numbers, amounts, lengths)
"""The kinds of columns that are held in fewer bytes than they are stored in, where these suffice.

Most texts come often, and most times are short. Instants stay as they are.
"""


@dataclass(slots=True)
class ColumnTable:
    """Columns of the same length."""

    def __len__(self) -> int:
        """Count the rows."""
        return len(getattr(self, fields(self)[0].name))

    def append(self, **row: int) -> None:
        """Add a row, which has a value for each column."""
        for each in fields(self):
            getattr(self, each.name).append(row[each.name])

    def row(self, index: int) -> dict[str, int]:
        """Give one row by the names of its columns."""
        return {each.name: getattr(self, each.name)[index] for each in fields(self)}

    def rows(self) -> Iterator[dict[str, int]]:
        """Yield all rows."""
        for index in range(len(self)):
            yield self.row(index)

    def taken(self, rows: Numbers) -> Self:
        """Give the table with these rows in this order, or with those that are meant."""
        taken = type(self)()
        for each in fields(self):
            column = getattr(self, each.name)
            setattr(taken, each.name, like(column, as_numbers(column)[rows]))
        return taken

    def take_rows(self, other: Self, texts: Numbers, first_lead: int) -> None:
        """Add the rows of another table.

        ``texts`` says which number each of its texts has here, and its first lead is ``first_lead``.
        """
        for each in fields(self):
            column = getattr(self, each.name)
            numbers = as_numbers(getattr(other, each.name))
            if each.default_factory is text_numbers:
                numbers = texts[numbers]
            elif each.name == "lead":
                numbers = numbers + first_lead
            column.extend(like(column, numbers))

    def spelled_columns(self) -> Iterator[tuple[str, str]]:
        """Yield each column's name, and as text the bytes of its numbers, the lowest first."""
        for each in fields(self):
            column = like(_empty(each), as_numbers(getattr(self, each.name)))
            stored = _little_endian(column).tobytes()
            yield each.name, b64encode(stored).decode()

    def take_column(self, name: str, spelled: str) -> None:
        """Read a column as it was spelled; one that this version does not know is left out."""
        for each in fields(self):
            if each.name == name:
                column = _empty(each)
                column.frombytes(b64decode(spelled))
                column = _little_endian(column)
                is_narrowed = each.default_factory in _NARROWED
                setattr(self, name, narrowed_column(column) if is_narrowed else column)

    def fill_up(self) -> None:
        """Fill columns that were not stored yet with zeros."""
        length = max(len(getattr(self, each.name)) for each in fields(self))
        for each in fields(self):
            column = getattr(self, each.name)
            column.extend([0] * (length - len(column)))


def _empty(column: "Field[Any]") -> IntColumn:
    """Make an empty column of the kind in which a field is stored."""
    if column.default_factory is MISSING:
        raise TypeError(f"{column.name} is no column")
    empty: IntColumn = column.default_factory()
    return empty


def _little_endian(column: IntColumn) -> IntColumn:
    """Give the column with the lowest byte of a number first, from this machine's order or to it."""
    if sys.byteorder == "little":
        return column
    turned = column[:]
    turned.byteswap()
    return turned

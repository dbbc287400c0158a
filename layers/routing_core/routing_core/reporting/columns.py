"""Tables as columns of numbers: 100,000 leads in a few megabytes, counted by numpy.

A column is filled as an ``array``, which grows; figures look at it as numpy's, and nothing is copied.
An instant is a number of seconds since 1970, in UTC, and 0 is none. A text is its number in
``Texts``, and 0 is the empty one. An amount is a number of cents, and ``NO_AMOUNT`` is none.
"""

import sys
from array import array
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Self, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

NO_AMOUNT = -1
"""Stands for an amount that is not known; amounts are at least 0."""
DONE_CODE = 2
"""What is added to twice the seconds of something that ended by being done."""
CENSORED_CODE = 3
"""What is added to twice the seconds of which only is known that it takes longer."""
_LONGEST = 2**31 - 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_CENT = Decimal("0.01")


def seconds_of(at: datetime | None) -> int:
    """Give the whole seconds of an instant; 0 for none."""
    return 0 if at is None else (at - _EPOCH) // _SECOND


def instant_of(seconds: int) -> datetime | None:
    """Give the instant of so many seconds; None for 0."""
    return _EPOCH + seconds * _SECOND if seconds else None


def cents_of(amount: Decimal | None) -> int:
    """Give the cents of an amount, rounded half to even."""
    if amount is None:
        return NO_AMOUNT
    return int(amount.quantize(_CENT, ROUND_HALF_EVEN).scaleb(2))


def amount_of(cents: int) -> Decimal | None:
    """Give the amount of so many cents."""
    return None if cents == NO_AMOUNT else Decimal(cents).scaleb(-2)


class Texts:
    """Numbers texts in the order in which they come; the empty one is 0."""

    def __init__(self, texts: Sequence[str] = ("",)) -> None:
        self.texts = list(texts)
        self._numbers = {text: number for number, text in enumerate(self.texts)}

    def number(self, text: str) -> int:
        """Give the number of a text, a new one if it has not been seen."""
        known = self._numbers.get(text)
        if known is None:
            known = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return known

    def known(self, text: str) -> int | None:
        """Give the number of a text; None if it has not been seen."""
        return self._numbers.get(text)

    def __getitem__(self, number: int) -> str:
        """Give the text of a number."""
        return self.texts[number]


class LeadIds(Sequence[str]):
    """References of leads, in a third of the memory that a list of texts takes."""

    def __init__(self, ids: Iterable[str] = ()) -> None:
        self._text = bytearray()
        self._ends = array("I", [0])
        for each in ids:
            self.append(each)

    def append(self, lead: str) -> None:
        """Add a reference."""
        self._text += lead.encode()
        self._ends.append(len(self._text))

    def __len__(self) -> int:
        """Count them."""
        return len(self._ends) - 1

    @overload
    def __getitem__(self, row: int) -> str: ...

    @overload
    def __getitem__(self, row: slice) -> list[str]: ...

    def __getitem__(self, row: int | slice) -> str | list[str]:
        """Give the reference of a row, or those of some rows."""
        if isinstance(row, slice):
            return [self[each] for each in range(*row.indices(len(self)))]
        return self._text[self._ends[row] : self._ends[row + 1]].decode()


IntColumn: TypeAlias = "array[int]"
Numbers: TypeAlias = NDArray[Any]
"""Numbers of many rows, to count with."""
Selectors: TypeAlias = NDArray[np.bool_]
"""Says of each row whether it is meant."""


def as_numbers(column: IntColumn) -> Numbers:
    """Look at a column as numpy's, without a copy; it may not grow meanwhile.

    Instants are unsigned: whoever takes one from another makes ``signed`` ones of them first.
    """
    return np.asarray(column)


def like(column: IntColumn, values: Numbers) -> IntColumn:
    """Give a column of the kind of another one with these numbers."""
    return array(column.typecode, values.astype(column.typecode).tobytes())


def narrowed_column(column: IntColumn) -> IntColumn:
    """Give a column in as few bytes as its largest number needs."""
    largest = max(column, default=0)
    kind = next(kind for kind in "BHI" if largest < 256 ** array(kind).itemsize)
    return like(array(kind), as_numbers(column))


def signed(values: Numbers) -> Numbers:
    """Give numbers that may become negative."""
    return values.astype(np.int64)


def counts_of(values: Numbers) -> Counter[int]:
    """Count how often each number is there."""
    known, times = np.unique(values, return_counts=True)
    return Counter(dict(zip(known.tolist(), times.tolist(), strict=True)))


def how_many(values: Numbers) -> int:
    """Count the rows that are meant, or have a number other than 0."""
    return int(np.count_nonzero(values))


def rows_with(column: Numbers, *values: int) -> Selectors:
    """Say of each row of a column of numbers up to 255 whether it has one of these."""
    is_meant = np.zeros(256, np.bool_)
    is_meant[list(values)] = True
    return is_meant[column]


def _small() -> IntColumn:
    """Make a column of numbers up to 255."""
    return array("B")


def _short() -> IntColumn:
    """Make a column of numbers up to 65,535."""
    return array("H")


def _number() -> IntColumn:
    """Make a column of numbers up to 4,294,967,295: instants until 2106."""
    return array("I")


def _text() -> IntColumn:
    """Make a column of numbers of texts."""
    return array("I")


def _amount() -> IntColumn:
    """Make a column of amounts."""
    return array("q")


def coded(seconds: int, *, censored: bool) -> int:
    """Code a time and whether more is not known of it; codes sort as Kaplan and Meier ask.

    At the same time, what ended comes before what is censored. 0 is no code.
    """
    return min(max(seconds, 0), _LONGEST) * 2 + (CENSORED_CODE if censored else DONE_CODE)


def ending_of(end: int, seen: int) -> int:
    """Code how an offer ended and whether it was seen as one small number, for counting."""
    return end * 2 + seen


SHARE_MARK = "\t"
"""Stands between the shares of those who could be asked."""


def shares_text(shares: Iterable[tuple[str, int]]) -> str:
    """Spell who could be asked, each with the thousandths of an offer they were entitled to."""
    return SHARE_MARK.join(f"{partner}:{thousandths}" for partner, thousandths in shares)


def shares_in(text: str) -> Iterator[tuple[str, int]]:
    """Read what ``shares_text`` spelled."""
    for each in text.split(SHARE_MARK):
        partner, _, thousandths = each.rpartition(":")
        yield partner, int(thousandths)


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

    def take_rows(self, other: Self, texts: Sequence[int], first_lead: int) -> None:
        """Add the rows of another table.

        ``texts`` says which number each of its texts has here, and its first lead is ``first_lead``.
        """
        for each in fields(self):
            numbers: Iterable[int] = getattr(other, each.name)
            if each.default_factory is _text:
                numbers = map(texts.__getitem__, numbers)
            elif each.name == "lead":
                numbers = (lead + first_lead for lead in numbers)
            getattr(self, each.name).extend(numbers)

    def spelled_columns(self) -> Iterator[tuple[str, str]]:
        """Yield each column's name, and as text the bytes of its numbers, the lowest first."""
        for each in fields(self):
            column = like(_empty(each), as_numbers(getattr(self, each.name)))
            stored = _little_endian(column).tobytes()
            yield each.name, b64encode(stored).decode()

    def take_column(self, name: str, spelled: str) -> None:
        """Read a column as it was spelled; one that this version does not know is left out.

        Numbers of texts are held in fewer bytes than they are stored in: most texts come often.
        """
        for each in fields(self):
            if each.name == name:
                column = _empty(each)
                column.frombytes(b64decode(spelled))
                column = _little_endian(column)
                is_text = each.default_factory is _text
                setattr(self, name, narrowed_column(column) if is_text else column)

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


@dataclass(slots=True)
class LeadColumns(ColumnTable):
    """One row a lead, by the instant from which on it is counted."""

    country: IntColumn = field(default_factory=_text)
    area: IntColumn = field(default_factory=_text)
    product: IntColumn = field(default_factory=_text)
    urgency: IntColumn = field(default_factory=_text)
    region: IntColumn = field(default_factory=_text)
    source: IntColumn = field(default_factory=_text)
    campaign: IntColumn = field(default_factory=_text)
    owner: IntColumn = field(default_factory=_text)
    currency: IntColumn = field(default_factory=_text)
    reason: IntColumn = field(default_factory=_text)
    cell: IntColumn = field(default_factory=_text)
    """Country, part of the country, product, and whether somebody was left: a text joined by TAB."""
    touch: IntColumn = field(default_factory=_text)
    """Source and campaign, joined likewise."""
    received: IntColumn = field(default_factory=_number)
    entered: IntColumn = field(default_factory=_number)
    """The instant from which on it is counted; 0 if it never was."""
    offered: IntColumn = field(default_factory=_number)
    """The instant at which a partner was asked first."""
    accepted: IntColumn = field(default_factory=_number)
    """The instant at which a partner had it first."""
    contacted: IntColumn = field(default_factory=_number)
    quoted: IntColumn = field(default_factory=_number)
    ended: IntColumn = field(default_factory=_number)
    """The instant at which it ended, and did not open again; 0 while it is open."""
    stage: IntColumn = field(default_factory=_small)
    """The stage in which it is now, and ``since`` when."""
    since: IntColumn = field(default_factory=_number)
    passed: IntColumn = field(default_factory=_small)
    """How many milestones it has come by: see ``flow.passed_of``."""
    value: IntColumn = field(default_factory=_amount)
    quote: IntColumn = field(default_factory=_amount)
    by_hand: IntColumn = field(default_factory=_small)
    nobody_left: IntColumn = field(default_factory=_small)
    """One more than the offers made when nobody was left first; 0 if that never happened."""
    not_called: IntColumn = field(default_factory=_small)
    call_confirmed: IntColumn = field(default_factory=_small)


@dataclass(slots=True)
class StepColumns(ColumnTable):
    """One row a step of a lead, by time."""

    lead: IntColumn = field(default_factory=_number)
    at: IntColumn = field(default_factory=_number)
    turn: IntColumn = field(default_factory=_small)
    """What the step does to the count of open leads, and to which stage: see ``turn_of``."""
    partner: IntColumn = field(default_factory=_text)


@dataclass(slots=True)
class OfferColumns(ColumnTable):
    """One row an offer, by partner and then by lead: so each partner's stand together."""

    lead: IntColumn = field(default_factory=_number)
    number: IntColumn = field(default_factory=_short)
    partner: IntColumn = field(default_factory=_text)
    kind: IntColumn = field(default_factory=_text)
    made: IntColumn = field(default_factory=_number)
    until: IntColumn = field(default_factory=_number)
    window: IntColumn = field(default_factory=_number)
    end: IntColumn = field(default_factory=_small)
    decided: IntColumn = field(default_factory=_number)
    response: IntColumn = field(default_factory=_number)
    """One more than the seconds that the answer took; 0 if there was none."""
    waited: IntColumn = field(default_factory=_number)
    """The time to answer as ``coded`` codes it, censored if it lapsed; 0 if it says nothing."""
    seen: IntColumn = field(default_factory=_small)
    ending: IntColumn = field(default_factory=_small)
    """Its end and whether it was seen as one number: see ``ending_of``."""
    reason: IntColumn = field(default_factory=_text)
    after: IntColumn = field(default_factory=_small)
    let_go: IntColumn = field(default_factory=_number)
    contact_by: IntColumn = field(default_factory=_number)
    contact: IntColumn = field(default_factory=_small)
    contacted: IntColumn = field(default_factory=_number)
    quoted: IntColumn = field(default_factory=_number)


@dataclass(slots=True)
class PromiseColumns(ColumnTable):
    """One row a promise."""

    lead: IntColumn = field(default_factory=_number)
    until: IntColumn = field(default_factory=_number)
    kept: IntColumn = field(default_factory=_small)


@dataclass(slots=True)
class EntitlementColumns(ColumnTable):
    """One row an instant at which a lead was routed."""

    lead: IntColumn = field(default_factory=_number)
    at: IntColumn = field(default_factory=_number)
    shares: IntColumn = field(default_factory=_text)
    """Who could be asked, and what each was entitled to: a text, for the same ones come again."""

"""Texts that are stored once and numbered, and references of leads."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import overload

SHARE_MARK = "\t"
"""Stands between the shares of those who could be asked."""


class Texts:
    """Numbers texts in the order in which they come; the empty one is 0."""

    def __init__(self, texts: Sequence[str] = ("",)) -> None:
        self.texts = list(texts)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """Give the number of each text; whoever only reads a snapshot never asks for all."""
        return {text: number for number, text in enumerate(self.texts)}

    def number(self, text: str) -> int:
        """Give the number of a text, a new one if it has not been seen."""
        known = self._numbers.get(text)
        if known is None:
            known = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return known

    def known(self, text: str) -> int | None:
        """Give the number of a text, which is searched for; None if it has not been seen."""
        return self.texts.index(text) if text in self.texts else None

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


def shares_text(shares: Iterable[tuple[str, int]]) -> str:
    """Spell who could be asked, each with the thousandths of an offer they were entitled to."""
    return SHARE_MARK.join(f"{partner}:{thousandths}" for partner, thousandths in shares)


def shares_in(text: str) -> Iterator[tuple[str, int]]:
    """Read what ``shares_text`` spelled."""
    for each in text.split(SHARE_MARK):
        partner, _, thousandths = each.rpartition(":")
        yield partner, int(thousandths)

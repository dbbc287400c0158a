"""The names of towns beside a list of postcodes: packed until somebody asks for one, for most
requests ask for none.
"""

import zlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Self

BETWEEN = "|"
"""Stands between the names of one postcode: in the countryside several villages share one."""
SHOWN = 2
"""So many of them are shown."""


class TownNames:
    """Gives the towns of a row of the list, the one by which the postcode is known first."""

    def __init__(self, packed: bytes = b""):
        self.packed = packed
        """One line a row, compressed; empty where nobody gave names."""

    @classmethod
    def of(cls, rows: Iterable[Sequence[str]]) -> Self:
        """Packs the names of each row, in the order of the list."""
        lines = [BETWEEN.join(names) for names in rows]
        if not any(lines):
            return cls()
        return cls(zlib.compress("\n".join(lines).encode(), 9))

    def __bool__(self) -> bool:
        return bool(self.packed)

    def at(self, row: int) -> tuple[str, ...]:
        return split_towns(self.lines[row]) if self.packed else ()

    @cached_property
    def lines(self) -> list[str]:
        """Unpacks one text a row, names as they are kept."""
        return zlib.decompress(self.packed).decode().split("\n") if self.packed else []


def split_towns(written: str) -> tuple[str, ...]:
    """Reads what stands in one cell."""
    return tuple(name for part in written.split(BETWEEN) if (name := part.strip()))


def shown_towns(names: Sequence[str]) -> str:
    """Says where a postcode is in a few words: ``München``; ``Tettau, Guteborn …`` of several
    villages.
    """
    more = " …" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more

"""The names of towns beside a list of postcodes.

They are packed until somebody asks for one, for most requests ask for none.
"""

import zlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Self

BETWEEN = "|"
"""It stands between the names of one postcode: in the countryside several villages share one."""
MOST_TOWNS_SHOWN = 2
"""So many of the towns that share a postcode are shown."""
_BEST = 9


class TownNames:
    """The towns of each row of a list, the one by which the postcode is known first."""

    def __init__(self, packed: bytes = b""):
        self.packed = packed
        """One line for each row, compressed; empty where nobody gave names."""

    @classmethod
    def of(cls, rows: Iterable[Sequence[str]]) -> Self:
        """Pack the names of each row, in the order of the list."""
        lines = [BETWEEN.join(names) for names in rows]
        if not any(lines):
            return cls()
        return cls(zlib.compress("\n".join(lines).encode(), _BEST))

    def __bool__(self) -> bool:
        return bool(self.packed)

    def at(self, row: int) -> tuple[str, ...]:
        """Give the towns of a row."""
        return split_towns(self.lines[row]) if self.packed else ()

    @cached_property
    def lines(self) -> list[str]:
        """Give one text for each row, with the names as they are kept."""
        if not self.packed:
            return []
        return zlib.decompress(self.packed).decode().split("\n")


def split_towns(written: str) -> tuple[str, ...]:
    """Read the names that stand in one cell."""
    names = (part.strip() for part in written.split(BETWEEN))
    return tuple(filter(None, names))


def shown_towns(names: Sequence[str]) -> str:
    """Say where a postcode is in a few words: ``München``; ``Tettau, Guteborn …`` of several."""
    shown = ", ".join(names[:MOST_TOWNS_SHOWN])
    return f"{shown} …" if len(names) > MOST_TOWNS_SHOWN else shown

"""What is wrong with the rows of a list, told so that it can be mended: what many rows share is
told once.
"""

import re
from dataclasses import dataclass, field

from routing_core.domain.errors import Problem

EACH = 5
"""So many of a kind are told one by one."""
MOST_KINDS = 100
_SHOWN = 3
_VARYING = re.compile(r"'[^']*'|\"[^\"]*\"|[0-9]+")
"""What differs between two messages of one kind."""


@dataclass
class _Kind:
    problems: list[Problem] = field(default_factory=list)
    """The first ``EACH``."""
    rows: list[int] = field(default_factory=list)


@dataclass
class RowProblems:
    """Takes any number of problems, and keeps the first of each kind."""

    kinds: dict[tuple[str, str, str], _Kind] = field(default_factory=dict)

    def add(self, row: int, column: str, code: str, message: str) -> None:
        """``column`` is empty where the whole row is concerned."""
        kind = self.kinds.setdefault((column, code, _VARYING.sub("", message)), _Kind())
        if len(kind.problems) < EACH:
            place = f"row {row}, {column}" if column else f"row {row}"
            kind.problems.append(Problem(place, code, message))
        kind.rows.append(row)

    @property
    def too_many(self) -> bool:
        return len(self.kinds) > MOST_KINDS

    def __bool__(self) -> bool:
        return bool(self.kinds)

    def told(self) -> list[Problem]:
        """By row; of many of one kind the first, with the rows that have it."""
        found: list[tuple[int, Problem]] = []
        for (column, code, _), kind in self.kinds.items():
            if len(kind.rows) <= EACH:
                found += zip(kind.rows, kind.problems, strict=True)
                continue
            found.append((kind.rows[0], _together(column, code, kind)))
        return [problem for _, problem in sorted(found, key=lambda each: each[0])]


def _together(column: str, code: str, kind: _Kind) -> Problem:
    shown = ", ".join(map(str, kind.rows[:_SHOWN]))
    rows = f"rows {shown} and {len(kind.rows) - _SHOWN:,} more"
    place = f"{rows}, {column}" if column else rows
    return Problem(
        place, code, f"{kind.problems[0].message} (of {len(kind.rows):,} rows the first)"
    )

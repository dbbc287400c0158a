"""What is wrong with the rows of a list, told so that it can be mended.

What many rows share is told once.
"""

import re
from dataclasses import dataclass, field

from routing_core.domain.errors import Problem
from routing_core.domain.values.sentence import worded

TOLD_EACH = 5
"""So many of a kind are told one by one."""
MOST_PROBLEM_KINDS = 100
_ROWS_SHOWN = 3
_VARYING = re.compile(r"'[^']*'|\"[^\"]*\"|[0-9]+")
"""What differs between two messages of one kind."""


@dataclass
class _ProblemKind:
    problems: list[Problem] = field(default_factory=list)
    """The first ``TOLD_EACH``."""
    rows: list[int] = field(default_factory=list)


@dataclass
class RowProblems:
    """Takes any number of problems, and keeps the first of each kind."""

    kinds: dict[tuple[str, str, str], _ProblemKind] = field(default_factory=dict)
    """Column, code and message without what varies → the problems that are alike in them."""
    count: int = 0
    """How many problems there are of all kinds together."""

    def add(self, row: int, column: str, code: str, message: str) -> None:
        """Take one more; ``column`` is empty where the whole row is concerned."""
        self.count += 1
        alike = (column, code, _VARYING.sub("", message))
        kind = self.kinds.setdefault(alike, _ProblemKind())
        if len(kind.problems) < TOLD_EACH:
            place = f"row {row}, {column}" if column else f"row {row}"
            kind.problems.append(Problem(place, code, message))
        kind.rows.append(row)

    @property
    def too_many(self) -> bool:
        """Tell whether there are so many kinds that nobody mends them one by one."""
        return len(self.kinds) > MOST_PROBLEM_KINDS

    def told(self) -> list[Problem]:
        """Give the problems by row; of many of one kind the first, with the rows that have it."""
        found: list[tuple[int, Problem]] = []
        for (column, code, _), kind in self.kinds.items():
            if len(kind.rows) <= TOLD_EACH:
                found += zip(kind.rows, kind.problems, strict=True)
            else:
                found.append((kind.rows[0], _together(column, code, kind)))
        return [problem for _, problem in sorted(found, key=lambda each: each[0])]


def _together(column: str, code: str, kind: _ProblemKind) -> Problem:
    shown = ", ".join(map(str, kind.rows[:_ROWS_SHOWN]))
    rows = f"rows {shown} and {len(kind.rows) - _ROWS_SHOWN:,} more"
    place = f"{rows}, {column}" if column else rows
    english = "{why} (of {count} rows the first)"
    count = f"{len(kind.rows):,}"
    message = worded("rows.first_of", english, why=kind.problems[0].message, count=count)
    return Problem(place, code, message)

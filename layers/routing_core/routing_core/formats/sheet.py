"""A table as a spreadsheet saves it: separated by semicolons, commas or tabs, in UTF-8.

``Table`` is the one reader of all lists: partners, dealer maps, postcodes and past enquiries.
``Columns`` says which columns a kind of list has and what else they are called; the reader finds
them in the header, finds what is unknown, double or missing there, and gives the rows with their
cells by column. Rows are counted as the spreadsheet shows them: the header is row 1.
"""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from routing_core.domain.errors import Problem
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.sentence import worded

MOST_COLUMNS = 1_000
CLOSE_SPELLING = 0.8
"""A name so alike (difflib's ratio) is rather a slip than a column of somebody's own."""
NOT_OURS = ("x-", "x_")
"""A column whose name begins so is left out, whatever it is like."""
LONGEST_SHOWN = 40
"""A message repeats so many characters of a column's name."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_QUOTED_FORMULA = tuple(f"'{sign}" for sign in _FORMULA)


def unreadable(text: str, largest: int, hint: str = "") -> Problem | None:
    """Give what keeps the file from being read at all; ``largest`` in characters."""
    if len(text) > largest:
        english = "is too large: at most {most} characters{hint}"
        message = worded("file.large", english, most=f"{largest:,}", hint=hint)
        return Problem("file", "file_too_large", message)
    if "\ufffd" in text or "\x00" in text:
        return Problem(
            "file", "not_utf8", worded("file.not_utf8", "is not UTF-8: save it as “CSV UTF-8”")
        )
    return None


def rows(text: str) -> Iterator[tuple[int, list[str] | Problem]]:
    """Give the number and the cells of each row, the header's too.

    After a problem nothing comes.
    """
    text = re.sub(r"\Asep=.\r?\n", "", text.removeprefix("\ufeff"))
    first_line = re.split("[\r\n]", text, maxsplit=1)[0]
    separator = max(";,\t", key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if len(cells) > MOST_COLUMNS:
                english = "has {count} cells: at most {most}"
                count, most = f"{len(cells):,}", f"{MOST_COLUMNS:,}"
                message = worded("rows.cells", english, count=count, most=most)
                yield number, Problem(f"row {number}", "not_readable", message)
                return
            yield number, cells
    except csv.Error as error:
        english = "is not readable ({why}): is a quotation mark missing?"
        message = worded("rows.unreadable", english, why=str(error))
        yield number + 1, Problem(f"row {number + 1}", "not_readable", message)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that a kind of list has; a subclass says what else they are called."""

    known: Collection[str]
    """All columns that mean something, by our names."""
    needed: Sequence[str]
    """Those without which the list is refused."""
    how_to_separate: str = "put cells with the separator in quotes"
    """What to do about a row with more cells than the header."""

    def names(self, cells: Sequence[str]) -> list[str]:
        """Give the columns of a header by our names; those that are none of ours as written."""
        return plain_names(cells)

    def is_known(self, name: str) -> bool:
        """Tell whether a column means something."""
        return name in self.known

    def nearest(self, name: str, names: Sequence[str]) -> str:
        """Give the column that an unknown one was probably meant to be; empty: somebody's own."""
        return ""

    def told_as(self, name: str, written: str) -> str:
        """Give the name by which a message calls a column: ours, or the one in the file."""
        return name

    def problems(self, names: Sequence[str], written: Sequence[str]) -> Iterator[Problem]:
        """Tell which columns of a header are misspelt, there twice or missing."""
        for place, name in enumerate(names):
            if self.is_known(name):
                if name in names[:place]:
                    told = self.told_as(name, written[place])
                    yield Problem(
                        f"row 1, {told}", "duplicate", worded("column.twice", "appears twice")
                    )
            elif near := self.nearest(name, names):
                yield misspelt_column(place, name, near)
        for name in self.needed:
            if name not in names:
                message = worded("column.missing", "the column is missing")
                yield Problem(f"row 1, {name}", "missing_column", message)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row that is not empty."""

    number: int
    cells: Mapping[str, str]
    """Column → cell, as written; a row may end before the header does."""
    overfull: str = ""
    """What is wrong if there are more cells than columns; then no cell is where it belongs."""

    def problem(self, column: str, code: str, message: str) -> Problem:
        """Give a problem that names its place: the row, and the column unless that is empty."""
        place = f"row {self.number}, {column}" if column else f"row {self.number}"
        return Problem(place, code, message)


class Table:
    """Reads a list: its header at once, its rows while somebody goes through them.

    Never raises for what the file says. ``problems`` are those of the file as a whole and of its
    header, so far: with one in the header no row comes, and one that comes later is the last.
    """

    def __init__(self, text: str, columns: Columns, largest: int, hint: str = ""):
        """Read the header.

        ``largest`` in characters, ``hint``: what else to do about a larger file.
        """
        self.names: list[str] = []
        """The columns by our names."""
        self.problems: list[Problem] = []
        self._written: Sequence[str] = ()
        self._columns = columns
        self._rows: Iterator[tuple[int, list[str] | Problem]] = iter(())
        problem = unreadable(text, largest, hint)
        if problem:
            self.problems.append(problem)
            return
        self._rows = rows(text)
        for _, cells in self._rows:
            if isinstance(cells, Problem):
                self.problems.append(cells)
            else:
                self._written = cells
                self.names = columns.names(cells)
                self.problems.extend(columns.problems(self.names, cells))
            return

    def __iter__(self) -> Iterator[SheetRow]:
        """Give the rows that are not empty."""
        if self.problems:
            return
        for number, cells in self._rows:
            if isinstance(cells, Problem):
                self.problems.append(cells)
                return
            if any(cell.strip() for cell in cells):
                by_column = dict(zip(self.names, cells, strict=False))
                yield SheetRow(number, by_column, self._overfull(cells))

    def _overfull(self, cells: Sequence[str]) -> str:
        width = len(self.names)
        if not any(cell.strip() for cell in cells[width:]):
            return ""
        english = "has {count} cells, the header {width}: {how}"
        how = self._columns.how_to_separate
        return worded("rows.overfull", english, count=len(cells), width=width, how=how)

    @property
    def ignored(self) -> tuple[str, ...]:
        """Name the columns that mean nothing to us, as the file does.

        One without a name is nobody's.
        """
        left_out = []
        for cell, name in zip(self._written, self.names, strict=False):
            shown = one_line(cell)[:LONGEST_SHOWN]
            if shown and not self._columns.is_known(name):
                left_out.append(shown)
        return tuple(left_out)


# ── names of columns ──────────────────────────────────────────────────────────────────────────────


def plain_names(cells: Iterable[str]) -> list[str]:
    """Give the names in small letters with underscores; empty ones at the end are no columns."""
    names = [one_line(cell).lower().replace(" ", "_") for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def nearest_column(name: str, known: Iterable[str]) -> str:
    """Give the known name that was probably meant; empty if none is near.

    It is empty too for a name that says it is none of ours. ``known`` are those that the list
    lacks: ``Gebiet-Nr`` beside ``Gebiet`` is a column of somebody's own.
    """
    if name.startswith(NOT_OURS):
        return ""
    near = get_close_matches(name, list(known), n=1, cutoff=CLOSE_SPELLING)
    return near[0] if near else ""


def misspelt_column(place: int, name: str, near: str) -> Problem:
    """Ask whether the column at that place (from 0) is the near one.

    It would be lost in silence otherwise.
    """
    shown = name[:LONGEST_SHOWN]
    english = (
        "{value!r} is not a known column: did you mean {meant!r}? "
        "If it is one of your own, name it x-{value}"
    )
    message = worded("column.unknown", english, value=shown, meant=near)
    return Problem(f"row 1, column {place + 1}", "unknown_column", message)


# ── cells and written tables ──────────────────────────────────────────────────────────────────────


def harmless(cell: str) -> str:
    """Give the cell so that a spreadsheet reads no formula in it."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def without_quote(cell: str) -> str:
    """Give the cell as it was before ``harmless``."""
    return cell[1:] if cell.startswith(_QUOTED_FORMULA) else cell


def written_table(lines: Iterable[Iterable[str]], separator: str = ";") -> str:
    """Give the lines as a file that spreadsheets open, with a mark that it is UTF-8."""
    out = io.StringIO()
    table = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    table.writerows(lines)
    return "\ufeff" + out.getvalue()

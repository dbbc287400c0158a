"""A table as a spreadsheet saves it: separated by semicolons, commas or tabs, in UTF-8."""

import csv
import io
import re
from collections.abc import Iterator

from routing_core.domain.errors import Problem

MOST_COLUMNS = 1_000


def unreadable(text: str, largest: int, hint: str = "") -> Problem | None:
    """What keeps the file from being read at all; ``largest`` in characters."""
    if len(text) > largest:
        return Problem(
            "file", "file_too_large", f"is too large: at most {largest:,} characters{hint}"
        )
    if "\ufffd" in text or "\x00" in text:
        return Problem("file", "not_utf8", "is not UTF-8: save it as “CSV UTF-8”")
    return None


def rows(text: str) -> Iterator[tuple[int, list[str] | Problem]]:
    """The header is row 1. After a problem nothing comes."""
    text = re.sub(r"\Asep=.\r?\n", "", text.removeprefix("\ufeff"))
    first_line = re.split("[\r\n]", text, maxsplit=1)[0]
    separator = max(";,\t", key=first_line.count)
    number = 0
    try:
        for number, cells in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1
        ):
            if len(cells) > MOST_COLUMNS:
                message = f"has {len(cells):,} cells: at most {MOST_COLUMNS:,}"
                yield number, Problem(f"row {number}", "not_readable", message)
                return
            yield number, cells
    except csv.Error as error:
        message = f"is not readable ({error}): is a quotation mark missing?"
        yield number + 1, Problem(f"row {number + 1}", "not_readable", message)


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str) -> str:
    """A spreadsheet reads no formula in it."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def without_quote(cell: str) -> str:
    """The cell before ``harmless``."""
    return cell[1:] if cell.startswith(tuple(f"'{sign}" for sign in _FORMULA)) else cell

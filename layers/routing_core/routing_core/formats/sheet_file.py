"""Read a list out of a file that somebody uploads: CSV in any usual encoding, or XLSX.

Only plain cells come out of it: of a formula its last result, of a date ``2026-01-07 09:14``, of a
yes-or-no cell ``yes`` or ``no``. A file that would unpack to more than anybody types is refused
before it is unpacked.
"""

import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.lead_list import SheetFile
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.sentence import worded
from routing_core.formats.sheet import rows as csv_rows
from routing_core.formats.sheet import without_quote, written_table

LARGEST_FILE = 4 * 1024 * 1024
"""Bytes of a file; Lambda takes no more anyway."""
LARGEST_UNPACKED = 60 * 1024 * 1024
"""Bytes that an XLSX file may unpack to."""
MOST_PARTS = 500
"""Files within an XLSX file."""
MOST_SHEET_ROWS = 10_000
"""Rows of one list."""
MOST_SHEET_COLUMNS = 150
LONGEST_SHEET_CELL = 5_000
"""Characters of one cell; what is longer is cut."""
LARGEST_WHOLE = 1e15
"""Beyond it a spreadsheet does not know a number's last digit."""
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_UTF16_LITTLE, _UTF16_BIG = b"\xff\xfe", b"\xfe\xff"
_SAMPLE = 2_000
"""Bytes in which an encoding without a mark shows itself."""


def read_sheet_file(content: bytes) -> SheetFile:
    """Read the first sheet of a file; raises InvalidInput saying what is wrong with the file."""
    if not content:
        raise _wrong("list_empty", "is empty: choose a file")
    if len(content) > LARGEST_FILE:
        raise _wrong("list_too_large", f"is too large: at most {LARGEST_FILE // 1024**2} MB")
    if content.startswith(_OLD_EXCEL):
        raise _wrong("old_excel", "is an old Excel file: save it as .xlsx or CSV")
    found = _xlsx_rows(content) if content.startswith(_ZIP) else _csv_rows(content)
    return _sheet(found)


def _wrong(code: str, message: str) -> InvalidInput:
    return InvalidInput([Problem("file", code, message)])


def _sheet(found: Iterable[tuple[int, list[str]]]) -> SheetFile:
    header: tuple[str, ...] = ()
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, written in found:
        cells = [cell[:LONGEST_SHEET_CELL].strip() for cell in written]
        if not any(cells):
            continue
        if not header:
            header = _header(cells)
            continue
        if len(rows) == MOST_SHEET_ROWS:
            raise _wrong("list_too_long", f"has too many rows: at most {MOST_SHEET_ROWS:,}")
        if any(cells[len(header) :]):
            message = f"has {len(cells)} cells, the header {len(header)}"
            raise InvalidInput([Problem(f"row {number}", "list_unreadable", message)])
        whole = (*cells, *([""] * len(header)))[: len(header)]
        rows.append((number, whole))
    if not rows:
        raise _wrong(
            "list_without_rows", "has no rows: start with the header, then one lead per row"
        )
    return SheetFile(header, tuple(rows))


def _header(cells: list[str]) -> tuple[str, ...]:
    names = [one_line(cell)[:100] for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_SHEET_COLUMNS:
        raise _wrong("list_unreadable", f"has too many columns: at most {MOST_SHEET_COLUMNS}")
    return tuple(names)


def sheet_text(content: bytes) -> str:
    """Give a list out of a file as CSV text, cells whole, for whoever reads such a text.

    Raises InvalidInput saying what is wrong with the file.
    """
    if not content:
        raise _wrong("empty", worded("file.empty", "is empty: choose a file"))
    if len(content) > LARGEST_FILE:
        english = "is too large: at most {most} MB"
        most = LARGEST_FILE // 1024**2
        raise _wrong("file_too_large", worded("file.megabytes", english, most=most))
    if content.startswith(_OLD_EXCEL):
        raise _wrong("old_excel", "is an old Excel file: save it as .xlsx or CSV")
    if content.startswith(_ZIP):
        return written_table(cells for _, cells in _xlsx_rows(content))
    return _decoded(content)


# ── CSV ───────────────────────────────────────────────────────────────────────────────────────────


def _csv_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(content)
    if "\x00" in text:
        raise _wrong("list_unreadable", "is no list: save it as .xlsx or CSV")
    for number, cells in csv_rows(text):
        if isinstance(cells, Problem):
            raise InvalidInput([replace(cells, code="list_unreadable")])
        yield number, [without_quote(cell) for cell in cells]


def _decoded(content: bytes) -> str:
    """Decode a text: UTF-8 or UTF-16, with or without their mark, else windows-1252."""
    if content.startswith((_UTF16_LITTLE, _UTF16_BIG)):
        return content.decode("utf-16", "replace")
    sample = content[:_SAMPLE]
    # Half of the bytes of Latin letters in UTF-16 are zero, and no other text has any.
    if sample.count(0) > len(sample) // 4:
        is_little = sample[1::2].count(0) > sample[::2].count(0)
        return content.decode("utf-16-le" if is_little else "utf-16-be", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("windows-1252", "replace")


# ── XLSX ──────────────────────────────────────────────────────────────────────────────────────────


def _xlsx_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook  # half a second of a cold start, for the few who need it

    _refuse_bombs(content)
    try:
        with warnings.catch_warnings():
            # It warns of every ornament that it leaves out.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a file says of its size may be made up
            for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                if number > MOST_SHEET_ROWS * 2:
                    raise _wrong("list_too_long", f"has too many rows: at most {MOST_SHEET_ROWS:,}")
                yield number, [_as_text(cell) for cell in cells[: MOST_SHEET_COLUMNS + 1]]
    except InvalidInput:
        raise
    except Exception as error:  # a broken file breaks its reader in many ways
        raise _wrong("list_unreadable", "cannot be read: save it as .xlsx or CSV again") from error


def _refuse_bombs(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
    except zipfile.BadZipFile as error:
        raise _wrong("list_unreadable", "cannot be read: save it as .xlsx or CSV again") from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise _wrong("list_too_large", "unpacks to too much: save the list alone, as CSV")


def _as_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < LARGEST_WHOLE:
        return str(int(cell))
    return str(cell)

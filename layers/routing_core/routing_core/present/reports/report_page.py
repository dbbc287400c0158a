"""A report as HTML: what its template shows, and the whole of it as one file."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from routing_core.domain.programme.programme import Programme
from routing_core.present.pages.frame import page_in, render
from routing_core.present.reports.drawn_picture import DrawnPicture, draw_picture
from routing_core.present.reports.report_document import (
    CellKind,
    ReportDocument,
    ReportSection,
    ReportTable,
)
from routing_core.present.reports.written_cells import written_cell

REPORT_SHEETS = ("hq.css", "report.css")
"""The style sheets that a report needs besides the one of all pages."""
ROWS_OF_A_TABLE = 100
"""Rows of a table on a page; the files have all."""
ROWS_AT_ONCE = 10
"""So many rows of a long table are shown; the others are folded."""
LONGEST_UNFOLDED = 12
"""A table with no more rows than this is not worth a fold."""
MOST_WITHOUT_CONTENTS = 5
"""A report with more sections begins with a list of them."""
_WORDS = (CellKind.TEXT, CellKind.DAY)


@dataclass(frozen=True, slots=True)
class WrittenCell:
    """A cell in words."""

    text: str
    number: bool
    """Numbers stand at the right, one below the other."""


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """A row in words."""

    name: str
    """The first cell, which names the row."""
    href: str
    """The address that the name leads to; empty for none."""
    cells: tuple[WrittenCell, ...]
    """The other cells."""


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """A table in words."""

    name: str
    caption: str
    heads: tuple[WrittenCell, ...]
    rows: tuple[WrittenRow, ...]
    folded_rows: tuple[WrittenRow, ...]
    """The rows that are shown when somebody asks for them, and printed."""
    folded: bool
    """Tells whether all of it is folded."""
    more: int
    """Counts the rows for which the page has no room."""


@dataclass(frozen=True, slots=True)
class DrawnWithTable:
    """A picture, and the table that it shows."""

    drawn: DrawnPicture
    table: WrittenTable


@dataclass(frozen=True, slots=True)
class DrawnSection:
    """A section, ready for the template."""

    name: str
    heading: str
    text: tuple[str, ...]
    items: tuple[str, ...]
    pictures: tuple[DrawnWithTable, ...]
    tables: tuple[WrittenTable, ...]
    definitions: tuple[tuple[str, str], ...]


def report_fill(document: ReportDocument) -> Mapping[str, Any]:
    """Give what ``reports/body.html`` is filled in with."""
    return {
        "subtitle": document.subtitle,
        "headlines": document.headlines,
        "sections": [_section(section, document) for section in document.sections],
        "has_contents": len(document.sections) > MOST_WITHOUT_CONTENTS,
    }


def report_file(document: ReportDocument, programme: Programme) -> str:
    """Write the report as one page that needs nothing else: it can be saved, sent and printed."""
    frame = page_in(document.locale, programme, "reports/file.html", document.title)
    return render(replace(frame, sheets=REPORT_SHEETS), **report_fill(document))


def _section(section: ReportSection, document: ReportDocument) -> DrawnSection:
    pictures = [
        DrawnWithTable(
            draw_picture(picture, document.locale, document.currency),
            _table(picture.table, document),
        )
        for picture in section.pictures
        if picture.table.rows
    ]
    return DrawnSection(
        section.name,
        section.heading,
        section.text,
        section.items,
        tuple(pictures),
        tuple(_table(table, document) for table in section.tables if table.rows),
        section.definitions,
    )


def _table(table: ReportTable, document: ReportDocument) -> WrittenTable:
    heads = tuple(WrittenCell(each.label, each.kind not in _WORDS) for each in table.columns)
    shown = min(len(table.rows), ROWS_OF_A_TABLE)
    rows = tuple(_row(table, row, document) for row in range(shown))
    at_once = shown if shown <= LONGEST_UNFOLDED or table.folded else ROWS_AT_ONCE
    return WrittenTable(
        table.name,
        table.caption,
        heads,
        rows[:at_once],
        rows[at_once:],
        table.folded,
        len(table.rows) - shown,
    )


def _row(table: ReportTable, row: int, document: ReportDocument) -> WrittenRow:
    cells = [
        WrittenCell(written_cell(cell, document.locale, document.currency), cell.kind not in _WORDS)
        for cell in table.cells(row)
    ]
    href = table.links[row] if table.links else ""
    return WrittenRow(cells[0].text, href, tuple(cells[1:]))

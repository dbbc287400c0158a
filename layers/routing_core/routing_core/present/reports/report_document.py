"""What a report says, before it is drawn: sections of tables in words, with numbers as numbers.

HTML, CSV, XLSX and mails are all drawn from this one value, so that none of them can say anything
else than the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from routing_core.present.locale_context import LocaleContext


class CellKind(StrEnum):
    """How the values of a column are written."""

    TEXT = "text"
    COUNT = "count"
    """A whole number."""
    DECIMAL = "decimal"
    """A number with one digit after the point."""
    SHARE = "share"
    """A part of one, written in per cent."""
    HOURS = "hours"
    """A length of time in hours, one digit after the point."""
    DAYS = "days"
    """A length of time in days, one digit after the point."""
    MONEY = "money"
    """An amount in the currency of the programme."""
    DAY = "day"
    """A day of the calendar."""


CellValue = str | int | float | Decimal | date | None
"""A value of a cell; None where there is none to be told, for example of too few cases."""


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A column of a table."""

    label: str
    """The words at its head."""
    kind: CellKind = CellKind.TEXT


@dataclass(frozen=True, slots=True)
class ReportCell:
    """A cell whose kind is not its column's, as in a table of figures of many kinds."""

    value: CellValue
    kind: CellKind
    currency: str = ""
    """The currency of an amount; empty: the programme's."""


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table with a caption; one sheet of the spreadsheet."""

    name: str
    """The name of its sheet, and the anchor of its place in the page: ``per-partner``."""
    caption: str
    columns: tuple[ReportColumn, ...]
    rows: tuple[tuple[CellValue | ReportCell, ...], ...]
    """Each row has a cell for each column; the first cell names the row."""
    links: tuple[str, ...] = ()
    """The address that each row's first cell leads to, where rows lead anywhere; or nothing."""
    folded: bool = False
    """Tells whether a page shows it only to whoever opens it; it is printed, and in every file."""

    def cell(self, row: int, column: int) -> ReportCell:
        """Give a cell with its kind."""
        value = self.rows[row][column]
        if isinstance(value, ReportCell):
            return value
        return ReportCell(value, self.columns[column].kind)

    def cells(self, row: int) -> Iterator[ReportCell]:
        """Give the cells of a row with their kinds."""
        for column in range(len(self.columns)):
            yield self.cell(row, column)


class PictureKind(StrEnum):
    """How a table is drawn."""

    BARS = "bars"
    """A bar for each row, as long as its first number."""
    FUNNEL = "funnel"
    """The same, and between two bars the share that went on."""
    PAIRS = "pairs"
    """Two bars for each row: the first two numbers against each other."""
    DOTS = "dots"
    """A dot for each row, to the left or right of a line in the middle."""
    TREND = "trend"
    """Columns in time, one for each row."""


@dataclass(frozen=True, slots=True)
class ReportPicture:
    """A table as a picture; the table stands beside it for whoever cannot see it."""

    kind: PictureKind
    table: ReportTable
    description: str
    """A sentence that says what the picture shows."""
    mark: float | None = None
    """A line across the bars at this value or before this row, such as the promised time."""
    mark_label: str = ""
    """The words at that line."""


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A part of a report under a heading."""

    name: str
    """The anchor of its place in the page."""
    heading: str
    text: tuple[str, ...] = ()
    """Paragraphs in front of what is shown."""
    items: tuple[str, ...] = ()
    """A numbered list, such as the exceptions."""
    pictures: tuple[ReportPicture, ...] = ()
    tables: tuple[ReportTable, ...] = ()
    definitions: tuple[tuple[str, str], ...] = ()
    """What the terms of this section mean exactly: term and sentence."""


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """A whole report in the words of its reader."""

    title: str
    subtitle: str
    """Says for whom, on what time, and when it was made."""
    file_name: str
    """The name of its files, without what says their kind: ``report-2026-10``."""
    locale: LocaleContext
    currency: str
    sections: tuple[ReportSection, ...]
    headlines: tuple[tuple[str, str], ...] = ()
    """Five figures that stand first: what it is, and the figure in words."""

    def tables(self) -> Iterator[ReportTable]:
        """Give every table once, those of the pictures too, in the order of the page."""
        for section in self.sections:
            for picture in section.pictures:
                yield picture.table
            yield from section.tables

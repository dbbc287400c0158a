"""A report as an Excel file: one sheet for each table, numbers as numbers, no formula anywhere."""

import io
import re
from collections.abc import Iterator
from datetime import date

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from routing_core.formats.xlsx_table import LONGEST_XLSX_CELL, XLSX_OPTIONS
from routing_core.present.reports.report_document import (
    CellKind,
    ReportCell,
    ReportDocument,
    ReportTable,
)
from routing_core.present.safe import visible

LONGEST_SHEET_NAME = 31
"""Letters of a sheet's name; Excel opens no file with a longer one."""
NARROWEST_COLUMN, WIDEST_COLUMN = 10, 48
"""Bounds of a column's width, in letters."""
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\']")
_NUMBER_FORMATS = {
    CellKind.COUNT: "#,##0",
    CellKind.DECIMAL: "#,##0.0",
    CellKind.SHARE: "0.0%",
    CellKind.HOURS: "#,##0.0",
    CellKind.DAYS: "#,##0.0",
    CellKind.MONEY: "#,##0",
    CellKind.DAY: "yyyy-mm-dd",
}


def report_xlsx(document: ReportDocument) -> bytes:
    """Write every table of a report as a sheet, and what the terms mean as the last one."""
    file = io.BytesIO()
    with Workbook(file, XLSX_OPTIONS) as workbook:
        workbook.set_properties({"title": document.title, "comments": document.subtitle})
        writer = _Sheets(workbook)
        for table in document.tables():
            writer.add(table)
        writer.add_definitions(document)
    return file.getvalue()


class _Sheets:
    """Adds sheets to a workbook, each under a name of its own."""

    def __init__(self, workbook: Workbook):
        self._workbook = workbook
        self._names: set[str] = set()
        self._head = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self._text = workbook.add_format({"text_wrap": True, "valign": "top"})
        self._formats = {
            kind: workbook.add_format({"num_format": pattern, "valign": "top"})
            for kind, pattern in _NUMBER_FORMATS.items()
        }

    def add(self, table: ReportTable) -> None:
        """Add a table: its columns in the first row, then its rows."""
        sheet = self._sheet(table.caption)
        for column in range(len(table.columns)):
            sheet.set_column(column, column, _width(table, column))
        for column, each in enumerate(table.columns):
            sheet.write_string(0, column, _cell_text(each.label), self._head)
        for row in range(len(table.rows)):
            for column, cell in enumerate(table.cells(row)):
                self._write(sheet, (row + 1, column), cell)
        sheet.freeze_panes(1, 1)
        if table.rows:
            sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)

    def add_definitions(self, document: ReportDocument) -> None:
        """Add what the terms of all sections mean."""
        translate = document.locale.translate
        sheet = self._sheet(translate("reports.definitions"))
        sheet.set_column(0, 0, WIDEST_COLUMN / 2)
        sheet.set_column(1, 1, WIDEST_COLUMN * 2)
        heads = (translate("reports.column.term"), translate("reports.column.meaning"))
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, self._head)
        for row, (term, meaning) in enumerate(_definitions(document), 1):
            sheet.write_string(row, 0, _cell_text(term), self._text)
            sheet.write_string(row, 1, _cell_text(meaning), self._text)

    def _sheet(self, caption: str) -> Worksheet:
        plain = " ".join(_NOT_IN_SHEET_NAMES.sub(" ", visible(caption)).split())
        name = plain[:LONGEST_SHEET_NAME].strip() or "1"
        number = 1
        while name.casefold() in self._names:
            number += 1
            ending = f" {number}"
            name = plain[: LONGEST_SHEET_NAME - len(ending)].strip() + ending
        self._names.add(name.casefold())
        return self._workbook.add_worksheet(name)

    def _write(self, sheet: Worksheet, place: tuple[int, int], cell: ReportCell) -> None:
        row, column = place
        value = cell.value
        if value is None:
            return
        if isinstance(value, str):
            sheet.write_string(row, column, _cell_text(value), self._text)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, self._formats[CellKind.DAY])
        else:
            sheet.write_number(row, column, float(value), self._number_format(cell.kind))

    def _number_format(self, kind: CellKind) -> Format:
        return self._formats.get(kind, self._formats[CellKind.DECIMAL])


def _definitions(document: ReportDocument) -> Iterator[tuple[str, str]]:
    for section in document.sections:
        yield from section.definitions


def _cell_text(text: str) -> str:
    return visible(text)[:LONGEST_XLSX_CELL]


def _width(table: ReportTable, column: int) -> int:
    """Give a width in which the words of a column can be read."""
    texts = [row[column] for row in table.rows[:100]]
    longest = max((len(text) for text in texts if isinstance(text, str)), default=0)
    head = len(table.columns[column].label)
    return min(max(longest, head // 2, NARROWEST_COLUMN), WIDEST_COLUMN)

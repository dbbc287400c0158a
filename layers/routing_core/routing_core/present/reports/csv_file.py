"""A report as a table for any spreadsheet: its tables one below the other."""

import csv
import io
from collections.abc import Iterator
from datetime import date

from babel.numbers import format_decimal

from routing_core.formats.sheet import harmless
from routing_core.present.locale_context import LocaleContext
from routing_core.present.reports.report_document import ReportCell, ReportDocument

SEPARATORS = {"de": ";"}
"""Language → what separates cells there, as its spreadsheets expect; elsewhere a comma."""


def report_csv(document: ReportDocument) -> str:
    """Write every table of a report: its caption, its columns, its rows, and an empty line.

    It begins with a byte order mark, without which Excel takes umlauts for something else. Numbers
    have the decimal sign of the language, and neither units nor signs for thousands.
    """
    file = io.StringIO()
    separator = SEPARATORS.get(document.locale.language, ",")
    writer = csv.writer(file, delimiter=separator, lineterminator="\r\n")
    for line in _lines(document):
        writer.writerow(line)
    return "\ufeff" + file.getvalue()


def _lines(document: ReportDocument) -> Iterator[list[str]]:
    yield [harmless(document.title)]
    yield [harmless(document.subtitle)]
    for table in document.tables():
        yield []
        yield [harmless(table.caption)]
        yield [harmless(column.label) for column in table.columns]
        for row in range(len(table.rows)):
            yield [_plain(cell, document.locale) for cell in table.cells(row)]


def _plain(cell: ReportCell, locale: LocaleContext) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        # A cell that begins like a formula would be computed by whoever opens the file.
        return harmless(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(format_decimal(value, "0.####", locale=locale.number_locale))

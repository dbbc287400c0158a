"""Write the numbers of a report as its reader's country does."""

from datetime import date
from decimal import Decimal

from babel.numbers import format_decimal, format_percent

from routing_core.present.locale_context import LocaleContext
from routing_core.present.reports.report_document import CellKind, ReportCell

NOTHING = "–"
"""Stands where there is no value to be told."""
MINUS = "\N{MINUS SIGN}"
_PATTERNS = {
    CellKind.COUNT: "#,##0",
    CellKind.DECIMAL: "#,##0.0",
    CellKind.HOURS: "#,##0.0",
    CellKind.DAYS: "#,##0.0",
}


def written_cell(cell: ReportCell, locale: LocaleContext, currency: str) -> str:
    """Give the words of a cell, without a unit where its column names it."""
    value = cell.value
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return locale.day(value)
    if cell.kind is CellKind.MONEY:
        return locale.money(
            str(Decimal(str(value)).quantize(Decimal(1))), cell.currency or currency
        )
    if cell.kind is CellKind.SHARE:
        return share_in_words(float(value), locale)
    pattern = _PATTERNS.get(cell.kind, "#,##0.###")
    return _with_minus(str(format_decimal(value, pattern, locale=locale.number_locale)))


def share_in_words(share: float, locale: LocaleContext) -> str:
    """Give a part of one in whole per cent, with a space before the sign where it is usual."""
    return _with_minus(str(format_percent(share, locale=locale.number_locale)))


def _with_minus(written: str) -> str:
    """Write a real minus, which is as wide as a plus and keeps with its number at a line's end."""
    return written.replace("-", MINUS)

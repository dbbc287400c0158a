"""Leads as a file for spreadsheets: what the list shows, a row for each, and no formula anywhere."""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime

from xlsxwriter import Workbook

from routing_core.domain.hq_people import HqPerson
from routing_core.domain.lead_row import LeadRow
from routing_core.formats.sheet import harmless, written_table
from routing_core.present.hq_desk.frame import desk_locale
from routing_core.present.lead_summary import (
    partner_name,
    product_name,
    region_name,
    urgency_name,
)
from routing_core.present.locale_context import LocaleContext
from routing_core.present.reports.csv_file import SEPARATORS
from routing_core.present.safe import visible
from routing_core.service.hq_desk.lead_export import ExportView
from routing_core.service.kernel.export_store import ExportKind

EXPORT_COLUMNS = (
    "reference",
    "id",
    "received",
    "state",
    "product",
    "urgency",
    "postcode",
    "town",
    "country",
    "region",
    "name",
    "company",
    "source",
    "campaign",
    "score",
    "partner",
    "accepted",
    "contacted",
    "finished",
    "value",
)
"""The columns, in their order; their words are ``hq_leads.export.column.<name>``."""
NUMBER_COLUMNS = frozenset({"score"})
"""Columns whose cells are numbers in an Excel file."""
XLSX_OPTIONS = {
    "in_memory": True,
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
"""No text becomes a formula, a link or a number; and rows need not be held until the end."""


def lead_export_file(visitor: HqPerson, view: ExportView, rows: Sequence[LeadRow]) -> bytes:
    """Write a file of the export's kind, in the language of whoever takes it away."""
    locale = desk_locale(view.programme, visitor, view.now)
    header = [locale.translate(f"hq_leads.export.column.{name}") for name in EXPORT_COLUMNS]
    lines = (_cells(row, view, locale) for row in rows)
    if view.export.kind is ExportKind.XLSX:
        return _xlsx(header, lines)
    separator = SEPARATORS.get(locale.language, ",")
    return written_table(_as_text(header, lines), separator).encode()


def _as_text(header: list[str], lines: Iterator[list[str]]) -> Iterator[list[str]]:
    """Give the lines of a CSV file: in it, what begins like a formula is told to be none."""
    yield header
    for cells in lines:
        yield [harmless(visible(cell)) for cell in cells]


def _cells(row: LeadRow, view: ExportView, locale: LocaleContext) -> list[str]:
    programme = view.programme
    return [
        row.reference,
        row.id,
        _instant(row.received_at, locale),
        locale.catalog.of_code("facts.status_name", row.status.value),
        product_name(programme, row.product, locale),
        urgency_name(programme, row.urgency, locale),
        row.postcode,
        row.town,
        row.country,
        region_name(programme, row.region, locale) or row.region,
        row.name,
        row.company,
        row.source,
        row.campaign,
        str(row.score),
        partner_name(view.partners, row.owner) if row.owner else "",
        _instant(row.accepted_at, locale),
        _instant(row.contacted_at, locale),
        _instant(row.finished_at, locale),
        row.value,
    ]


def _instant(at: datetime | None, locale: LocaleContext) -> str:
    """Write an instant by the reader's clock, as every spreadsheet reads it and sorts it."""
    return f"{locale.clock.local(at):%Y-%m-%d %H:%M}" if at else ""


def _xlsx(header: list[str], lines: Iterator[list[str]]) -> bytes:
    file = io.BytesIO()
    with Workbook(file, XLSX_OPTIONS) as workbook:
        sheet = workbook.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, header, workbook.add_format({"bold": True}))
        for number, cells in enumerate(lines, 1):
            for column, (name, cell) in enumerate(zip(EXPORT_COLUMNS, cells, strict=True)):
                if name in NUMBER_COLUMNS:
                    sheet.write_number(number, column, int(cell))
                else:
                    sheet.write_string(number, column, visible(cell))
    return file.getvalue()

"""Leads as a file for spreadsheets: what the list shows, a row for each, and no formula anywhere."""

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from routing_core.domain.hq_people import HqPerson
from routing_core.domain.lead_row import LeadRow
from routing_core.formats.sheet import harmless, written_table
from routing_core.formats.xlsx_table import XLSX_OPTIONS
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
COLUMN_WIDTHS = {"id": 29, "state": 22, "product": 18, "region": 18, "name": 26, "company": 26}
"""How wide the columns of an Excel file are, in letters; of all others ``USUAL_WIDTH``."""
USUAL_WIDTH = 16

ExportCell = str | int | Decimal | datetime | None
"""A cell by its kind: an instant is the reader's local one, without its zone."""


def lead_export_file(visitor: HqPerson, view: ExportView, rows: Sequence[LeadRow]) -> bytes:
    """Write a file of the export's kind, in the language of whoever takes it away."""
    locale = desk_locale(view.programme, visitor, view.now)
    has_towns = any(row.town for row in rows)
    columns = [name for name in EXPORT_COLUMNS if name != "town" or has_towns]
    header = [locale.translate(f"hq_leads.export.column.{name}") for name in columns]
    lines = (_line(columns, _cells(row, view, locale)) for row in rows)
    if view.export.kind is ExportKind.XLSX:
        return _xlsx(columns, header, lines, locale)
    separator = SEPARATORS.get(locale.language, ",")
    return written_table(_as_text(header, lines), separator).encode()


def _line(columns: Sequence[str], cells: Mapping[str, ExportCell]) -> list[ExportCell]:
    return [cells[name] for name in columns]


def _as_text(header: list[str], lines: Iterator[list[ExportCell]]) -> Iterator[list[str]]:
    """Give the lines of a CSV file: in it, what begins like a formula is told to be none."""
    yield header
    for cells in lines:
        yield [_plain(cell) for cell in cells]


def _plain(cell: ExportCell) -> str:
    """Write a cell as text; an instant in ISO's order, as every spreadsheet reads and sorts it."""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, str):
        return harmless(visible(cell))
    return "" if cell is None else str(cell)


def _cells(row: LeadRow, view: ExportView, locale: LocaleContext) -> dict[str, ExportCell]:
    programme = view.programme
    return {
        "reference": row.reference,
        "id": row.id,
        "received": _local(row.received_at, locale),
        "state": locale.catalog.of_code("facts.status_name", row.status.value),
        "product": product_name(programme, row.product, locale),
        "urgency": urgency_name(programme, row.urgency, locale),
        "postcode": row.postcode,
        "town": row.town,
        "country": row.country,
        "region": region_name(programme, row.region, locale) or row.region,
        "name": row.name,
        "company": row.company,
        "source": row.source,
        "campaign": row.campaign,
        "score": row.score,
        "partner": partner_name(view.partners, row.owner) if row.owner else "",
        "accepted": _local(row.accepted_at, locale),
        "contacted": _local(row.contacted_at, locale),
        "finished": _local(row.finished_at, locale),
        "value": Decimal(row.value) if row.value else None,
    }


def _local(at: datetime | None, locale: LocaleContext) -> datetime | None:
    """Give an instant by the reader's clock: cells of spreadsheets know no zones."""
    return locale.clock.local(at).replace(tzinfo=None) if at else None


def _xlsx(
    columns: Sequence[str],
    header: Sequence[str],
    lines: Iterator[list[ExportCell]],
    locale: LocaleContext,
) -> bytes:
    from xlsxwriter import Workbook  # only for the few who take a spreadsheet away

    file = io.BytesIO()
    with Workbook(file, XLSX_OPTIONS) as workbook:
        sheet = workbook.add_worksheet(locale.translate("hq.places.leads"))
        sheet.freeze_panes(1, 0)
        bold = workbook.add_format({"bold": True})
        as_instant = workbook.add_format(
            {"num_format": locale.translate("hq_leads.export.instant_format")}
        )
        for column, (name, title) in enumerate(zip(columns, header, strict=True)):
            sheet.set_column(column, column, COLUMN_WIDTHS.get(name, USUAL_WIDTH))
            sheet.write_string(0, column, title, bold)
        for number, cells in enumerate(lines, 1):
            for column, cell in enumerate(cells):
                if isinstance(cell, datetime):
                    sheet.write_datetime(number, column, cell, as_instant)
                elif isinstance(cell, str):
                    sheet.write_string(number, column, visible(cell))
                elif cell is not None:
                    sheet.write_number(number, column, float(cell))
    return file.getvalue()

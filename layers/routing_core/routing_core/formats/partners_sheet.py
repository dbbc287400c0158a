"""The network as a list for a spreadsheet.

Sent back as it is, it changes nothing, however old it is by then.

The cells of what partners set themselves, and of whether an address is confirmed, are empty: an
empty cell leaves that as it stands on the day the list is sent back (see ``own_settings``).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from routing_core.domain.partner import Partner
from routing_core.formats.partner_columns import COLUMN_NAMES, COLUMNS, OWN_SETTINGS, PATHS
from routing_core.formats.partner_document import partner_document
from routing_core.formats.sheet import harmless, written_table


def partners_sheet(partners: Iterable[Partner]) -> str:
    """Give a CSV text with a line for each partner, by id."""
    lines: list[Iterable[str]] = [COLUMN_NAMES]
    for partner in sorted(partners, key=lambda each: each.id):
        document = partner_document(partner)
        lines.append([harmless(each) for each in _cells(document)])
    return written_table(lines)


def partner_rows(partners: Iterable[Partner]) -> list[list[str]]:
    """Give the same as rows of plain text, the header first: for files that have no formulas."""
    ordered = sorted(partners, key=lambda each: each.id)
    rows = [_cells(partner_document(partner)) for partner in ordered]
    return [list(COLUMN_NAMES), *rows]


def _cells(document: Mapping[str, Any]) -> list[str]:
    return [
        "" if name in OWN_SETTINGS else cell_of_document(name, document) for name in COLUMN_NAMES
    ]


def cell_of_document(column: str, document: Mapping[str, Any]) -> str:
    """Give the cell of a column for a partner's document, as a list has it."""
    value: Any = document
    for name in PATHS[column]:
        value = value.get(name) if isinstance(value, Mapping) else None
    return "" if value is None else COLUMNS[column].cell.write(value)

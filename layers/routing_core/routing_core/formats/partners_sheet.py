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
        lines.append([harmless(_cell(name, document)) for name in COLUMN_NAMES])
    return written_table(lines)


def _cell(column: str, document: Mapping[str, Any]) -> str:
    if column in OWN_SETTINGS:
        return ""
    value: Any = document
    for name in PATHS[column]:
        value = value.get(name) if isinstance(value, Mapping) else None
    return "" if value is None else COLUMNS[column].cell.write(value)

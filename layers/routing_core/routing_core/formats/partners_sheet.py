"""The network as a list for a spreadsheet: sent back as it is, it changes nothing, however old it
is by then.

The cells of what partners set themselves, and of whether an address is confirmed, are empty: an
empty cell leaves that as it stands on the day the list is sent back (see ``own_settings``).
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from routing_core.domain.partner import Partner
from routing_core.formats.own_settings import OWN
from routing_core.formats.partner_document import partner_document
from routing_core.formats.partners_csv import COLUMNS, path_of
from routing_core.formats.sheet import harmless


def partners_sheet(partners: Iterable[Partner]) -> str:
    """A CSV text with a line for each partner, by id."""
    out = io.StringIO()
    table = csv.writer(out, delimiter=";", lineterminator="\r\n")
    table.writerow(COLUMNS)
    for partner in sorted(partners, key=lambda each: each.id):
        document = partner_document(partner)
        table.writerow([harmless(_cell(name, document)) for name in COLUMNS])
    return "\ufeff" + out.getvalue()


def _cell(column: str, document: Mapping[str, Any]) -> str:
    if column in OWN:
        return ""
    value: Any = document
    for name in path_of(column):
        value = value.get(name) if isinstance(value, Mapping) else None
    if value is None:
        return ""
    write = _WRITERS.get(column)
    if write is not None:
        return write(value)
    if isinstance(value, bool):
        return "yes" if value else ""
    return "|".join(map(str, value)) + _end(value) if isinstance(value, list) else str(value)


def _end(values: list[Any]) -> str:
    """A single entry with a comma in it is one entry."""
    return "|" if len(values) == 1 and any(sign in str(values[0]) for sign in ",;") else ""


def _certificates(value: Mapping[str, Any]) -> str:
    return "|".join(f"{name}:{last}" if last else name for name, last in value.items())


def _week(value: Mapping[str, list[str]]) -> str:
    return "; ".join(f"{day} {', '.join(blocks)}" for day, blocks in value.items() if blocks)


def _counts(value: Mapping[str, int]) -> str:
    return "|".join(f"{product} {most}" for product, most in value.items())


def _offer_counts(value: Mapping[str, Mapping[str, int]]) -> str:
    parts = []
    for product, by_period in value.items():
        parts += [f"{product} {most}/{period}" for period, most in by_period.items()]
    return "|".join(parts)


_WRITERS: Mapping[str, Callable[[Any], str]] = {
    "certificates": _certificates,
    "response_hours": _week,
    "cap_products": _counts,
    "cap_product_offers": _offer_counts,
}

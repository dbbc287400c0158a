"""A page of the list of leads for machines."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from routing_core.domain.lead_row import LeadRow
from routing_core.domain.values.extensible import known_fields
from routing_core.present.explain.lead_document import PUBLIC_NAMES
from routing_core.service.hq_desk.listed_leads import ListedLeads


def lead_rows_document(listed: ListedLeads) -> dict[str, Any]:
    """Give a page, ready for JSON: its leads, how to go on, and how far it looked and is behind."""
    page = listed.page
    return {
        "leads": [_row(row) for row in page.rows],
        "next": page.cursor,
        "looked_back_to": _plain(page.looked_back_to),
        "behind_seconds": round(listed.behind.total_seconds()),
    }


def _row(row: LeadRow) -> dict[str, Any]:
    fields = {"id": row.id, "reference": row.reference}
    for name, value in asdict(row, dict_factory=known_fields).items():
        fields[PUBLIC_NAMES.get(name, name)] = _plain(value)
    return fields | {"section": row.section}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case tuple():
            return list(value)
        case _:
            return value

"""An import of a list of leads for machines."""

from datetime import UTC, datetime
from typing import Any

from routing_core.domain.lead_list import LeadList, RowOutcome
from routing_core.service.hq.import_leads import CheckedList


def checked_document(checked: CheckedList) -> dict[str, Any]:
    """Say what a list would do, ready for JSON."""
    return list_document(checked.imported) | {
        "state": "checked",
        "new": len(checked.new),
        "known": len(checked.known),
        "twice": checked.check.twice,
    }


def list_document(imported: LeadList) -> dict[str, Any]:
    """Say how far an import has come, ready for JSON."""
    counts = imported.counts
    return {
        "import": imported.id,
        "name": imported.settings.name,
        "form": imported.settings.form,
        "mode": imported.settings.mode.value,
        "state": imported.state.value,
        "by": imported.by,
        "created_at": _instant(imported.created_at),
        "decided_at": _instant(imported.decided_at),
        "finished_at": _instant(imported.finished_at),
        "rows": imported.rows,
        "waiting": imported.waiting,
        "columns": [
            {"column": column, "field": field or None}
            for column, field in zip(imported.header, imported.columns, strict=True)
        ],
        **{outcome.value: counts.get(outcome.value, 0) for outcome in RowOutcome},
    }


def _instant(at: datetime | None) -> str | None:
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

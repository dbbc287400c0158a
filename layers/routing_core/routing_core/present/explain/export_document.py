"""An export of leads as the API tells of it."""

from collections.abc import Sequence
from typing import Any

from routing_core.service.kernel.export_store import LeadExport


def export_document(export: LeadExport, links: Sequence[str]) -> dict[str, Any]:
    """Say how far an export is, ready for JSON; ``links`` open its files, in their order."""
    looked = export.looked_back_to
    return {
        "export": export.id,
        "kind": export.kind.value,
        "asked": dict(export.asked),
        "made_at": export.made_at.isoformat(),
        "leads": export.leads,
        "files": [
            {"leads": file.leads, "url": link}
            for file, link in zip(export.files, links, strict=True)
        ],
        "looked_back_to": looked.isoformat() if looked else None,
        "is_done": export.is_done,
    }

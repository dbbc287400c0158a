"""Files of one lead for machines."""

from collections.abc import Sequence
from typing import Any

from routing_core.domain.lead_file import LeadFile


def files_document(lead: str, files: Sequence[LeadFile]) -> dict[str, Any]:
    """Give the files of a lead, ready for JSON."""
    return {"lead": lead, "files": [file_document(each) for each in files]}


def file_document(file: LeadFile) -> dict[str, Any]:
    """Give one file, without its content, ready for JSON."""
    return {
        "id": file.id,
        "name": file.name,
        "type": file.kind.content_type,
        "size": file.size,
        "at": file.at.isoformat().replace("+00:00", "Z"),
        "by": file.by,
    }

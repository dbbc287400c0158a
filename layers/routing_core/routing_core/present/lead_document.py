"""One lead for machines and for whoever reads with ``curl``: state, contact, timeline in sentences, decisions."""

from dataclasses import asdict
from datetime import datetime
from enum import Enum
from typing import Any

from ..service.views import QueueLeadView
from .reader import Reader
from .timeline import told


def lead_document(view: QueueLeadView) -> dict[str, Any]:
    """JSON-ready. ``timeline``: one moment per fact, in order; ``decisions``: the record of each, by lead version."""
    lead = view.lead
    reader = Reader.at_home(view.programme, view.programme.hq.language, view.now)
    return {
        "lead": _plain(asdict(lead)) | {"reference": lead.reference, "due": _plain(lead.due)},
        "context": _plain(asdict(view.context)),
        "timeline": [
            {
                "at": _plain(row.at),
                "version": row.version,
                "kind": fact.kind,
                "data": dict(fact.data),
                "sentence": told(fact, reader, view.programme, view.partners, lead),
            }
            for row in view.timeline
            for fact in row.facts
        ],
        "decisions": [{"version": row.version, **row.decision} for row in view.timeline if row.decision],
    }


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case Enum():
            return value.value
        case dict():
            return {str(k): _plain(v) for k, v in value.items()}
        case list() | tuple():
            return [_plain(v) for v in value]
        case _:
            return value

"""One lead for machines and for whoever reads with ``curl``: state, contact, timeline and decisions
in sentences.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from enum import Enum
from typing import Any

from routing_core.domain.lead import Context, Lead
from routing_core.present.explain.decision_words import sentences
from routing_core.present.explain.timeline import told
from routing_core.present.locale_context import LocaleContext
from routing_core.service.hq.replay_decisions import Replayed
from routing_core.service.kernel.views import QueueLeadView

INTERNAL = frozenset({"payload_hash", "claims", "as_if", "asked_at_door", "from_client", "marks"})
"""Fields of a lead and its context that only the product uses: digests of who asked, from where and
of what they sent, and what a page says.
"""


def lead_document(view: QueueLeadView) -> dict[str, Any]:
    """JSON-ready. ``timeline``: one moment per fact, in order; ``decisions``: the record of each,
    by lead version.
    """
    lead = view.lead
    reader = LocaleContext.at_home(view.programme, view.programme.hq.language, view.now)
    return {
        "lead": _told(lead) | {"reference": lead.reference, "due": _plain(lead.due)},
        "context": _told(view.context),
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
        "decisions": decisions_document(view),
    }


def decisions_document(
    view: QueueLeadView, replayed: Sequence[Replayed] = ()
) -> list[dict[str, Any]]:
    """JSON-ready, in order: each record with its sentences; and whether it came out the same, if it
    was made again.
    """
    reader = LocaleContext.at_home(view.programme, view.programme.hq.language, view.now)
    again = {
        each.version: {"replay": {"identical": each.identical, "differences": each.differences}}
        for each in replayed
    }
    return [
        {
            "version": row.version,
            "sentences": sentences(row.decision, view.lead, reader, view.programme, view.partners),
            **row.decision,
            **again.get(row.version, {}),
        }
        for row in view.timeline
        if row.decision
    ]


def _told(of: Lead | Context) -> dict[str, Any]:
    return {name: _plain(value) for name, value in asdict(of).items() if name not in INTERNAL}


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

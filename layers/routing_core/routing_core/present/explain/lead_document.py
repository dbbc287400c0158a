"""One lead for machines and for whoever reads with ``curl``.

It has the state, the contact, and the timeline and decisions in sentences.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from enum import Enum
from typing import Any

from routing_core.domain.lead import Context, Lead
from routing_core.domain.offer import Offer
from routing_core.domain.values.extensible import known_fields
from routing_core.present.explain.decision_words import sentences
from routing_core.present.explain.timeline import sentence
from routing_core.present.locale_context import LocaleContext
from routing_core.service.hq.replay_decisions import Replayed
from routing_core.service.kernel.views import QueueLeadView

INTERNAL = frozenset(
    {"payload_hash", "claims", "as_if", "asked_at_door", "from_client", "marks", "files"}
)
"""Fields of a lead and its context that only the product uses.

They are digests of who asked, from where and of what they sent, and what a page says. Files have a
document of their own.
"""

PUBLIC_NAMES: Mapping[str, str] = {"attached_to": "joined_to", "reserves_slot": "holds"}
"""Field of a lead or an offer → its name in the document, where clients know it by an older one."""


def lead_document(view: QueueLeadView) -> dict[str, Any]:
    """Give one lead, ready for JSON.

    ``timeline`` has one moment for each event, in order; ``decisions`` the record of each, by the
    version of the lead.
    """
    lead = view.lead
    fields = _fields(lead)
    fields["offers"] = [_fields(offer) for offer in lead.offers]
    fields["reference"] = lead.reference
    fields["due"] = _plain(lead.due)
    return {
        "lead": fields,
        "context": _fields(view.context),
        "timeline": _timeline(view),
        "decisions": decisions_document(view),
    }


def _timeline(view: QueueLeadView) -> list[dict[str, Any]]:
    locale = _locale(view)
    moments = []
    for row in view.timeline:
        for event in row.events:
            told = sentence(event, locale, view.programme, view.partners, view.lead)
            moments += [
                {
                    "at": _plain(row.at),
                    "version": row.version,
                    "kind": event.kind,
                    "data": event.to_data(),
                    "sentence": told,
                }
            ]
    return moments


def decisions_document(
    view: QueueLeadView, replayed: Sequence[Replayed] = ()
) -> list[dict[str, Any]]:
    """Give the records of a lead's decisions in order, each with its sentences, ready for JSON.

    Of one that was made again (``replayed``) it also says whether it came out the same.
    """
    locale = _locale(view)
    replays = {each.version: each for each in replayed}
    documents = []
    for row in view.timeline:
        if not row.decision:
            continue
        told = sentences(row.decision, view.lead, locale, view.programme, view.partners)
        document = {"version": row.version, "sentences": told, **row.decision}
        replay = replays.get(row.version)
        if replay:
            document["replay"] = {
                "identical": replay.identical,
                "differences": replay.differences,
            }
        documents.append(document)
    return documents


def _locale(view: QueueLeadView) -> LocaleContext:
    return LocaleContext.for_programme(view.programme, view.programme.hq.language, view.now)


def _fields(record: Lead | Offer | Context) -> dict[str, Any]:
    """Give the fields of a record by their public names, without those that are internal."""
    shown = {}
    for name, value in asdict(record, dict_factory=known_fields).items():
        if name not in INTERNAL:
            shown[PUBLIC_NAMES.get(name, name)] = _plain(value)
    return shown


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case Enum():
            return value.value
        case dict():
            return {str(name): _plain(part) for name, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case _:
            return value

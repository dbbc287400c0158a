"""What a list changes of a partner, field by field: what it was, and what it will be."""

from collections.abc import Iterator, Mapping
from typing import Any

from typing_extensions import TypedDict

from routing_core.domain.partner import Partner
from routing_core.formats.partner_document import partner_document

PartnerChange = TypedDict("PartnerChange", {"partner": str, "field": str, "from": Any, "to": Any})
"""``field`` is a path in the partner's document: ``contact.email``, ``absences``."""

_FIELDS_WITH_PARTS = ("contact", "second_contact", "caps")


def partner_changes(before: Partner, after: Partner) -> Iterator[PartnerChange]:
    """Give each field of the document that differs."""
    was = dict(_values(before))
    becomes = dict(_values(after))
    # A part may be there on one side alone: those of a second contact who comes or goes.
    for name in dict.fromkeys((*was, *becomes)):
        if was.get(name) != becomes.get(name):
            yield {
                "partner": before.id,
                "field": name,
                "from": was.get(name),
                "to": becomes.get(name),
            }


def _values(partner: Partner) -> Iterator[tuple[str, Any]]:
    """Give what a list may change of a partner, by path in the document."""
    document = partner_document(partner)
    status = document.pop("status")
    document["confirmed"] = status["confirmed"]
    for name, value in document.items():
        if isinstance(value, Mapping) and name in _FIELDS_WITH_PARTS:
            for part, of_part in value.items():
                yield f"{name}.{part}", of_part
        else:
            yield name, value

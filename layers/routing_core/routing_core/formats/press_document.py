"""Read what is to be done with many leads, as a program says it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from routing_core.domain.errors import InvalidInput, Problem

MOST_LEADS = 100
"""So many leads take part at most."""
LONGEST_LEAD_ID = 64
"""Characters of a lead's id: ours have twenty-five."""
LARGEST_VERSION = 10**9


@dataclass(frozen=True, slots=True)
class PressDocument:
    """One action, and the leads it is for."""

    action: str
    leads: Mapping[str, int | None]
    """The leads, each with the version that was read; None = whichever."""
    partner: str
    text: str


def read_press_document(document: Mapping[str, Any], actions: Collection[str]) -> PressDocument:
    """Read ``{"action", "leads": [{"lead", "version"}], "partner", "text"}``; raises InvalidInput."""
    problems = []
    action = document.get("action")
    if action not in actions:
        problems.append(Problem("action", "unknown_option", f"use one of {', '.join(actions)}"))
    wrong = [name for name in ("partner", "text") if not isinstance(document.get(name, ""), str)]
    problems += [Problem(name, "invalid", "is a text") for name in wrong]
    listed = document.get("leads")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_LEADS:
        problems.append(Problem("leads", "required", f"is a list of 1 to {MOST_LEADS} leads"))
        listed = []
    leads: dict[str, int | None] = {}
    for number, each in enumerate(listed):
        if not _is_lead(each):
            message = 'is an object like {"lead": id, "version": 3}'
            problems.append(Problem(f"leads[{number}]", "invalid", message))
        else:
            leads[each["lead"]] = each.get("version")
    if problems:
        raise InvalidInput(problems)
    return PressDocument(str(action), leads, document.get("partner", ""), document.get("text", ""))


def _is_lead(each: Any) -> bool:
    if not isinstance(each, Mapping):
        return False
    lead, version = each.get("lead"), each.get("version")
    is_id = (
        isinstance(lead, str) and lead.isascii() and lead.isalnum() and len(lead) <= LONGEST_LEAD_ID
    )
    if version is None:
        return is_id
    is_number = isinstance(version, int) and not isinstance(version, bool)
    return is_id and is_number and 0 < version < LARGEST_VERSION

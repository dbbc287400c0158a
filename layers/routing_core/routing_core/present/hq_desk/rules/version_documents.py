"""Versions of the rules as JSON, for the API."""

from datetime import datetime
from typing import Any

from routing_core.domain.rule_version import PlannedRules, RuleVersion
from routing_core.present.hq_desk.rules.difference import programme_difference
from routing_core.service.hq_desk.rule_desk import Comparison, VersionsView


def versions_document(view: VersionsView) -> dict[str, Any]:
    """Make a page of the list of versions; ``before`` asks for the next page, null at the end."""
    listed = [version_document(each, view.number, view.plan) for each in view.versions]
    return {"versions": listed, "in_force": view.number, "before": view.older_than}


def version_document(
    version: RuleVersion, in_force: int, plan: PlannedRules | None
) -> dict[str, Any]:
    """Make what is kept of a version beside the rules."""
    return {
        "version": version.number,
        "state": _state(version, in_force, plan),
        "saved_at": version.saved_at.isoformat(),
        "by": version.by or None,
        "comment": version.comment,
        "starts_at": version.starts_at.isoformat() if version.starts_at else None,
        "back_to": version.back_to or None,
    }


def _state(version: RuleVersion, in_force: int, plan: PlannedRules | None) -> str:
    if version.number == in_force:
        return "in_force"
    if plan and plan.number == version.number:
        return "planned"
    return "called_off" if version.called_off else "earlier"


def difference_document(told: Comparison, language: str, now: datetime) -> dict[str, Any]:
    """Make what changed between two versions, in sentences."""
    changes = programme_difference(told.before, told.after, language, now)
    return {
        "from": told.older.number,
        "to": told.newer.number,
        "changes": [
            {
                "key": each.key,
                "section": each.section,
                "about": each.under,
                "was": each.was or None,
                "is": each.is_now or None,
            }
            for each in changes
        ],
    }

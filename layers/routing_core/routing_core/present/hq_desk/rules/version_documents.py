"""Versions of the rules as JSON, for the API."""

from datetime import datetime
from typing import Any

from routing_core.domain.programme.programme import Programme
from routing_core.domain.rule_version import PlannedRules, RulesChanged, RuleVersion
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


def rules_changed_document(changed: RulesChanged, language: str, now: datetime) -> dict[str, Any]:
    """Make what was saved by whom since somebody read the rules, and what it changed."""
    told: dict[str, Any] = {"version": changed.version, "saved": [], "changes": []}
    if changed.before is None or changed.after is None:
        return told
    told["saved"] = [
        {
            "version": each.number,
            "at": each.saved_at.isoformat(),
            "by": each.by,
            "comment": each.comment,
        }
        for each in changed.since
    ]
    told["changes"] = _sentences(changed.before, changed.after, language, now)
    return told


def difference_document(told: Comparison, language: str, now: datetime) -> dict[str, Any]:
    """Make what changed between two versions, in sentences."""
    return {
        "from": told.older.number,
        "to": told.newer.number,
        "changes": _sentences(told.before, told.after, language, now),
    }


def _sentences(
    before: Programme, after: Programme, language: str, now: datetime
) -> list[dict[str, Any]]:
    return [
        {
            "key": each.key,
            "section": each.section,
            "about": each.under,
            "was": each.was or None,
            "is": each.is_now or None,
        }
        for each in programme_difference(before, after, language, now)
    ]

"""Save rules so that nothing of theirs is lost: their text, and a plan that waits for its time."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from routing_core.domain.errors import Conflict, NotFound
from routing_core.domain.programme.merging import BothChanged, merged_documents
from routing_core.domain.programme.programme import Programme
from routing_core.domain.rule_version import (
    AT_ONCE,
    NewPlan,
    PlannedRules,
    RuleEdition,
    RulesChanged,
)
from routing_core.formats.yaml_following import yaml_following
from routing_core.service.kernel.ports import RuleBook

MOST_VERSIONS_TOLD = 20
"""Whoever saves over versions they have not read is told of so many of them."""


class PlanDiffers(Conflict):
    """A version that waits for its time changes the same: it would undo what is saved now."""

    def __init__(self, plan: PlannedRules, path: str):
        self.plan = plan
        self.path = path
        super().__init__(
            f"version {plan.number} is planned for {plan.starts_at:%Y-%m-%d %H:%M} UTC and changes "
            f"{path} too: call it off first"
        )


def rules_changed(rules: RuleBook, seen: int) -> RulesChanged:
    """Give the refusal that tells what was saved since a version was read."""
    number, programme = rules.programme()
    try:
        before = rules.programme_version(seen)
    except NotFound:
        return RulesChanged(number, programme)
    newest = rules.versions(before=number + 1, limit=MOST_VERSIONS_TOLD)
    since = [each for each in newest if each.number > seen]
    return RulesChanged(number, programme, before, since)


def save_rules(
    rules: RuleBook,
    programme: Programme,
    now: datetime,
    replaces: int,
    edition: RuleEdition = AT_ONCE,
) -> int:
    """Save a programme made of the version it ``replaces`` (0 = of none), and give its number.

    The text follows the rules where the author wrote none. What a plan changes stays planned, and
    what is saved now is made in the plan too. Raises VersionConflict, PlanDiffers or InvalidInput.
    """
    before = rules.programme_version(replaces) if replaces else None
    if before and not edition.text:
        text = rules.programme_text(replaces)
        edition = replace(edition, text=_following(text, programme))
    elif edition.text:
        edition = replace(edition, text=_following(edition.text, programme))
    carried = None
    plan = rules.planned()
    # A plan that is made anew takes the place of the one before: nothing of that is wanted.
    if plan and before and not edition.starts_at:
        carried = _carried(rules, plan, before, programme)
    return rules.save_programme(programme, now, replaces, edition, carried)


def _following(text: str, programme: Programme) -> str:
    return yaml_following(text, programme) if text else ""


def _carried(rules: RuleBook, plan: PlannedRules, before: Programme, after: Programme) -> NewPlan:
    """Make what was changed in the rules in force in the plan too."""
    planned = _document(rules.programme_version(plan.number))
    ours, base = _document(after), _document(before)
    # Holidays are written on by a machine, in both; the plan's own are those of its region.
    for each in (ours, base):
        each["calendar"]["holidays"] = planned["calendar"]["holidays"]
    try:
        merged = Programme.model_validate(merged_documents(base, ours, planned))
    except BothChanged as error:
        raise PlanDiffers(plan, error.path) from error
    (noted,) = rules.versions(before=plan.number + 1, limit=1)
    text = _following(rules.programme_text(plan.number), merged)
    edition = RuleEdition(noted.by, noted.comment, text, plan.starts_at)
    return NewPlan(plan, merged, edition)


def _document(programme: Programme) -> dict[str, Any]:
    return programme.model_dump(mode="json", by_alias=True)

"""The rules on HQ's desk: what is in force, every version, and what changes one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from routing_core.domain.errors import InvalidInput, NotFound, Problem, VersionConflict
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.programme.programme import Programme
from routing_core.domain.rule_version import PlannedRules, RuleEdition, RuleVersion
from routing_core.service.hq.save_programme import Saved, save_programme
from routing_core.service.kernel.read_model import ReadModel
from routing_core.service.kernel.rule_drafts import RuleDrafts
from routing_core.service.kernel.services import Services

VERSIONS_A_PAGE = 30
LONGEST_COMMENT = 300
"""Letters of what an author says about a version."""
FARTHEST_PLAN = timedelta(days=366)
"""A version is planned for a year ahead at most, which is as far as calendars know holidays."""


@dataclass(frozen=True, slots=True)
class RuleDesk:
    """What the pages of the rules work with, for one person at HQ."""

    services: Services
    drafts: RuleDrafts
    read_model: ReadModel
    person: HqPerson


@dataclass(frozen=True, slots=True)
class RulesView:
    """The rules in force, as their page shows them."""

    number: int
    programme: Programme
    version: RuleVersion
    plan: PlannedRules | None
    """The version that waits for its time."""


@dataclass(frozen=True, slots=True)
class VersionsView:
    """One page of the list of versions, the newest first."""

    versions: tuple[RuleVersion, ...]
    number: int
    """The version in force."""
    plan: PlannedRules | None
    older_than: int | None
    """The next page begins below this number; None = this is the last one."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions, of which the difference is told."""

    before: Programme
    after: Programme
    older: RuleVersion
    newer: RuleVersion


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What somebody wants to put in force, now or at an instant."""

    document: Mapping[str, Any]
    replaces: int
    """It was made of this version: of a later one, what that changed would be lost."""
    text: str = ""
    """The YAML as it was typed; empty where only values were."""
    comment: str = ""
    starts_at: datetime | None = None


def view_rules(services: Services) -> RulesView:
    """Give the rules in force with who made them; raises NotFound while there are none."""
    number, programme = services.rules.programme()
    return RulesView(number, programme, rule_version(services, number), services.rules.planned())


def view_versions(services: Services, before: int | None = None) -> VersionsView:
    """List the versions below a number; without one, the newest."""
    number, _ = services.rules.programme()
    found = services.rules.versions(before, VERSIONS_A_PAGE)
    older_than = found[-1].number if found and found[-1].number > 1 else None
    return VersionsView(found, number, services.rules.planned(), older_than)


def rule_version(services: Services, number: int) -> RuleVersion:
    """Give what is kept of a version beside the rules; raises NotFound."""
    for version in services.rules.versions(number + 1, 1):
        if version.number == number:
            return version
    raise NotFound(f"there is no version {number} of the programme")


def compare_versions(services: Services, older: int, newer: int) -> Comparison:
    """Give two versions to be compared; raises NotFound for one that there is not."""
    rules = services.rules
    return Comparison(
        rules.programme_version(older),
        rules.programme_version(newer),
        rule_version(services, older),
        rule_version(services, newer),
    )


# ── changing them ─────────────────────────────────────────────────────────────────────────────────


def keep_rules(desk: RuleDesk, change: RuleChange, now: datetime) -> Saved:
    """Put rules in force, or plan them, as whoever has signed in.

    Raises NotAllowed, InvalidInput, PlanDiffers, or VersionConflict if others were saved since.
    """
    desk.person.need(Right.CHANGE_RULES)
    check_edition(change.comment, change.starts_at, now)
    edition = RuleEdition(desk.person.actor, change.comment, change.text, change.starts_at)
    return save_programme(desk.services, change.document, now, edition, change.replaces)


def saved_before(desk: RuleDesk, proposal: Programme) -> Saved | None:
    """Give what is in force, if it is just what whoever has signed in wants, and their own doing.

    So a button that is pressed again says what it has done where its answer was lost.
    """
    number, programme = desk.services.rules.programme()
    is_same = programme.model_dump() == proposal.model_dump()
    if not is_same or rule_version(desk.services, number).by != desk.person.actor:
        return None
    return Saved(number, programme, ())


def roll_back(desk: RuleDesk, number: int, replaces: int, now: datetime) -> Saved:
    """Put an earlier version in force again, as a new one, as whoever has signed in.

    Pressed again it tells what it has done. Raises what ``keep_rules`` does; InvalidInput where
    today's checks do not take it any more.
    """
    desk.person.need(Right.CHANGE_RULES)
    try:
        return restore_version(desk.services, desk.person.actor, number, now, replaces)
    except VersionConflict:
        in_force, programme = desk.services.rules.programme()
        noted = rule_version(desk.services, in_force)
        if (noted.back_to, noted.by) != (number, desk.person.actor):
            raise
        return Saved(in_force, programme, ())


def restore_version(
    services: Services, by: str, number: int, now: datetime, replaces: int | None = None
) -> Saved:
    """Put an earlier version in force again, as a new one; raises NotFound or InvalidInput."""
    rules = services.rules
    document = rules.programme_version(number).model_dump(mode="json", by_alias=True)
    edition = RuleEdition(by, text=rules.programme_text(number), back_to=number)
    return save_programme(services, document, now, edition, replaces)


def call_off_plan(desk: RuleDesk, number: int, now: datetime) -> None:
    """Call off a version before its time. Raises NotAllowed, or NotFound if it does not wait."""
    desk.person.need(Right.CHANGE_RULES)
    call_off_version(desk.services, desk.person.actor, number, now)


def call_off_version(services: Services, by: str, number: int, now: datetime) -> None:
    """Call off a version before its time, and note it. Raises NotFound if it does not wait."""
    services.rules.call_off(number, now, by)


def check_edition(comment: str, starts_at: datetime | None, now: datetime) -> None:
    """Raise InvalidInput for a comment that is too long, or an instant that cannot be planned."""
    problems = []
    if len(comment) > LONGEST_COMMENT:
        message = f"is too long: at most {LONGEST_COMMENT} characters"
        problems.append(Problem("comment", "too_long", message))
    if starts_at and starts_at <= now:
        problems.append(Problem("starts_at", "past_day", "must be in the future"))
    if starts_at and starts_at > now + FARTHEST_PLAN:
        problems.append(Problem("starts_at", "too_far_ahead", "must be within a year"))
    if problems:
        raise InvalidInput(problems)

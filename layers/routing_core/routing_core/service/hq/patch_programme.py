"""Some settings of the rules are changed by themselves, as a JSON Merge Patch names them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from routing_core.domain.checks.programme_warnings import programme_warnings
from routing_core.domain.rule_version import RuleEdition
from routing_core.formats.merge_patch import merge_patch
from routing_core.service.hq.save_programme import Saved, checked, save_programme
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.rule_saving import rules_changed
from routing_core.service.kernel.services import Services


@dataclass(frozen=True, slots=True)
class RulePatch:
    """What is to be changed of the rules, and how that is saved."""

    patch: Mapping[str, Any]
    """A JSON Merge Patch of the programme's document."""
    edition: RuleEdition
    seen: int | None = None
    """The version that was read; None = whichever is in force."""
    dry_run: bool = False
    """The change is checked, and nothing is saved."""


def patch_programme(services: Services, change: RulePatch, now: datetime) -> Saved:
    """Change some settings of the rules in force, now or at the instant of the edition.

    What others save in between is never undone. Raises InvalidInput with the path of every error,
    RulesChanged if another version is in force than was read, VersionConflict or PlanDiffers.
    """
    if change.seen is None:
        return retry_on_conflict(lambda _: _patched(services, change, now))
    return _patched(services, change, now)


def _patched(services: Services, change: RulePatch, now: datetime) -> Saved:
    # What was saved in the last seconds, another instance may have done.
    services.rules.look_again()
    number, programme = services.rules.programme()
    if change.seen not in (None, number):
        raise rules_changed(services.rules, change.seen or 0)
    document = merge_patch(programme.model_dump(mode="json", by_alias=True), change.patch)
    if change.dry_run:
        proposal = checked(services, document, now)
        return Saved(number, proposal, tuple(programme_warnings(proposal)))
    return save_programme(services, document, now, change.edition, number)

"""HQ's rules: read, checked, completed with holidays, rehearsed, saved as the next version."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from routing_core.domain.activity import ActivityKind, NotedAct
from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.checks.programme_warnings import programme_warnings
from routing_core.domain.checks.public_holidays import with_public_holidays
from routing_core.domain.errors import InvalidInput, NotFound, Problem
from routing_core.domain.hq_access import all_ended
from routing_core.domain.hq_people import hq_people
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.rule_version import AT_ONCE, RuleEdition
from routing_core.domain.values.sentence import worded
from routing_core.routing.index.network import Network
from routing_core.routing.report.programme_fit import misfits
from routing_core.service.hq.rehearsal import rehearse
from routing_core.service.kernel.hq_access_book import change_access
from routing_core.service.kernel.rule_saving import rules_changed, save_rules
from routing_core.service.kernel.services import Services


@dataclass(frozen=True, slots=True)
class Saved:
    """What was saved, and what to think about."""

    version: int
    programme: Programme
    warnings: tuple[str, ...]
    """What is allowed but probably not meant, by itself and with the partners there are."""


def save_programme(
    services: Services,
    document: Mapping[str, Any],
    now: datetime,
    edition: RuleEdition = AT_ONCE,
    replaces: int | None = None,
) -> Saved:
    """Save the rules as the next version, in force at once or at the instant of the edition.

    ``replaces`` is the version they were made of; None = whatever is in force. Raises InvalidInput
    with the path of every error, RulesChanged if another version is in force by now,
    VersionConflict if somebody saves in this very moment, or PlanDiffers.
    """
    programme = checked(services, document, now)
    # Who lost their address in the last seconds, another instance may have saved.
    services.rules.look_again()
    in_force, previous = _in_force(services)
    if replaces not in (None, in_force):
        raise rules_changed(services.rules, replaces or 0)
    if previous:
        programme = _with_links_kept(programme, previous)
    network = with_rules(services.rules.network(), programme, {})
    doubtful = misfits(programme, network, now, services.leads.loads)
    warnings = (*programme_warnings(programme), *doubtful)
    # Whom a version leaves out that waits for its time, comes in until then.
    if previous and edition.starts_at is None:
        _end_access_of_others(services, programme, previous)
    saved = NotedAct(ActivityKind.RULES_SAVED, detail=_how(edition))
    edition = replace(edition, acts=(saved, *edition.acts))
    version = save_rules(services.rules, programme, now, in_force, edition)
    return Saved(version, programme, warnings)


def _how(edition: RuleEdition) -> str:
    """Say whether the version waits for its time, or is an earlier one again."""
    if edition.starts_at:
        return f"planned {edition.starts_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
    return f"back to {edition.back_to}" if edition.back_to else ""


def _in_force(services: Services) -> tuple[int, Programme | None]:
    """Give the version in force and its number: 0 and None while there is none."""
    try:
        return services.rules.programme()
    except NotFound:
        return 0, None


def _with_links_kept(programme: Programme, previous: Programme) -> Programme:
    """Let the generation of everybody's links stand: lowered, it would bring ended ones back."""
    links = max(previous.hq.links, programme.hq.links)
    return programme.model_copy(update={"hq": programme.hq.model_copy(update={"links": links})})


def _end_access_of_others(services: Services, programme: Programme, previous: Programme) -> None:
    """End links and devices of whoever is in the rules no more, and of whoever comes (back) in.

    It is done before the rules are saved. Should saving them fail, somebody who is still there has
    to sign in again, and nobody who is gone could come in. Whom a planned version took out of the
    rules in the meantime begins anew like anybody else.
    """
    there = {person.id for person in hq_people(programme)}
    were_there = {person.id for person in hq_people(previous)}
    for person in sorted(there ^ were_there):
        change_access(services.hq_access, person, all_ended)


def with_rules(network: Network, programme: Programme, partners: Mapping[str, Partner]) -> Network:
    """Give the network as it would be under this programme.

    These partners stand in place of those with their ids, or beside them.
    """
    areas = {name: area.geojson for name, area in programme.areas.items()}
    if not partners and network.regions == programme.regions and network.areas == areas:
        return network
    everybody = {**network.partners, **partners}
    return Network.compile(
        f"{network.version} tried", everybody.values(), programme.regions, network.places, areas
    )


def checked(services: Services, document: Mapping[str, Any], now: datetime) -> Programme:
    """Read a programme, complete with holidays and fit to be saved, or raise InvalidInput."""
    programme = with_public_holidays(read_programme(document), now.date())
    broken = rehearse(programme, now)
    if broken:
        raise InvalidInput(broken)
    backup = programme.fallback.backup_partner
    if backup and services.partners.get(backup) is None and _has_partners(services):
        english = "there is no partner {partner}: name one of the network, or leave it out"
        message = worded("no_backup_partner", english, partner=backup)
        raise InvalidInput([Problem("fallback.backup_partner", "unknown_option", message)])
    return programme


def _has_partners(services: Services) -> bool:
    # Before there are any, rules may name the backup that is to be imported next.
    return bool(services.rules.network().partners)

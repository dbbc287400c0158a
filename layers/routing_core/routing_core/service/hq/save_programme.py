"""HQ's rules: read, checked, completed with holidays, rehearsed, saved as the next version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.checks.programme_warnings import programme_warnings
from routing_core.domain.checks.public_holidays import with_public_holidays
from routing_core.domain.errors import InvalidInput, NotFound, Problem
from routing_core.domain.hq_people import hq_people
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.routing.index.network import Network
from routing_core.routing.report.programme_fit import misfits
from routing_core.service.hq.rehearsal import rehearse
from routing_core.service.kernel.services import Services


@dataclass(frozen=True, slots=True)
class Saved:
    version: int
    programme: Programme
    warnings: tuple[str, ...]
    """What is allowed but probably not meant, by itself and with the partners there are."""


def save_programme(services: Services, document: Mapping[str, Any], now: datetime) -> Saved:
    """Raises InvalidInput with the path of every error, or VersionConflict."""
    programme = checked(services, document, now)
    # who lost their address in the last seconds, another instance may have saved
    services.rules.look_again()
    replaces, programme = _with_links_ended(services, programme)
    network = with_rules(services.rules.network(), programme, {})
    said = (*programme_warnings(programme), *misfits(programme, network, now, services.leads.loads))
    return Saved(services.rules.save_programme(programme, now, replaces), programme, said)


def _with_links_ended(services: Services, programme: Programme) -> tuple[int, Programme]:
    """Ends all links to HQ's queue if somebody there lost their address: an address that comes back
    needs a new one.

    Everybody who is still there has a fresh link mailed by the button on an old one. A generation
    is never lowered, for that would bring links back to life. Comes with the version it replaces: 0
    = these are the first rules.
    """
    try:
        version, previous = services.rules.programme()
    except NotFound:
        return 0, programme
    gone = {person.id for person in hq_people(previous)} - {
        person.id for person in hq_people(programme)
    }
    links = previous.hq.links + 1 if gone else previous.hq.links
    hq = programme.hq.model_copy(update={"links": max(links, programme.hq.links)})
    return version, programme.model_copy(update={"hq": hq})


def with_rules(network: Network, programme: Programme, partners: Mapping[str, Partner]) -> Network:
    """The network as it would be under this programme, with these partners in place of theirs or
    beside them.
    """
    areas = {name: area.geojson for name, area in programme.areas.items()}
    if not partners and network.regions == programme.regions and network.areas == areas:
        return network
    everybody = {**network.partners, **partners}
    return Network.compile(
        f"{network.version} tried", everybody.values(), programme.regions, network.places, areas
    )


def checked(services: Services, document: Mapping[str, Any], now: datetime) -> Programme:
    """Complete with holidays, and fit to be saved; raises InvalidInput."""
    programme = with_public_holidays(read_programme(document), now.date())
    if broken := rehearse(programme, now):
        raise InvalidInput(broken)
    backup = programme.fallback.backup_partner
    if (
        backup
        and services.partners.get(backup) is None
        and any(True for _ in services.partners.all())
    ):
        message = f"there is no partner {backup}: name one of the network, or leave it out"
        raise InvalidInput([Problem("fallback.backup_partner", "unknown_option", message)])
    return programme

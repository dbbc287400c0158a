"""Where nobody is left to be asked once a partner is paused, so that HQ hears of it at once."""

from collections.abc import Mapping
from datetime import datetime

from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.routing.report.coverage import Kind
from routing_core.routing.report.survey import cover
from routing_core.service.kernel.services import Services


def left_alone(
    services: Services, partner: Partner, now: datetime
) -> Mapping[str, tuple[str, ...]]:
    """Product → the areas (``DE 97*``) in which nobody can be asked for it while this partner is
    paused, not even the programme's backup partner.
    """
    programme, network = services.programme, services.rules.network()
    coverage = cover(programme, network, now, services.leads.loads(tuple(network.partners)))
    found: dict[str, dict[str, None]] = {}
    for spot in coverage.of(Kind.GAP):
        if spot.backup:
            continue
        if any(out.partner == partner.id and out.away for out in spot.kept_out):
            found.setdefault(spot.product, {})[spot.area] = None
    return {product: tuple(areas) for product, areas in found.items()}


def stands_in_for_others(services: Services, partner: Partner, programme: Programme) -> bool:
    """Whether the partner is a backup: the programme's, that of a place, or another partner's."""
    if partner.id == programme.fallback.backup_partner:
        return True
    if any(territory.backup for territory in partner.territories):
        return True
    return any(other.backup == partner.id for other in services.rules.network().partners.values())

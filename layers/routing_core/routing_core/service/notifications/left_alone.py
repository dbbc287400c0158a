"""Finds where nobody is left to be asked once a partner is paused.

So HQ hears of it at once.
"""

from collections.abc import Mapping
from datetime import datetime

from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.routing.report.coverage import Finding, FindingKind
from routing_core.routing.report.survey import survey_coverage
from routing_core.service.kernel.services import Services


def left_alone(
    services: Services, partner: Partner, now: datetime
) -> Mapping[str, tuple[str, ...]]:
    """Give by product the areas (``DE 97*``) that are left alone.

    Nobody can be asked there for it while this partner is paused. Where the programme's backup
    partner is asked, somebody can be.
    """
    network = services.rules.network()
    loads = services.leads.loads(tuple(network.partners))
    report = survey_coverage(services.programme, network, now, loads)
    found: dict[str, dict[str, None]] = {}
    for gap in report.of(FindingKind.GAP):
        # Where the programme's backup partner is asked, somebody is.
        if not gap.backup and _would_serve(partner, gap):
            found.setdefault(gap.product, {})[gap.area] = None
    return {product: tuple(areas) for product, areas in found.items()}


def _would_serve(partner: Partner, gap: Finding) -> bool:
    return any(out.partner == partner.id and out.away for out in gap.kept_out)


def stands_in_for_others(services: Services, partner: Partner, programme: Programme) -> bool:
    """Tell whether the partner is a backup.

    It may be the programme's, that of a place, or another partner's.
    """
    if partner.id == programme.fallback.backup_partner:
        return True
    if any(territory.backup for territory in partner.territories):
        return True
    return any(other.backup == partner.id for other in services.rules.network().partners.values())

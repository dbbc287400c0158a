"""HQ asks where the network has gaps: today, by the rules and the partners in force."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from routing_core.domain.hq_people import Right
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.routing.report.coverage import Coverage
from routing_core.routing.report.survey import cover
from routing_core.service.kernel.services import Services
from routing_core.service.notifications.hq_access import open_hq


@dataclass(frozen=True, slots=True)
class NetworkCoverageView:
    """``url`` is the page's own address."""

    programme: Programme
    partners: Mapping[str, Partner]
    coverage: Coverage
    url: str = ""
    back_url: str = ""
    may_export: bool = False


def check_coverage(services: Services, now: datetime) -> NetworkCoverageView:
    programme, network = services.programme, services.rules.network()
    coverage = cover(programme, network, now, services.leads.loads(tuple(network.partners)))
    return NetworkCoverageView(programme, network.partners, coverage)


def view_coverage(
    services: Services, token: str, now: datetime, *, export: bool = False
) -> NetworkCoverageView:
    """Behind the link to the queue. Raises LinkRefused, or NotAllowed for an ``export`` without the
    right to.
    """
    reader = open_hq(services, token, now)
    if export:
        reader.need(Right.EXPORT)
    view = replace(check_coverage(services, now), url=f"{reader.url}/coverage", back_url=reader.url)
    return replace(view, may_export=reader.person.may(Right.EXPORT))

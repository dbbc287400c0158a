"""HQ asks where the network has gaps: today, by the rules and the partners in force."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from routing_core.domain.activity import ActivityKind
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.routing.report.coverage import CoverageReport
from routing_core.routing.report.survey import survey_coverage
from routing_core.service.hq.note_activity import note_list
from routing_core.service.kernel.services import Services
from routing_core.service.notifications.hq_access import open_hq


@dataclass(frozen=True, slots=True)
class NetworkCoverageView:
    """What the page and the tables of the report are made from."""

    programme: Programme
    """Holds the rules in force."""
    partners: Mapping[str, Partner]
    """Gives the partners by id."""
    coverage: CoverageReport
    """Says what was found."""
    url: str = ""
    """Gives the page's own address."""
    back_url: str = ""
    """Gives the address of HQ's queue."""
    may_export: bool = False
    """Tells whether the reader may take the table with them."""


def check_coverage(services: Services, now: datetime) -> NetworkCoverageView:
    """Survey the network in force."""
    programme = services.programme
    network = services.rules.network()
    loads = services.leads.loads(tuple(network.partners))
    return NetworkCoverageView(
        programme, network.partners, survey_coverage(programme, network, now, loads)
    )


def export_coverage(services: Services, person: HqPerson, now: datetime) -> NetworkCoverageView:
    """Survey the network for a table that somebody takes away, and note it.

    Raises NotAllowed.
    """
    person.need(Right.EXPORT)
    view = check_coverage(services, now)
    counts = {"rows": len(view.coverage.findings)}
    note_list(services, ActivityKind.COVERAGE_EXPORTED, person.actor, now, counts)
    return view


def view_coverage(services: Services, token: str, now: datetime) -> NetworkCoverageView:
    """Survey the network for whoever has the link to the queue. Raises LinkRefused."""
    reader = open_hq(services, token, now)
    return replace(
        check_coverage(services, now),
        url=f"{reader.url}/coverage",
        back_url=reader.url,
        may_export=reader.person.may(Right.EXPORT),
    )

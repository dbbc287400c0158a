"""Says of every postcode that HQ's list of places knows how well it is covered, for a map.

The report (``survey``) puts neighbours together and names them; a map shows each place by itself.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from routing_core.domain.enquiry.location import region_of
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.gazetteer import Point
from routing_core.routing.decide.situation import LoadsByPartner
from routing_core.routing.index.network import Network
from routing_core.routing.report.cells import Cell
from routing_core.routing.report.coverage import FindingKind
from routing_core.routing.report.covered_cells import (
    CoveredCell,
    StandingThere,
    covered_cell,
    decided_by_place,
)
from routing_core.routing.report.survey import Survey, demands_by_country
from routing_core.routing.report.verdicts import Judge


class MapQuestion(NamedTuple):
    """What the map is asked to show."""

    country: str
    """Names the country that is drawn."""
    product: str
    """Names the product that somebody asks for."""
    urgency: str = ""
    """Names how urgent it is to them; empty: the worst of all urgencies is shown."""


class SurveyedPlace(NamedTuple):
    """A postcode on the map."""

    postcode: str
    """Writes the postcode as HQ's list does."""
    point: Point
    """Says where it is."""
    kind: FindingKind | None
    """Says how well it is covered; None: one partner comes first and others after."""
    partners: int
    """Counts the partners whose territory it lies in."""


def survey_places(
    programme: Programme,
    network: Network,
    now: datetime,
    loads: LoadsByPartner,
    question: MapQuestion,
) -> Iterator[SurveyedPlace]:
    """Yield every postcode of the country that HQ's list knows, in the list's order.

    There is none where no form asks for that in the country, or the list is empty.
    """
    demands = tuple(
        demand
        for demand in demands_by_country(programme, question.product).get(question.country, ())
        if question.urgency in ("", demand.urgency)
    )
    if not demands:
        return
    judge = Judge(programme, network, now, loads)
    survey = Survey(programme, network, judge)
    criteria = decided_by_place(judge.policy.order)
    start = f"{question.country} "
    # Thousands of postcodes are covered alike: what is said of one is said of all.
    known: dict[tuple[str, frozenset[tuple[str, StandingThere]]], FindingKind | None] = {}
    for name, point in network.places:
        if not name.startswith(start):
            continue
        code = name.removeprefix(start)
        covered = _covered_place(
            programme, network, Cell(question.country, code, code, (), code), criteria
        )
        alike = (covered.region, covered.standings)
        if alike not in known:
            known[alike] = survey.worst_at(covered, question.product, demands)
        yield SurveyedPlace(code, point, known[alike], len(covered.names))


def _covered_place(
    programme: Programme, network: Network, place: Cell, criteria: list[str]
) -> CoveredCell:
    region = region_of(programme, place.country, place.postcode)
    return covered_cell(network, place, region, criteria)

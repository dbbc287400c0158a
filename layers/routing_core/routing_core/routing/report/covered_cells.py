"""Finds who covers which cell of a country, and where each of them comes there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, groupby, takewhile
from typing import NamedTuple

from routing_core.domain.checks.extents import region_entries
from routing_core.domain.enquiry.location import region_of
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.gazetteer import Point
from routing_core.domain.territory.postcodes import numbers
from routing_core.domain.territory.states import postal_country
from routing_core.domain.territory.territory import Territory, TerritoryKind
from routing_core.routing.index.network import Network
from routing_core.routing.report.cells import Cell, cut_into_cells

StandingThere = tuple[float, ...]
"""Says where a partner comes at a place, whatever is asked: the least first."""
BY_ENQUIRY = ("served_before", "preferred")
"""Names the criteria of which a place says nothing."""
BY_PLACE = ("territory", "rank", "tier")
"""Names the criteria that are the same for every enquiry from a place."""


class CoveredCell(NamedTuple):
    """A cell with everybody who covers it, and where each of them comes in the order."""

    cell: Cell
    region: str
    """Names the programme's region around it; empty if none is."""
    names: frozenset[str]
    """Names the partners who cover it."""
    standings: frozenset[tuple[str, StandingThere]]
    """Says where each of them comes."""


def covered_cells(
    programme: Programme, network: Network, country: str, order: Iterable[str]
) -> list[CoveredCell]:
    """Cut a country into cells, and find who covers each.

    ``order`` names the programme's ranking criteria.
    """
    territories = _territories(programme, network, country)
    criteria = decided_by_place(order)
    found: list[CoveredCell] = []
    for cell in cut_into_cells(country, territories, _measured_codes(network, country)):
        region = region_of(programme, country, cell.postcode)
        found.append(covered_cell(network, cell, region, criteria))
    # Only numbers have an order in which one cell is the next one's neighbour.
    return list(_joined(found)) if numbers(country) else found


def decided_by_place(order: Iterable[str]) -> list[str]:
    """Give the criteria with which the order begins, as far as a place decides them.

    They are the same for every enquiry from there.
    """
    of_place = [name for name in order if name not in BY_ENQUIRY]
    return list(takewhile(lambda name: name in BY_PLACE, of_place))


def covered_cell(network: Network, cell: Cell, region: str, criteria: Sequence[str]) -> CoveredCell:
    """Find who covers a cell, and where each of them comes by the criteria that places decide."""
    standings: dict[str, StandingThere] = {}
    for posting in network.covering_postings(cell.country, cell.postcode):
        standings[network.partner(posting).id] = _standing_there(network, posting, criteria)
    return CoveredCell(cell, region, frozenset(standings), frozenset(standings.items()))


def _standing_there(network: Network, posting: int, criteria: Sequence[str]) -> StandingThere:
    """Say where a partner comes; whoever is a backup there comes after all others."""
    entry = network.territory(posting)
    by_place: Mapping[str, float] = {
        "territory": -network.specificity(posting),
        "rank": entry.rank,
        "tier": network.partner(posting).tier,
    }
    return (float(entry.backup), *(by_place[name] for name in criteria))


def _joined(cells: Iterable[CoveredCell]) -> Iterator[CoveredCell]:
    """Make neighbours with the same region, the same partners and the same standings one."""
    for _, run in groupby(cells, key=lambda covered: covered[1:]):
        first, *others = run
        end = others[-1].cell if others else first.cell
        yield first._replace(cell=first.cell._replace(last=end.last))


def _measured_codes(network: Network, country: str) -> list[str]:
    """Give the patterns of postcodes that have borders of their own.

    Those are within a distance or outline, or elsewhere than what they begin with; any other is
    covered as its neighbours are.
    """
    if not network.shapes:
        return []
    start = f"{country} "
    there: dict[str, Point] = {}
    for name, point in network.places:
        if name.startswith(start):
            there[name.removeprefix(start)] = point
    within = network.within(country)
    inside = {code for code, point in there.items() if within(point)}
    return [f"{code}*" for code in there if not inside.isdisjoint(accumulate(code))]


def _territories(programme: Programme, network: Network, country: str) -> list[Territory]:
    """Give every entry whose borders matter in the country.

    They are those of partners, and of the programme's regions.
    """
    found: dict[Territory, None] = {}
    for partner in network.partners.values():
        for territory in partner.territories:
            if territory.reach is not TerritoryKind.REGION:
                found[territory] = None
            elif territory.value in network.regions:
                found.update(dict.fromkeys(region_entries(network.regions[territory.value])))
    for region in programme.regions.values():
        found.update(dict.fromkeys(region_entries(region)))
    postal = postal_country(country)
    return [territory for territory in found if territory.country == postal]

"""How far a partner reaches: how many postcodes it covers, and with whom it shares them.

Counted are the postcodes of HQ's own list of places. Of a country without such a list, whose
postcodes are numbers, all that there may be are counted instead, cell by cell (``cells``); where
they have letters, nothing is.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from routing_core.domain.checks.extents import region_entries
from routing_core.domain.partner import Partner
from routing_core.domain.territory import postcodes
from routing_core.domain.territory.states import postal_country
from routing_core.domain.territory.territory import Territory, TerritoryKind
from routing_core.routing.index.network import Network
from routing_core.routing.report.cells import cut_into_cells

OVERLAPS_TOLD = 8
"""Partners with whom somebody shares most are named up to so many."""
_TOP = "\uffff"


@dataclass(frozen=True, slots=True)
class CountryReach:
    """What a partner covers of one country."""

    country: str
    postcodes: int | None
    """Counts the postcodes covered; None where nobody can count them."""
    known: bool
    """Tells whether they were counted in HQ's list, and not among all numbers there may be."""
    all: int = 0
    """Counts the postcodes of that list."""


@dataclass(frozen=True, slots=True)
class SharedArea:
    """Another partner who offers one of the same products in some of the same places."""

    partner: str
    name: str
    postcodes: int


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a partner reaches."""

    countries: tuple[CountryReach, ...]
    shared: tuple[SharedArea, ...] = ()
    """Those with whom most is shared come first."""
    shared_with: int = 0
    """Counts all with whom anything is shared."""
    unresolved: tuple[str, ...] = ()
    """Entries that cover nothing: an unknown region or area, a radius around an unknown place."""


def reach_of(partner: Partner, network: Network, form_countries: Iterable[str]) -> Reach:
    """Say how far a partner reaches with the profile given, whatever is saved of it.

    ``form_countries`` are those in which the programme's forms ask: for whoever covers the world.
    """
    alone = Network.compile(
        "", [replace(partner, deactivated=False)], network.regions, network.places, network.areas
    )
    countries = _countries(partner, network, form_countries)
    found: list[CountryReach] = []
    sharing: Counter[int] = Counter()
    for country in countries:
        codes = known_codes(network, country)
        counted = _known(alone, country, codes) if codes else _numbers(alone, network, country)
        covered = sum(weight for _, weight in counted) if counted is not None else None
        found.append(CountryReach(country, covered, bool(codes), len(codes)))
        for code, weight in counted or ():
            for ordinal in _ordinals(network, country, code):
                sharing[ordinal] += weight
    shared = list(_shared(partner, network, sharing))
    unresolved = tuple(entry for _, entry in alone.unresolved)
    return Reach(tuple(found), tuple(shared[:OVERLAPS_TOLD]), len(shared), unresolved)


def covers_beginning(network: Network, country: str, beginning: str) -> frozenset[str]:
    """Name the partners who cover a postcode that begins so, somewhere at least."""
    start = postcodes.plain(beginning)
    if not start or not postcodes.is_country(country):
        return frozenset()
    codes = [code for code in known_codes(network, country) if _begins(code, start)]
    cells = cut_into_cells(country, _territories(network, country), [f"{start}*"])
    codes += [cell.postcode for cell in cells if _begins(cell.postcode, start)]
    found: set[int] = set()
    for code in codes:
        found.update(_ordinals(network, country, code))
    ids = network.partners.ids
    return frozenset(ids[ordinal] for ordinal in found)


def known_codes(network: Network, country: str) -> Sequence[str]:
    """Give the postcodes of a country of which HQ said where they are, in order."""
    start = f"{country} "
    names = network.places.names
    first, end = bisect_left(names, start), bisect_left(names, start + _TOP)
    return [name.removeprefix(start) for name in names[first:end]]


def _begins(code: str, start: str) -> bool:
    return postcodes.plain(code).startswith(start)


def _countries(
    partner: Partner, network: Network, form_countries: Iterable[str]
) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for entry in partner.territories:
        if entry.reach is TerritoryKind.REGION and entry.value in network.regions:
            found[network.regions[entry.value].country] = None
        elif entry.country:
            found[entry.country] = None
        elif entry.reach in (TerritoryKind.WORLD, TerritoryKind.AREA):
            found.update(dict.fromkeys(sorted(form_countries)))
    return tuple(found)


def _known(alone: Network, country: str, codes: Sequence[str]) -> list[tuple[str, int]]:
    """Give the covered of the known postcodes, each counting once."""
    return [(code, 1) for code in codes if alone.covering_postings(country, code)]


def _numbers(alone: Network, network: Network, country: str) -> list[tuple[str, int]] | None:
    """Give one postcode for each covered cell, and how many numbers there are in it."""
    if not postcodes.numbers(country):
        return None
    territories = [*_territories(alone, country), *_territories(network, country)]
    cells = cut_into_cells(country, territories)
    covered = [cell for cell in cells if alone.covering_postings(country, cell.postcode)]
    return [(cell.postcode, int(cell.last) - int(cell.first) + 1) for cell in covered]


def _territories(network: Network, country: str) -> Iterator[Territory]:
    """Give every entry whose borders matter in the country."""
    postal = postal_country(country)
    for text in network.territories:
        entry = Territory.parse(text)
        if entry.country == postal:
            yield entry
    for region in network.regions.values():
        if region.country == postal:
            yield from region_entries(region)


def _ordinals(network: Network, country: str, code: str) -> Iterator[int]:
    ordinal_of = network.arrays.ordinal_of
    for posting in network.covering_postings(country, code):
        yield ordinal_of[posting]


def _shared(partner: Partner, network: Network, sharing: Counter[int]) -> Iterator[SharedArea]:
    for ordinal, count in sharing.most_common():
        other = network.partners.at(ordinal)
        if other.id != partner.id and not other.products.isdisjoint(partner.products):
            yield SharedArea(other.id, other.name, count)

"""Tell to which of the programme's regions a partner belongs: whose managers look after it."""

from functools import lru_cache

from routing_core.domain.checks.extents import Extent, extent, lies_inside
from routing_core.domain.enquiry.location import region_of
from routing_core.domain.partner import Partner
from routing_core.domain.programme.areas import Region
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.gazetteer import Gazetteer
from routing_core.domain.territory.territory import Territory, TerritoryKind

_NOWHERE = Gazetteer()


def regions_of(partner: Partner, programme: Programme) -> frozenset[str]:
    """Name the regions whose channel managers are responsible for a partner.

    They are where the partner sits, those named in its territories, and those within which one of
    its territories lies. Who covers a whole country belongs to none of its regions for that.
    """
    found = {entry.value for entry in partner.territories if entry.reach is TerritoryKind.REGION}
    if partner.postcode:
        found.add(region_of(programme, partner.country, partner.postcode))
    for name, region in programme.regions.items():
        if name not in found and _has_a_territory_in(partner, region):
            found.add(name)
    return frozenset(found - {""})


def _has_a_territory_in(partner: Partner, region: Region) -> bool:
    around = _extent_of_region(region.country, tuple(region.postcodes))
    for entry in partner.territories:
        if entry.excluded or entry.country != region.country:
            continue
        there = _extent_of(entry)
        if not there.drawn and (
            there.spans == around.spans or lies_inside(there, around, _NOWHERE)
        ):
            return True
    return False


@lru_cache(maxsize=20_000)
def _extent_of(entry: Territory) -> Extent:
    return extent(entry, {})


@lru_cache(maxsize=1_000)
def _extent_of_region(country: str, postcodes: tuple[str, ...]) -> Extent:
    region = Region(country=country, postcodes=list(postcodes))
    return extent(Territory.parse("region r"), {"r": region})

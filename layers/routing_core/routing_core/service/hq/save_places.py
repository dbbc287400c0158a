"""HQ says where a country's postcodes are, so that territories by distance and who is nearest can
be told.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.gazetteer import Gazetteer, Point
from routing_core.domain.territory.postcodes import is_country
from routing_core.domain.territory.territory import Territory, TerritoryKind, canonical_postcode
from routing_core.formats.places_csv import read_places_csv
from routing_core.routing.report.programme_fit import some
from routing_core.service.kernel.services import Services


@dataclass(frozen=True, slots=True)
class Located:
    """How many are at a place that the list knows, and how many are not."""

    found: int
    unknown: int


@dataclass(frozen=True, slots=True)
class SavedPlaces:
    country: str
    postcodes: int
    south: float
    west: float
    north: float
    east: float
    """Between these all of them lie: who mixed up the columns sees it here."""
    territories: Located
    """By radius around a postcode of this country."""
    partners: Located
    """At a postcode of this country."""
    warnings: tuple[str, ...]
    """What is allowed but probably not meant."""
    dry_run: bool
    towns: int = 0
    """Postcodes of which the list names the town."""


def save_places(
    services: Services, country: str, text: str, now: datetime, *, dry_run: bool
) -> SavedPlaces:
    """Replaces the country's list as a whole. Raises InvalidInput with every error, and nothing has
    changed.
    """
    country = country.upper()
    if not is_country(country):
        message = f"{country[:20]!r} is not a country: use its two-letter code, such as DE or GB"
        raise InvalidInput([Problem("country", "no_country", message)])
    file = read_places_csv(country, text)
    if file.problems:
        raise InvalidInput(file.problems)
    saved = replace(_what_it_means(services, country, file.points, dry_run), towns=len(file.towns))
    if not dry_run:
        services.rules.save_places(country, file.points, file.towns, now)
    return saved


def _what_it_means(
    services: Services, country: str, points: Mapping[str, Point], dry_run: bool
) -> SavedPlaces:
    """For the partners as they are saved, also those of a moment ago, whom the network does not
    know yet.
    """
    places = Gazetteer({f"{country} {code}": point for code, point in points.items()})
    partners = tuple(services.partners.all())
    centres = [(p, entry) for p in partners for entry in p.territories if _around(entry, country)]
    lost = [
        (p.id, entry) for p, entry in centres if places.locate(country, entry.centre[0]) is None
    ]
    homes = [
        places.locate(country, canonical_postcode(country, p.postcode))
        for p in partners
        if p.country == country
    ]
    return SavedPlaces(
        country,
        len(points),
        south=min(point.lat for point in points.values()),
        west=min(point.lon for point in points.values()),
        north=max(point.lat for point in points.values()),
        east=max(point.lon for point in points.values()),
        territories=Located(len(centres) - len(lost), len(lost)),
        partners=Located(len(homes) - homes.count(None), homes.count(None)),
        warnings=(*_lost(lost), *_idle(services.programme, partners, country)),
        dry_run=dry_run,
    )


def _around(entry: Territory, country: str) -> bool:
    return (
        entry.reach is TerritoryKind.RADIUS and entry.country == country and bool(entry.centre[0])
    )


def _lost(entries: Sequence[tuple[str, Territory]]) -> Iterator[str]:
    whose: dict[str, list[str]] = {}
    for partner, entry in entries:
        whose.setdefault(str(entry), []).append(partner)
    for written, partners in whose.items():
        yield f"{written} is the territory of {some(partners)}: its middle is not in the list, so it covers nothing"


def _idle(programme: Programme, partners: Iterable[Partner], country: str) -> Iterator[str]:
    asked = {p.country for p in partners} | {
        country for form in programme.forms for country in form.countries
    }
    if country not in asked:
        yield f"no form asks in {country} and no partner is there: the list waits until one does"

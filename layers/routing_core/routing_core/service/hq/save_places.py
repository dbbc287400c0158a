"""HQ says where a country's postcodes are, for territories by distance and for who is nearest."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from routing_core.domain.activity import ActivityKind
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.gazetteer import Gazetteer, Point
from routing_core.domain.territory.postcodes import is_country
from routing_core.domain.territory.territory import Territory, TerritoryKind, canonical_postcode
from routing_core.domain.values.sentence import worded
from routing_core.formats.places_csv import read_places_csv
from routing_core.routing.report.programme_fit import some
from routing_core.service.kernel.read_model import LogEntry
from routing_core.service.kernel.services import Services


@dataclass(frozen=True, slots=True)
class Located:
    """Counts who is at a place that the list knows, and who is not."""

    found: int
    unknown: int


@dataclass(frozen=True, slots=True)
class SavedPlaces:
    """What a list of places locates."""

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


@dataclass(frozen=True, slots=True)
class PostedPlaces:
    """A list of places that somebody sent."""

    country: str
    """The country as it was written: ``de``."""
    text: str
    """The CSV file."""
    by: str = ""
    """The activity log names them."""


def save_places(
    services: Services, posted: PostedPlaces, now: datetime, *, dry_run: bool
) -> SavedPlaces:
    """Replace the country's list as a whole.

    Raises InvalidInput with every error, and nothing has changed.
    """
    country = posted.country.upper()
    if not is_country(country):
        english = "{value!r} is not a country: use its two-letter code, such as DE or GB"
        message = worded("places.no_country", english, value=country[:20])
        raise InvalidInput([Problem("country", "no_country", message)])
    file = read_places_csv(country, posted.text)
    if file.problems:
        raise InvalidInput(file.problems)
    meaning = _what_it_means(services, country, file.points, dry_run)
    if not dry_run:
        services.rules.save_places(country, file.points, file.towns, now)
        saved = LogEntry(at=now, by=posted.by, kind=ActivityKind.PLACES_SAVED, about=country)
        services.activity.note(saved)
    return replace(meaning, towns=len(file.towns))


def _what_it_means(
    services: Services, country: str, points: Mapping[str, Point], dry_run: bool
) -> SavedPlaces:
    """Tell whom the list locates: the partners as they are saved.

    Those saved a moment ago are among them, whom the network does not know yet.
    """
    places = Gazetteer({f"{country} {code}": point for code, point in points.items()})
    partners = tuple(services.partners.all())
    territories, lost = _centres(places, country, partners)
    warnings = (*_lost(lost), *_waits_for_use(services.programme, partners, country))
    return SavedPlaces(
        country=country,
        postcodes=len(points),
        south=min(point.lat for point in points.values()),
        west=min(point.lon for point in points.values()),
        north=max(point.lat for point in points.values()),
        east=max(point.lon for point in points.values()),
        territories=territories,
        partners=_homes(places, country, partners),
        warnings=warnings,
        dry_run=dry_run,
    )


def _centres(
    places: Gazetteer, country: str, partners: Iterable[Partner]
) -> tuple[Located, list[tuple[str, Territory]]]:
    """Count the territories around a postcode of the country.

    Give those too whose middle is not in the list.
    """
    found = 0
    lost: list[tuple[str, Territory]] = []
    for partner in partners:
        for entry in partner.territories:
            if not _is_around_postcode(entry, country):
                continue
            if places.locate(country, entry.centre[0]) is None:
                lost.append((partner.id, entry))
            else:
                found += 1
    return Located(found, len(lost)), lost


def _is_around_postcode(entry: Territory, country: str) -> bool:
    is_radius = entry.reach is TerritoryKind.RADIUS
    return is_radius and entry.country == country and bool(entry.centre[0])


def _homes(places: Gazetteer, country: str, partners: Iterable[Partner]) -> Located:
    """Count the partners of the country whose own postcode is there, and those whose is not."""
    there = [partner for partner in partners if partner.country == country]
    unknown = 0
    for partner in there:
        code = canonical_postcode(country, partner.postcode)
        if places.locate(country, code) is None:
            unknown += 1
    return Located(len(there) - unknown, unknown)


def _lost(entries: Iterable[tuple[str, Territory]]) -> Iterator[str]:
    """Warn of territories that cover nothing, each once with all whose it is."""
    whose: dict[str, list[str]] = {}
    for partner, entry in entries:
        whose.setdefault(str(entry), []).append(partner)
    for written, partners in whose.items():
        english = (
            "{entry} is the territory of {partners}: "
            "its middle is not in the list, so it covers nothing"
        )
        yield worded("places.no_middle", english, entry=written, partners=some(partners))


def _waits_for_use(
    programme: Programme, partners: Iterable[Partner], country: str
) -> Iterator[str]:
    """Warn of a list that nobody needs yet."""
    asked = {partner.country for partner in partners}
    for form in programme.forms:
        asked.update(form.countries)
    if country not in asked:
        english = "no form asks in {country} and no partner is there: the list waits until one does"
        yield worded("places.waits", english, country=country)

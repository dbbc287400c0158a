"""Check the places that a programme names: countries, time zones, regions and outlines."""

from collections.abc import Iterator

from routing_core.domain.calendar.zones import zone_problem
from routing_core.domain.errors import Problem
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.gazetteer import MOST_POINTS, NOT_CLOSED, cells_of, outline
from routing_core.domain.territory.postcodes import is_country
from routing_core.domain.territory.territory import Territory, TerritoryKind
from routing_core.domain.values.sentence import said_by, worded


def unknown_countries(programme: Programme) -> Iterator[Problem]:
    """Find each code that is no country's."""
    for path, code in _country_codes(programme):
        if not is_country(code):
            english = "{value!r} is not a country: use one like DE, AT or GB"
            message = worded("no_country", english, value=code)
            yield Problem(path, "unknown_country", message)


def _country_codes(programme: Programme) -> Iterator[tuple[str, str]]:
    yield "country", programme.country
    for name, region in programme.regions.items():
        yield f"regions.{name}.country", region.country
    for number, form in enumerate(programme.forms):
        for index, code in enumerate(form.countries):
            yield f"forms[{number}].countries[{index}]", code


def unreal_zones(programme: Programme) -> Iterator[Problem]:
    """Find each time zone that is not of a place.

    This is asked where a programme is saved: one that is stored is read with whatever zone it has.
    """
    zones = {"time_zone": programme.time_zone}
    for name, region in programme.regions.items():
        if region.time_zone:
            zones[f"regions.{name}.time_zone"] = region.time_zone
    for path, zone in zones.items():
        problem = zone_problem(zone)
        if problem:
            yield Problem(path, "unreal_zone", problem)


def wrong_regions(programme: Programme) -> Iterator[Problem]:
    """Find each entry of a region that is no postcode, or says what only a partner can."""
    for name, region in programme.regions.items():
        for index, written in enumerate(region.postcodes):
            path = f"regions.{name}.postcodes[{index}]"
            for message in _wrong_in_entry(f"{region.country} {written}"):
                yield Problem(path, "invalid_territory", message)


def _wrong_in_entry(written: str) -> Iterator[str]:
    try:
        entry = Territory.parse(written)
        entry.check()
    except ValueError as error:
        yield said_by(error)
        return
    if entry.reach is TerritoryKind.RADIUS:
        english = "is not a postcode: draw a circle under areas, or let partners name it"
        yield worded("circle_in_region", english)
    if entry.rank != 1 or entry.backup:
        english = "rank and backup are a partner's, not a region's: leave it out"
        yield worded("rank_in_region", english)


def wrong_outlines(programme: Programme) -> Iterator[Problem]:
    """Find each outline that cannot be drawn, is not closed, or has too many points."""
    for name, area in programme.areas.items():
        try:
            drawn = outline(area.geojson)
            if drawn.points > MOST_POINTS:
                english = "has {points} points: simplify it to {most} at most"
                points, most = f"{drawn.points:,}", f"{MOST_POINTS:,}"
                raise ValueError(worded("many_points", english, points=points, most=most))
            if not drawn.closed:
                raise ValueError(NOT_CLOSED)
            # Made only to see whether they can be: an outline may be too large for cells.
            cells_of(drawn)
        except ValueError as error:
            yield Problem(f"areas.{name}.geojson", "invalid_area", said_by(error))

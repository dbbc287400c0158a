"""Where postcodes are, in degrees, and shapes on the earth: circles and outlines.

They are for territories by distance or outline, and for how far a partner has to go. Coordinates
come from the user, a list for each country (``places_csv``); nothing depends on their being there.
A longer postcode than the list knows is looked up by what it begins with (``WS9 8AA`` by ``WS9``).
"""

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, product, starmap
from operator import gt
from typing import Any, NamedTuple, Self

from routing_core.domain.territory.town_names import TownNames
from routing_core.domain.values.sentence import worded

EARTH_KM = 6371.0
"""The mean radius of the earth."""
A_COUNTRY_KM2 = 350_000
"""The size that an area is compared with to say how specific it is: about that of Germany."""
CELL = 0.125
"""The degrees of one cell of the grid in which areas are found."""
AROUND = round(360 / CELL)
"""The columns of that grid; the last one touches the first, at the date line."""
MOST_CELLS = 10_000
"""The most cells of one territory; a wider one has to be stated as countries."""
MOST_POINTS = 20_000
"""The most points of one outline: fine enough for a country's border.

Whether a place lies inside looks at each of them.
"""
_FEWEST_POINTS = 4
# A British postcode: an outward part of two to four characters, an inward part of three.
_LONGEST_OUTWARD, _INWARD = 4, 3
_NOT_CLOSED = "is not closed: a ring has four points or more, the last like the first"
NOT_CLOSED = worded("area_not_closed", _NOT_CLOSED)
_FARTHEST_LATITUDE, _FARTHEST_LONGITUDE = 90, 180
_EACH_POINT = "each point is [longitude, latitude]"


class Point(NamedTuple):
    """A point on the earth, in degrees (WGS 84)."""

    lat: float
    lon: float


class Gazetteer:
    """What was read from lists of places: names in order, their degrees, and the towns there."""

    def __init__(
        self,
        points: Mapping[str, Point] | None = None,
        towns: Mapping[str, Sequence[str]] | None = None,
    ):
        """Take where postcodes are (``DE 80331`` to its point), and what the towns are called."""
        found = sorted((points or {}).items())
        self.names: Sequence[str] = [name for name, _ in found]
        # Latitude and longitude of each name, one after the other: a list of points takes five
        # times the memory.
        self.degrees = array("d")
        for _, point in found:
            self.degrees.extend(point)
        self.towns = TownNames()
        if towns:
            self.towns = TownNames.of(towns.get(name, ()) for name in self.names)

    @classmethod
    def stored(
        cls, names: Sequence[str], degrees: "array[float]", towns: TownNames | None = None
    ) -> Self:
        """Make a gazetteer of what another one kept."""
        # Earlier versions did not sort them.
        if any(map(gt, names, names[1:])):
            pairs = iter(degrees)
            return cls(dict(zip(names, map(Point, pairs, pairs), strict=True)))
        made = cls()
        made.names, made.degrees, made.towns = names, degrees, towns or TownNames()
        return made

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[tuple[str, Point]]:
        pairs = iter(self.degrees)
        return zip(self.names, map(Point, pairs, pairs), strict=True)

    def locate(self, country: str, code: str) -> Point | None:
        """Say where a postcode is, in the form in which territories compare it; None if unknown."""
        row = self._row(country, code)
        return None if row is None else self.point_at(row)

    def point_at(self, row: int) -> Point:
        """Give the point of a row of the list."""
        return Point(self.degrees[2 * row], self.degrees[2 * row + 1])

    def towns_at(self, country: str, code: str) -> tuple[str, ...]:
        """Name the towns that a postcode belongs to.

        There is none where nobody said, or where the postcode is not known at all.
        """
        if not self.towns:
            return ()
        row = self._row(country, code)
        return () if row is None else self.towns.at(row)

    def _row(self, country: str, code: str) -> int | None:
        """Find the row of the longest beginning of a postcode that the list knows."""
        for stem in _stems(country, code.replace(" ", "")):
            name = f"{country} {stem}"
            row = bisect_left(self.names, name)
            if row < len(self.names) and self.names[row] == name:
                return row
        return None


def _stems(country: str, code: str) -> Iterator[str]:
    """Yield what is looked up for a postcode, one after the other.

    In GB ``E1 6AN`` lies in E1, not in E16: there it is the whole, the district, with and without
    the letter some have, and the area.
    """
    if country != "GB":
        for length in range(len(code), 1, -1):
            yield code[:length]
        return
    is_whole = len(code) > _LONGEST_OUTWARD
    outward = code[:-_INWARD] if is_whole else code
    district = outward[:-1] if outward[-1:].isalpha() else outward
    area = outward[:2] if outward[1:2].isalpha() else outward[:1]
    yield from dict.fromkeys((code, outward, district, area))


def km_between(one: Point, other: Point) -> float:
    """Measure the way along the surface, in kilometres, by the haversine formula."""
    north = math.radians(other.lat - one.lat)
    east = math.radians(other.lon - one.lon)
    narrowing = math.cos(math.radians(one.lat)) * math.cos(math.radians(other.lat))
    across = narrowing * math.sin(east / 2) ** 2
    haversine = math.sin(north / 2) ** 2 + across
    # Rounding may lead a hair beyond 1, at the other end of the world.
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(haversine)))


class Circle(NamedTuple):
    """All that lies within a distance of a point."""

    centre: Point
    km: float

    def covers(self, point: Point) -> bool:
        """Tell whether a point lies in it, its edge included."""
        return km_between(self.centre, point) <= self.km

    @property
    def km2(self) -> float:
        """Measure its size, as if the earth were flat."""
        return math.pi * self.km**2

    def boxes(self) -> list[tuple[Point, Point]]:
        """Give the box around it: its south-western and its north-eastern corner."""
        up = math.degrees(self.km / EARTH_KM)
        # Meridians draw together towards the poles: a degree aside is widest at the edge that is
        # farther from the equator. Near a pole the box goes all round.
        farthest = min(abs(self.centre.lat) + up, 89.0)
        narrowing = max(math.cos(math.radians(farthest)), 0.01)
        aside = min(180.0, up / narrowing)
        lat, lon = self.centre
        return [(Point(lat - up, lon - aside), Point(lat + up, lon + aside))]


class Outline(NamedTuple):
    """Polygons of rings of points; of each the first ring is the outside, the others are holes.

    Across the date line longitudes go on: 179, then 181.
    """

    polygons: tuple[tuple[tuple[Point, ...], ...], ...]

    def covers(self, point: Point) -> bool:
        """Tell whether a point lies in one of the polygons, and in none of its holes."""
        for outside, *holes in self.polygons:
            there = Point(point.lat, _beside(outside[0].lon, point.lon))
            if _inside(outside, there) and not any(_inside(hole, there) for hole in holes):
                return True
        return False

    @property
    def rings(self) -> Iterator[tuple[Point, ...]]:
        """Yield all rings of all polygons."""
        return chain.from_iterable(self.polygons)

    @property
    def points(self) -> int:
        """Count the points in all rings."""
        return sum(map(len, self.rings))

    @property
    def closed(self) -> bool:
        """Tell whether each ring ends where it begins; one round a pole does so 360 degrees on."""
        return all(map(_is_closed, self.rings))

    @property
    def km2(self) -> float:
        """Measure its size without the holes."""
        return sum(_km2(outside) - sum(map(_km2, holes)) for outside, *holes in self.polygons)

    def boxes(self) -> list[tuple[Point, Point]]:
        """Give the box around each polygon: its south-western and its north-eastern corner."""
        found = []
        for outside, *_ in self.polygons:
            lats = [point.lat for point in outside]
            lons = [point.lon for point in outside]
            found.append((Point(min(lats), min(lons)), Point(max(lats), max(lons))))
        return found


def _is_closed(ring: Sequence[Point]) -> bool:
    first, last = ring[0], ring[-1]
    if len(ring) < _FEWEST_POINTS or first.lat != last.lat:
        return False
    return (first.lon - last.lon) % 360 == 0


Shape = Circle | Outline


def outline(geojson: Mapping[str, Any]) -> Outline:
    """Read a GeoJSON geometry or feature of type Polygon or MultiPolygon (RFC 7946).

    Raises ValueError saying what is wrong.
    """
    geometry: Any = geojson
    if geojson.get("type") == "Feature":
        geometry = geojson.get("geometry", geojson)
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    if kind not in ("Polygon", "MultiPolygon"):
        english = "is not an area: write a GeoJSON Polygon or MultiPolygon"
        raise ValueError(worded("no_area", english))
    coordinates: Any = geometry.get("coordinates")
    if kind == "Polygon":
        coordinates = [coordinates]
    try:
        polygons = list(map(_read_polygon, coordinates))
    except (TypeError, ValueError, OverflowError) as error:
        english = f"has coordinates nobody can read: {_EACH_POINT}"
        raise ValueError(worded("area_coordinates", english)) from error
    if not polygons or not all(map(_has_outside, polygons)):
        raise ValueError(NOT_CLOSED)
    rings = chain.from_iterable(polygons)
    if not all(map(_is_on_earth, chain.from_iterable(rings))):
        english = f"lies outside the earth: {_EACH_POINT}, in degrees"
        raise ValueError(worded("area_off_earth", english))
    return Outline(tuple(map(_unbroken_polygon, polygons)))


def _read_polygon(polygon: Any) -> list[list[Point]]:
    return [_read_ring(ring) for ring in polygon]


def _read_ring(ring: Any) -> list[Point]:
    # A point may have a height behind, which does not matter here.
    return [Point(float(lat), float(lon)) for lon, lat, *_ in ring]


def _has_outside(rings: Sequence[Sequence[Point]]) -> bool:
    return bool(rings) and len(rings[0]) >= _FEWEST_POINTS


def _is_on_earth(point: Point) -> bool:
    """Tell whether both are degrees there are; what is not a number is not."""
    return abs(point.lat) <= _FARTHEST_LATITUDE and abs(point.lon) <= _FARTHEST_LONGITUDE


def _unbroken_polygon(rings: Sequence[Sequence[Point]]) -> tuple[tuple[Point, ...], ...]:
    """Let all rings begin beside the outside's first point."""
    beginning = rings[0][0].lon
    return tuple(_unbroken(ring, beginning) for ring in rings)


def _unbroken(ring: Sequence[Point], lon: float) -> tuple[Point, ...]:
    """Take each step the short way round the earth, from beside ``lon`` on."""
    found = []
    for point in ring:
        lon = _beside(lon, point.lon)
        found.append(Point(point.lat, lon))
    return tuple(found)


def _beside(lon: float, other: float) -> float:
    """Count the other longitude on from this one: -179 beside 179 is 181."""
    return other + 360 * round((lon - other) / 360)


def specificity_of_shape(shape: Shape) -> float:
    """Say how specific a shape is on the scale of postcodes: a tenth of a country is 1."""
    part = A_COUNTRY_KM2 / max(shape.km2, 0.001)
    return max(0.01, round(math.log10(part), 6))


def cells_of(shape: Shape) -> list[str]:
    """Give every cell of the grid that the shape may touch; raises ValueError if it is too wide."""
    touched: dict[str, None] = {}
    for low, high in shape.boxes():
        rows = range(math.floor(low.lat / CELL), math.floor(high.lat / CELL) + 1)
        columns = range(math.floor(low.lon / CELL), math.floor(high.lon / CELL) + 1)
        is_half_the_world = high.lon - low.lon > _FARTHEST_LONGITUDE
        if is_half_the_world or len(touched) + len(rows) * len(columns) > MOST_CELLS:
            english = "is too wide: state it as countries or regions"
            raise ValueError(worded("area_too_wide", english))
        touched |= dict.fromkeys(starmap(_cell, product(rows, columns)))
    return list(touched)


def cell_of(point: Point) -> str:
    """Give the cell of the grid in which a point lies."""
    return _cell(math.floor(point.lat / CELL), math.floor(point.lon / CELL))


def _cell(row: int, column: int) -> str:
    """Name a cell; beyond the date line its column is counted from the other side."""
    half = AROUND // 2
    return f"@ {row},{(column + half) % AROUND - half}"


def _inside(ring: Sequence[Point], point: Point) -> bool:
    """Tell whether a point lies in a ring, by ray casting: an odd number of edges is east of it."""
    inside = False
    for one, other in _edges(ring):
        crosses_its_latitude = (one.lat > point.lat) != (other.lat > point.lat)
        if not crosses_its_latitude:
            continue
        part = (point.lat - one.lat) / (other.lat - one.lat)
        if point.lon < one.lon + (other.lon - one.lon) * part:
            inside = not inside
    return inside


def _km2(ring: Sequence[Point]) -> float:
    """Measure a ring by the shoelace formula, flattened at its middle latitude."""
    km_a_degree = math.radians(1) * EARTH_KM
    middle = sum(point.lat for point in ring) / len(ring)
    narrowing = math.cos(math.radians(middle))
    twice = sum(one.lon * other.lat - other.lon * one.lat for one, other in _edges(ring))
    return abs(twice) / 2 * km_a_degree * km_a_degree * narrowing


def _edges(ring: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    return zip(ring, (*ring[1:], ring[0]), strict=True)

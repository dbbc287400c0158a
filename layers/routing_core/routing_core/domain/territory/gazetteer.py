"""Where postcodes are, in degrees: for territories by distance or outline, and for how far a
partner has to go.

Coordinates come from the user, a list for each country (``places_csv``); nothing depends on their
being there. A longer postcode than the list knows is looked up by what it begins with (``WS9 8AA``
by ``WS9``).
"""

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from operator import gt
from typing import Any, NamedTuple, Protocol, Self

from routing_core.domain.territory.town_names import TownNames

EARTH_KM = 6371.0
A_COUNTRY_KM2 = 350_000
"""What an area is compared with to say how specific it is: about the size of Germany."""
CELL = 0.125
"""Degrees of one cell of the grid in which areas are found."""
AROUND = round(360 / CELL)
"""Columns of that grid; the last one touches the first, at the date line."""
WIDEST = 10_000
"""Cells of one territory; a wider one has to be stated as countries."""
MOST_POINTS = 20_000
"""Of one outline: fine enough for a country's border. Whether a place lies inside looks at each of
them.
"""
NOT_CLOSED = "is not closed: a ring has four points or more, the last like the first"
_EACH_POINT = "each point is [longitude, latitude]"


class Point(NamedTuple):
    lat: float
    lon: float


class Locator(Protocol):
    """Says where a postcode is; None if it does not know."""

    def locate(self, country: str, code: str) -> Point | None:
        """``code`` in the form in which territories compare it."""


class Gazetteer:
    """A locator over what was read from lists: names in order, their degrees, and what the towns
    there are called.
    """

    def __init__(
        self,
        points: Mapping[str, Point] | None = None,
        towns: Mapping[str, Sequence[str]] | None = None,
    ):
        """``points``: ``DE 80331`` → where that is. ``towns``: what the towns there are called."""
        found = sorted((points or {}).items())
        self.names: Sequence[str] = [name for name, _ in found]
        self.degrees = array("d", (degree for _, point in found for degree in point))
        self.towns = (
            TownNames.of(towns.get(name, ()) for name in self.names) if towns else TownNames()
        )

    @classmethod
    def stored(
        cls, names: Sequence[str], degrees: "array[float]", towns: TownNames | None = None
    ) -> Self:
        """What another one kept."""
        if any(map(gt, names, names[1:])):  # by code that did not sort them
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
        row = self._row(country, code)
        return None if row is None else self.point_at(row)

    def point_at(self, row: int) -> Point:
        return Point(self.degrees[2 * row], self.degrees[2 * row + 1])

    def towns_at(self, country: str, code: str) -> tuple[str, ...]:
        """Names the towns that a postcode belongs to; none where nobody said, or where it is not
        known at all.
        """
        if not self.towns:
            return ()
        row = self._row(country, code)
        return () if row is None else self.towns.at(row)

    def _row(self, country: str, code: str) -> int | None:
        for stem in _stems(country, code.replace(" ", "")):
            name = f"{country} {stem}"
            place = bisect_left(self.names, name)
            if place < len(self.names) and self.names[place] == name:
                return place
        return None


def _stems(country: str, code: str) -> Iterator[str]:
    """What is looked up, one after the other. In GB ``E1 6AN`` lies in E1, not in E16: there it is
    the whole, the district, with and without the letter some have, and the area.
    """
    if country != "GB":
        yield from (code[:length] for length in range(len(code), 1, -1))
        return
    outward = code[:-3] if len(code) > 4 else code
    area = outward[: 2 if outward[1:2].isalpha() else 1]
    yield from dict.fromkeys(
        (code, outward, outward[:-1] if outward[-1:].isalpha() else outward, area)
    )


def km_between(one: Point, other: Point) -> float:
    """Along the surface."""
    lat, lon = math.radians(other.lat - one.lat), math.radians(other.lon - one.lon)
    across = (
        math.cos(math.radians(one.lat)) * math.cos(math.radians(other.lat)) * math.sin(lon / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(math.sin(lat / 2) ** 2 + across)))


class Circle(NamedTuple):
    centre: Point
    km: float

    def covers(self, point: Point) -> bool:
        return km_between(self.centre, point) <= self.km

    @property
    def km2(self) -> float:
        return math.pi * self.km**2

    def boxes(self) -> list[tuple[Point, Point]]:
        up = math.degrees(self.km / EARTH_KM)
        aside = min(
            180.0, up / max(math.cos(math.radians(min(abs(self.centre.lat) + up, 89.0))), 0.01)
        )
        lat, lon = self.centre
        return [(Point(lat - up, lon - aside), Point(lat + up, lon + aside))]


class Outline(NamedTuple):
    """Polygons of rings of points; of each the first ring is the outside, the others are holes.

    Across the date line longitudes go on: 179, then 181.
    """

    polygons: tuple[tuple[tuple[Point, ...], ...], ...]

    def covers(self, point: Point) -> bool:
        for outside, *holes in self.polygons:
            there = Point(point.lat, _beside(outside[0].lon, point.lon))
            if _inside(outside, there) and not any(_inside(hole, there) for hole in holes):
                return True
        return False

    @property
    def points(self) -> int:
        return sum(len(ring) for rings in self.polygons for ring in rings)

    @property
    def closed(self) -> bool:
        """Whether each ring ends where it begins; one round a pole does so 360 degrees on."""
        return all(
            len(ring) >= 4
            and ring[0].lat == ring[-1].lat
            and (ring[0].lon - ring[-1].lon) % 360 == 0
            for rings in self.polygons
            for ring in rings
        )

    @property
    def km2(self) -> float:
        return sum(_km2(rings[0]) - sum(map(_km2, rings[1:])) for rings in self.polygons)

    def boxes(self) -> list[tuple[Point, Point]]:
        """One for each polygon."""
        found = []
        for outside, *_ in self.polygons:
            lats, lons = [p.lat for p in outside], [p.lon for p in outside]
            found.append((Point(min(lats), min(lons)), Point(max(lats), max(lons))))
        return found


Shape = Circle | Outline


def outline(geojson: Mapping[str, Any]) -> Outline:
    """From a GeoJSON geometry or feature of type Polygon or MultiPolygon; raises ValueError saying
    what is wrong.
    """
    geometry: Any = (
        geojson.get("geometry", geojson) if geojson.get("type") == "Feature" else geojson
    )
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError("is not an area: write a GeoJSON Polygon or MultiPolygon")
    coordinates: Any = geometry.get("coordinates")
    try:
        polygons = [
            [[Point(float(lat), float(lon)) for lon, lat, *_ in ring] for ring in polygon]
            for polygon in ([coordinates] if kind == "Polygon" else coordinates)
        ]
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"has coordinates nobody can read: {_EACH_POINT}") from error
    if not polygons or any(not rings or len(rings[0]) < 4 for rings in polygons):
        raise ValueError(NOT_CLOSED)
    points = [point for rings in polygons for ring in rings for point in ring]
    if not all(abs(point.lat) <= 90 and abs(point.lon) <= 180 for point in points):  # nor is nan
        raise ValueError(f"lies outside the earth: {_EACH_POINT}, in degrees")
    return Outline(
        tuple(tuple(_unbroken(ring, rings[0][0].lon) for ring in rings) for rings in polygons)
    )


def _unbroken(ring: Sequence[Point], lon: float) -> tuple[Point, ...]:
    """Each step the short way round the earth, from beside ``lon`` on."""
    found = []
    for point in ring:
        lon = _beside(lon, point.lon)
        found.append(Point(point.lat, lon))
    return tuple(found)


def _beside(lon: float, other: float) -> float:
    """The other longitude, counted on from this one: -179 beside 179 is 181."""
    return other + 360 * round((lon - other) / 360)


def narrowness_of_shape(shape: Shape) -> float:
    """On the scale of postcodes: a tenth of a country is one character."""
    return max(0.01, round(math.log10(A_COUNTRY_KM2 / max(shape.km2, 0.001)), 6))


def cells(shape: Shape) -> list[str]:
    """Every cell of the grid that the shape may touch. Raises ValueError for one that is too
    wide.
    """
    touched: dict[str, None] = {}
    for low, high in shape.boxes():
        rows = range(math.floor(low.lat / CELL), math.floor(high.lat / CELL) + 1)
        columns = range(math.floor(low.lon / CELL), math.floor(high.lon / CELL) + 1)
        if len(touched) + len(rows) * len(columns) > WIDEST or high.lon - low.lon > 180:
            raise ValueError("is too wide: state it as countries or regions")
        touched |= dict.fromkeys(_cell(row, column) for row in rows for column in columns)
    return list(touched)


def cell_of(point: Point) -> str:
    return _cell(math.floor(point.lat / CELL), math.floor(point.lon / CELL))


def _cell(row: int, column: int) -> str:
    return f"@ {row},{(column + AROUND // 2) % AROUND - AROUND // 2}"


def _inside(ring: Sequence[Point], point: Point) -> bool:
    inside = False
    for (lat, lon), (lat2, lon2) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (lat > point.lat) != (lat2 > point.lat) and point.lon < (lon2 - lon) * (
            point.lat - lat
        ) / (lat2 - lat) + lon:
            inside = not inside
    return inside


def _km2(ring: Sequence[Point]) -> float:
    scale = math.radians(1) * EARTH_KM
    middle = math.cos(math.radians(sum(point.lat for point in ring) / len(ring)))
    pairs = zip(ring, (*ring[1:], ring[0]), strict=True)
    return abs(sum(a.lon * b.lat - b.lon * a.lat for a, b in pairs)) / 2 * scale * scale * middle

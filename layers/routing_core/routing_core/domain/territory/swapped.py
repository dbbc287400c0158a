"""Find longitude written before latitude, seen from where the country is.

Where countries are is known from the towns that name their time zones (``zone.tab`` of the tz
database, public domain, in the package ``tzdata``): no place lies more than some 1,500 km from the
next of its country's.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from routing_core.domain.territory.gazetteer import Point, km_between

FAR_KM = 1_500
"""No place lies farther from the next of its country's towns."""
_FARTHEST_LATITUDE = 90
_DEGREES = re.compile(r"(?P<sign>[+-])(?P<degrees>[0-9]{2,3})(?P<minutes>[0-9]{2})(?:[0-9]{2})?")


def swapped(country: str, point: Point) -> bool:
    """Tell whether a point is far from the country as it stands, and in it the other way round.

    It is not where the country is not known.
    """
    towns = _towns().get(country, ())
    if not towns or abs(point.lon) > _FARTHEST_LATITUDE:
        return False
    other_way = Point(point.lon, point.lat)
    return km_from(country, point) > FAR_KM >= km_from(country, other_way)


def km_from(country: str, point: Point) -> float:
    """Measure the way to the next of the country's towns."""
    return min(km_between(point, town) for town in _towns()[country])


@cache
def _towns() -> dict[str, Sequence[Point]]:
    """Read the towns that name the world's time zones, by country."""
    found: dict[str, list[Point]] = {}
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            country, place, *_ = line.split("\t")
            # +5230+01322 and +403023-0740730: degrees and minutes, of some seconds too
            lat, lon = _DEGREES.finditer(place)
            found.setdefault(country, []).append(Point(_number(lat), _number(lon)))
    return dict(found)


def _number(degrees: re.Match[str]) -> float:
    """Give degrees with their minutes as one number; seconds do not matter here."""
    size = int(degrees["degrees"]) + int(degrees["minutes"]) / 60
    return -size if degrees["sign"] == "-" else size

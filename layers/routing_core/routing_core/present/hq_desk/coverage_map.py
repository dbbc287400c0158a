"""The map of the network's coverage: every postcode a dot, without a map of anybody else's.

A dot's colour says how well its postcode is covered, its size how many enquiries came from there.
The same stands in a table below, area by area, and each area opens as a map of its own.
"""

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from routing_core.domain.hq_people import HqPerson
from routing_core.domain.territory.gazetteer import Point
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.lead_summary import product_name, urgency_name
from routing_core.present.locale_context import LocaleContext
from routing_core.routing.report.coverage_map import SurveyedPlace
from routing_core.service.hq_desk.coverage import COVERAGE_PATH, DEMAND_DAYS, CoverageMapView

MAP_PATH = f"{COVERAGE_PATH}/map"
MAP_WIDTH = 1_000
"""The width of the drawing, in units of its own; its height follows from the country."""
MOST_NAMED_DOTS = 600
"""Of so many dots at most each tells its postcode; of more, only their areas do."""
DEMAND_STEPS = (1, 3, 10)
"""From so many enquiries on a dot is drawn a step larger."""
WIDENING = (1.0, 1.7, 2.3, 3.0)
"""How many times as wide a dot is at each of these steps."""
KINDS = ("covered", "overlap", "thin", "gap")
"""What a dot may say, in the order in which they are drawn: the worst lie on top."""


class Area(NamedTuple):
    """The postcodes with the same beginning: a row of the table, and a name on the map."""

    beginning: str
    """The beginning that they share."""
    url: str
    """The address of the map of this area alone; empty where it is a single postcode."""
    total: int
    """The number of postcodes."""
    counts: Mapping[str, int]
    """How many of them are of each kind."""
    demand: int
    """The number of enquiries from there."""
    demand_in_gaps: int
    """How many of those came from where nobody would be asked."""
    x: int
    """Where its name stands on the map."""
    y: int


class Dot(NamedTuple):
    """A postcode that is drawn by itself, because few are shown."""

    x: int
    y: int
    width: int
    kind: str
    text: str
    """What it says: ``97070: gap, 3 enquiries``."""


class DotPath(NamedTuple):
    """All dots of one kind and size, as one path."""

    kind: str
    width: int
    path: str


@dataclass(frozen=True, slots=True)
class CoverageMap:
    """A map, ready to be drawn."""

    height: int
    """Its height, in the units in which its width is ``MAP_WIDTH``."""
    paths: tuple[DotPath, ...]
    """The dots, many at once; empty where each dot is drawn by itself."""
    dots: tuple[Dot, ...]
    """The dots that are drawn by themselves."""
    areas: tuple[Area, ...]
    """The areas, by their beginning."""
    counts: Mapping[str, int]
    """How many postcodes of each kind are shown."""
    demand: int
    """The number of enquiries from all of them."""


class Projection:
    """Puts points of a country on a drawing: degrees as they are, narrowed by the latitude."""

    def __init__(self, points: Sequence[Point]):
        """Take all points that are to be seen."""
        self._west = min(point.lon for point in points)
        self._north = max(point.lat for point in points)
        south = min(point.lat for point in points)
        east = max(point.lon for point in points)
        self._narrowing = math.cos(math.radians((self._north + south) / 2))
        # A single place has no width: a hundredth of a degree is about a kilometre.
        wide = max((east - self._west) * self._narrowing, 0.01)
        high = max(self._north - south, 0.01)
        self._margin = MAP_WIDTH // 25
        self._scale = (MAP_WIDTH - 2 * self._margin) / max(wide, high / 1.5)
        self.height = round(high * self._scale) + 2 * self._margin

    def place(self, point: Point) -> tuple[int, int]:
        """Give where a point is drawn."""
        x = (point.lon - self._west) * self._narrowing * self._scale
        y = (self._north - point.lat) * self._scale
        return round(x) + self._margin, round(y) + self._margin


def coverage_map_page(view: CoverageMapView, visitor: HqPerson, now: datetime) -> str:
    """Draw the page with the map and the table."""
    locale = desk_locale(view.programme, visitor, now)
    title = locale.translate("hq_coverage.title")
    frame = DeskFrame(
        "coverage_map.html", title, "coverage", visitor, view.programme, locale, wide=True
    )
    drawn = draw_map(view, locale) if view.places else None
    country = locale.country(view.question.country)
    return render_desk(
        frame,
        view=view,
        map=drawn,
        kinds=tuple(reversed(KINDS)),
        country=country,
        subject=_subject(view, country, locale),
        countries=[(each, locale.country(each)) for each in view.countries],
        products=[
            (each.id, product_name(view.programme, each.id, locale))
            for each in view.programme.products
        ],
        urgencies=[
            (each.id, urgency_name(view.programme, each.id, locale))
            for each in view.programme.urgencies
        ],
        whole_url=_url(view, zoom=""),
        counted=_counted(view, drawn, locale),
        wider_url=_url(view, zoom=view.zoom[:-1]),
    )


def _counted(view: CoverageMapView, drawn: CoverageMap | None, locale: LocaleContext) -> str:
    """Say which enquiries were counted; empty where there is no map."""
    if drawn is None:
        return ""
    day = locale.day(locale.clock.local(view.demand.since).date())
    key = "counted" if view.demand.complete else "counted_latest"
    return locale.translate(f"hq_coverage.{key}", n=drawn.demand, day=day, days=DEMAND_DAYS)


def _subject(view: CoverageMapView, country: str, locale: LocaleContext) -> str:
    """Say what the map shows: the product, how urgent, and where."""
    parts = [product_name(view.programme, view.question.product, locale)]
    if view.question.urgency:
        parts.append(urgency_name(view.programme, view.question.urgency, locale))
    parts.append(f"{country} {view.zoom}".strip())
    return " · ".join(parts)


def draw_map(view: CoverageMapView, locale: LocaleContext) -> CoverageMap:
    """Put every place of the view on the drawing, and sum them up by area."""
    places = view.places
    projection = Projection([place.point for place in places])
    drawing = _Drawing(view, projection, _dot_width(len(places), projection.height))
    few = len(places) <= MOST_NAMED_DOTS
    return CoverageMap(
        height=projection.height,
        paths=() if few else tuple(drawing.paths()),
        dots=tuple(drawing.dots(locale)) if few else (),
        areas=tuple(_areas(view, projection)),
        counts=Counter(map(_kind, places)),
        demand=sum(view.demand.at.values()),
    )


def _kind(place: SurveyedPlace) -> str:
    return place.kind.value if place.kind else "covered"


def _dot_width(number: int, height: int) -> int:
    """Give a width at which so many dots neither hide one another nor get lost."""
    room_of_one = math.sqrt(MAP_WIDTH * height / number)
    return max(5, min(26, round(room_of_one * 0.6)))


@dataclass(frozen=True, slots=True)
class _Drawing:
    """The dots of a view, each where its postcode is and as wide as its demand."""

    view: CoverageMapView
    projection: Projection
    narrowest: int

    def paths(self) -> Iterator[DotPath]:
        """Write all dots of a kind and width as one path: a line of no length is a round dot.

        Eight thousand circles would be ten times the page.
        """
        steps: dict[tuple[str, int], list[str]] = defaultdict(list)
        for place in self.view.places:
            x, y = self.projection.place(place.point)
            steps[_kind(place), self._width(place)].append(f"M{x} {y}h0")
        for kind, width in sorted(steps, key=_drawn_last):
            yield DotPath(kind, width, "".join(steps[kind, width]))

    def dots(self, locale: LocaleContext) -> Iterator[Dot]:
        """Give the dots one by one, the worst last, so that they lie on top."""
        for place in sorted(self.view.places, key=lambda each: KINDS.index(_kind(each))):
            kind = _kind(place)
            x, y = self.projection.place(place.point)
            words = locale.translate(f"hq_coverage.kind.{kind}")
            demand = self.view.demand.at.get(place.postcode, 0)
            enquiries = locale.translate("hq_coverage.enquiries", n=demand)
            text = f"{place.postcode}: {words}, {enquiries}"
            yield Dot(x, y, self._width(place), kind, text)

    def _width(self, place: SurveyedPlace) -> int:
        step = bisect_right(DEMAND_STEPS, self.view.demand.at.get(place.postcode, 0))
        return round(self.narrowest * WIDENING[step])


def _drawn_last(of: tuple[str, int]) -> tuple[int, int]:
    """Put the worst on top, and of one kind the widest."""
    kind, width = of
    return KINDS.index(kind), width


def _areas(view: CoverageMapView, projection: Projection) -> Iterable[Area]:
    """Sum the places up by the next character of their postcodes."""
    length = len(view.zoom) + 1
    by_beginning: dict[str, list[SurveyedPlace]] = defaultdict(list)
    for place in view.places:
        by_beginning[place.postcode[:length]].append(place)
    for beginning, there in sorted(by_beginning.items()):
        x, y = projection.place(_middle(there))
        is_one = len(there) == 1
        url = "" if is_one else _url(view, zoom=beginning)
        yield Area(
            beginning=beginning,
            url=url,
            total=len(there),
            counts=Counter(map(_kind, there)),
            demand=_demand_of(there, view),
            demand_in_gaps=_demand_of([each for each in there if _kind(each) == "gap"], view),
            x=x,
            y=y,
        )


def _demand_of(places: Iterable[SurveyedPlace], view: CoverageMapView) -> int:
    return sum(view.demand.at.get(place.postcode, 0) for place in places)


def _middle(places: Sequence[SurveyedPlace]) -> Point:
    lat = sum(place.point.lat for place in places) / len(places)
    lon = sum(place.point.lon for place in places) / len(places)
    return Point(lat, lon)


def _url(view: CoverageMapView, zoom: str) -> str:
    """Give the address of the same map, narrowed down to the beginning of a postcode."""
    asked = {
        "country": view.question.country,
        "product": view.question.product,
        "urgency": view.question.urgency,
        "zoom": zoom,
    }
    return f"{MAP_PATH}?{urlencode({name: value for name, value in asked.items() if value})}"

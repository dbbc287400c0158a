"""How far a territory reaches, and whether it lies inside another.

What lies inside another stays when that one is taken away. Stated by postcodes, a territory reaches
from one beginning to another: ``80*`` and ``80000-80999`` alike from 80 to below 81. A radius lies
inside its country and inside a wider radius, an outline inside the world only. What is stated by
postcodes lies inside a radius or an outline if each place of it that is known does.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from routing_core.domain.programme.areas import Region
from routing_core.domain.territory.gazetteer import Circle, Gazetteer, Point, Shape, km_between
from routing_core.domain.territory.territory import WORLD, Territory, TerritoryKind

PostcodeSpan = tuple[str, str]
"""A span holds the postcodes from the first beginning to below the second, in order of text."""
_TOP = "~"
"""A text that comes after every beginning."""
_WHOLE: tuple[PostcodeSpan, ...] = (("", _TOP),)
_BRITISH = re.compile(r"(?P<area>[A-Z]{1,2})(?P<number>[0-9]*)(?P<letter>[A-Z]?)(?P<inward> ?.*)")


class Extent(NamedTuple):
    """An extent is what a territory covers: spans of postcodes of one country, or a shape."""

    country: str
    """``*`` stands for the world; empty is an outline, which may lie in several countries."""
    spans: tuple[PostcodeSpan, ...] = ()
    """They are in order, none touching the next; none for what is drawn."""
    drawn: bool = False
    """It is a radius or an outline, and no list of postcodes."""
    shape: Shape | None = None
    """A drawn territory has this shape, once it is known where it lies."""


def region_entries(region: Region) -> tuple[Territory, ...]:
    """Read what a region names; raises ValueError saying what would be right."""
    return tuple(Territory.parse(f"{region.country} {entry}") for entry in region.postcodes)


def extent(entry: Territory, regions: Mapping[str, Region], shape: Shape | None = None) -> Extent:
    """Give how far a territory reaches; a region that it names must be one of ``regions``."""
    match entry.reach:
        case TerritoryKind.RADIUS | TerritoryKind.AREA:
            return Extent(entry.country, drawn=True, shape=shape)
        case TerritoryKind.WORLD:
            return Extent(WORLD, _WHOLE)
        case TerritoryKind.STATE:
            beginnings = [_span_of(entry.country, each) for each in entry.beginnings]
            return Extent(entry.country, tuple(_merged(beginnings)))
        case TerritoryKind.REGION:
            return _extent_of_region(regions[entry.value], regions)
    return Extent(entry.country, (_span(entry),))


def _extent_of_region(region: Region, regions: Mapping[str, Region]) -> Extent:
    spans: list[PostcodeSpan] = []
    for entry in region_entries(region):
        spans += extent(entry, regions).spans
    return Extent(region.country, tuple(_merged(spans)))


def lies_inside(one: Extent, other: Extent, places: Gazetteer) -> bool:
    """Tell whether the one lies wholly inside the other, and is not the same."""
    if other.country == WORLD:
        return one.country != WORLD
    if other.country not in ("", one.country) or one.country == WORLD:
        return False
    if one.drawn:
        return _narrower(one.shape, other.shape) if other.drawn else other.spans == _WHOLE
    if other.shape:
        return all(map(other.shape.covers, _known_points(one, places)))
    return one.spans != other.spans and all(_within(span, other.spans) for span in one.spans)


def exclusions_without_effect(
    entries: Sequence[Territory], regions: Mapping[str, Region]
) -> Iterator[Territory]:
    """Find what is to take a part away, but reaches only what lies wholly inside it and so stays.

    Postcodes tell; what is drawn is left out.
    """
    staying = _Staying(extent(entry, regions) for entry in entries if not entry.excluded)
    nowhere = Gazetteer()
    for entry in entries:
        if not entry.excluded:
            continue
        taken = extent(entry, regions)
        if taken.drawn:
            continue
        reached = list(staying.met_by(taken))
        if reached and all(lies_inside(each, taken, nowhere) for each in reached):
            yield entry


# ── what a partner covers, by where it begins ─────────────────────────────────────────────────────


class _Row(NamedTuple):
    low: str
    high: str
    extent: Extent


class _Staying:
    """The territories of a partner are sorted here by where they begin.

    So thousands of postcodes are not compared with thousands of others.
    """

    def __init__(self, extents: Iterable[Extent]):
        self._anywhere: list[Extent] = []
        """Radii, outlines and the whole world stand here."""
        self._rows: dict[str, list[_Row]] = {}
        """The others stand here by country, in order of where they begin."""
        by_country: defaultdict[str, list[_Row]] = defaultdict(list)
        for each in extents:
            if each.drawn or each.country in ("", WORLD):
                self._anywhere.append(each)
                continue
            for low, high in each.spans:
                by_country[each.country].append(_Row(low, high, each))
        self._furthest: dict[str, list[str]] = {}
        """Beside each row stands where the furthest of it and those before it ends."""
        for country, rows in by_country.items():
            self._rows[country] = sorted(rows, key=_beginning_and_end)
            ends = [row.high for row in self._rows[country]]
            self._furthest[country] = list(accumulate(ends, max))

    def met_by(self, other: Extent) -> Iterator[Extent]:
        """Yield each that has a place with the other in common, rather one too many.

        One of several spans may come more than once.
        """
        for each in self._anywhere:
            if _meet(each, other):
                yield each
        countries = self._rows if other.country == WORLD else [other.country]
        for country in countries:
            for span in other.spans:
                yield from self._met_in(country, span)

    def _met_in(self, country: str, span: PostcodeSpan) -> Iterator[Extent]:
        """Yield what a span meets, from the last that begins before its end backwards.

        Once none of those before reaches the span, none is left.
        """
        rows = self._rows.get(country, [])
        low, high = span
        index = bisect_left(rows, high, key=_beginning)
        while index and self._furthest[country][index - 1] > low:
            index -= 1
            if rows[index].high > low:
                yield rows[index].extent


def _beginning(row: _Row) -> str:
    return row.low


def _beginning_and_end(row: _Row) -> tuple[str, str]:
    return row.low, row.high


# ── comparing two ─────────────────────────────────────────────────────────────────────────────────


def _meet(one: Extent, other: Extent) -> bool:
    """Tell whether they have a place in common; rather yes than no."""
    countries = {one.country, other.country}
    if "" in countries or WORLD in countries:
        return True
    if len(countries) > 1 or one.drawn or other.drawn:
        return len(countries) == 1
    return any(_overlaps(span, other.spans) for span in one.spans)


def _overlaps(span: PostcodeSpan, spans: Iterable[PostcodeSpan]) -> bool:
    low, high = span
    return any(low < other_high and other_low < high for other_low, other_high in spans)


def _narrower(one: Shape | None, other: Shape | None) -> bool:
    """Tell whether one circle lies in another; of outlines nobody looks so closely."""
    if not isinstance(one, Circle) or not isinstance(other, Circle):
        return False
    return one.km < other.km and km_between(one.centre, other.centre) + one.km <= other.km


def _within(span: PostcodeSpan, spans: Sequence[PostcodeSpan]) -> bool:
    """Tell whether a span lies in one of others that are in order and do not touch."""
    low, high = span
    index = bisect_right(spans, low, key=_low) - 1
    return index >= 0 and high <= spans[index][1]


def _low(span: PostcodeSpan) -> str:
    return span[0]


# ── spans of postcodes ────────────────────────────────────────────────────────────────────────────


def _span(entry: Territory) -> PostcodeSpan:
    """Give the span from what it begins with to what comes next.

    ``80*`` is ("8", "81"), since 80 and 8000 are one beginning.
    """
    if entry.reach is TerritoryKind.COUNTRY:
        return "", _TOP
    first, _, last = entry.value.partition("-")
    return _span_of(entry.country, first, last or first)


def _span_of(country: str, first: str, last: str = "") -> PostcodeSpan:
    low = _in_order(country, first)
    # A nine at the end is the last of its ten: 80999 ends where 80 does.
    end = _in_order(country, last or first).rstrip("9Z")
    high = end[:-1] + chr(ord(end[-1]) + 1) if end else _TOP
    return low.rstrip("0"), high


def _in_order(country: str, code: str) -> str:
    """Give a beginning as text with which all that it covers begins, and nothing else.

    In GB, ``W1`` is not in ``W12``.
    """
    if country != "GB":
        return code
    has_inward_part = " " not in code and len(code) > 4
    whole = f"{code[:-3]} {code[-3:]}" if has_inward_part else code
    parts = _BRITISH.fullmatch(whole)
    if not parts or not parts["number"]:
        return f"{code}|"
    return f"{parts['area']}|{parts['number']}|{parts['letter']}{parts['inward']}"


def _merged(spans: Iterable[PostcodeSpan]) -> Iterator[PostcodeSpan]:
    """Yield spans in order, those that overlap or touch as one."""
    current: PostcodeSpan | None = None
    for low, high in sorted(spans):
        if current is None:
            current = low, high
        elif low > current[1]:
            yield current
            current = low, high
        else:
            current = current[0], max(current[1], high)
    if current is not None:
        yield current


def _known_points(one: Extent, places: Gazetteer) -> Iterator[Point]:
    """Yield where those of its postcodes lie of which that is known."""
    names = places.names
    country = f"{one.country} "
    for low, high in one.spans:
        # `|` separates parts of British postcodes here only: the list of places does not have it.
        index = bisect_left(names, country + low.partition("|")[0])
        while index < len(names) and names[index].startswith(country) and names[index][3:] < high:
            if low <= _in_order(one.country, names[index][3:]) < high:
                yield Point(places.degrees[2 * index], places.degrees[2 * index + 1])
            index += 1

"""How far a territory reaches, and whether it lies inside another: what does, stays when the other
is taken away.

Stated by postcodes, it reaches from one beginning to another: ``80*`` and ``80000-80999`` alike
from 80 to below 81. A radius lies inside its country and inside a wider radius, an outline inside
the world only. What is stated by postcodes lies inside a radius or an outline if each place of it
that is known does.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from routing_core.domain.programme.programme import Region
from routing_core.domain.territory.gazetteer import Circle, Gazetteer, Point, Shape, km_between
from routing_core.domain.territory.territory import WORLD, Territory, TerritoryKind

Span = tuple[str, str]
_TOP = "~"
"""Comes after every beginning."""
_WHOLE: tuple[Span, ...] = (("", _TOP),)
_BRITISH = re.compile(r"(?P<area>[A-Z]{1,2})(?P<number>[0-9]*)(?P<letter>[A-Z]?)(?P<inward> ?.*)")


class Extent(NamedTuple):
    """``country`` is ``*`` for the world and empty for an outline, which may lie in several."""

    country: str
    spans: tuple[Span, ...] = ()
    """In order, none touching the next; none for what is drawn."""
    drawn: bool = False
    shape: Shape | None = None
    """Of what is drawn, once it is known where."""


def region_entries(region: Region) -> tuple[Territory, ...]:
    """What a region names, read; raises ValueError saying what would be right."""
    return tuple(Territory.parse(f"{region.country} {entry}") for entry in region.postcodes)


def extent(entry: Territory, regions: Mapping[str, Region], shape: Shape | None = None) -> Extent:
    """Of a region that ``regions`` has."""
    if entry.reach in (TerritoryKind.RADIUS, TerritoryKind.AREA):
        return Extent(entry.country, drawn=True, shape=shape)
    if entry.reach is TerritoryKind.WORLD:
        return Extent(WORLD, _WHOLE)
    if entry.reach is TerritoryKind.STATE:
        return Extent(
            entry.country,
            tuple(_merged(_from_to(entry.country, each) for each in entry.beginnings)),
        )
    if entry.reach is not TerritoryKind.REGION:
        return Extent(entry.country, (_span(entry),))
    region = regions[entry.value]
    spans = (span for each in region_entries(region) for span in extent(each, regions).spans)
    return Extent(region.country, tuple(_merged(spans)))


def inside(one: Extent, other: Extent, places: Gazetteer) -> bool:
    """Wholly, and not the same."""
    if other.country == WORLD:
        return one.country != WORLD
    if other.country not in ("", one.country) or one.country == WORLD:
        return False
    if one.drawn:
        return _narrower(one.shape, other.shape) if other.drawn else other.spans == _WHOLE
    if other.shape:
        return all(map(other.shape.covers, _known(one, places)))
    return one.spans != other.spans and all(_within(span, other.spans) for span in one.spans)


def of_no_effect(
    entries: Sequence[Territory], regions: Mapping[str, Region]
) -> Iterator[Territory]:
    """What is to take a part away, but reaches only what lies wholly inside it and stays, as far as
    postcodes tell.
    """
    staying = _Staying(extent(entry, regions) for entry in entries if not entry.excluded)
    for entry in entries:
        if not entry.excluded:
            continue
        taken = extent(entry, regions)
        if taken.drawn:
            continue
        reached = list(staying.met_by(taken))
        if reached and all(inside(each, taken, Gazetteer()) for each in reached):
            yield entry


class _Staying:
    """What a partner covers, by where it begins: thousands of postcodes are not compared with
    thousands of others.
    """

    def __init__(self, extents: Iterable[Extent]):
        self._anywhere: list[Extent] = []
        """What is no list of postcodes, or of the whole world."""
        self._by_country: dict[str, list[tuple[str, str, Extent]]] = {}
        for each in extents:
            if each.drawn or each.country in ("", WORLD):
                self._anywhere.append(each)
                continue
            rows = self._by_country.setdefault(each.country, [])
            rows += [(low, high, each) for low, high in each.spans]
        self._highest: dict[str, list[str]] = {}
        """Beside each row, where the furthest of it and those before it ends."""
        for country, rows in self._by_country.items():
            rows.sort(key=lambda row: row[:2])
            self._highest[country] = list(accumulate((high for _, high, _ in rows), max))

    def met_by(self, other: Extent) -> Iterator[Extent]:
        """Each that has a place with the other in common, rather one too many; one of several spans
        more than once.
        """
        yield from (each for each in self._anywhere if _meet(each, other))
        countries = self._by_country if other.country == WORLD else [other.country]
        for country in countries:
            rows = self._by_country.get(country, [])
            for low, high in other.spans:
                place = bisect_left(rows, high, key=lambda row: row[0])
                while place and self._highest[country][place - 1] > low:
                    place -= 1
                    if rows[place][1] > low:
                        yield rows[place][2]


def _meet(one: Extent, other: Extent) -> bool:
    """Rather yes than no."""
    if "" in (one.country, other.country) or WORLD in (one.country, other.country):
        return True
    if one.country != other.country or one.drawn or other.drawn:
        return one.country == other.country
    return any(
        low < high2 and low2 < high for low, high in one.spans for low2, high2 in other.spans
    )


def _narrower(one: Shape | None, other: Shape | None) -> bool:
    if not isinstance(one, Circle) or not isinstance(other, Circle):
        return False
    return one.km < other.km and km_between(one.centre, other.centre) + one.km <= other.km


def _span(entry: Territory) -> Span:
    """From what it begins with to what comes next: ``80*`` is ("8", "81"), since 80 and 8000 are
    one beginning.
    """
    if entry.reach is TerritoryKind.COUNTRY:
        return "", _TOP
    first, _, last = entry.value.partition("-")
    return _from_to(entry.country, first, last or first)


def _from_to(country: str, first: str, last: str = "") -> Span:
    first, last = _in_order(country, first), _in_order(country, last or first)
    last = last.rstrip("9Z")
    return first.rstrip("0"), last[:-1] + chr(ord(last[-1]) + 1) if last else _TOP


def _in_order(country: str, code: str) -> str:
    """A beginning as text with which all that it covers begins, and nothing else: in GB, ``W1`` is
    not in ``W12``.
    """
    if country != "GB":
        return code
    whole = f"{code[:-3]} {code[-3:]}" if " " not in code and len(code) > 4 else code
    parts = _BRITISH.fullmatch(whole)
    if not parts or not parts["number"]:
        return f"{code}|"
    return f"{parts['area']}|{parts['number']}|{parts['letter']}{parts['inward']}"


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    low = high = ""
    for first, last in sorted(spans):
        if high and first > high:
            yield low, high
        low, high = (first, last) if not high or first > high else (low, max(high, last))
    if high:
        yield low, high


def _within(span: Span, spans: Sequence[Span]) -> bool:
    place = bisect_right(spans, span[0], key=lambda each: each[0]) - 1
    return place >= 0 and span[1] <= spans[place][1]


def _known(one: Extent, places: Gazetteer) -> Iterator[Point]:
    """Where those of its postcodes lie of which that is known."""
    names, country = places.names, f"{one.country} "
    for low, high in one.spans:
        place = bisect_left(names, country + low.partition("|")[0])
        while place < len(names) and names[place].startswith(country) and names[place][3:] < high:
            if low <= _in_order(one.country, names[place][3:]) < high:
                yield Point(places.degrees[2 * place], places.degrees[2 * place + 1])
            place += 1

"""Partners, regions and places made into the parts of a network: flat arrays, laid out once.

A partner stands *layered* where a place might meet several of its entries, where it takes a part
away or is a backup, and where its area has to be measured: rather yes than no, for that only costs
a closer look.
"""

import math
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from routing_core.domain.extents import region_entries
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Region
from routing_core.domain.territory.gazetteer import (
    Gazetteer,
    Point,
    Shape,
    cells,
    narrowness_of_shape,
    outline,
)
from routing_core.domain.territory.territory import (
    WORLD,
    Territory,
    TerritoryKind,
    canonical_postcode,
    narrowness_of,
)
from routing_core.routing.index.arrays import EVERYWHERE, Arrays, depths_of, key_of
from routing_core.routing.index.features import LOW, Features
from routing_core.routing.index.profiles import Profiles

SHAPED = (TerritoryKind.RADIUS, TerritoryKind.AREA)


class Area(NamedTuple):
    """What one territory entry amounts to."""

    country: str
    patterns: tuple[str, ...]
    specificity: float


def _area(region: Region) -> Area:
    entries = region_entries(region)
    patterns = dict.fromkeys(pattern for entry in entries for pattern in entry.patterns)
    return Area(region.country, tuple(patterns), narrowness_of(entries))


def _looked_up_under(shape: Shape) -> tuple[str, ...]:
    """Its cells; or anywhere in its country, for a radius so wide and so far north that it has too
    many.
    """
    try:
        return tuple(cells(shape))
    except ValueError:
        return (WORLD,)


class Compiler:
    """Turns partners, sorted by id, into the parts of a network."""

    def __init__(
        self,
        partners: tuple[Partner, ...],
        regions: Mapping[str, Region],
        places: Gazetteer,
        drawn: Mapping[str, Mapping[str, Any]],
    ):
        self.partners, self.regions, self.places, self.drawn = partners, regions, places, drawn
        self.outlines = {name: outline(geojson) for name, geojson in drawn.items()}
        self.shapes: dict[int, Shape] = {}
        self.areas = {name: _area(region) for name, region in regions.items()}
        self.unresolved: list[tuple[str, str]] = []
        self.territories: dict[Territory, int] = {}
        self.narrow: array[float] = array("d")
        self.plain: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.layers: dict[str, list[tuple[int, int]]] = defaultdict(list)

    def parts(self) -> tuple[Any, ...]:
        for ordinal, partner in enumerate(self.partners):
            self._enter(ordinal, partner)
        features = Features.of(self.partners)
        products = features.products
        zone_names = tuple(sorted({partner.time_zone for partner in self.partners}))
        arrays = self._arrays(features, products, {name: n for n, name in enumerate(zone_names)})
        return (
            Profiles.of(self.partners),
            dict(self.regions),
            tuple(self.unresolved),
            features,
            products,
            tuple(map(str, self.territories)),
            zone_names,
            arrays,
            self.places,
            dict(self.drawn),
            self.shapes,
        )

    def _enter(self, ordinal: int, partner: Partner) -> None:
        entries = [
            (entry, self._resolved(entry, partner)) for entry in dict.fromkeys(partner.territories)
        ]
        known = [(entry, area) for entry, area in entries if area is not None]
        keys = [key_of(area.country, pattern) for _, area in known for pattern in area.patterns]
        apart = any(entry.excluded or entry.backup or entry.reach in SHAPED for entry, _ in known)
        layered = apart or _overlap(keys)
        spots = self.layers if layered else self.plain
        for entry, area in known:
            number = self._number(entry, area)
            for key in dict.fromkeys(key_of(area.country, pattern) for pattern in area.patterns):
                spots[key].append((ordinal, number))

    def _resolved(self, entry: Territory, partner: Partner) -> Area | None:
        if entry.reach in SHAPED:
            return self._drawn(entry, partner)
        if entry.reach is not TerritoryKind.REGION:
            return Area(entry.country or WORLD, entry.patterns, entry.specificity)
        if entry.value not in self.areas:
            self.unresolved.append((partner.id, entry.value))
        return self.areas.get(entry.value)

    def _drawn(self, entry: Territory, partner: Partner) -> Area | None:
        shape: Shape | None = self.outlines.get(entry.value)
        if entry.reach is TerritoryKind.RADIUS:
            code, point = entry.centre
            point = point or self.places.locate(entry.country, code)
            shape = entry.circle(point) if point else None
        if shape is None:
            self.unresolved.append((partner.id, str(entry) if entry.country else entry.value))
            return None
        area = Area(entry.country, _looked_up_under(shape), narrowness_of_shape(shape))
        self.shapes[self._number(entry, area)] = shape
        return area

    def _number(self, entry: Territory, area: Area) -> int:
        if entry not in self.territories:
            self.territories[entry] = len(self.territories)
            self.narrow.append(area.specificity)
        return self.territories[entry]

    def _arrays(
        self, features: Features, products: Mapping[str, int], zones: Mapping[str, int]
    ) -> Arrays:
        ranks = array("H", (territory.rank for territory in self.territories))
        tiers = array("B", (partner.tier for partner in self.partners))

        def usual(spot: tuple[int, int]) -> tuple[float, int, int]:
            ordinal, number = spot
            return -self.narrow[number], ranks[number], tiers[ordinal]

        every = sorted(
            {
                usual(spot)
                for index in (self.plain, self.layers)
                for spots in index.values()
                for spot in spots
            }
        )
        grades = {order: grade for grade, order in enumerate(every)}
        who, what, grade = array("I"), array("I"), array("I")
        offered = [
            sorted(products[product] for product in partner.products) for partner in self.partners
        ]
        by_product_start, by_product = array("I", [0]), array("I")

        def lay_out(
            index: Mapping[str, list[tuple[int, int]]],
        ) -> tuple[dict[str, int], "array[int]", list[range]]:
            start, ranges = array("I", [len(who)]), []
            for key in sorted(index):
                first = len(who)
                for spot in sorted(index[key], key=lambda s: (usual(s), s)):
                    who.append(spot[0])
                    what.append(spot[1])
                    grade.append(grades[usual(spot)])
                ranges.append(range(first, len(who)))
                start.append(len(who))
            return {key: n for n, key in enumerate(sorted(index))}, start, ranges

        slots, start, ranges = lay_out(self.plain)
        for spots in ranges:
            sorted_by: list[list[int]] = [[] for _ in products]
            for spot in spots:
                for product in offered[who[spot]]:
                    sorted_by[product].append(spot)
            for found in sorted_by:
                by_product.extend(found)
                by_product_start.append(len(by_product))
        layered_slots, layered_start, _ = lay_out(self.layers)
        masks: Sequence[int] = [features.mask(partner) for partner in self.partners]
        return Arrays(
            slots=slots,
            start=start,
            layered_slots=layered_slots,
            layered_start=layered_start,
            depths=depths_of((*slots, *layered_slots)),
            who=who,
            what=what,
            grade=grade,
            by_product_start=by_product_start,
            by_product=by_product,
            low=array("I", (masks[who[spot]] & LOW for spot in by_product)),
            masks=array("Q", masks) if features.words == 1 else masks,
            tiers=tiers,
            zones=array("H", (zones[partner.time_zone] for partner in self.partners)),
            ends=self._ends(),
            ranks=ranks,
            narrow=self.narrow,
            where=self._where(),
        )

    def _where(self) -> "array[float]":
        if not self.places:
            return array("d")
        unknown = Point(math.nan, math.nan)
        codes = ((p.country, canonical_postcode(p.country, p.postcode)) for p in self.partners)
        return array(
            "d", (degree for place in codes for degree in self.places.locate(*place) or unknown)
        )

    def _ends(self) -> dict[str, "array[int]"]:
        ending = sorted(
            {name for p in self.partners for name, last in p.certificates.items() if last}
        )
        found = {name: array("I", bytes(4 * len(self.partners))) for name in ending}
        for ordinal, partner in enumerate(self.partners):
            for name, last in partner.certificates.items():
                if last:
                    found[name][ordinal] = last.toordinal()
        return found


def _overlap(keys: Sequence[str]) -> bool:
    """Whether one place might meet two of them; rather yes than no."""
    known = set(keys)
    if len(known) < len(keys):
        return True
    if len(known) == 1:
        return False
    if EVERYWHERE in known or any(
        key.endswith("?") or (key.startswith("GB ") and key[-1] != "*") for key in keys
    ):
        return True
    return any(begins in known for key in keys for begins in _wider(key))


def _wider(key: str) -> Iterator[str]:
    country, _, pattern = key.partition(" ")
    whole = pattern.removesuffix("*")
    for length in range(len(whole) - (pattern != whole), -1, -1):
        yield f"{country} {whole[:length].rstrip()}*"

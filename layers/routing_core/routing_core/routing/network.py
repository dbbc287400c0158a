"""The compiled network: flat arrays that find who covers a place and has what is asked, without looking at others.

Every territory comes down to a few patterns (``domain.territory``), and a postcode meets a few. Each *spot* is one
partner under one pattern: ``who`` (the partner's ordinal), ``what`` (the territory) and ``grade`` (how narrow, which
rank, which tier: the lower, the earlier in the usual order). Spots of one pattern stand together, in that order, and
again by product, so that a lookup is a few slices; what else is asked is one comparison of bits (``features``).

Partners whose own entries overlap, take parts away or are a backup's stand apart as *layered*: there the most
specific of their entries that meet the place has to be found first.
"""

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, Self

from ..domain.partner import Partner
from ..domain.partner_plain import partner_from_plain, partner_to_plain
from ..domain.places import Gazetteer, Point, Shape, cell_of, cells, km_between, narrowness_of_shape, outline
from ..domain.postcodes import DIGITS
from ..domain.programme import Region
from ..domain.territory import WORLD, Reach, Territory, canonical_postcode, narrowness_of, patterns_met
from .features import DATED, LOW, Features
from .profiles import Profiles

SCHEMA = 1
SHAPED = (Reach.RADIUS, Reach.AREA)


class Area(NamedTuple):
    """What one territory entry amounts to."""

    country: str
    patterns: tuple[str, ...]
    narrowness: float


@dataclass(slots=True)
class Arrays:
    """Everything flat. ``slots`` names each pattern (``DE 80*``); its spots are ``start[n]`` to ``start[n + 1]``."""

    slots: Mapping[str, int]
    start: "array[int]"
    layered_slots: Mapping[str, int]
    layered_start: "array[int]"
    who: "array[int]"
    what: "array[int]"
    grade: "array[int]"
    by_product_start: "array[int]"
    """By pattern, then product: where its spots begin in ``by_product``."""
    by_product: "array[int]"
    low: "array[int]"
    """Beside each of ``by_product``, the low bits of the partner's mask."""
    masks: Sequence[int]
    tiers: "array[int]"
    zones: "array[int]"
    ends: Mapping[str, "array[int]"]
    """Certificate → by ordinal the last day it is valid; 0 = it does not end."""
    ranks: "array[int]"
    """By territory."""
    narrow: "array[float]"
    where: "array[float]"
    """By ordinal, latitude and longitude of the partner's own place, nan where not known; empty if none is."""


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Never changes; a change of partners or regions makes a new one with another ``version``."""

    version: str
    partners: Profiles
    regions: Mapping[str, Region]
    unresolved: tuple[tuple[str, str], ...]
    """Partners with a region or area that the programme does not name, or a radius around a place that is not known:
    these entries cover nothing."""
    features: Features
    products: Mapping[str, int]
    territories: tuple[str, ...]
    zone_names: tuple[str, ...]
    arrays: Arrays
    places: Gazetteer
    areas: Mapping[str, Mapping[str, Any]]
    """GeoJSON of the areas that the programme draws."""
    shapes: Mapping[int, Shape]
    """By the number of a territory: what has to be met beside its cells."""

    @classmethod
    def compile(
        cls,
        version: str,
        partners: Iterable[Partner],
        regions: Mapping[str, Region],
        places: Gazetteer | None = None,
        areas: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Self:
        """Raises ValueError for a region or area that nobody can read (a checked programme has none)."""
        by_id = {partner.id: partner for partner in sorted(partners, key=lambda p: (p.id, p.version))}
        return cls(version, *_Compiler(tuple(by_id.values()), regions, places or Gazetteer(), areas or {}).parts())

    # ── who covers a place ──────────────────────────────────────────────────────────────────────────────

    def matching(self, keys: Sequence[str], product: str, need: int) -> list[int]:
        """Spots under these patterns of partners who offer the product and have all bits of ``need``; not the layered.

        In the usual order within one pattern.
        """
        number = self.products.get(product)
        if number is None:
            return []
        arrays, many, found, low_need = self.arrays, len(self.products), [], need & LOW
        slots, start, spots, low = arrays.slots, arrays.by_product_start, arrays.by_product, arrays.low
        for key in keys:
            slot = slots.get(key)
            if slot is not None:
                place = slot * many + number
                first, end = start[place], start[place + 1]
                if first < end:
                    beside = zip(spots[first:end], low[first:end], strict=True)
                    found += [spot for spot, bits in beside if bits & low_need == low_need]
        if need == low_need | self.features.bits["product", product]:
            return found
        masks, who = arrays.masks, arrays.who
        return [spot for spot in found if masks[who[spot]] & need == need]

    def point(self, country: str, code: str) -> Point | None:
        """Where a canonical postcode is; None if nobody said."""
        return self.places.locate(country, code) if code and self.places.points else None

    def km(self, partner: Partner, country: str, postcode: str) -> int | None:
        """Whole kilometres from the partner's place to a postcode; None where one of the two is not known."""
        home = self.point(partner.country, canonical_postcode(partner.country, partner.postcode))
        there = self.point(country, canonical_postcode(country, postcode))
        return round(km_between(home, there)) if home and there else None

    def layered(self, keys: Sequence[str], point: Point | None = None) -> list[int]:
        """Of partners with several entries there, the spot that counts; those who took the place away are left out."""
        arrays = self.arrays
        best: dict[int, int] = {}
        outside = {number for number, shape in self.shapes.items() if not point or not shape.covers(point)}
        for key in [*keys, *cells_met(keys, point)]:
            slot = arrays.layered_slots.get(key)
            if slot is None:
                continue
            for spot in range(arrays.layered_start[slot], arrays.layered_start[slot + 1]):
                if arrays.what[spot] in outside:
                    continue
                ordinal = arrays.who[spot]
                known = best.get(ordinal)
                if known is None or self._precedence(spot) < self._precedence(known):
                    best[ordinal] = spot
        return [spot for spot in best.values() if not self.territory(spot).excluded]

    def spots(self, keys: Sequence[str], point: Point | None = None) -> list[int]:
        """Everybody who covers the place, one spot each."""
        arrays = self.arrays
        slots = (arrays.slots.get(key) for key in keys)
        plain = [
            spot for slot in slots if slot is not None for spot in range(arrays.start[slot], arrays.start[slot + 1])
        ]
        return plain + self.layered(keys, point)

    def covering(self, country: str, postcode: str) -> dict[str, Territory]:
        """Partner → its most specific entry there; for a malformed postcode whole-country entries only."""
        code = canonical_postcode(country, postcode)
        spots = self.spots(keys_met(country, code), self.point(country, code))
        return {self.partners.ids[self.arrays.who[spot]]: self.territory(spot) for spot in spots}

    def territory(self, spot: int) -> Territory:
        return _territory(self.territories[self.arrays.what[spot]])

    def narrowness(self, spot: int) -> float:
        return self.arrays.narrow[self.arrays.what[spot]]

    def partner(self, spot: int) -> Partner:
        return self.partners.at(self.arrays.who[spot])

    def mask_on(self, ordinal: int, today: date) -> int:
        """The partner's mask without the certificates that have ended."""
        mask = self.arrays.masks[ordinal]
        if mask & DATED:
            day = today.toordinal()
            for certificate, ends in self.arrays.ends.items():
                if 0 < ends[ordinal] < day:
                    mask &= ~self.features.bits[("certificate", certificate)]
        return mask

    def _precedence(self, spot: int) -> tuple[float, tuple[int, int, str]]:
        return -self.narrowness(spot), self.territory(spot).order

    # ── as a document (for networks stored before there were arrays, and to compare with) ────────────────

    def to_document(self) -> dict[str, Any]:
        """JSON-ready: everything needed to compile this network again."""
        return {
            "schema": SCHEMA,
            "version": self.version,
            "partners": [partner_to_plain(partner) for partner in self.partners.values()],
            "regions": {name: region.model_dump(mode="json") for name, region in self.regions.items()},
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Raises ValueError for a snapshot written by newer code."""
        if int(document["schema"]) > SCHEMA:
            raise ValueError(f"the snapshot has schema {document['schema']}, this code reads {SCHEMA}")
        return cls.compile(
            document["version"],
            (partner_from_plain(plain) for plain in document["partners"]),
            {name: Region.model_validate(region) for name, region in document["regions"].items()},
        )


def keys_met(country: str, code: str) -> list[str]:
    """The patterns a canonical postcode meets, as slots are named; those of the whole world too."""
    if country in DIGITS:
        start = f"{country} {code}"
        keys = [f"{start[:length]}*" for length in range(len(start), len(country), -1)]
        if code:
            keys.append(start)
    else:
        keys = [f"{country} {pattern}" for pattern in patterns_met(code)]
    keys.append(_EVERYWHERE)
    return keys


def cells_met(keys: Sequence[str], point: Point | None) -> list[str]:
    """The cells of the grid, of that country and of any."""
    if point is None:
        return []
    cell = cell_of(point)
    return [f"{keys[0].partition(' ')[0]} {cell}", cell]


_EVERYWHERE = f"{WORLD} {WORLD}"


def _key(country: str, pattern: str) -> str:
    """``80???`` is ``80*`` where every postcode has as many digits; cells of an area are of any country."""
    if not country:
        return pattern
    if DIGITS.get(country) == len(pattern) and pattern.endswith("?"):
        pattern = f"{pattern.rstrip('?')}*"
    return f"{country} {pattern}"


@lru_cache(maxsize=100_000)
def _territory(text: str) -> Territory:
    return Territory.parse(text)


def region_entries(region: Region) -> tuple[Territory, ...]:
    """What a region names, read; raises ValueError saying what would be right."""
    return tuple(Territory.parse(f"{region.country} {entry}") for entry in region.postcodes)


def _area(region: Region) -> Area:
    entries = region_entries(region)
    patterns = dict.fromkeys(pattern for entry in entries for pattern in entry.patterns)
    return Area(region.country, tuple(patterns), narrowness_of(entries))


class _Compiler:
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
        entries = [(entry, self._resolved(entry, partner)) for entry in dict.fromkeys(partner.territories)]
        known = [(entry, area) for entry, area in entries if area is not None]
        keys = [_key(area.country, pattern) for _, area in known for pattern in area.patterns]
        apart = any(entry.excluded or entry.backup or entry.reach in SHAPED for entry, _ in known)
        layered = apart or _overlap(keys)
        spots = self.layers if layered else self.plain
        for entry, area in known:
            number = self._number(entry, area)
            for key in dict.fromkeys(_key(area.country, pattern) for pattern in area.patterns):
                spots[key].append((ordinal, number))

    def _resolved(self, entry: Territory, partner: Partner) -> Area | None:
        if entry.reach in SHAPED:
            return self._drawn(entry, partner)
        if entry.reach is not Reach.REGION:
            return Area(entry.country or WORLD, entry.patterns, entry.narrowness)
        if entry.value not in self.areas:
            self.unresolved.append((partner.id, entry.value))
        return self.areas.get(entry.value)

    def _drawn(self, entry: Territory, partner: Partner) -> Area | None:
        shape: Shape | None = self.outlines.get(entry.value)
        if entry.reach is Reach.RADIUS:
            code, point = entry.centre
            point = point or self.places.locate(entry.country, code)
            shape = entry.circle(point) if point else None
        if shape is None:
            self.unresolved.append((partner.id, str(entry) if entry.country else entry.value))
            return None
        area = Area(entry.country, tuple(cells(shape)), narrowness_of_shape(shape))
        self.shapes[self._number(entry, area)] = shape
        return area

    def _number(self, entry: Territory, area: Area) -> int:
        if entry not in self.territories:
            self.territories[entry] = len(self.territories)
            self.narrow.append(area.narrowness)
        return self.territories[entry]

    def _arrays(self, features: Features, products: Mapping[str, int], zones: Mapping[str, int]) -> Arrays:
        ranks = array("H", (territory.rank for territory in self.territories))
        tiers = array("B", (partner.tier for partner in self.partners))

        def usual(spot: tuple[int, int]) -> tuple[float, int, int]:
            ordinal, number = spot
            return -self.narrow[number], ranks[number], tiers[ordinal]

        every = sorted(
            {usual(spot) for index in (self.plain, self.layers) for spots in index.values() for spot in spots}
        )
        grades = {order: grade for grade, order in enumerate(every)}
        who, what, grade = array("I"), array("I"), array("I")
        offered = [sorted(products[product] for product in partner.products) for partner in self.partners]
        by_product_start, by_product = array("I", [0]), array("I")

        def lay_out(index: Mapping[str, list[tuple[int, int]]]) -> tuple[dict[str, int], "array[int]", list[range]]:
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
        if not self.places.points:
            return array("d")
        unknown = Point(math.nan, math.nan)
        codes = ((p.country, canonical_postcode(p.country, p.postcode)) for p in self.partners)
        return array("d", (degree for place in codes for degree in self.places.locate(*place) or unknown))

    def _ends(self) -> dict[str, "array[int]"]:
        ending = sorted({name for p in self.partners for name, last in p.certificates.items() if last})
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
    if _EVERYWHERE in known or any(key.endswith("?") or (key.startswith("GB ") and key[-1] != "*") for key in keys):
        return True
    return any(begins in known for key in keys for begins in _wider(key))


def _wider(key: str) -> Iterator[str]:
    country, _, pattern = key.partition(" ")
    whole = pattern.removesuffix("*")
    for length in range(len(whole) - (pattern != whole), -1, -1):
        yield f"{country} {whole[:length].rstrip()}*"

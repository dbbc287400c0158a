"""Partners, regions and places made into the parts of a network: flat arrays, laid out once.

A partner stands *layered* where a place might meet several of its entries, where it takes a part
away or is a backup, and where its area has to be measured: rather yes than no, for that only costs
a closer look.
"""

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from routing_core.domain.checks.extents import region_entries
from routing_core.domain.partner import Partner
from routing_core.domain.programme.areas import Region
from routing_core.domain.territory.gazetteer import (
    Gazetteer,
    Point,
    Shape,
    cells_of,
    outline,
    specificity_of_shape,
)
from routing_core.domain.territory.territory import (
    WORLD,
    Territory,
    TerritoryKind,
    canonical_postcode,
    specificity_of,
)
from routing_core.routing.index.arrays import KEY_OF_EVERYWHERE, Arrays, depths_of, key_of
from routing_core.routing.index.features import LOW, Features
from routing_core.routing.index.profiles import Profiles

SHAPED = (TerritoryKind.RADIUS, TerritoryKind.AREA)
"""The kinds of territory that have to be measured.

No postcode tells whether a place lies within one.
"""

_Posting = tuple[int, int]
"""The partner's ordinal, and the number of the territory entry."""
_Index = Mapping[str, list[_Posting]]
"""Pattern → its postings, in any order."""


class CompiledParts(NamedTuple):
    """Everything that a network is made of, but for its version.

    Each part is explained there.
    """

    partners: Profiles
    regions: Mapping[str, Region]
    unresolved: tuple[tuple[str, str], ...]
    features: Features
    products: Mapping[str, int]
    territories: tuple[str, ...]
    zone_names: tuple[str, ...]
    arrays: Arrays
    places: Gazetteer
    areas: Mapping[str, Mapping[str, Any]]
    shapes: Mapping[int, Shape]


class EntryCoverage(NamedTuple):
    """What one territory entry amounts to."""

    country: str
    patterns: tuple[str, ...]
    specificity: float


def _coverage_of_region(region: Region) -> EntryCoverage:
    entries = region_entries(region)
    patterns: dict[str, None] = {}
    for entry in entries:
        patterns.update(dict.fromkeys(entry.patterns))
    return EntryCoverage(region.country, tuple(patterns), specificity_of(entries))


def _patterns_of_shape(shape: Shape) -> tuple[str, ...]:
    """Give the cells of a shape, or the whole world.

    A radius so wide and so far north may have too many cells.
    """
    try:
        return tuple(cells_of(shape))
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
        """Prepare to compile; ``drawn`` is the GeoJSON of the programme's areas.

        Raises ValueError for a region or area that cannot be read.
        """
        self._partners = partners
        self._regions = regions
        self._places = places
        self._drawn = drawn
        self._outlines = {name: outline(geojson) for name, geojson in drawn.items()}
        self._coverage_of_regions = {
            name: _coverage_of_region(region) for name, region in regions.items()
        }
        self._shapes: dict[int, Shape] = {}
        self._unresolved: list[tuple[str, str]] = []
        self._territories: dict[Territory, int] = {}
        self._specificity: array[float] = array("d")
        self._plain: dict[str, list[_Posting]] = defaultdict(list)
        self._layered: dict[str, list[_Posting]] = defaultdict(list)

    def parts(self) -> CompiledParts:
        """Compile, once."""
        for ordinal, partner in enumerate(self._partners):
            self._enter(ordinal, partner)
        features = Features.of(self._partners)
        products = features.products
        zone_names = tuple(sorted({partner.time_zone for partner in self._partners}))
        return CompiledParts(
            partners=Profiles.of(self._partners),
            regions=dict(self._regions),
            unresolved=tuple(self._unresolved),
            features=features,
            products=products,
            territories=tuple(map(str, self._territories)),
            zone_names=zone_names,
            arrays=self._arrays(features, products, zone_names),
            places=self._places,
            areas=dict(self._drawn),
            shapes=self._shapes,
        )

    # ── entries ───────────────────────────────────────────────────────────────────────────────────

    def _enter(self, ordinal: int, partner: Partner) -> None:
        """Note under which patterns the partner is found: one who is deactivated, under none."""
        if partner.deactivated:
            return
        known: list[tuple[Territory, EntryCoverage]] = []
        # Each entry once: a list typed by people may have one twice.
        for entry in dict.fromkeys(partner.territories):
            coverage = self._resolved(entry, partner)
            if coverage is not None:
                known.append((entry, coverage))
        index = self._layered if _is_layered(known) else self._plain
        for entry, coverage in known:
            number = self._number(entry, coverage)
            for key in dict.fromkeys(_keys(coverage)):
                index[key].append((ordinal, number))

    def _resolved(self, entry: Territory, partner: Partner) -> EntryCoverage | None:
        """Say what the entry amounts to; None, and noted as unresolved, where nobody knows."""
        if entry.reach in SHAPED:
            return self._resolved_shape(entry, partner)
        if entry.reach is not TerritoryKind.REGION:
            return EntryCoverage(entry.country or WORLD, entry.patterns, entry.specificity)
        if entry.value not in self._coverage_of_regions:
            self._unresolved.append((partner.id, entry.value))
        return self._coverage_of_regions.get(entry.value)

    def _resolved_shape(self, entry: Territory, partner: Partner) -> EntryCoverage | None:
        shape = (
            self._circle(entry)
            if entry.reach is TerritoryKind.RADIUS
            else self._outlines.get(entry.value)
        )
        if shape is None:
            # Reports tell the two apart by the space: an area's name has none, "DE 30km 80331" has.
            self._unresolved.append((partner.id, str(entry) if entry.country else entry.value))
            return None
        coverage = EntryCoverage(
            entry.country, _patterns_of_shape(shape), specificity_of_shape(shape)
        )
        self._shapes[self._number(entry, coverage)] = shape
        return coverage

    def _circle(self, entry: Territory) -> Shape | None:
        code, point = entry.centre
        point = point or self._places.locate(entry.country, code)
        return entry.circle(point) if point else None

    def _number(self, entry: Territory, coverage: EntryCoverage) -> int:
        """Give the entry's number: the same for equal entries of all partners."""
        if entry not in self._territories:
            self._territories[entry] = len(self._territories)
            self._specificity.append(coverage.specificity)
        return self._territories[entry]

    # ── arrays ────────────────────────────────────────────────────────────────────────────────────

    def _arrays(
        self, features: Features, products: Mapping[str, int], zone_names: Sequence[str]
    ) -> Arrays:
        ranks = array("H", (territory.rank for territory in self._territories))
        tiers = array("B", (partner.tier for partner in self._partners))
        layout = _Layout(_UsualOrder(self._specificity, ranks, tiers, (self._plain, self._layered)))
        slots, start = layout.lay_out(self._plain)
        # After the plain postings, so that those of products can be counted from 0.
        layered_slots, layered_start = layout.lay_out(self._layered)
        by_product_start, by_product = self._by_product(products, start, layout.ordinal_of)
        masks: Sequence[int] = [features.mask(partner) for partner in self._partners]
        zones = {name: number for number, name in enumerate(zone_names)}
        return Arrays(
            slots=slots,
            start=start,
            layered_slots=layered_slots,
            layered_start=layered_start,
            depths=depths_of((*slots, *layered_slots)),
            ordinal_of=layout.ordinal_of,
            territory_of=layout.territory_of,
            sort_rank=layout.sort_rank,
            by_product_start=by_product_start,
            by_product=by_product,
            low_bits=array(
                "I", (masks[layout.ordinal_of[posting]] & LOW for posting in by_product)
            ),
            masks=array("Q", masks) if features.words == 1 else masks,
            tiers=tiers,
            zones=array("H", (zones[partner.time_zone] for partner in self._partners)),
            certificate_ends=self._certificate_ends(),
            ranks=ranks,
            specificity=self._specificity,
            coordinates=self._coordinates(),
        )

    def _by_product(
        self, products: Mapping[str, int], start: Sequence[int], ordinal_of: Sequence[int]
    ) -> tuple["array[int]", "array[int]"]:
        """Sort the postings of each plain slot by product.

        Give where each product begins, and the postings.
        """
        offered = [_numbers_of_products(partner, products) for partner in self._partners]
        by_product_start = array("I", [0])
        by_product = array("I")
        for slot in range(len(start) - 1):
            found: list[list[int]] = [[] for _ in products]
            for posting in range(start[slot], start[slot + 1]):
                for product in offered[ordinal_of[posting]]:
                    found[product].append(posting)
            for postings in found:
                by_product.extend(postings)
                by_product_start.append(len(by_product))
        return by_product_start, by_product

    def _coordinates(self) -> "array[float]":
        if not self._places:
            return array("d")
        # So that everybody has two places in the array, known or not.
        unknown = Point(math.nan, math.nan)
        degrees = array("d")
        for partner in self._partners:
            code = canonical_postcode(partner.country, partner.postcode)
            degrees.extend(self._places.locate(partner.country, code) or unknown)
        return degrees

    def _certificate_ends(self) -> dict[str, "array[int]"]:
        found: dict[str, array[int]] = {}
        for ordinal, partner in enumerate(self._partners):
            for name, last_day in partner.certificates.items():
                if last_day:
                    if name not in found:
                        found[name] = array("I", bytes(4 * len(self._partners)))
                    found[name][ordinal] = last_day.toordinal()
        return dict(sorted(found.items()))


class _UsualOrder:
    """Knows the order in which postings stand.

    The most specific come first, then rank decides, then tier.
    """

    def __init__(
        self,
        specificity: Sequence[float],
        ranks: Sequence[int],
        tiers: Sequence[int],
        indexes: Iterable[_Index],
    ):
        self._specificity = specificity
        self._ranks = ranks
        self._tiers = tiers
        keys: set[tuple[float, int, int]] = set()
        for index in indexes:
            for postings in index.values():
                keys.update(map(self.key, postings))
        self._sort_ranks = {key: number for number, key in enumerate(sorted(keys))}

    def key(self, posting: _Posting) -> tuple[float, int, int]:
        ordinal, number = posting
        return -self._specificity[number], self._ranks[number], self._tiers[ordinal]

    def sort_rank(self, posting: _Posting) -> int:
        """Give the place of the posting's key among all there are.

        It is one number to compare instead of three.
        """
        return self._sort_ranks[self.key(posting)]

    def place(self, posting: _Posting) -> tuple[int, _Posting]:
        """Sort by the usual order, of equals by id."""
        return self.sort_rank(posting), posting


class _Layout:
    """Lays postings out one after the other, slot by slot."""

    def __init__(self, order: _UsualOrder):
        self._order = order
        self.ordinal_of = array("I")
        self.territory_of = array("I")
        self.sort_rank = array("I")

    def lay_out(self, index: _Index) -> tuple[dict[str, int], "array[int]"]:
        """Add the postings of an index.

        Give the number of each slot, and where its postings begin.
        """
        start = array("I", [len(self.ordinal_of)])
        keys = sorted(index)
        for key in keys:
            for posting in sorted(index[key], key=self._order.place):
                ordinal, number = posting
                self.ordinal_of.append(ordinal)
                self.territory_of.append(number)
                self.sort_rank.append(self._order.sort_rank(posting))
            start.append(len(self.ordinal_of))
        return {key: number for number, key in enumerate(keys)}, start


def _keys(coverage: EntryCoverage) -> list[str]:
    return [key_of(coverage.country, pattern) for pattern in coverage.patterns]


def _numbers_of_products(partner: Partner, products: Mapping[str, int]) -> list[int]:
    return sorted(products[name] for name in partner.products)


def _is_layered(entries: Sequence[tuple[Territory, EntryCoverage]]) -> bool:
    """Tell whether which entry counts at a place has to be found out there."""
    if any(entry.excluded or entry.backup or entry.reach in SHAPED for entry, _ in entries):
        return True
    keys: list[str] = []
    for _, coverage in entries:
        keys += _keys(coverage)
    return _overlap(keys)


def _overlap(keys: Sequence[str]) -> bool:
    """Tell whether one place might meet two of the keys; rather yes than no."""
    known = set(keys)
    if len(known) < len(keys):
        return True
    if len(known) == 1:
        return False
    if KEY_OF_EVERYWHERE in known or any(map(_may_meet_others, keys)):
        return True
    return not known.isdisjoint(chain.from_iterable(map(_wider, keys)))


def _may_meet_others(key: str) -> bool:
    """Tell whether it takes more than cutting the key to know what it meets.

    So it is with placeholders and British codes.
    """
    return key.endswith("?") or (key.startswith("GB ") and not key.endswith("*"))


def _wider(key: str) -> Iterator[str]:
    """Give the patterns that the key's own lies within, the widest last."""
    country, _, pattern = key.partition(" ")
    whole = pattern.removesuffix("*")
    is_pattern = pattern != whole
    longest = len(whole) - 1 if is_pattern else len(whole)
    for length in range(longest, -1, -1):
        yield f"{country} {whole[:length].rstrip()}*"

"""The compiled network: flat arrays that find who covers a place and has what is asked.

No others are looked at. Every territory comes down to a few patterns (``domain.territory``), and a
postcode meets a few. Each *posting* is one partner under one pattern: ``ordinal_of`` (the partner),
``territory_of`` (the entry) and ``sort_rank`` (how specific, which rank, which tier: the lower, the
earlier in the usual order). Postings of one pattern stand together, in that order, and again by
product, so that a lookup is a few slices; what else is asked is one comparison of bits
(``features``).

Partners whose own entries overlap, take parts away or are a backup's stand apart as *layered*:
there the most specific of their entries that meet the place, and are not taken away, has to be
found first.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import Any, Self

from routing_core.domain.checks.extents import Extent, extent, lies_inside
from routing_core.domain.partner import Partner
from routing_core.domain.partner_plain import partner_from_plain, partner_to_plain
from routing_core.domain.programme.areas import Region
from routing_core.domain.programme.stored_document import read_stored
from routing_core.domain.territory.gazetteer import Gazetteer, Point, Shape, cell_of, km_between
from routing_core.domain.territory.states import postal_country
from routing_core.domain.territory.territory import Territory, canonical_postcode
from routing_core.routing.index.arrays import Arrays
from routing_core.routing.index.compiler import Compiler
from routing_core.routing.index.features import DATED, Features, MaskQuery
from routing_core.routing.index.profiles import Profiles

DOCUMENT_SCHEMA = 1
"""The schema of a network stored as a document."""
LOOKED_AT_ONE_BY_ONE = 8
"""Looking at fewer postings than these one by one takes less time than a comprehension."""
TERRITORIES_KEPT = 100_000
"""Limits the entries that are kept once they were parsed."""


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """The partners of a programme, compiled to be looked up.

    It never changes; a change of partners or regions makes a new one with another ``version``.
    """

    version: str
    """Names the content: equal content has equal versions, once it was packed (``snapshot``)."""
    partners: Profiles
    """Gives every partner by id."""
    regions: Mapping[str, Region]
    """Gives the programme's regions by name."""
    unresolved: tuple[tuple[str, str], ...]
    """Names partners with an entry that covers nothing, and the entry.

    It is a region or area that the programme does not name, or a radius around a place that is not
    known.
    """
    features: Features
    """Knows which bit of a mask means what."""
    products: Mapping[str, int]
    """Numbers the products that somebody offers."""
    territories: tuple[str, ...]
    """States the territory entries, as written, by number."""
    zone_names: tuple[str, ...]
    """Names the time zones, by number."""
    arrays: Arrays
    """Holds what is looked up."""
    places: Gazetteer
    """Knows where postcodes are, as far as HQ said."""
    areas: Mapping[str, Mapping[str, Any]]
    """Gives the GeoJSON of the areas that the programme draws."""
    shapes: Mapping[int, Shape]
    """Gives by the number of a territory what has to be met beside its cells."""
    nested: dict[tuple[int, int], bool] = field(default_factory=dict)
    """Says of the numbers of two territories whether the first lies wholly inside the second.

    It is known as far as it was asked.
    """

    @classmethod
    def compile(
        cls,
        version: str,
        partners: Iterable[Partner],
        regions: Mapping[str, Region],
        places: Gazetteer | None = None,
        areas: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Self:
        """Compile a network; of partners with one id the latest version counts.

        Raises ValueError for a region or area that nobody can read (a checked programme has none).
        """
        in_order = sorted(partners, key=lambda partner: (partner.id, partner.version))
        # Of two with one id the later version comes last, and so stays.
        by_id = {partner.id: partner for partner in in_order}
        compiler = Compiler(tuple(by_id.values()), regions, places or Gazetteer(), areas or {})
        return cls(version, *compiler.parts())

    # ── who covers a place ────────────────────────────────────────────────────────────────────────

    def keys(self, country: str, code: str, point: Point | None = None) -> list[str]:
        """Give the patterns and cells that a canonical postcode meets.

        Those that have no slot here may be left out.
        """
        country = postal_country(country)
        keys = self.arrays.keys(country, code)
        if point is None:
            return keys
        cell = cell_of(point)
        return [*keys, f"{country} {cell}", cell]

    def matching(self, keys: Sequence[str], query: MaskQuery) -> list[int]:
        """Find the postings of partners who offer the product and have all needed bits.

        Only those under these patterns are looked at. The layered are not among them. They come in
        the usual order, of equals by id.
        """
        if query.product_number is None:
            return []
        found: list[int] = []
        arrays = self.arrays
        slots = arrays.slots
        start = arrays.by_product_start
        patterns_met = 0
        for key in keys:
            if key not in slots:
                continue
            place = slots[key] * len(self.products) + query.product_number
            begin = start[place]
            end = start[place + 1]
            if begin < end:
                patterns_met += 1
                found += _with_low_bits(arrays, begin, end, query.low)
        # Only networks with many traits have needed bits beyond the low ones.
        if query.high:
            high = query.high
            masks = arrays.masks
            ordinal_of = arrays.ordinal_of
            found = [posting for posting in found if masks[ordinal_of[posting]] & high == high]
        # Those of one pattern stand in the usual order already.
        if patterns_met > 1:
            found.sort(key=self._usual)
        return found

    def _usual(self, posting: int) -> tuple[int, int]:
        return self.arrays.sort_rank[posting], self.arrays.ordinal_of[posting]

    def point(self, country: str, code: str) -> Point | None:
        """Tell where a canonical postcode is; None if nobody said."""
        return self.places.locate(country, code) if code and self.places else None

    def towns(self, country: str, postcode: str) -> tuple[str, ...]:
        """Name the towns that a postcode belongs to; none if nobody said."""
        if not self.places.towns:
            return ()
        return self.places.towns_at(country, canonical_postcode(country, postcode))

    def measures(self, country: str) -> bool:
        """Tell whether somebody covers a part of that country by distance or outline.

        Who would, if the middle of their radius were known, counts too.
        """
        drawn = (self.territories[number] for number in self.shapes)
        radii = (
            entry for _, entry in self.unresolved if " " in entry
        )  # names of regions and areas have none
        return any(_territory(entry).country in ("", country) for entry in chain(drawn, radii))

    def within(self, country: str) -> Callable[[Point], bool]:
        """Give a function that says of points of that country whether a shape covers them.

        That is an entry by distance or outline, also one that takes a part away.
        """
        shapes_near = self._shapes_by_key()

        def covers(point: Point) -> bool:
            cell = cell_of(point)
            for key in (f"{country} {cell}", cell, f"{country} *"):
                if any(shape.covers(point) for shape in shapes_near.get(key, ())):
                    return True
            return False

        return covers

    def _shapes_by_key(self) -> Mapping[str, Sequence[Shape]]:
        arrays = self.arrays
        found: dict[str, list[Shape]] = {}
        for key, slot in arrays.layered_slots.items():
            postings = range(arrays.layered_start[slot], arrays.layered_start[slot + 1])
            numbers = {arrays.territory_of[posting] for posting in postings}
            shapes = [self.shapes[number] for number in numbers if number in self.shapes]
            if shapes:
                found[key] = shapes
        return found

    def km(self, partner: Partner, country: str, postcode: str) -> int | None:
        """Give the whole kilometres from the partner's place to a postcode.

        It is None where one of the two is not known.
        """
        home = self.point(partner.country, canonical_postcode(partner.country, partner.postcode))
        there = self.point(country, canonical_postcode(country, postcode))
        return round(km_between(home, there)) if home and there else None

    def layered(self, keys: Sequence[str], point: Point | None = None) -> list[int]:
        """Find, of partners with several entries there, the posting that counts.

        Those who took the place away are left out.
        """
        counting = map(self._counting, self._layered_met(keys, point))
        return [posting for posting in counting if posting is not None]

    def _layered_met(self, keys: Sequence[str], point: Point | None) -> Iterable[Sequence[int]]:
        """Give the postings that meet a place, those of each partner together."""
        arrays = self.arrays
        met: defaultdict[int, list[int]] = defaultdict(list)
        for key in keys:
            slot = arrays.layered_slots.get(key)
            if slot is None:
                continue
            for posting in range(arrays.layered_start[slot], arrays.layered_start[slot + 1]):
                # A cell is only the neighbourhood of a shape: whether the place lies within has to
                # be measured.
                shape = self.shapes.get(arrays.territory_of[posting])
                if shape is None or (point and shape.covers(point)):
                    met[arrays.ordinal_of[posting]].append(posting)
        return met.values()

    def _counting(self, postings: Sequence[int]) -> int | None:
        """Choose the one of a partner's postings that counts at a place: the most specific.

        It is None if the place is taken away.
        """
        taken = [posting for posting in postings if self.territory(posting).excluded]
        if taken:
            postings = [
                posting
                for posting in postings
                if posting not in taken and self._stays(posting, taken)
            ]
        if len(postings) > 1:
            return min(postings, key=self._precedence)
        return postings[0] if postings else None

    def _stays(self, posting: int, taken: Iterable[int]) -> bool:
        """Tell whether an entry lies inside all that is taken away.

        So specific a one was meant to stay.
        """
        return all(self._is_nested(posting, other) for other in taken)

    def _is_nested(self, posting: int, other: int) -> bool:
        inner = self.arrays.territory_of[posting]
        outer = self.arrays.territory_of[other]
        if (inner, outer) not in self.nested:
            self.nested[inner, outer] = lies_inside(
                self._extent(inner), self._extent(outer), self.places
            )
        return self.nested[inner, outer]

    def _extent(self, number: int) -> Extent:
        return extent(_territory(self.territories[number]), self.regions, self.shapes.get(number))

    def plain(self, keys: Sequence[str]) -> list[int]:
        """Find the postings of everybody who has one entry at the place.

        Those with several are layered.
        """
        start = self.arrays.start
        slots = self.arrays.slots
        found: list[int] = []
        for key in keys:
            slot = slots.get(key)
            if slot is not None:
                found += range(start[slot], start[slot + 1])
        return found

    def plain_partners(self, keys: Sequence[str]) -> list[int]:
        """Find their ordinals."""
        ordinal_of = self.arrays.ordinal_of
        start = self.arrays.start
        slots = self.arrays.slots
        found: list[int] = []
        for key in keys:
            slot = slots.get(key)
            if slot is not None:
                found += ordinal_of[start[slot] : start[slot + 1]]
        return found

    def postings(self, keys: Sequence[str], point: Point | None = None) -> list[int]:
        """Find everybody who covers the place, one posting each."""
        return self.plain(keys) + self.layered(keys, point)

    def covering(self, country: str, postcode: str) -> dict[str, Territory]:
        """Give by partner the most specific entry there.

        A malformed postcode meets whole-country entries only.
        """
        ids = self.partners.ids
        ordinal_of = self.arrays.ordinal_of
        postings = self.covering_postings(country, postcode)
        return {ids[ordinal_of[posting]]: self.territory(posting) for posting in postings}

    def covering_postings(self, country: str, postcode: str) -> Sequence[int]:
        """Find the postings of those entries."""
        code = canonical_postcode(country, postcode)
        point = self.point(country, code)
        return self.postings(self.keys(country, code, point), point)

    # ── what a posting stands for ─────────────────────────────────────────────────────────────────

    def territory(self, posting: int) -> Territory:
        """Give the entry of a posting."""
        return _territory(self.territories[self.arrays.territory_of[posting]])

    def specificity(self, posting: int) -> float:
        """Tell how specific the entry of a posting is: the larger, the narrower."""
        return self.arrays.specificity[self.arrays.territory_of[posting]]

    def partner(self, posting: int) -> Partner:
        """Give the partner of a posting."""
        return self.partners.at(self.arrays.ordinal_of[posting])

    def mask_on(self, ordinal: int, today: date) -> int:
        """Give the partner's mask without the certificates that have ended."""
        mask = self.arrays.masks[ordinal]
        if mask & DATED:
            day = today.toordinal()
            for certificate, ends in self.arrays.certificate_ends.items():
                # 0 stands for a certificate without an end.
                if 0 < ends[ordinal] < day:
                    mask &= ~self.features.bits[("certificate", certificate)]
        return mask

    def _precedence(self, posting: int) -> tuple[float, tuple[int, int, str]]:
        return -self.specificity(posting), self.territory(posting).order

    # ── as a document (for networks stored before there were arrays, and to compare with) ─────────

    def to_document(self) -> dict[str, Any]:
        """Make it JSON-ready: everything needed to compile this network again."""
        return {
            "schema": DOCUMENT_SCHEMA,
            "version": self.version,
            "partners": [partner_to_plain(partner) for partner in self.partners.values()],
            "regions": {
                name: region.model_dump(mode="json") for name, region in self.regions.items()
            },
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Compile a network from its document.

        Raises ValueError for a snapshot written by newer code.
        """
        schema = int(document["schema"])
        if schema > DOCUMENT_SCHEMA:
            raise ValueError(f"the snapshot has schema {schema}, this code reads {DOCUMENT_SCHEMA}")
        return cls.compile(
            document["version"],
            (partner_from_plain(plain) for plain in document["partners"]),
            {name: read_stored(Region, region)[0] for name, region in document["regions"].items()},
        )


def _with_low_bits(arrays: Arrays, begin: int, end: int, needed: int) -> Iterable[int]:
    """Give those of the postings by product whose partners have all the needed low bits."""
    low_bits = arrays.low_bits
    postings = arrays.by_product
    # A slice is a copy, though one made in C: it pays for many postings only.
    if end - begin >= LOOKED_AT_ONE_BY_ONE:
        beside = zip(postings[begin:end], low_bits[begin:end], strict=True)
        return [posting for posting, bits in beside if bits & needed == needed]
    found: list[int] = []
    while begin < end:
        if low_bits[begin] & needed == needed:
            found.append(postings[begin])
        begin += 1
    return found


@lru_cache(maxsize=TERRITORIES_KEPT)
def _territory(text: str) -> Territory:
    return Territory.parse(text)

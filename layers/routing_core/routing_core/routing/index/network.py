"""The compiled network: flat arrays that find who covers a place and has what is asked, without
looking at others.

Every territory comes down to a few patterns (``domain.territory``), and a postcode meets a few.
Each *spot* is one partner under one pattern: ``who`` (the partner's ordinal), ``what`` (the
territory) and ``grade`` (how narrow, which rank, which tier: the lower, the earlier in the usual
order). Spots of one pattern stand together, in that order, and again by product, so that a lookup
is a few slices; what else is asked is one comparison of bits (``features``).

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

from routing_core.domain.extents import Extent, extent, inside
from routing_core.domain.partner import Partner
from routing_core.domain.partner_plain import partner_from_plain, partner_to_plain
from routing_core.domain.programme.programme import Region
from routing_core.domain.programme.stored_document import read_stored
from routing_core.domain.territory.gazetteer import Gazetteer, Point, Shape, cell_of, km_between
from routing_core.domain.territory.states import postal_country
from routing_core.domain.territory.territory import Territory, canonical_postcode
from routing_core.routing.index.arrays import Arrays
from routing_core.routing.index.compiler import Compiler
from routing_core.routing.index.features import DATED, Features, Question
from routing_core.routing.index.profiles import Profiles

SCHEMA = 1
FEW = 8
"""Looking at so few spots one by one takes less time than a comprehension."""


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Never changes; a change of partners or regions makes a new one with another ``version``."""

    version: str
    partners: Profiles
    regions: Mapping[str, Region]
    unresolved: tuple[tuple[str, str], ...]
    """Partners with a region or area that the programme does not name, or a radius around a place
    that is not known: these entries cover nothing.
    """
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
    nested: dict[tuple[int, int], bool] = field(default_factory=dict)
    """Numbers of two territories, as far as this was asked: whether the first lies wholly inside
    the second.
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
        """Raises ValueError for a region or area that nobody can read (a checked programme has
        none).
        """
        by_id = {
            partner.id: partner for partner in sorted(partners, key=lambda p: (p.id, p.version))
        }
        return cls(
            version,
            *Compiler(tuple(by_id.values()), regions, places or Gazetteer(), areas or {}).parts(),
        )

    # ── who covers a place
    # ──────────────────────────────────────────────────────────────────────────────

    def keys(self, country: str, code: str, point: Point | None = None) -> list[str]:
        """The patterns and cells that a canonical postcode meets, of those that may have a slot."""
        country = postal_country(country)
        keys = self.arrays.keys(country, code)
        return keys if point is None else [*keys, f"{country} {cell_of(point)}", cell_of(point)]

    def matching(self, keys: Sequence[str], question: Question) -> list[int]:
        """Spots under these patterns of partners who offer the product and have all bits that the
        question needs; not the layered. In the usual order, of equals by id.
        """
        found: list[int] = []
        number, need, patterns = question.number, question.low, 0
        if number is None:
            return found
        arrays, many = self.arrays, len(self.products)
        slots, start, spots, low = (
            arrays.slots,
            arrays.by_product_start,
            arrays.by_product,
            arrays.low,
        )
        for key in keys:
            if key not in slots:
                continue
            place = slots[key] * many + number
            at, end = start[place], start[place + 1]
            patterns += at < end
            if end - at < FEW:
                while at < end:
                    if low[at] & need == need:
                        found.append(spots[at])
                    at += 1
            else:
                beside = zip(spots[at:end], low[at:end], strict=True)
                found += [spot for spot, bits in beside if bits & need == need]
        if question.high:
            need, masks, who = question.high, arrays.masks, arrays.who
            found = [spot for spot in found if masks[who[spot]] & need == need]
        if patterns > 1:
            found.sort(key=self._usual)
        return found

    def _usual(self, spot: int) -> tuple[int, int]:
        return self.arrays.grade[spot], self.arrays.who[spot]

    def point(self, country: str, code: str) -> Point | None:
        """Where a canonical postcode is; None if nobody said."""
        return self.places.locate(country, code) if code and self.places else None

    def towns(self, country: str, postcode: str) -> tuple[str, ...]:
        """Names the towns that a postcode belongs to; none if nobody said."""
        return (
            self.places.towns_at(country, canonical_postcode(country, postcode))
            if self.places.towns
            else ()
        )

    def measures(self, country: str) -> bool:
        """Whether somebody covers a part of that country by distance or outline, or would if its
        middle were known.
        """
        drawn = (self.territories[number] for number in self.shapes)
        radii = (
            entry for _, entry in self.unresolved if " " in entry
        )  # names of regions and areas have none
        return any(_territory(entry).country in ("", country) for entry in chain(drawn, radii))

    def within(self, country: str) -> Callable[[Point], bool]:
        """Says of points of that country whether an entry by distance or outline covers them, or
        takes them away.
        """
        arrays, shapes = self.arrays, self.shapes
        near: dict[str, list[Shape]] = {}
        for key, slot in arrays.layered_slots.items():
            spots = range(arrays.layered_start[slot], arrays.layered_start[slot + 1])
            if drawn := {
                number for number in map(arrays.what.__getitem__, spots) if number in shapes
            }:
                near[key] = [shapes[number] for number in drawn]

        def covers(point: Point) -> bool:
            keys = (f"{country} {cell_of(point)}", cell_of(point), f"{country} *")
            return any(shape.covers(point) for key in keys for shape in near.get(key, ()))

        return covers

    def km(self, partner: Partner, country: str, postcode: str) -> int | None:
        """Whole kilometres from the partner's place to a postcode; None where one of the two is not
        known.
        """
        home = self.point(partner.country, canonical_postcode(partner.country, partner.postcode))
        there = self.point(country, canonical_postcode(country, postcode))
        return round(km_between(home, there)) if home and there else None

    def layered(self, keys: Sequence[str], point: Point | None = None) -> list[int]:
        """Of partners with several entries there, the spot that counts; those who took the place
        away are left out.
        """
        arrays, shapes = self.arrays, self.shapes
        met: defaultdict[int, list[int]] = defaultdict(list)
        for slot in [arrays.layered_slots[key] for key in keys if key in arrays.layered_slots]:
            for spot in range(arrays.layered_start[slot], arrays.layered_start[slot + 1]):
                shape = shapes.get(arrays.what[spot])
                if shape is None or (point and shape.covers(point)):
                    met[arrays.who[spot]].append(spot)
        counting = map(self._counting, met.values())
        return [spot for spot in counting if spot is not None]

    def _counting(self, spots: Sequence[int]) -> int | None:
        """Of one partner's spots that meet a place; None if it is taken away."""
        away = [spot for spot in spots if self.territory(spot).excluded]
        if away:
            spots = [
                spot
                for spot in spots
                if spot not in away and all(self._stays(spot, taken) for taken in away)
            ]
        return min(spots, key=self._precedence) if len(spots) > 1 else spots[0] if spots else None

    def _stays(self, spot: int, taken: int) -> bool:
        pair = self.arrays.what[spot], self.arrays.what[taken]
        if pair not in self.nested:
            self.nested[pair] = inside(self._extent(pair[0]), self._extent(pair[1]), self.places)
        return self.nested[pair]

    def _extent(self, number: int) -> Extent:
        return extent(_territory(self.territories[number]), self.regions, self.shapes.get(number))

    def plain(self, keys: Sequence[str]) -> list[int]:
        """Everybody who covers the place with the one entry they have there."""
        start, slots = self.arrays.start, self.arrays.slots
        found = [slots[key] for key in keys if key in slots]
        return [spot for slot in found for spot in range(start[slot], start[slot + 1])]

    def plain_partners(self, keys: Sequence[str]) -> list[int]:
        """Their ordinals."""
        who, start, slots = self.arrays.who, self.arrays.start, self.arrays.slots
        found: list[int] = []
        for key in keys:
            slot = slots.get(key)
            if slot is not None:
                found += who[start[slot] : start[slot + 1]]
        return found

    def spots(self, keys: Sequence[str], point: Point | None = None) -> list[int]:
        """Everybody who covers the place, one spot each."""
        return self.plain(keys) + self.layered(keys, point)

    def covering(self, country: str, postcode: str) -> dict[str, Territory]:
        """Partner → its most specific entry there; for a malformed postcode whole-country entries
        only.
        """
        spots = self.covering_spots(country, postcode)
        return {self.partners.ids[self.arrays.who[spot]]: self.territory(spot) for spot in spots}

    def covering_spots(self, country: str, postcode: str) -> Sequence[int]:
        """The spots of those entries."""
        code = canonical_postcode(country, postcode)
        point = self.point(country, code)
        return self.spots(self.keys(country, code, point), point)

    def territory(self, spot: int) -> Territory:
        return _territory(self.territories[self.arrays.what[spot]])

    def specificity(self, spot: int) -> float:
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
        return -self.specificity(spot), self.territory(spot).order

    # ── as a document (for networks stored before there were arrays, and to compare with)
    # ────────────────

    def to_document(self) -> dict[str, Any]:
        """JSON-ready: everything needed to compile this network again."""
        return {
            "schema": SCHEMA,
            "version": self.version,
            "partners": [partner_to_plain(partner) for partner in self.partners.values()],
            "regions": {
                name: region.model_dump(mode="json") for name, region in self.regions.items()
            },
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Raises ValueError for a snapshot written by newer code."""
        if int(document["schema"]) > SCHEMA:
            raise ValueError(
                f"the snapshot has schema {document['schema']}, this code reads {SCHEMA}"
            )
        return cls.compile(
            document["version"],
            (partner_from_plain(plain) for plain in document["partners"]),
            {name: read_stored(Region, region)[0] for name, region in document["regions"].items()},
        )


@lru_cache(maxsize=100_000)
def _territory(text: str) -> Territory:
    return Territory.parse(text)

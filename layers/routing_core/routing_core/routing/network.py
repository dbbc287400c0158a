"""The compiled network: partners indexed by where they work.

Every territory comes down to a few patterns (``domain.territory``); the index keeps, by country, who
stated which. A postcode meets about eleven patterns, so that a lookup touches only partners who cover
it, whatever the size of the network.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from ..domain.partner import Partner
from ..domain.partner_plain import partner_from_plain, partner_to_plain
from ..domain.programme import Region
from ..domain.territory import WORLD, Reach, Territory, canonical_postcode, narrowness_of, patterns_met

SCHEMA = 1


class Entry(NamedTuple):
    """Under one pattern: a partner who works there, and what the territory entry says."""

    partner: str
    territory: Territory
    order: tuple[float, tuple[int, int, str]]
    """Of one partner's entries the least counts: the narrowest, then as ``Territory.order`` says."""

    @property
    def narrowness(self) -> float:
        """``Territory.narrowness``, and for a region that of all it names."""
        return -self.order[0]


class Area(NamedTuple):
    """A named region, resolved."""

    country: str
    patterns: tuple[str, ...]
    narrowness: float


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Never changes; a change of partners or regions makes a new one with another ``version``."""

    version: str
    partners: Mapping[str, Partner]
    regions: Mapping[str, Region]
    areas: Mapping[str, Area]
    index: Mapping[str, Mapping[str, tuple[Entry, ...]]]
    """Country → pattern → entries, by partner id."""
    unresolved: tuple[tuple[str, str], ...]
    """Partners with a region that the programme does not name: these entries cover nothing."""

    @classmethod
    def compile(cls, version: str, partners: Iterable[Partner], regions: Mapping[str, Region]) -> Self:
        """Raises ValueError for a region with an entry nobody can read (a checked programme has none)."""
        areas = {name: _area(region) for name, region in regions.items()}
        by_id = {partner.id: partner for partner in sorted(partners, key=lambda p: (p.id, p.version))}
        index: dict[str, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
        unresolved = []
        for partner in by_id.values():
            for territory in dict.fromkeys(partner.territories):
                area = _resolve(territory, areas)
                if area is None:
                    unresolved.append((partner.id, territory.value))
                    continue
                entry = Entry(partner.id, territory, (-area.narrowness, territory.order))
                for pattern in area.patterns:
                    index[area.country][pattern].append(entry)
        frozen = {
            country: {pattern: tuple(entries) for pattern, entries in patterns.items()}
            for country, patterns in index.items()
        }
        return cls(version, by_id, dict(regions), areas, frozen, tuple(unresolved))

    def covering(self, country: str, postcode: str) -> dict[str, Territory]:
        """Partner → its most specific entry there; for a malformed postcode whole-country entries only."""
        return {partner: entry.territory for partner, entry in self.entries(country, postcode).items()}

    def entries(self, country: str, postcode: str) -> dict[str, Entry]:
        """As ``covering``, with how specific each entry is. Who excluded the place is not there."""
        best: dict[str, Entry] = {}
        for entry in self._met(country, canonical_postcode(country, postcode)):
            known = best.get(entry.partner)
            if known is None or entry.order < known.order:
                best[entry.partner] = entry
        return {partner: entry for partner, entry in best.items() if not entry.territory.excluded}

    def _met(self, country: str, code: str) -> Iterator[Entry]:
        patterns = self.index.get(country, {})
        for pattern in patterns_met(code):
            yield from patterns.get(pattern, ())
        yield from self.index.get(WORLD, {}).get(WORLD, ())

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


def region_entries(region: Region) -> tuple[Territory, ...]:
    """What a region names, read; raises ValueError saying what would be right."""
    return tuple(Territory.parse(f"{region.country} {entry}") for entry in region.postcodes)


def _area(region: Region) -> Area:
    entries = region_entries(region)
    patterns = dict.fromkeys(pattern for entry in entries for pattern in entry.patterns)
    return Area(region.country, tuple(patterns), narrowness_of(entries))


def _resolve(territory: Territory, areas: Mapping[str, Area]) -> Area | None:
    if territory.reach is Reach.REGION:
        return areas.get(territory.value)
    return Area(territory.country or WORLD, territory.patterns, territory.narrowness)

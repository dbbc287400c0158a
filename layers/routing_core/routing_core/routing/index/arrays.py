"""What a compiled network is made of: everything flat, in the order in which it is read."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from routing_core.domain.territory.territory import WORLD, patterns_met

DIGITS = {
    "DE": 5,
    "AT": 4,
    "CH": 4,
    "LI": 4,
    "US": 5,
    "FR": 5,
    "IT": 5,
    "ES": 5,
    "PL": 5,
    "BE": 4,
    "LU": 4,
}
DIGITS |= {"BR": 8, "DK": 4, "SE": 5, "CZ": 5, "PT": 7, "AU": 4}
"""Countries whose postcodes are numbers of one length, so that fewer patterns have to be kept and
looked up. Stored snapshots were compiled by this very table: another country in it needs another
schema.
"""
EVERYWHERE = f"{WORLD} {WORLD}"


@dataclass(slots=True)
class Arrays:
    """``slots`` names each pattern (``DE 80*``); its spots are ``start[n]`` to ``start[n + 1]``."""

    slots: Mapping[str, int]
    start: "array[int]"
    layered_slots: Mapping[str, int]
    layered_start: "array[int]"
    depths: Mapping[str, Sequence[tuple[int, str]]]
    """Country with postcodes of digits → how many leading ones its patterns name, and what follows:
    ``*``, or nothing after a whole postcode. No others need to be looked up. The world is a country
    too.
    """
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
    """By ordinal, latitude and longitude of the partner's own place, nan where not known; empty if
    none is.
    """

    def keys(self, country: str, code: str) -> list[str]:
        """Of the patterns a canonical postcode meets, those that may have a slot here."""
        depths = self.depths.get(country)
        if depths is None or not code:
            return keys_met(country, code)
        keys = [EVERYWHERE] if WORLD in self.depths else []
        for depth, end in depths:
            keys.append(f"{country} {code[:depth]}{end}")
        return keys


def keys_met(country: str, code: str) -> list[str]:
    """The patterns a canonical postcode meets, as slots are named; those of the whole world too."""
    if country in DIGITS:
        start = f"{country} {code}"
        keys = [f"{start[:length]}*" for length in range(len(start), len(country), -1)]
        if code:
            keys.append(start)
    else:
        keys = [f"{country} {pattern}" for pattern in patterns_met(code)]
    keys.append(EVERYWHERE)
    return keys


def key_of(country: str, pattern: str) -> str:
    """``80???`` is ``80*`` where every postcode has as many digits; cells of an area are of any
    country.
    """
    if not country:
        return pattern
    if DIGITS.get(country) == len(pattern) and pattern.endswith("?"):
        pattern = f"{pattern.rstrip('?')}*"
    return f"{country} {pattern}"


def depths_of(keys: Iterable[str]) -> dict[str, tuple[tuple[int, str], ...]]:
    found: dict[str, set[tuple[int, str]]] = {}
    for key in keys:
        country, _, pattern = key.partition(" ")
        if (country in DIGITS or country == WORLD) and not pattern.startswith("@"):
            start = pattern.removesuffix("*")
            found.setdefault(country, set()).add((len(start), pattern[len(start) :]))
    return {
        country: tuple(sorted(depths, reverse=True)) for country, depths in sorted(found.items())
    }

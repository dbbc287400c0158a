"""What a compiled network is made of: all flat, in the order in which it is read.

It is an inverted index, as a search engine has one. A *slot* is one pattern of postcodes (``DE
80*``), a *posting* is one partner under one pattern, and the postings of a slot stand together.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from routing_core.domain.territory.territory import WORLD, patterns_met

DIGITS: dict[str, int] = {
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
    "BR": 8,
    "DK": 4,
    "SE": 5,
    "CZ": 5,
    "PT": 7,
    "AU": 4,
}
"""Gives the digits of a postcode in countries whose postcodes are numbers of one length.

So fewer patterns have to be kept and looked up. Stored snapshots were compiled by this very table:
another country in it needs another schema.
"""
KEY_OF_EVERYWHERE = f"{WORLD} {WORLD}"
"""Names the slot of those who work in the whole world."""


@dataclass(slots=True)
class Arrays:
    """The flat arrays of one network.

    A partner is known by its *ordinal*, its place in the order of ids.
    """

    slots: Mapping[str, int]
    """Numbers each pattern (``DE 80*``).

    The postings of number n are ``start[n]`` to ``start[n + 1]``.
    """
    start: "array[int]"
    """Says by slot where its postings begin.

    There is one more at the end, so that the last slot ends too.
    """
    layered_slots: Mapping[str, int]
    """Numbers the patterns of partners of whose entries several may meet a place."""
    layered_start: "array[int]"
    """Says by layered slot where its postings begin."""
    depths: Mapping[str, Sequence[tuple[int, str]]]
    """Gives by country with postcodes of digits how many leading ones its patterns name.

    With it stands what follows: ``*``, or nothing after a whole postcode. No others need to be
    looked up. The world is a country too.
    """
    ordinal_of: "array[int]"
    """Gives by posting the partner's ordinal."""
    territory_of: "array[int]"
    """Gives by posting the number of the territory entry."""
    sort_rank: "array[int]"
    """Gives by posting its place in the usual order (specificity, rank, tier).

    The lower it is, the earlier.
    """
    by_product_start: "array[int]"
    """Says by pattern, then product, where its postings begin in ``by_product``."""
    by_product: "array[int]"
    """Lists the postings of each slot again, sorted by product."""
    low_bits: "array[int]"
    """Gives beside each of ``by_product`` the low bits of the partner's mask."""
    masks: Sequence[int]
    """Gives by ordinal what the partner has and how it stands, one bit each (``features``)."""
    tiers: "array[int]"
    """Gives by ordinal the partner's tier, 1 the best."""
    zones: "array[int]"
    """Gives by ordinal the number of the partner's time zone."""
    certificate_ends: Mapping[str, "array[int]"]
    """Gives by certificate, then by ordinal, the last day it is valid, as days since year 1.

    0 means that it does not end.
    """
    ranks: "array[int]"
    """Gives by territory the partner's rank there, 1 first."""
    specificity: "array[float]"
    """Gives by territory how specific it is: the larger, the narrower the entry."""
    coordinates: "array[float]"
    """Gives by ordinal, two each, latitude and longitude of the partner's own place.

    They are nan where it is not known; all is empty if none is.
    """

    def keys(self, country: str, code: str) -> list[str]:
        """Give the patterns that a canonical postcode meets, of those that may have a slot here."""
        depths = self.depths.get(country)
        if depths is None or not code:
            return keys_met(country, code)
        # In any order: the postings of several patterns are sorted afterwards.
        keys = [KEY_OF_EVERYWHERE] if WORLD in self.depths else []
        for depth, end in depths:
            keys.append(f"{country} {code[:depth]}{end}")
        return keys


def keys_met(country: str, code: str) -> list[str]:
    """Give the patterns that a canonical postcode meets, as slots are named.

    Those of the whole world are among them.
    """
    if country in DIGITS:
        start = f"{country} {code}"
        keys = [f"{start[:length]}*" for length in range(len(start), len(country), -1)]
        if code:
            keys.append(start)
    else:
        keys = [f"{country} {pattern}" for pattern in patterns_met(code)]
    keys.append(KEY_OF_EVERYWHERE)
    return keys


def key_of(country: str, pattern: str) -> str:
    """Name the slot of a pattern; cells of an area are of any country.

    ``80???`` is ``80*`` where every postcode has as many digits.
    """
    if not country:
        return pattern
    if DIGITS.get(country) == len(pattern) and pattern.endswith("?"):
        leading = pattern.rstrip("?")
        pattern = f"{leading}*"
    return f"{country} {pattern}"


def depths_of(keys: Iterable[str]) -> dict[str, tuple[tuple[int, str], ...]]:
    """Find how many leading digits the patterns of each country name.

    They are given as ``Arrays.depths`` has them.
    """
    found: dict[str, set[tuple[int, str]]] = {}
    for key in keys:
        country, _, pattern = key.partition(" ")
        # A cell of an area (``@…``) is looked up by where the place is, never by its postcode.
        if pattern.startswith("@") or (country not in DIGITS and country != WORLD):
            continue
        start = pattern.removesuffix("*")
        end = pattern[len(start) :]
        found.setdefault(country, set()).add((len(start), end))
    return {
        country: tuple(sorted(depths, reverse=True)) for country, depths in sorted(found.items())
    }

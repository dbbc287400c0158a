"""A country cut into parts in which every postcode is covered by the same partners.

Who covers a place can only change where some territory begins or ends: between two such borders one
postcode answers for all, so that nobody need walk through all of them.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from routing_core.domain.territory.postcodes import numbers, shapes
from routing_core.domain.territory.territory import (
    WORLD,
    Territory,
    canonical_postcode,
    patterns_met,
)

_CHARACTERS = "A0123456789BCDEFGHIJKLMNOPQRSTUVWXYZ"
_TRIES = 20_000
# Postcodes tried before a pattern is taken to be used up by narrower ones.
_FEW_CHARACTERS = 3
# So many are tried where no narrower pattern looks: the form of the postcode is all that matters
# there.


class Cell(NamedTuple):
    """A part of a country in which every postcode is covered by the same partners."""

    country: str
    first: str
    last: str
    """First and last postcode where they are numbers; else both the pattern they share."""
    without: tuple[str, ...]
    """Lists narrower patterns that are cells of their own."""
    postcode: str
    """Gives one postcode that answers for all."""


def cut_into_cells(
    country: str, territories: Iterable[Territory], more: Iterable[str] = ()
) -> Iterator[Cell]:
    """Cut the country where any of the territories begins or ends; in order.

    So it is with the patterns that are given beside them.
    """
    patterns = dict.fromkeys(more)
    for territory in territories:
        patterns.update(dict.fromkeys(territory.patterns))
    spans = numbers(country)
    if spans:
        yield from _number_cells(country, patterns, spans)
    else:
        yield from _letter_cells(country, patterns)


def _number_cells(
    country: str, patterns: Iterable[str], spans: Sequence[tuple[str, str]]
) -> Iterator[Cell]:
    # All postcodes of such a country have as many digits.
    digits = len(spans[0][0])
    borders = _borders(patterns, digits)
    for first, last in spans:
        begins = int(first)
        end = int(last) + 1
        inside = sorted(border for border in borders if begins < border < end)
        for border in (*inside, end):
            low = f"{begins:0{digits}d}"
            high = f"{border - 1:0{digits}d}"
            yield Cell(country, low, high, (), low)
            begins = border


def _borders(patterns: Iterable[str], digits: int) -> set[int]:
    """Find the postcodes at which a pattern begins, and those just behind its end."""
    borders: set[int] = set()
    for pattern in patterns:
        stem = pattern.rstrip("*?")
        is_number = not stem or stem.isdecimal()
        meets_postcodes = len(pattern) in (digits, len(stem) + 1)
        if len(stem) <= digits and is_number and meets_postcodes:
            borders.add(int(stem.ljust(digits, "0") or 0))
            borders.add(int(stem.ljust(digits, "9")) + 1)
    return borders


def _letter_cells(country: str, patterns: Iterable[str]) -> Iterator[Cell]:
    """Give a cell for each pattern.

    One that no postcode meets has none, nor has one that narrower ones take up entirely.
    """
    around = _patterns_around(country, patterns)
    for pattern in around:
        narrower = [other for other, wider in around.items() if pattern in wider]
        without = tuple(other for other in narrower if around[other].isdisjoint(narrower))
        postcode = _some_postcode(country, pattern, frozenset(without))
        if postcode:
            yield Cell(country, pattern, pattern, without, postcode)


def _patterns_around(country: str, patterns: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Give by pattern the wider ones that it lies within.

    Patterns that no postcode meets are left out.
    """
    around: dict[str, frozenset[str]] = {}
    for pattern in sorted({WORLD, *patterns}):
        postcode = _some_postcode(country, pattern, frozenset())
        if postcode:
            met = patterns_met(canonical_postcode(country, postcode))
            around[pattern] = frozenset(met) - {pattern}
    return around


def _some_postcode(country: str, pattern: str, without: frozenset[str]) -> str:
    """Find a postcode that meets the pattern and none of the others.

    Give an empty text if there is none.
    """
    stem = _stem(pattern)
    longest = max((len(_stem(other)) for other in without), default=len(stem))
    looked_at = max(longest - len(stem), 0)
    for shape in shapes(country):
        possible = [_possible(sign) for sign in shape]
        if not _fits(stem, possible):
            continue
        rest = possible[len(stem) :]
        # Behind what the others look at a few characters will do, or there would be millions of
        # endings.
        choices = [
            *rest[:looked_at],
            *(characters[:_FEW_CHARACTERS] for characters in rest[looked_at:]),
        ]
        for ending in itertools.islice(itertools.product(*choices), _TRIES):
            code = canonical_postcode(country, stem + "".join(ending))
            met = set(patterns_met(code)) if code else set()
            if pattern in met and met.isdisjoint(without):
                return code
    return ""


def _fits(stem: str, possible: Sequence[str]) -> bool:
    """Tell whether a postcode of that form may begin with the stem."""
    if len(stem) > len(possible):
        return False
    return all(character in there for character, there in zip(stem, possible, strict=False))


@cache
def _possible(sign: str) -> str:
    """Give the characters that a class of a pattern allows."""
    return "".join(re.findall(sign, _CHARACTERS))


def _stem(pattern: str) -> str:
    return pattern.rstrip("*?").replace(" ", "")


def areas(run: Sequence[Cell], whole: int) -> tuple[str, ...]:
    """Write neighbouring cells together, as one would write a territory.

    ``whole`` counts the country's cells.
    """
    country = run[0].country
    if len(run) == whole:
        return (country,)
    if not numbers(country):
        return tuple(_lettered(cell) for cell in run)
    return (f"{country} {_span(run[0].first, run[-1].last)}",)


def _lettered(cell: Cell) -> str:
    area = cell.country if cell.first == WORLD else f"{cell.country} {cell.first}"
    return f"{area} without {', '.join(cell.without)}" if cell.without else area


def _span(first: str, last: str) -> str:
    """Write ``97*`` where that says it, else ``97000-98999``, or a single postcode."""
    if first == last:
        return first
    shared = 0
    while first[shared] == last[shared]:
        shared += 1
    is_whole = set(first[shared:]) == {"0"} and set(last[shared:]) == {"9"}
    return f"{first[:shared]}*" if shared and is_whole else f"{first}-{last}"

"""A country cut into parts in which every postcode is covered by the same partners.

Who covers a place can only change where some territory begins or ends: between two such borders one
postcode answers for all, so that nobody need walk through all of them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, islice
from itertools import product as every
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


class Cell(NamedTuple):
    """A part of a country in which every postcode is covered by the same partners."""

    country: str
    first: str
    last: str
    """First and last postcode where they are numbers; else both the pattern they share."""
    without: tuple[str, ...]
    """Narrower patterns that are cells of their own."""
    postcode: str
    """One that answers for all."""


def cells(
    country: str, territories: Iterable[Territory], more: Iterable[str] = ()
) -> Iterator[Cell]:
    """The country cut where any of the territories, or of the patterns beside them, begins or ends;
    in order.
    """
    patterns = dict.fromkeys(chain(more, *(territory.patterns for territory in territories)))
    if spans := numbers(country):
        yield from _number_cells(country, patterns, spans)
    else:
        yield from _letter_cells(country, patterns)


def _number_cells(
    country: str, patterns: Iterable[str], spans: Sequence[tuple[str, str]]
) -> Iterator[Cell]:
    digits = len(spans[0][0])
    borders = set()
    for pattern in patterns:
        stem = pattern.rstrip("*?")
        if (
            len(stem) <= digits
            and (not stem or stem.isdecimal())
            and len(pattern) in (digits, len(stem) + 1)
        ):
            borders |= {int(stem.ljust(digits, "0") or 0), int(stem.ljust(digits, "9")) + 1}
    for first, last in spans:
        begins = int(first)
        inside = sorted(border for border in borders if begins < border <= int(last))
        for border in (*inside, int(last) + 1):
            low, high = f"{begins:0{digits}d}", f"{border - 1:0{digits}d}"
            yield Cell(country, low, high, (), low)
            begins = border


def _letter_cells(country: str, patterns: Iterable[str]) -> Iterator[Cell]:
    """A pattern that no postcode meets is no cell, nor is one that narrower ones take up
    entirely.
    """
    meeting = {
        pattern: _some_postcode(country, pattern, frozenset())
        for pattern in sorted({WORLD, *patterns})
    }
    inside = {
        pattern: frozenset(patterns_met(canonical_postcode(country, postcode))) - {pattern}
        for pattern, postcode in meeting.items()
        if postcode
    }
    for pattern in inside:
        narrower = [other for other, around in inside.items() if pattern in around]
        without = tuple(other for other in narrower if inside[other].isdisjoint(narrower))
        postcode = _some_postcode(country, pattern, frozenset(without))
        if postcode:
            yield Cell(country, pattern, pattern, without, postcode)


def _some_postcode(country: str, pattern: str, without: frozenset[str]) -> str:
    """One that meets the pattern and none of the others; empty if there is none."""
    stem = _stem(pattern)
    reach = max((len(_stem(other)) for other in without), default=len(stem)) - len(stem)
    for shape in shapes(country):
        possible = [_possible(sign) for sign in shape]
        if len(stem) > len(possible) or any(
            c not in there for c, there in zip(stem, possible, strict=False)
        ):
            continue
        rest = possible[len(stem) :]
        choices = [there if place < reach else there[:3] for place, there in enumerate(rest)]
        for ending in islice(every(*choices), _TRIES):
            code = canonical_postcode(country, stem + "".join(ending))
            met = set(patterns_met(code)) if code else set()
            if pattern in met and met.isdisjoint(without):
                return code
    return ""


@cache
def _possible(sign: str) -> str:
    """The characters that a class of a pattern allows."""
    return "".join(re.findall(sign, _CHARACTERS))


def _stem(pattern: str) -> str:
    return pattern.rstrip("*?").replace(" ", "")


def areas(run: Sequence[Cell], whole: int) -> tuple[str, ...]:
    """How neighbouring cells are written together, as one would write a territory; ``whole``: the
    country's.
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
    """``97*`` where that says it, else ``97000-98999``, or a single postcode."""
    if first == last:
        return first
    shared = next(place for place, (a, b) in enumerate(zip(first, last, strict=True)) if a != b)
    if shared and set(first[shared:]) == {"0"} and set(last[shared:]) == {"9"}:
        return f"{first[:shared]}*"
    return f"{first}-{last}"

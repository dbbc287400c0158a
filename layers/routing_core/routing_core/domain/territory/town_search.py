"""Where a town is that somebody typed instead of a postcode: by the names in HQ's list of places.

Of one town with many postcodes the middle one stands for all. Several towns of one name are told
apart by their state, by what else belongs to the name (``Frankfurt (Oder)``), or by lying far from
each other.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, product
from typing import NamedTuple

from routing_core.domain.territory.gazetteer import Gazetteer, Point, km_between
from routing_core.domain.territory.postcodes import one_beginning
from routing_core.domain.territory.states import state_at, state_of
from routing_core.domain.territory.territory import canonical_postcode
from routing_core.domain.territory.town_names import split_towns
from routing_core.domain.territory.town_spelling import Spelling, spellings

APART_KM = 40
"""Two postcodes of one name, and none of it in between, are two towns if they are farther apart."""
BEYOND = 10
"""A town with more than so many times the postcodes of its neighbour over the border is the only
one of the two.
"""
MOST = 24
"""Towns of one name that anybody is asked to choose from."""


class Town(NamedTuple):
    name: str
    """As the list has it."""
    postcode: str
    """The one in the middle, capitals and digits only; where the list has only how postcodes begin
    there, one of those.
    """
    listed: str
    """The same as the list has it: ``WS9``."""
    postcodes: int
    """How many it has."""
    state: str
    """Its name; empty where no source tells."""

    @property
    def label(self) -> str:
        """Tells towns of one name apart: ``Neustadt (Sachsen), 01844``."""
        where = f" ({self.state})" if self.state and "(" not in self.name else ""
        return f"{self.name}{where}, {self.listed}"


FindTowns = Callable[[str, str], Sequence[Town]]
"""Of a country's code and what was typed: the towns that may be meant."""


class _Found(NamedTuple):
    name: str
    code: str
    listed: str
    point: Point
    state: str
    """Its key; empty where no source tells."""


def find_towns(places: Gazetteer, country: str, typed: str) -> tuple[Town, ...]:
    """Finds every town that may be meant, by name and postcode; none where the list has no names,
    or not that one.
    """
    only, typed = _chosen(places, country, typed)
    meant = _readings(country, typed)
    groups: dict[tuple[str, ...], list[_Found]] = {}
    for found in _rows(places, country, {spelling.words[0][0] for spelling, _ in meant}):
        if only and found.listed != only:
            continue
        ways = spellings(found.name)
        if _may_be_meant(found, ways, meant):
            groups.setdefault(ways[0].words, []).append(found)
    towns: list[Town] = []
    for near in chain.from_iterable(map(_near_each_other, groups.values())):
        towns += [_town(country, there) for there in _parted(near)]
    by_postcode = {town.postcode: town for town in sorted(towns, reverse=True)}
    return tuple(sorted(by_postcode.values()))[:MOST]


def _chosen(places: Gazetteer, country: str, typed: str) -> tuple[str, str]:
    """What postcodes begin with, if it stands before the town as in the answer of who chose from
    several (``WS9 Walsall``), and the town.
    """
    first, _, town = typed.strip().partition(" ")
    beginning = first.upper()
    name = f"{country} {beginning}"
    row = bisect_left(places.names, name)
    if town and places.names[row : row + 1] == [name]:
        return beginning, town
    return "", typed


def _readings(country: str, typed: str) -> list[tuple[Spelling, str]]:
    """What was typed, as a town; and without its last words, where they name a state: ``Denver,
    CO``, ``Denver Colorado``.
    """
    found = [(spelling, "") for spelling in spellings(typed)]
    words = typed.replace(",", " ").replace("(", " ").replace(")", " ").split()
    for last in (1, 2):
        state = state_of(country, " ".join(words[-last:])) if len(words) > last else None
        if state:
            found += [(spelling, state.key) for spelling in spellings(" ".join(words[:-last]))]
    return found


def _rows(places: Gazetteer, country: str, initials: set[str]) -> Iterator[_Found]:
    """The names of the country's postcodes that begin with one of those letters: to spell out all
    the others would take a tenth of a second. Of what only begins postcodes (``WS9``) one that
    begins so is taken.
    """
    first, end = bisect_left(places.names, f"{country} "), bisect_left(places.names, f"{country}!")
    lines = places.towns.lines
    for row in range(first, end if lines else first):
        for name in split_towns(lines[row]):
            if _initial(name) in initials:
                listed = places.names[row].partition(" ")[2]
                code = canonical_postcode(country, one_beginning(country, listed))
                if code:
                    state = state_at(country, code)
                    yield _Found(
                        name, code, listed, places.point_at(row), state.key if state else ""
                    )


def _initial(name: str) -> str:
    """The first letter of a spelling."""
    letter = name[0]
    if letter.isascii() and letter.isalpha():
        return letter.lower()
    known = spellings(name)
    return known[0].words[0][0] if known else ""


def _may_be_meant(
    found: _Found, ways: Sequence[Spelling], meant: Iterable[tuple[Spelling, str]]
) -> bool:
    here = [typed for typed, state in meant if state in ("", found.state)]
    return any(_means(typed, way) for typed, way in product(here, ways))


def _means(typed: Spelling, name: Spelling) -> bool:
    """Whether somebody who types this may mean that town: all of the name, the name without what
    tells it from others, or that shortened (``Frankfurt a. M.``).
    """
    if typed.words in (name.words, name.short):
        return True
    size = name.name
    rest, full = typed.words[size:], name.words[size:]
    if typed.words[:size] != name.short or len(rest) != len(full):
        return False
    return all(word.startswith(part) for part, word in zip(rest, full, strict=True))


def _near_each_other(group: Sequence[_Found]) -> list[list[_Found]]:
    """One list for each town: a postcode near several of those found so far shows that they are
    one.
    """
    towns: list[list[_Found]] = []
    for found in group:
        town = [found]
        apart = []
        for other in towns:
            if _is_near(found, other):
                town += other
            else:
                apart.append(other)
        towns = [*apart, town]
    return towns


def _is_near(found: _Found, town: Sequence[_Found]) -> bool:
    return any(km_between(found.point, each.point) <= APART_KM for each in town)


def _parted(near: Sequence[_Found]) -> list[list[_Found]]:
    """One list for each state, as of Kansas City; of a town with a postcode or two beyond the
    border only one.
    """
    by_state: dict[str, list[_Found]] = {}
    for found in near:
        by_state.setdefault(found.state, []).append(found)
    largest = max(map(len, by_state.values()))
    return [there for there in by_state.values() if len(there) * BEYOND >= largest]


def _town(country: str, found: Sequence[_Found]) -> Town:
    middle = Point(
        sum(each.point.lat for each in found) / len(found),
        sum(each.point.lon for each in found) / len(found),
    )
    central = min(found, key=lambda each: (km_between(middle, each.point), each.code))
    state = state_at(country, central.code)
    postcodes = len({each.code for each in found})
    return Town(central.name, central.code, central.listed, postcodes, state.name if state else "")

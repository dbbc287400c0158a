"""Find the town that somebody typed instead of a postcode, by the names in HQ's list of places.

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
from routing_core.domain.territory.town_spelling import Spelling, town_spellings

APART_KM = 40
"""Two postcodes of one name are two towns if they are farther apart, and none of it in between."""
TIMES_LARGER = 10
"""A town stands alone with so many times the postcodes of its neighbour over the border."""
MOST_CHOICES = 24
"""The most towns of one name that anybody is asked to choose from."""


class Town(NamedTuple):
    """A town that may be meant."""

    name: str
    """The name as the list has it."""
    postcode: str
    """The postcode in its middle, capitals and digits only.

    Where the list has only how postcodes begin there, it is one of those.
    """
    listed: str
    """The same postcode as the list has it: ``WS9``."""
    postcodes: int
    """How many postcodes it has."""
    state: str
    """The name of its state; empty where no source tells."""

    @property
    def label(self) -> str:
        """What tells towns of one name apart: ``Neustadt (Sachsen), 01844``."""
        where = f" ({self.state})" if self.state and "(" not in self.name else ""
        return f"{self.name}{where}, {self.listed}"


FindTowns = Callable[[str, str], Sequence[Town]]
"""Takes a country's code and what was typed, and gives the towns that may be meant."""


class _Found(NamedTuple):
    """One postcode of a town, as the list has it."""

    name: str
    code: str
    listed: str
    point: Point
    state: str
    """The key of its state; empty where no source tells."""


def find_towns(places: Gazetteer, country: str, typed: str) -> tuple[Town, ...]:
    """Find every town that may be meant, in the order of name and postcode.

    There is none where the list has no names, or not that one.
    """
    only, typed = _chosen(places, country, typed)
    meant = _readings(country, typed)
    initials = {spelling.words[0][0] for spelling, _ in meant}
    groups: dict[tuple[str, ...], list[_Found]] = {}
    for found in _rows(places, country, initials):
        if only and found.listed != only:
            continue
        ways = town_spellings(found.name)
        if _may_be_meant(found, ways, meant):
            groups.setdefault(ways[0].words, []).append(found)
    towns: list[Town] = []
    for near in chain.from_iterable(map(_near_each_other, groups.values())):
        towns += [_town(country, there) for there in _parted(near)]
    # Two names of one postcode are one choice: the first of them in the alphabet.
    by_postcode = {town.postcode: town for town in sorted(towns, reverse=True)}
    return tuple(sorted(by_postcode.values()))[:MOST_CHOICES]


def _chosen(places: Gazetteer, country: str, typed: str) -> tuple[str, str]:
    """Part what postcodes begin with from the town behind it.

    So (``WS9 Walsall``) is the answer of who chose from several; else the first part is empty.
    """
    first, _, town = typed.strip().partition(" ")
    beginning = first.upper()
    name = f"{country} {beginning}"
    row = bisect_left(places.names, name)
    if town and places.names[row : row + 1] == [name]:
        return beginning, town
    return "", typed


def _readings(country: str, typed: str) -> list[tuple[Spelling, str]]:
    """Read what was typed as a town, each way with the key of the state it names, if any.

    Where the last words name a state (``Denver, CO``, ``Denver Colorado``), the town is also what
    stands before them.
    """
    found = [(spelling, "") for spelling in town_spellings(typed)]
    words = typed.replace(",", " ").replace("(", " ").replace(")", " ").split()
    for last in (1, 2):
        if len(words) <= last:
            break
        state = state_of(country, " ".join(words[-last:]))
        if state:
            town = " ".join(words[:-last])
            found += [(spelling, state.key) for spelling in town_spellings(town)]
    return found


def _rows(places: Gazetteer, country: str, initials: set[str]) -> Iterator[_Found]:
    """Yield the towns of the country whose names begin with one of those letters.

    To spell out all the others would take a tenth of a second.
    """
    lines = places.towns.lines
    if not lines:
        return
    first = bisect_left(places.names, f"{country} ")
    # "!" is the character after the space: the first name of the next country.
    end = bisect_left(places.names, f"{country}!")
    for row in range(first, end):
        for name in split_towns(lines[row]):
            if _initial(name) not in initials:
                continue
            found = _found(places, country, row, name)
            if found:
                yield found


def _found(places: Gazetteer, country: str, row: int, name: str) -> _Found | None:
    """Take down one town of a row; None where nobody can tell a postcode of it."""
    listed = places.names[row].partition(" ")[2]
    # Of what only begins postcodes (``WS9``), one that begins so is taken.
    code = canonical_postcode(country, one_beginning(country, listed))
    if not code:
        return None
    state = state_at(country, code)
    return _Found(name, code, listed, places.point_at(row), state.key if state else "")


def _initial(name: str) -> str:
    """Give the first letter of a spelling."""
    letter = name[0]
    if letter.isascii() and letter.isalpha():
        return letter.lower()
    known = town_spellings(name)
    return known[0].words[0][0] if known else ""


def _may_be_meant(
    found: _Found, ways: Sequence[Spelling], meant: Iterable[tuple[Spelling, str]]
) -> bool:
    """Tell whether one reading of what was typed means this town, and names no other state."""
    here = [typed for typed, state in meant if state in ("", found.state)]
    return any(_means(typed, way) for typed, way in product(here, ways))


def _means(typed: Spelling, name: Spelling) -> bool:
    """Tell whether somebody who types this may mean that town.

    They may write all of the name, the name without what tells it from others, or that shortened
    (``Frankfurt a. M.``).
    """
    if typed.words in (name.words, name.short):
        return True
    size = name.name
    rest, full = typed.words[size:], name.words[size:]
    if typed.words[:size] != name.short or len(rest) != len(full):
        return False
    return all(word.startswith(part) for part, word in zip(rest, full, strict=True))


def _near_each_other(group: Sequence[_Found]) -> list[list[_Found]]:
    """Make one list for each town.

    A postcode near several of those found so far shows that they are one.
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
    """Tell whether a postcode is near any of a town's."""
    return any(km_between(found.point, each.point) <= APART_KM for each in town)


def _parted(near: Sequence[_Found]) -> list[list[_Found]]:
    """Make one list for each state, as of Kansas City.

    A town with only a postcode or two beyond the border is one.
    """
    by_state: dict[str, list[_Found]] = {}
    for found in near:
        by_state.setdefault(found.state, []).append(found)
    largest = max(map(len, by_state.values()))
    return [there for there in by_state.values() if len(there) * TIMES_LARGER >= largest]


def _town(country: str, found: Sequence[_Found]) -> Town:
    """Make one town of its postcodes: the one nearest to their middle stands for all."""
    middle = Point(
        sum(each.point.lat for each in found) / len(found),
        sum(each.point.lon for each in found) / len(found),
    )
    central = min(found, key=lambda each: (km_between(middle, each.point), each.code))
    state = state_at(country, central.code)
    postcodes = len({each.code for each in found})
    return Town(central.name, central.code, central.listed, postcodes, state.name if state else "")

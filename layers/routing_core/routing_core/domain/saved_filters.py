"""The filters that a person at HQ keeps for the list of leads, by the names they gave them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.values.clean import one_line

LONGEST_FILTER_NAME = 40
"""A name has so many characters at most: it stands in a row of links."""
MOST_SAVED_FILTERS = 20
"""One person keeps so many."""


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter of the list of leads under a name of its own."""

    name: str
    asked: Mapping[str, str]
    """What the list's address says, by field."""


def with_filter(
    known: Sequence[SavedFilter], name: str, asked: Mapping[str, str]
) -> tuple[SavedFilter, ...]:
    """Keep a filter under a name, in the place of the one that has the name.

    Raises InvalidInput (filter_name) for no name, one that is too long, or one filter too many.
    """
    name = one_line(name)
    if not name:
        raise InvalidInput([Problem("filter_name", "required", "name the filter")])
    if len(name) > LONGEST_FILTER_NAME:
        message = f"has at most {LONGEST_FILTER_NAME} characters"
        raise InvalidInput([Problem("filter_name", "too_long", message)])
    others = without_filter(known, name)
    if len(others) >= MOST_SAVED_FILTERS:
        message = f"{MOST_SAVED_FILTERS} filters are kept; remove one first"
        raise InvalidInput([Problem("filter_name", "too_many_filters", message)])
    kept = SavedFilter(name, asked)
    return tuple(sorted((*others, kept), key=lambda each: each.name.casefold()))


def without_filter(known: Sequence[SavedFilter], name: str) -> tuple[SavedFilter, ...]:
    """Give the filters without the one of that name."""
    return tuple(each for each in known if each.name.casefold() != name.casefold())

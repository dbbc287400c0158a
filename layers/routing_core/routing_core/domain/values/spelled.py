"""A word of HQ's as other people's files spell it: ``Service`` for ``service``, or the name that
people see.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cached_property

MOST_GUESSES = 10
"""So many misspelt names are compared with all there are: of 20,000 partners each takes a tenth of
a second.
"""


def folded(text: str) -> str:
    """Without what spellings differ in: capitals, spaces, hyphens, underscores."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def spellings(named: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Folded spelling → id, for each id and its names; what two ids share means neither."""
    found: dict[str, str] = {}
    shared: set[str] = set()
    for known, names in named.items():
        for name in {folded(each) for each in names}:
            if found.setdefault(name, known) != known:
                shared.add(name)
    for name in shared:
        del found[name]
    return found | {folded(known): known for known in named}


def meant(text: str, known: Mapping[str, str]) -> str:
    """The id that ``spellings`` has for it; the text as it is where there is none."""
    return known.get(folded(text), text)


class Guesses:
    """Tells what was probably meant by names that nobody has, of the first few of them."""

    def __init__(self, known: Iterable[str]):
        self.known = known
        self.left = MOST_GUESSES

    @cached_property
    def spelled(self) -> dict[str, str]:
        return {name.casefold(): name for name in self.known}

    def nearest(self, written: str) -> str:
        """Gives the known name that is most like it; empty if none is, or if too many were asked
        for already.
        """
        if self.left == 0:
            return ""
        self.left -= 1
        near = get_close_matches(written.casefold(), self.spelled, n=1)
        return self.spelled[near[0]] if near else ""

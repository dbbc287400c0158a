"""Words of HQ's as other people's files spell them: ``Service`` for ``service``, or as shown.

Also names of people and firms as they are looked for: ``muller`` and ``mueller`` find ``Müller``.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cached_property

MOST_GUESSES = 10
"""The most misspelt names that are compared with all there are.

Of 20,000 partners each takes a tenth of a second.
"""


_WITH_E = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


def name_spellings(text: str) -> tuple[str, ...]:
    """Spell a name in small letters: without accents, and where that differs with ``ue`` for ``ü``.

    Whoever looks for a name finds it if one of their spellings stands in one of the name's.
    """
    lower = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    if lower.isascii():
        return (lower,)
    taken_apart = unicodedata.normalize("NFKD", lower)
    plain = "".join(sign for sign in taken_apart if not unicodedata.combining(sign))
    return tuple(dict.fromkeys((plain, lower.translate(_WITH_E))))


def folded(text: str) -> str:
    """Leave out what spellings differ in: capitals, spaces, hyphens, underscores."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def spellings(named: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Map each folded spelling to its id, for ids and names; what two ids share means neither."""
    found: dict[str, str] = {}
    shared: set[str] = set()
    for known, names in named.items():
        for name in set(map(folded, names)):
            if found.setdefault(name, known) != known:
                shared.add(name)
    for name in shared:
        del found[name]
    # An id means itself, whatever is called like it.
    return found | {folded(known): known for known in named}


def meant(text: str, known: Mapping[str, str]) -> str:
    """Give the id that ``spellings`` has for a text; the text itself where there is none."""
    return known.get(folded(text), text)


class Guesses:
    """Guesses at what was meant by names that nobody has, for the first few of them."""

    def __init__(self, known: Iterable[str]):
        self.known = known
        self.left = MOST_GUESSES

    @cached_property
    def spelled(self) -> dict[str, str]:
        """Give the known names by how they are compared."""
        return {name.casefold(): name for name in self.known}

    def nearest(self, written: str) -> str:
        """Give the known name that is most like it.

        It is empty if none is, or if too many were asked for already.
        """
        if self.left == 0:
            return ""
        self.left -= 1
        near = get_close_matches(written.casefold(), self.spelled, n=1)
        return self.spelled[near[0]] if near else ""

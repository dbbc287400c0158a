"""The many ways to write one town: ``Muenchen``, ``St. Gallen``, ``Frankfurt/Main``.

A spelling is the town's words without what does not tell towns apart: letter case, accents, ``am``
and ``in der``. What comes after such a word, a slash or a bracket only says which of several towns
it is, and may be left out.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import product, starmap
from typing import NamedTuple

_PARTS = re.compile(r"[(/,]|[^\W_]+")
_WITH_E = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
# Letters that Unicode does not take apart.
_NO_ACCENT = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"}
)
_ALIKE = {"sankt": "st", "saint": "st", "sainte": "ste", "mt": "mount", "ft": "fort"}
# What stands between a town's name and what tells it from others of that name.
_BETWEEN = frozenset(
    [
        *("a", "am", "an", "auf", "b", "bei", "d", "dem", "den", "der", "die"),
        *("i", "im", "in", "o", "ob", "u", "unter", "v", "vor", "vorm"),
        *("aan", "bij", "near", "on", "sous", "sur", "upon"),
    ]
)


class Spelling(NamedTuple):
    """A town as it is compared."""

    words: tuple[str, ...]
    """All its words that tell towns apart, in small letters."""
    name: int
    """How many of the words are the name; the rest says which of several towns it is."""

    @property
    def short(self) -> tuple[str, ...]:
        """The name alone."""
        return self.words[: self.name]


@lru_cache(maxsize=1024)
def town_spellings(written: str) -> tuple[Spelling, ...]:
    """Spell a town without accents, and with ``ue`` for ``ü``.

    That is one spelling where both are the same, and none where there are no letters.
    """
    lower = unicodedata.normalize("NFC", written).casefold()
    both = (_spelling(lower), _spelling(lower.translate(_WITH_E)))
    return tuple(dict.fromkeys(each for each in both if each.words))


def _spelling(lower: str) -> Spelling:
    """Take what was typed apart, and see where the name ends."""
    taken_apart = unicodedata.normalize("NFKD", lower)
    plain = "".join(sign for sign in taken_apart if not unicodedata.combining(sign))
    words: list[str] = []
    name = 0
    for part in _PARTS.findall(plain.translate(_NO_ACCENT)):
        is_sign = part in "(/,"
        if words and (is_sign or part in _BETWEEN):
            # The first of these ends the name; "Frankfurt (Oder)" is called Frankfurt.
            name = name or len(words)
        elif not is_sign:
            words.append(_ALIKE.get(part, part))
    return Spelling(tuple(words), name or len(words))


def same_town(typed: str, names: Iterable[str]) -> str | None:
    """Find the first of the names that the typed one may mean, or None.

    One may have words at its end that the other lacks.
    """
    typed_so = town_spellings(typed)
    for name in names:
        if any(starmap(_begin_alike, product(typed_so, town_spellings(name)))):
            return name
    return None


def _begin_alike(one: Spelling, other: Spelling) -> bool:
    shorter = min(len(one.words), len(other.words))
    return one.words[:shorter] == other.words[:shorter]

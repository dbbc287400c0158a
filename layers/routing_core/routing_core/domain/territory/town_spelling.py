"""The many ways to write one town: ``Muenchen``, ``St. Gallen``, ``Frankfurt/Main``, ``Halle a. d.
Saale``.

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
_NO_ACCENT = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"}
)
"""Letters that Unicode does not take apart."""
_ALIKE = {"sankt": "st", "saint": "st", "sainte": "ste", "mt": "mount", "ft": "fort"}
_BETWEEN = {
    *(
        "a",
        "am",
        "an",
        "auf",
        "b",
        "bei",
        "d",
        "dem",
        "den",
        "der",
        "die",
        "i",
        "im",
        "in",
        "o",
        "ob",
        "u",
    )
}
_BETWEEN |= {"unter", "v", "vor", "vorm", "aan", "bij", "near", "on", "sous", "sur", "upon"}
"""Between a town's name and what tells it from others of that name."""


class Spelling(NamedTuple):
    words: tuple[str, ...]
    name: int
    """So many of the words are the name; the rest says which of several towns it is."""

    @property
    def short(self) -> tuple[str, ...]:
        return self.words[: self.name]


@lru_cache(maxsize=1024)
def spellings(written: str) -> tuple[Spelling, ...]:
    """Spells it without accents, and with ``ue`` for ``ü``: once where that is the same, not at all
    without letters.
    """
    lower = unicodedata.normalize("NFC", written).casefold()
    both = (_spelling(lower), _spelling(lower.translate(_WITH_E)))
    return tuple(dict.fromkeys(each for each in both if each.words))


def _spelling(lower: str) -> Spelling:
    plain = "".join(c for c in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(c))
    words: list[str] = []
    name = 0
    for part in _PARTS.findall(plain.translate(_NO_ACCENT)):
        if words and (part in "(/," or part in _BETWEEN):
            name = name or len(words)
        elif part not in "(/,":
            words.append(_ALIKE.get(part, part))
    return Spelling(tuple(words), name or len(words))


def same_town(typed: str, names: Iterable[str]) -> str | None:
    """Finds the first of the names that the typed one may mean: one may have words at its end that
    the other lacks.
    """
    typed_so = spellings(typed)
    for name in names:
        if any(starmap(_begin_alike, product(typed_so, spellings(name)))):
            return name
    return None


def _begin_alike(one: Spelling, other: Spelling) -> bool:
    shorter = min(len(one.words), len(other.words))
    return one.words[:shorter] == other.words[:shorter]

"""Sentences that say what is wrong: in English at once, and in other languages by their words.

A check deep in the domain knows what to say, and nothing of who reads it. So it says it in English,
which programs and logs show as it is, and names the words by which a page says it in the language
of its reader (``said.<words>`` of the catalogue), with what fills them in.
"""

from collections.abc import Mapping
from typing import Any


class Sentence(str):
    """An English sentence that can be said in other languages too."""

    words: str = ""
    """The name of its words in the catalogue; empty where nobody wrote any."""
    fill: Mapping[str, Any] = {}
    """What fills the words in, by name; ``at`` is a path, and others may be sentences again."""


class Sentences(tuple[str, ...]):
    """Several parts of a sentence, said one after the other with commas between them."""

    def __str__(self) -> str:
        return ", ".join(self)

    def __format__(self, _: str) -> str:
        return str(self)


def worded(words: str, english: str, **fill: Any) -> Sentence:
    """Make a sentence out of a template: ``worded("is_taken", "{name!r} is taken", name=name)``."""
    said = Sentence(english.format_map(fill))
    said.words = words
    said.fill = fill
    return said


def said_by(error: Exception) -> str:
    """Give what an error says, as the sentence it was made with."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Sentence) else str(error)

"""The catalogue of words: ``locales/<language>/<part>.yaml``, read when first needed.

A key is a path (``mails.offer.subject``); its first name is the file. A text may hold ``{names}``
to fill in; a text that counts is a mapping of ``one`` and ``other``, chosen by ``n``. English is
written as in Britain, and respelled when it is read for somebody in the United States.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from routing_core.present.safe import line

LOCALES = Path(__file__).with_name("locales")
LANGUAGES = ("en", "de")
"""Languages that have been written; the first is read where a reader's own has not been."""
AMERICAN = {
    "enquiry": "inquiry",
    "enquiries": "inquiries",
    "postcode": "ZIP code",
    "programme": "program",
    "programmes": "programs",
    "centre": "center",
    "holiday": "vacation",
    "unticked": "unchecked",
    "town": "city",
    "specialisation": "specialization",
    "in hand": "open",
    "street and house number": "street address",
}
"""British word → what it is called or how it is spelled in the United States."""
# The braces on both sides keep `{postcode}`, a name to fill in, from being respelled.
_BRITISH = re.compile(r"(?<![{\w])(" + "|".join(AMERICAN) + r")(?![}\w])", re.IGNORECASE)


class Catalog:
    """The words of one language, each file of which is read when it is first asked for."""

    def __init__(self, language: str, american: bool = False):
        """Begin with no file read; ``american`` respells every text as it comes in."""
        self.language = language
        self._american = american
        self._texts: dict[str, str] = {}
        self._parts_read: set[str] = set()

    def translate(self, key: str, **fill: Any) -> str:
        """Give the text of a key, with ``fill`` filled in as one visible line each.

        Raises LookupError for a key that nobody wrote.
        """
        text = self.find(key, **fill)
        if text is None:
            raise LookupError(f"no words for {key!r} in {self.language}")
        return text

    def find(self, key: str, **fill: Any) -> str | None:
        """Give the text of a key as ``translate`` does, or None if nobody wrote one."""
        text = self._texts.get(key)
        if text is None:
            text = self._counted(key, fill.get("n"))
        if text is None or not fill:
            return text
        # Only strings can break a line or hide a character; numbers keep their type, so that a
        # text may format them.
        shown = {name: line(value) if type(value) is str else value for name, value in fill.items()}
        return text.format_map(shown)

    def of_code(self, group: str, code: str, **fill: Any) -> str:
        """Give the words for a stable code of the product; an unknown one as it is, readably.

        Codes are stored for years: a row may hold one that no release knows any more.
        """
        return self.find(f"{group}.{code}", **fill) or line(code.replace("_", " "))

    def _counted(self, key: str, number: Any) -> str | None:
        """Read the key's file if it was not yet, then choose the text for one or for many."""
        part = key.partition(".")[0]
        if part not in self._parts_read:
            self._read(part)
        plural_form = "one" if number == 1 else "other"
        return self._texts.get(key) or self._texts.get(f"{key}.{plural_form}")

    def _read(self, part: str) -> None:
        path = LOCALES / self.language / f"{part}.yaml"
        if path.is_file():
            content = yaml.load(path.read_text("utf-8"), _LOADER)  # nosec B506 # noqa: S506 - it is a safe loader
            self._enter(part, content)
        self._parts_read.add(part)

    def _enter(self, path: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                self._enter(f"{path}.{name}", inner)
            return
        text = str(value)
        self._texts[path] = american(text) if self._american else text


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The YAML loader in C where there is one: it reads ten times as fast, which a cold start feels."""


def american(text: str) -> str:
    """Respell a British text as in the United States; names to fill in stay."""
    return _BRITISH.sub(_respelled, text)


def _respelled(british: re.Match[str]) -> str:
    word = british[0]
    respelled = AMERICAN[word.lower()]
    if word[0].isupper():
        return respelled[0].upper() + respelled[1:]
    return respelled


@lru_cache(maxsize=64)
def catalog_for(language: str) -> Catalog:
    """Give the catalogue of the nearest language that has been written.

    ``language`` may name the country too: ``de``, ``de-AT``, ``en_US``.
    """
    short, _, country = language.replace("_", "-").partition("-")
    return _catalog(short.lower(), country.upper() == "US")


@lru_cache(maxsize=8)
def _catalog(language: str, in_america: bool) -> Catalog:
    # A cache of its own: `de`, `de-AT` and `de_DE` share one catalogue and read its files once.
    if language == "en" or language not in LANGUAGES:
        return Catalog("en", in_america)
    return Catalog(language)

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
"""What is spelled or called otherwise in the United States."""
_BRITISH = re.compile(r"(?<![{\w])(" + "|".join(AMERICAN) + r")(?![}\w])", re.IGNORECASE)


class Catalog:
    """All words of one language. Strings filled in are made one visible line each."""

    def __init__(self, language: str, american: bool = False):
        self.language = language
        self._american = american
        self._flat: dict[str, str] = {}
        self._read: set[str] = set()

    def __call__(self, key: str, **fill: Any) -> str:
        """Raises LookupError for a key nobody wrote."""
        text = self.find(key, **fill)
        if text is None:
            raise LookupError(f"no words for {key!r} in {self.language}")
        return text

    def find(self, key: str, **fill: Any) -> str | None:
        flat = self._flat
        text = flat.get(key)
        if text is None:
            text = self._counted(key, fill.get("n"))
        if text is None or not fill:
            return text
        return text.format_map({k: line(v) if type(v) is str else v for k, v in fill.items()})

    def _counted(self, key: str, n: Any) -> str | None:
        """Reads the file if it was not yet; then the form for one or for many."""
        part = key.partition(".")[0]
        if part not in self._read:
            self._load(part)
        return self._flat.get(key) or self._flat.get(f"{key}.{'one' if n == 1 else 'other'}")

    def code(self, group: str, code: str, **fill: Any) -> str:
        """The words for a stable code of the product; an unknown code is shown as it is,
        readably.
        """
        return self.find(f"{group}.{code}", **fill) or line(code.replace("_", " "))

    def _load(self, part: str) -> None:
        path = LOCALES / self.language / f"{part}.yaml"
        if path.is_file():
            self._flatten(part, yaml.load(path.read_text("utf-8"), _LOADER))  # noqa: S506 - it is a safe loader
        self._read.add(part)

    def _flatten(self, path: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                self._flatten(f"{path}.{name}", inner)
        else:
            self._flat[path] = american(str(value)) if self._american else str(value)


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C where there is one: it reads ten times as fast."""


def american(text: str) -> str:
    """As somebody in the United States would write it; the names to fill in stay."""
    return _BRITISH.sub(_respelled, text)


def _respelled(british: re.Match[str]) -> str:
    word = british[0]
    respelled = AMERICAN[word.lower()]
    return respelled[0].upper() + respelled[1:] if word[0].isupper() else respelled


@lru_cache(maxsize=64)
def words(language: str) -> Catalog:
    """The catalogue of the nearest language that has been written: ``de``, ``de-AT``, ``en_US``."""
    short, _, country = language.replace("_", "-").partition("-")
    return _catalogue(short.lower(), country.upper() == "US")


@lru_cache(maxsize=8)
def _catalogue(language: str, in_america: bool) -> Catalog:
    if language == "en" or language not in LANGUAGES:
        return Catalog("en", in_america)
    return Catalog(language)

"""The catalogue of words: ``locales/<language>/<part>.yaml``, read when first needed.

A key is a path (``mails.offer.subject``); its first name is the file. A text may hold ``{names}`` to fill
in; a text that counts is a mapping of ``one`` and ``other``, chosen by ``n``.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from .safe import line

LOCALES = Path(__file__).with_name("locales")
LANGUAGES = ("en", "de")


class Words:
    """All words of one language. Strings filled in are made one visible line each."""

    def __init__(self, language: str):
        self.language = language
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
        """The words for a stable code of the product; an unknown code is shown as it is, readably."""
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
            self._flat[path] = str(value)


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C where there is one: it reads ten times as fast."""


@lru_cache(maxsize=8)
def words(language: str) -> Words:
    """The catalogue of the nearest language that has been written."""
    short = language.replace("_", "-").partition("-")[0].lower()
    return Words(short if short in LANGUAGES else LANGUAGES[0])

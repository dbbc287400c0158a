"""Check a programme's words: none is missing in its first language, and none deceives."""

from collections.abc import Iterator, Mapping

from routing_core.domain.errors import Problem
from routing_core.domain.programme.document import Doc, LocalizedText
from routing_core.domain.values.clean import is_deceptive
from routing_core.domain.values.sentence import worded


def missing_words(path: str, part: Doc, language: str) -> Iterator[Problem]:
    """Find every text without words in a language that is needed, or is there in another one."""
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        here = f"{path}.{field.alias or name}".lstrip(".")
        if field.annotation != LocalizedText:
            yield from _missing_within(here, value, language)
            continue
        is_needed = bool(value) or field.is_required()
        if is_needed and not value.get(language, "").strip():
            english = "the words in {language!r} are missing"
            message = worded("words_missing", english, language=language)
            yield Problem(f"{here}.{language}", "required", message)


def _missing_within(here: str, value: object, language: str) -> Iterator[Problem]:
    if isinstance(value, Doc):
        yield from missing_words(here, value, language)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _missing_within(f"{here}[{index}]", item, language)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _missing_within(f"{here}.{key}", item, language)


def deceptive_words(path: str, value: object) -> Iterator[Problem]:
    """Find words that are not what they look like: they go into mail headers and pages."""
    if isinstance(value, str):
        if is_deceptive(value):
            english = "contains control characters or ones that turn text around"
            message = worded("deceptive", english)
            yield Problem(path, "invalid_text", message)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from deceptive_words(f"{path}.{key}".lstrip("."), part)
    elif isinstance(value, (list, tuple)):
        for index, part in enumerate(value):
            yield from deceptive_words(f"{path}[{index}]", part)

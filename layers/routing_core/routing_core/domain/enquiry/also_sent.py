"""Keep what came with an enquiry beside its form's fields, within bounds, never lost in silence.

A page's own fields (a customer number, the chosen tariff) are often what the partner needs most.
What is not kept is named.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from routing_core.domain.values.clean import one_line

MOST_EXTRA_FIELDS = 20
"""This many fields are kept."""
MOST_EXTRA_BYTES = 500
"""Names and values together are so long at most: the record beside the enquiry stays small."""
MOST_IGNORED_NAMES = 20
"""This many of the others are named."""
LONGEST_FIELD_NAME = 60
"""A name is cut after this many characters."""
CONTEXT_FIELDS = ("source", "utm", "referrer", "pages")
"""The context has these fields of its own; others in it are extra."""
_LARGEST_NUMBER = 10**15


class AlsoSent(NamedTuple):
    """Fields that a form does not have are told apart: kept, or named as ignored."""

    kept: Mapping[str, str]
    """The fields are kept by name, as they came."""
    ignored: tuple[str, ...]
    """Fields of these names are not kept."""


def also_sent(raw: Mapping[str, Any], known: frozenset[str]) -> AlsoSent:
    """Sort what ``known`` does not name; empty fields say nothing and are left out."""
    kept: dict[str, str] = {}
    # A dict and no set: the names are told in the order in which they came.
    ignored: dict[str, None] = {}
    room = MOST_EXTRA_BYTES
    for name, value in _foreign(raw, known):
        text = _text(value)
        size = len(f"{name}{text}".encode())
        is_full = len(kept) == MOST_EXTRA_FIELDS or size > room
        if text is None or is_full or name in kept:
            ignored[name] = None
        elif text:
            kept[name] = text
            room -= size
    return AlsoSent(kept, tuple(ignored)[:MOST_IGNORED_NAMES])


def _foreign(raw: Mapping[str, Any], known: frozenset[str]) -> Iterator[tuple[str, Any]]:
    for name, value in raw.items():
        if name not in known:
            yield _name(name), value
    context = raw.get("context")
    if isinstance(context, Mapping):
        for name, value in context.items():
            if name not in CONTEXT_FIELDS:
                yield _name(f"context.{name}"), value
    elif context:
        yield "context", context


def _name(name: Any) -> str:
    return one_line(str(name)[:LONGEST_FIELD_NAME])


def _text(value: Any) -> str | None:
    """Write a value as text; None for what is no plain value, or too long to keep."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return _list(value)
        case str():
            return one_line(value) if len(value) <= MOST_EXTRA_BYTES else None
        case int() | float():
            return _number(value)
    return None


def _list(values: list[Any]) -> str | None:
    if len(values) > MOST_EXTRA_FIELDS:
        return None
    texts: list[str] = []
    for value in values:
        text = _text(value)
        if text is None:
            return None
        if text:
            texts.append(text)
    return ", ".join(texts)


def _number(value: int | float) -> str | None:
    # Only whole numbers grow without bound: a JSON number may have a million digits.
    if isinstance(value, int) and abs(value) >= _LARGEST_NUMBER:
        return None
    return str(value)

"""What came with an enquiry beside the fields of its form: kept as it came, within bounds, or
named; never lost in silence. A page's own fields (a customer number, the chosen tariff) are often
what the partner needs most.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from routing_core.domain.values.clean import one_line

MOST_FIELDS, MOST_BYTES = 20, 500
"""So that the record beside the enquiry stays small."""
MOST_NAMED = 20
LONGEST_NAME = 60
CONTEXT_FIELDS = ("source", "utm", "referrer", "pages")


class AlsoSent(NamedTuple):
    kept: Mapping[str, str]
    ignored: tuple[str, ...]
    """Names of what is not kept."""


def also_sent(raw: Mapping[str, Any], known: frozenset[str]) -> AlsoSent:
    """Sorts what ``known`` does not name. Empty fields say nothing and are left out."""
    kept: dict[str, str] = {}
    ignored: dict[str, None] = {}
    room = MOST_BYTES
    for name, value in _foreign(raw, known):
        text = _text(value)
        size = len(f"{name}{text}".encode())
        if text is None or len(kept) == MOST_FIELDS or size > room or name in kept:
            ignored[name] = None
        elif text:
            kept[name] = text
            room -= size
    return AlsoSent(kept, tuple(ignored)[:MOST_NAMED])


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
    return one_line(str(name)[:LONGEST_NAME])


def _text(value: Any) -> str | None:
    """None for what is no plain value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        parts = [_text(part) for part in value[:MOST_FIELDS]]
        return (
            None
            if None in parts or len(value) > MOST_FIELDS
            else ", ".join(part for part in parts if part)
        )
    if isinstance(value, str):
        return one_line(value) if len(value) <= MOST_BYTES else None
    return (
        str(value)
        if isinstance(value, float) or (isinstance(value, int) and abs(value) < 10**15)
        else None
    )

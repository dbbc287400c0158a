"""Find where the parts of a YAML text stand: the line of an error, the span of a value."""

from collections.abc import Sequence
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

YamlStep = str | int
"""A part is found in an object by its name, in a list by its place."""


def composed(text: str) -> Any:
    """Give the tree of nodes of a text that ``read_yaml`` takes; None for an empty one."""
    return yaml.compose(text, Loader=_LOADER)


def node_at(root: Any, path: Sequence[YamlStep]) -> tuple[Any, int]:
    """Give the last node there is on the way to a path, and how many steps lead to it."""
    node = root
    for count, step in enumerate(path):
        inner = _inner(node, step)
        if inner is None:
            return node, count
        node = inner
    return node, len(path)


def _inner(node: Any, step: YamlStep) -> Any:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]
    return None


def line_of(text: str, field: str) -> int | None:
    """Give the line, from 1, of what a problem names: ``offers[0].window``, ``line 3``.

    It is the line of the nearest part that is there; None where a problem is about the whole.
    """
    word, _, number = field.partition(" ")
    if word == "line" and number.isdigit():
        return int(number)
    try:
        root = composed(text)
    except yaml.YAMLError:
        return None
    if root is None or field.startswith("("):
        return None
    line: int | None = None
    node, rest = root, field
    while rest:
        found = _key_in(node, rest)
        if found is None:
            break
        line, node, rest = found
    return line


def _key_in(node: Any, rest: str) -> tuple[int, Any, str] | None:
    """Take the first step of a path that is written as people read it."""
    if rest.startswith("[") and isinstance(node, yaml.SequenceNode):
        place, _, left = rest[1:].partition("]")
        if place.isdigit() and int(place) < len(node.value):
            inner = node.value[int(place)]
            return inner.start_mark.line + 1, inner, left.lstrip(".")
        return None
    if not isinstance(node, yaml.MappingNode):
        return None
    best: tuple[int, Any, str] | None = None
    longest = 0
    # A key may have dots itself, as the domains of mail providers do: the longest that fits counts.
    for key, value in node.value:
        name = key.value
        fits = rest == name or rest.startswith((f"{name}.", f"{name}["))
        if fits and len(name) > longest:
            longest = len(name)
            best = (key.start_mark.line + 1, value, rest[len(name) :].lstrip("."))
    return best

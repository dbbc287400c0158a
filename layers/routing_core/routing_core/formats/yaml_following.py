"""Let a YAML text follow what was changed in the programme that it stands for.

Comments, the order of keys and the author's way of writing survive wherever nothing changed: only
the text of a part that is another now is written anew. What that comes to is read again and
compared; where it is not the programme that was meant, the whole is written out without comments.
"""

from collections.abc import Sequence
from typing import Any

import yaml
from pydantic import ValidationError

from routing_core.domain.errors import InvalidInput
from routing_core.domain.programme.merging import changed_paths
from routing_core.domain.programme.programme import Programme
from routing_core.formats.yaml_places import YamlStep, composed, node_at
from routing_core.formats.yaml_text import read_yaml

WIDEST = 100
"""Letters of a line that is written anew."""
MOST_PATCHES = 50
"""A programme with more changes than this is another one, and written out as a whole."""


def programme_yaml(programme: Programme) -> str:
    """Write a whole programme as YAML; holidays that are filled in by themselves are left out."""
    document = programme.model_dump(
        mode="json", by_alias=True, exclude_defaults=True, exclude_none=True
    )
    if programme.calendar.holiday_region:
        document["calendar"].pop("holidays", None)
    text: str = yaml.safe_dump(
        {"schema": 1, **document}, allow_unicode=True, sort_keys=False, width=WIDEST
    )
    return text


def yaml_following(text: str, programme: Programme) -> str:
    """Give the text with whatever is another now in the programme."""
    try:
        before = _document(Programme.model_validate(read_yaml(text)))
        after = _document(programme)
        if not text.lstrip().startswith("{"):
            text = _with_changes(text, before, after)
        if _document(Programme.model_validate(read_yaml(text))) == after:
            return text
    except (InvalidInput, ValidationError, yaml.YAMLError, _TooMuch):
        pass
    return programme_yaml(programme)


class _TooMuch(Exception):
    """So much is another that the text would not be the author's any more."""


def _document(programme: Programme) -> dict[str, Any]:
    document = programme.model_dump(mode="json", by_alias=True)
    if programme.calendar.holiday_region:
        # Nobody writes these: saving fills them in.
        document["calendar"]["holidays"] = []
    return document


def _with_changes(text: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    changes = list(changed_paths(before, after))
    if len(changes) > MOST_PATCHES:
        raise _TooMuch
    for path, value in changes:
        text = _patched(text, path, _compact(value))
    return text


def _compact(value: Any) -> Any:
    """Leave out fields of a part that are None, and write whole numbers as such."""
    if isinstance(value, dict):
        return {name: _compact(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_compact(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _patched(text: str, path: Sequence[YamlStep], value: Any) -> str:
    """Write a value at a path: in place of what is there, or as a new key of its object."""
    node, found = node_at(composed(text), path)
    if found == len(path):
        return _replaced(text, node, value)
    # What is not there yet is written as one value below the last part that is.
    for step in reversed(path[found + 1 :]):
        value = {step: value}
    if not isinstance(node, yaml.MappingNode) or not node.value:
        return _replaced(text, node, {path[found]: value})
    key = _flow(path[found])
    first_key = node.value[0][0]
    at = first_key.start_mark.index
    if node.flow_style:
        return f"{text[:at]}{key}: {_flow(value)}, {text[at:]}"
    if not found:
        return f"{text.rstrip()}\n{key}: {_flow(value)}\n"
    indent = " " * first_key.start_mark.column
    return f"{text[:at]}{key}: {_flow(value)}\n{indent}{text[at:]}"


def _replaced(text: str, node: Any, value: Any) -> str:
    start, end = node.start_mark.index, _end(node)
    is_block = isinstance(node, yaml.CollectionNode) and not node.flow_style
    if not is_block:
        written = _flow(value)
        # An empty value stands right behind its colon.
        gap = " " if start == end and text[start - 1 : start] == ":" else ""
        return f"{text[:start]}{gap}{written}{text[end:]}"
    if not value:
        # Blocks stand on lines of their own: what is empty now stands there as well.
        return f"{text[:start]}{_flow(value)}{text[end:]}"
    dumped = yaml.safe_dump(
        value, allow_unicode=True, sort_keys=False, width=WIDEST, default_flow_style=None
    )
    indent = "\n" + " " * node.start_mark.column
    return f"{text[:start]}{dumped.rstrip().replace(chr(10), indent)}{text[end:]}"


def _end(node: Any) -> int:
    """Give where the text of a node ends: a block ends with its last value, not with the next."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    index: int = node.end_mark.index
    return index


def _flow(value: Any) -> str:
    """Write a value on one line."""
    dumped = yaml.safe_dump(
        value, allow_unicode=True, sort_keys=False, width=float("inf"), default_flow_style=True
    )
    # A single value is followed by the mark of the document's end.
    return str(dumped).removesuffix("...\n").strip()

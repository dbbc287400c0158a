"""Documents that people write: YAML, and JSON as the part of it that it is.

Stricter than the library where that helps who writes: a key written twice is an error instead of a loss,
``yes`` and ``no`` are words (Norwegian is ``no``), and references, with which a short text can stand for a
huge one, are refused.
"""

import re
from typing import Any

import yaml

from .errors import InvalidInput, Problem
from .strict_json import read_json

LARGEST = 500_000
"""Characters."""


class _Loader(yaml.SafeLoader):
    """YAML 1.2's true and false, no references, no key twice."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="references (*name) are not read: write it out", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            name = (key.tag, key.value if isinstance(key.value, str) else id(key))
            if name in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value!r} is there twice", problem_mark=key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":merge"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def read_yaml(text: str) -> dict[str, Any]:
    """The document as plain values; raises InvalidInput naming the line."""
    if len(text) > LARGEST:
        raise InvalidInput([Problem("(document)", "too_large", f"is too large: at most {LARGEST:,} characters")])
    try:
        is_json = text.lstrip().startswith("{")
        document = read_json(text) if is_json else yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInput([_problem(error)]) from error
    if not isinstance(document, dict):
        raise InvalidInput([Problem("(document)", "malformed", "must be an object of fields, like `name: Example`")])
    return document


def _problem(error: Exception) -> Problem:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else getattr(error, "lineno", None)
    place = f"line {line}" if line else "(document)"
    said = (
        getattr(error, "problem", None)
        or getattr(error, "msg", None)
        or getattr(error, "reason", None)
        or "is nested too deep, or holds a value that is none"
    )
    return Problem(place, "malformed", str(said))

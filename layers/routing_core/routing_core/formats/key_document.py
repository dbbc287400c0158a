"""Read what an API key is to be, as a program says it."""

from collections.abc import Mapping
from typing import Any

from routing_core.domain.api_key import NewKey
from routing_core.domain.errors import InvalidInput, Problem


def read_new_key(document: Mapping[str, Any]) -> NewKey:
    """Read ``{"name": …, "scopes": […], "regions": […]}``; without ``regions`` it is everywhere's.

    Raises InvalidInput.
    """
    problems: list[Problem] = []
    name = document.get("name")
    if not isinstance(name, str):
        problems.append(Problem("name", "required", "is what the log calls the key"))
    scopes = _texts(document, "scopes", problems)
    regions = _texts(document, "regions", problems) if "regions" in document else None
    if problems:
        raise InvalidInput(problems)
    return NewKey(str(name).strip(), scopes, regions)


def _texts(document: Mapping[str, Any], name: str, problems: list[Problem]) -> frozenset[str]:
    listed = document.get(name)
    is_list = isinstance(listed, list) and all(isinstance(each, str) for each in listed)
    if not isinstance(listed, list) or not is_list:
        problems.append(Problem(name, "required", "is a list of texts"))
        return frozenset()
    return frozenset(listed)

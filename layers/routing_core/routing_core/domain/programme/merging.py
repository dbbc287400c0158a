"""Merge two documents that were made of the same one, path by path (a three-way merge)."""

from collections.abc import Iterator, Mapping
from typing import Any

from routing_core.domain.programme.document import Window

MISSING: Any = object()
"""Stands where one of the documents has nothing."""


class BothChanged(Exception):
    """Both documents say something else than before at the same path."""

    def __init__(self, path: str):
        self.path = path
        super().__init__(f"both changed {path}")


def merged_documents(base: Any, ours: Any, theirs: Any, path: str = "") -> Any:
    """Give what ``ours`` changed in ``base``, made in ``theirs``.

    Raises BothChanged for what both changed, and not to the same.
    """
    if ours in (base, theirs):
        return theirs
    if theirs == base:
        return ours
    documents = (base, ours, theirs)
    if all(isinstance(each, Mapping) for each in documents) and not _is_length_of_time(base):
        return _merged_mappings(base, ours, theirs, path)
    if all(isinstance(each, list) for each in documents) and len({*map(len, documents)}) == 1:
        items = enumerate(zip(base, ours, theirs, strict=True))
        return [merged_documents(a, b, c, f"{path}[{place}]") for place, (a, b, c) in items]
    raise BothChanged(path or "(document)")


def _merged_mappings(
    base: Mapping[str, Any], ours: Mapping[str, Any], theirs: Mapping[str, Any], path: str
) -> dict[str, Any]:
    merged = {}
    for key in (*theirs, *(each for each in ours if each not in theirs)):
        was, mine, other = (each.get(key, MISSING) for each in (base, ours, theirs))
        value = merged_documents(was, mine, other, f"{path}.{key}".lstrip("."))
        if value is not MISSING:
            merged[key] = value
    return merged


def _has_same_names(before: Any, after: Any) -> bool:
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        return False
    return before.keys() == after.keys() and not _is_length_of_time(before)


def _is_length_of_time(part: Mapping[str, Any]) -> bool:
    return part.keys() == Window.model_fields.keys()


def changed_paths(
    before: Any, after: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Give the smallest parts that are another now, each by its path with its new value.

    A list of another length, a mapping with other names and a length of time are one part each.
    """
    if before == after:
        return
    if _has_same_names(before, after):
        for name, value in after.items():
            yield from changed_paths(before[name], value, (*path, name))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, value in enumerate(after):
            yield from changed_paths(before[place], value, (*path, place))
    else:
        yield path, after

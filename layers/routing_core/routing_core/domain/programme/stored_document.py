"""Read documents as they were stored, even where the code of today would not save them.

Bounds change with a deploy, and a deploy never stops intake. What lies outside the bounds is read
as the nearest value inside them, and what is no field any more is left out; each is told, so that
somebody mends the document.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from routing_core.domain.errors import NewerData
from routing_core.domain.programme.document import Doc, problem_of

DOCUMENT_OF_TODAY = 1
"""The schema of documents that this code reads; there was none before."""
D = TypeVar("D", bound=Doc)


def read_stored(kind: type[D], document: Mapping[str, Any]) -> tuple[D, tuple[str, ...]]:
    """Read what an earlier version of the code saved, and name each field that had to be mended.

    Raises ValidationError for what no bound explains: a document that is none. Raises NewerData for
    one of a later schema.
    """
    if document.get("schema", DOCUMENT_OF_TODAY) != DOCUMENT_OF_TODAY:
        raise NewerData(f"the document has schema {document['schema']}")
    mended: list[str] = []
    copy: Any = document
    while True:
        try:
            return kind.model_validate(copy), tuple(mended)
        except ValidationError as error:
            if copy is document:
                # Only now: almost every document is read at the first go, and without a copy.
                copy = deepcopy(dict(document))
            # The last first: what is taken out of a list moves what stands behind it.
            done = [each for each in reversed(error.errors()) if _mend(copy, each)]
            if not done:
                raise
            mended += [_in_words(each) for each in reversed(done)]


def _in_words(error: ErrorDetails) -> str:
    problem = problem_of(error)
    return f"{problem.field}: {problem.message}"


def _mend(document: Any, error: ErrorDetails) -> bool:
    """Put the nearest allowed value in place of one that is not; False if there is none."""
    *path, name = error["loc"] or ("",)
    part = document
    for step in path:
        if not _has(part, step):
            return False
        part = part[step]
    if not _has(part, name):
        return False
    bounds = error.get("ctx", {})
    match error["type"]:
        case "greater_than_equal":
            part[name] = bounds["ge"]
        case "less_than_equal":
            part[name] = bounds["le"]
        case "too_long" if isinstance(part[name], dict):
            kept = list(part[name].items())[: bounds["max_length"]]
            part[name] = dict(kept)
        case "too_long" | "string_too_long":
            part[name] = part[name][: bounds["max_length"]]
        case _:
            # Left out, it is the default; if there is none, the next round says so and gives up.
            del part[name]
    return True


def _has(part: Any, name: Any) -> bool:
    if isinstance(part, dict):
        return name in part
    return isinstance(part, list) and isinstance(name, int) and name < len(part)

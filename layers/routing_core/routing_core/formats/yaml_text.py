"""Documents that people write: YAML, and JSON as the part of it that it is.

Stricter than the library where that helps who writes: a key written twice is an error instead of a
loss, ``yes`` and
``no`` are words (Norwegian is ``no``), ``17:00`` is a time and ``01067`` a postcode instead of
numbers to the base of
60 and 8, and references, with which a short text can stand for a huge one, are refused.

Read from the parser's events: what is too much is refused as it comes, before anything is made of
it.
"""

import re
from collections.abc import Iterator
from typing import Any, Protocol

import yaml

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.formats.strict_json import read_json

LARGEST = 500_000
"""Characters."""
MOST_VALUES = 50_000
"""Keys and values of a YAML text, which takes a twentieth of a second. A map's outline with more is
written as JSON.
"""
DEEPEST = 50
"""Levels; a programme has nine."""
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one written in C is thirty times as fast; without it everything is read all the same."""

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "false": False}
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,39})")
_FLOAT = re.compile(r"[-+]?(?:[0-9]{1,40}\.[0-9]{0,60}|\.[0-9]{1,60})(?:[eE][-+]?[0-9]{1,3})?")


class _Event(Protocol):
    """What all of the parser's events have."""

    start_mark: Any


def read_yaml(text: str) -> dict[str, Any]:
    """The document as plain values; raises InvalidInput naming the line."""
    check_size(text)
    try:
        is_json = text.lstrip().startswith("{")
        document = read_json(text) if is_json else _Composer(text).document()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInput([_problem(error, text.count("\n") + 1)]) from error
    if not isinstance(document, dict):
        raise InvalidInput(
            [
                Problem(
                    "(document)",
                    "not_readable",
                    "must be an object of fields, like `name: Example`",
                )
            ]
        )
    return document


def check_size(text: str) -> None:
    """Raises InvalidInput for a document that is longer than any that can be saved."""
    if len(text) > LARGEST:
        message = f"is too large: at most {LARGEST:,} characters"
        raise InvalidInput([Problem("(document)", "document_too_large", message)])


class _Composer:
    """Makes one value out of the events; raises yaml.YAMLError or ValueError."""

    def __init__(self, text: str):
        self._events: Iterator[Any] = yaml.parse(text, Loader=_Parser)
        self._values = 0

    def document(self) -> Any:
        """The only document of the text; None if there is none."""
        read: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.events.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _refusal(event, "a second document is not read: write one")
                read = self._value(next(self._events), 0)
        return read

    def _value(self, event: Any, depth: int) -> Any:
        self._values += 1
        if self._values > MOST_VALUES:
            raise _refusal(
                event, f"holds more than {MOST_VALUES:,} keys and values: write it as JSON"
            )
        if depth > DEEPEST:
            raise _refusal(event, f"is nested too deep: at most {DEEPEST} levels")
        if isinstance(event, yaml.events.AliasEvent):
            raise _refusal(event, "references (*name) are not read: write it out")
        if event.tag not in (None, "!") and not isinstance(event, yaml.events.ScalarEvent):
            raise _refusal(event, f"{event.tag[:60]!r} is not allowed here: leave out the tag")
        if isinstance(event, yaml.events.MappingStartEvent):
            return self._mapping(depth)
        if isinstance(event, yaml.events.SequenceStartEvent):
            return self._sequence(depth)
        return _scalar(event)

    def _mapping(self, depth: int) -> dict[Any, Any]:
        read: dict[Any, Any] = {}
        for event in self._until(yaml.events.MappingEndEvent):
            if not isinstance(event, (yaml.events.ScalarEvent, yaml.events.AliasEvent)):
                raise _refusal(event, "a key is a word: write `name: value`")
            key = self._value(event, depth)
            if key in read:
                raise _refusal(event, f"{str(key)[:60]!r} appears twice")
            read[key] = self._value(next(self._events), depth + 1)
        return read

    def _sequence(self, depth: int) -> list[Any]:
        return [
            self._value(event, depth + 1) for event in self._until(yaml.events.SequenceEndEvent)
        ]

    def _until(self, end: type) -> Iterator[Any]:
        for event in self._events:
            if isinstance(event, end):
                return
            yield event


def _scalar(event: Any) -> Any:
    """Words in quotes are words; what stands without may be a number, true, false or nothing."""
    text: str = event.value
    if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
        raise _refusal(event, f"{event.tag[:60]!r} is not allowed here: leave out the tag")
    plain = event.implicit[0] and event.tag is None
    if not plain:
        return text
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _refusal(event: _Event, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)


def _problem(error: Exception, lines: int) -> Problem:
    mark = getattr(error, "problem_mark", None)
    # What is missing at the end of the text, the parser sees on the line behind it.
    line = min(mark.line + 1, lines) if mark else getattr(error, "lineno", None)
    place = f"line {line}" if line else "(document)"
    said = (
        getattr(error, "problem", None)
        or getattr(error, "msg", None)
        or getattr(error, "reason", None)
        or "is nested too deep, or holds a value that is none"
    )
    return Problem(place, "not_readable", str(said))

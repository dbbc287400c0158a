"""Read documents that people write: YAML, and JSON as the part of it that it is.

This is stricter than the library where that helps who writes: a key written twice is an error
instead of a loss, ``yes`` and ``no`` are words (Norwegian is ``no``), ``17:00`` is a time and
``01067`` a postcode instead of numbers to the base of 60 and 8, and references, with which a short
text can stand for a huge one, are refused.

It reads the parser's events: what is too much is refused as it comes, before anything is made of
it.
"""

import re
from collections.abc import Iterator
from typing import Any, Protocol

import yaml

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.values.sentence import Sentence, worded
from routing_core.formats.strict_json import read_json

LONGEST_DOCUMENT = 500_000
"""A document has at most this many characters."""
MOST_VALUES = 50_000
"""A YAML text has at most this many keys and values, which take a twentieth of a second.

An outline of a map with more is written as JSON.
"""
DEEPEST = 50
"""A document has at most this many levels; a programme has nine."""
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser written in C is thirty times as fast; without it all is read the same."""

_NO_TAG = "{value!r} is not allowed here: leave out the tag"
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "false": False}
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,39})")
_FLOAT = re.compile(r"[-+]?(?:[0-9]{1,40}\.[0-9]{0,60}|\.[0-9]{1,60})(?:[eE][-+]?[0-9]{1,3})?")


class _Event(Protocol):
    """Each of the parser's events says where it stands."""

    start_mark: Any


def read_yaml(text: str) -> dict[str, Any]:
    """Give the document as plain values; raises InvalidInput naming the line."""
    check_size(text)
    try:
        # A text that begins like an object of JSON is read as one, without a limit on its values.
        is_json = text.lstrip().startswith("{")
        document = read_json(text) if is_json else _Composer(text).document()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInput([_problem(error, text.count("\n") + 1)]) from error
    if not isinstance(document, dict):
        english = "must be an object of fields, like `name: Example`"
        message = worded("yaml.object", english)
        raise InvalidInput([Problem("(document)", "not_readable", message)])
    return document


def check_size(text: str) -> None:
    """Raise InvalidInput for a document that is longer than any that can be saved."""
    if len(text) > LONGEST_DOCUMENT:
        english = "is too large: at most {most} characters"
        message = worded("yaml.large", english, most=f"{LONGEST_DOCUMENT:,}")
        raise InvalidInput([Problem("(document)", "document_too_large", message)])


class _Composer:
    """One value is made here out of the events; this raises yaml.YAMLError or ValueError."""

    def __init__(self, text: str):
        self._events: Iterator[Any] = yaml.parse(text, Loader=_Parser)
        self._values = 0

    def document(self) -> Any:
        """Give the only document of the text; None if there is none."""
        read: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.events.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _refusal(
                        event, worded("yaml.second", "a second document is not read: write one")
                    )
                read = self._value(next(self._events), 0)
        return read

    def _value(self, event: Any, depth: int) -> Any:
        self._values += 1
        if self._values > MOST_VALUES:
            english = "holds more than {most} keys and values: write it as JSON"
            raise _refusal(event, worded("yaml.many", english, most=f"{MOST_VALUES:,}"))
        if depth > DEEPEST:
            english = "is nested too deep: at most {most} levels"
            raise _refusal(event, worded("yaml.deep", english, most=DEEPEST))
        # With a few references to references a short text explodes ("billion laughs").
        if isinstance(event, yaml.events.AliasEvent):
            english = "references (*name) are not read: write it out"
            raise _refusal(event, worded("yaml.reference", english))
        if event.tag not in (None, "!") and not isinstance(event, yaml.events.ScalarEvent):
            raise _refusal(event, worded("yaml.tag", _NO_TAG, value=event.tag[:60]))
        if isinstance(event, yaml.events.MappingStartEvent):
            return self._mapping(depth)
        if isinstance(event, yaml.events.SequenceStartEvent):
            return self._sequence(depth)
        return _scalar(event)

    def _mapping(self, depth: int) -> dict[Any, Any]:
        read: dict[Any, Any] = {}
        for event in self._until(yaml.events.MappingEndEvent):
            if not isinstance(event, (yaml.events.ScalarEvent, yaml.events.AliasEvent)):
                english = "a key is a word: write `name: value`"
                raise _refusal(event, worded("yaml.key", english))
            key = self._value(event, depth)
            if key in read:
                said = worded("yaml.twice", "{value!r} appears twice", value=str(key)[:60])
                raise _refusal(event, said)
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
    """Read words in quotes as words, others as a number, true, false or nothing if they are."""
    text: str = event.value
    if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
        raise _refusal(event, worded("yaml.tag", _NO_TAG, value=event.tag[:60]))
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
    where = f"line {line}" if line else "(document)"
    return Problem(where, "not_readable", _reason(error))


def _reason(error: Exception) -> str:
    """Give the reason in the words of whatever parser found it."""
    for name in ("problem", "msg", "reason"):
        reason = getattr(error, name, None)
        if isinstance(reason, Sentence):
            return reason
        if reason and "control characters" in str(reason):
            return worded("yaml.control", "control characters are not allowed")
        if reason:
            return worded("yaml.unreadable", "{why}", why=str(reason))
    return worded("yaml.strange", "is nested too deep, or holds a value that is none")

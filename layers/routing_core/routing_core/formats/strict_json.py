"""Read JSON with exactly one meaning: no member twice, no NaN, and only text one can write."""

import json
from collections.abc import Iterator
from typing import Any


class Ambiguous(ValueError):
    """Different readers would read this JSON differently."""

    def __init__(self, msg: str):
        # Called as in `json.JSONDecodeError`, so that whoever words the error reads both alike.
        self.msg = msg
        super().__init__(msg)


def read_json(text: str) -> Any:
    """Read one value.

    Halves of surrogate pairs (an emoji that a program cut in two) are left out of its texts: they
    cannot be stored or sent, and nobody meant them. Raises ValueError with the reason, or
    RecursionError for what is nested too deeply.
    """
    try:
        value = json.loads(text, object_pairs_hook=_each_once, parse_constant=_refuse)
    except (json.JSONDecodeError, Ambiguous):
        raise
    except ValueError as error:
        # It is NaN, or a number of more digits than Python reads.
        raise Ambiguous(_what_is_no_number(text)) from error
    # Only an escape can stand for half a pair: the text itself came as UTF-8.
    return _whole(value) if "\\ud" in text.lower() else value


def without_halves(text: str) -> str:
    """Give the text without halves of surrogate pairs."""
    return text.encode("utf-8", "ignore").decode()


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return without_halves(value)
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        # Two names may be one once their halves are gone, so they are looked at again.
        return _each_once([(without_halves(key), _whole(each)) for key, each in value.items()])
    return value


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for key, value in pairs:
        if key in read:
            raise Ambiguous(f"{key[:60]!r} appears twice")
        read[key] = value
    return read


def _refuse(name: str) -> Any:
    raise ValueError(name)


# ── saying what is no number ──────────────────────────────────────────────────────────────────────


class _NoNumber(str):
    """This text stands where a number should."""


def _what_is_no_number(text: str) -> str:
    """Read the text a second time, to name the member: a document may have hundreds of numbers."""
    try:
        json.loads(
            text,
            object_pairs_hook=_only_numbers,
            parse_constant=_NoNumber,
            parse_int=_whole_number,
        )
    except Ambiguous as found:
        return found.msg
    return "holds a number that cannot be read"


def _whole_number(digits: str) -> int | _NoNumber:
    try:
        return int(digits)
    except ValueError:
        return _NoNumber(f"{digits[:10]}…, which has {len(digits):,} digits,")


def _only_numbers(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for key, value in pairs:
        for each in _values_in(value):
            if isinstance(each, _NoNumber):
                raise Ambiguous(f"{key[:60]!r}: {each} is not a number")
    return dict(pairs)


def _values_in(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for each in value:
            yield from _values_in(each)
    else:
        yield value

"""JSON with exactly one meaning: no member twice, no NaN, and only text that can be written down."""

import json
from typing import Any


class Ambiguous(ValueError):
    """JSON that different readers would read differently; ``msg`` as in ``json.JSONDecodeError``."""

    def __init__(self, msg: str):
        self.msg = msg
        super().__init__(msg)


def read_json(text: str) -> Any:
    """Reads one value. Halves of surrogate pairs (an emoji that a program cut in two) are left out of its texts: they
    cannot be stored or sent, and nobody meant them.

    Raises ValueError with the reason, or RecursionError for what is nested too deeply.
    """
    value = json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_number)
    # Only an escape can stand for half a pair: the text itself came as UTF-8.
    return _whole(value) if "\\ud" in text.lower() else value


def without_halves(text: str) -> str:
    """The text without halves of surrogate pairs."""
    return text.encode("utf-8", "ignore").decode()


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return without_halves(value)
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        return _each_once([(without_halves(key), _whole(each)) for key, each in value.items()])
    return value


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for key, value in pairs:
        if key in read:
            raise Ambiguous(f"{key[:60]!r} appears twice")
        read[key] = value
    return read


def _no_number(name: str) -> Any:
    raise Ambiguous(f"{name} is not a number")

"""JSON with exactly one meaning: no member twice, no NaN."""

import json
from typing import Any


class Ambiguous(ValueError):
    """JSON that different readers would read differently; ``msg`` as in ``json.JSONDecodeError``."""

    def __init__(self, msg: str):
        self.msg = msg
        super().__init__(msg)


def read_json(text: str) -> Any:
    """Raises ValueError with the reason, or RecursionError for what is nested too deeply."""
    return json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_number)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for key, value in pairs:
        if key in read:
            raise Ambiguous(f"{key[:60]!r} is there twice")
        read[key] = value
    return read


def _no_number(name: str) -> Any:
    raise Ambiguous(f"{name} is no number")

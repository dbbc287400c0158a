"""The fields of the small forms that change rules: how a value is shown, and how it is read.

Each field stands for one path of the programme. What is typed is read in the ways that people write
it: ``2,5`` as well as ``2.5``, ``24.12.2026`` as well as ``2026-12-24``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.programme.document import Window
from routing_core.domain.values.clean import one_line, paragraphs, whole_number

RuleFieldKind = Literal[
    "length",
    "count",
    "number",
    "percent",
    "percents",
    "waves",
    "choice",
    "text",
    "dates",
    "paragraphs",
]
"""A value is a length of time, one number or several, one of some words, a text, or days."""
UNITS = tuple(Window.model_fields)
"""A length of time is in one of these units."""
_GERMAN_DAY = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", re.ASCII)
_SEPARATORS = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class RuleField:
    """One field of a small form."""

    name: str
    """The form posts it under this name."""
    kind: RuleFieldKind
    path: tuple[str | int, ...]
    """The path of the programme that it changes, and no other."""
    options: tuple[str, ...] = ()
    """The words of which a choice is one."""
    language: str = ""
    """The language that a text is in; empty where that does not matter."""
    optional: bool = False
    """Left empty, the programme says nothing there."""

    @property
    def label(self) -> str:
        """Name the field for its words: the last name of its path that is no language."""
        names = [step for step in self.path if isinstance(step, str) and step != self.language]
        return names[-1]


def field_at(*path: str | int, kind: RuleFieldKind, **more: Any) -> RuleField:
    """Make a field for a path of the programme."""
    return RuleField("-".join(map(str, path)), kind, path, **more)


# ── showing ───────────────────────────────────────────────────────────────────────────────────────


def shown_values(field: RuleField, document: Mapping[str, Any]) -> dict[str, str]:
    """Give what stands in the inputs of a field, by their names."""
    value = value_at(document, field.path)
    if field.kind == "length":
        return _shown_length(field.name, value)
    return {field.name: _SHOWN.get(field.kind, _plain)(value)}


def _shown_length(name: str, value: Any) -> dict[str, str]:
    for unit in UNITS:
        if value and value.get(unit) is not None:
            return {name: _plain(value[unit]), f"{name}-unit": unit}
    return {name: "", f"{name}-unit": UNITS[0]}


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _as_percent(value: Any) -> str:
    return _plain(round(value * 100, 6))


_SHOWN: Mapping[str, Callable[[Any], str]] = {
    "percent": _as_percent,
    "percents": lambda values: ", ".join(map(_as_percent, values)),
    "waves": lambda values: ", ".join(map(str, values)),
    "dates": lambda values: "\n".join(values),
}


def value_at(document: Any, path: tuple[str | int, ...]) -> Any:
    """Give the value at a path; None where there is nothing."""
    for step in path:
        if isinstance(document, Mapping):
            document = document.get(step)
        elif isinstance(document, list) and isinstance(step, int):
            document = document[step]
        else:
            return None
    return document


def put_at(document: Any, path: tuple[str | int, ...], value: Any) -> None:
    """Put a value at a path; objects on the way that are not there are made."""
    *way, last = path
    for step in way:
        inner = value_at(document, (step,))
        if inner is None:
            inner = document[step] = {}
        document = inner
    document[last] = value


# ── reading ───────────────────────────────────────────────────────────────────────────────────────


MAY_BE_EMPTY = ("percents", "waves", "dates", "text", "paragraphs")
"""Left empty, these fields say just that."""


def read_field(field: RuleField, posted: Mapping[str, str]) -> Any:
    """Read what was typed in a field. Raises InvalidInput naming it."""
    typed = posted.get(field.name, "").strip()
    if not typed and field.kind not in MAY_BE_EMPTY:
        if field.optional:
            return None
        raise InvalidInput([Problem(field.name, "required", "is required")])
    try:
        if field.kind == "length":
            return _read_length(typed, posted.get(f"{field.name}-unit", ""))
        if field.kind == "choice":
            return _read_choice(typed, field.options)
        return _READ[field.kind](typed)
    except ValueError as error:
        raise InvalidInput([Problem(field.name, f"invalid_{field.kind}", str(error))]) from error


def _read_length(typed: str, unit: str) -> dict[str, Any]:
    if unit not in UNITS:
        raise ValueError("choose minutes, response hours or working days")
    number = _count(typed) if unit == "working_days" else _number(typed)
    return {unit: number}


def _read_choice(typed: str, options: tuple[str, ...]) -> str:
    if typed not in options:
        raise ValueError(f"choose one of {', '.join(options)}")
    return typed


def _count(typed: str) -> int:
    number = whole_number(typed)
    if number is None:
        raise ValueError("must be a whole number")
    return number


def _number(typed: str) -> float:
    plain = typed.replace(",", ".")
    if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", plain, re.ASCII):
        raise ValueError("must be a number")
    return float(plain)


def _percent(typed: str) -> float:
    return round(_number(typed.rstrip("% \u00a0")) / 100, 8)


def _percents(typed: str) -> list[float]:
    # A comma stands between two of them: nobody is reminded after half a percent.
    parts = _SEPARATORS.split(typed.replace("%", " "))
    return [_percent(part) for part in parts if part]


def _waves(typed: str) -> list[int | str]:
    parts = [part for part in _SEPARATORS.split(typed) if part]
    return [part if part == "all" else _count(part) for part in parts]


def _dates(typed: str) -> list[str]:
    found = {_day(line.strip()) for line in typed.splitlines() if line.strip()}
    return sorted(found)


def _day(typed: str) -> str:
    german = _GERMAN_DAY.fullmatch(typed)
    try:
        if german:
            return date(int(german[3]), int(german[2]), int(german[1])).isoformat()
        return date.fromisoformat(typed).isoformat()
    except ValueError as error:
        raise ValueError(f"{typed[:30]!r} is not a day: write one like 2026-12-24") from error


_READ: Mapping[str, Callable[[str], Any]] = {
    "count": _count,
    "number": _number,
    "percent": _percent,
    "percents": _percents,
    "waves": _waves,
    "text": one_line,
    "paragraphs": paragraphs,
    "dates": _dates,
}


def read_rule_start(typed: str, time_zone: str) -> datetime | None:
    """Read the instant at which rules are to come into force; None for at once.

    It is a time of HQ's clock, as browsers post it: ``2026-12-01T08:00``.
    """
    if not typed.strip():
        return None
    try:
        at = datetime.fromisoformat(typed.strip())
    except ValueError as error:
        message = "is not a time: write one like 2026-12-01T08:00"
        raise InvalidInput([Problem("starts_at", "invalid_date", message)]) from error
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(time_zone))

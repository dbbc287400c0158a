"""The answer to one question of a form."""

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .clean import one_line
from .errors import InvalidInput, Problem
from .programme import Form, Question

LONGEST = 200
_YES_NO = {
    "yes": "yes",
    "true": "yes",
    "on": "yes",
    "1": "yes",
    "no": "no",
    "false": "no",
    "off": "no",
    "0": "no",
}
_NUMBER = re.compile(r"([+-]?[0-9]{1,12})(?:[.,]([0-9]{1,2}))?")


def chosen(form: Form | None, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers picked from the form's own words; what a person typed is left out."""
    words = {
        question.id: {"yes", "no"} if question.kind == "yes_no" else {option.id for option in question.options}
        for question in (form.questions if form else ())
    }
    return {name: answer for name, answer in answers.items() if answer in words.get(name, ())}


def read_answer(question: Question, value: Any) -> str:
    """In its one stored spelling; empty if there is none and none is needed. Raises InvalidInput.

    Choices are option ids, ``yes_no`` also takes true and false, numbers may be numbers or text.
    """
    if isinstance(value, str):
        value = one_line(value)
    if value is None or value == "":
        if question.required:
            raise _wrong(question, "required", "is needed")
        return ""
    if question.kind == "number":
        return _number(question, value)
    if question.kind == "yes_no" and isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str):
        raise _wrong(question, "invalid_text", "must be text in quotes")
    if question.kind == "yes_no":
        if value.lower() not in _YES_NO:
            raise _wrong(question, "unknown_option", "is neither yes nor no")
        return _YES_NO[value.lower()]
    if question.kind == "choice" and value not in [o.id for o in question.options]:
        raise _wrong(question, "unknown_option", f"is none of {', '.join(o.id for o in question.options)}")
    if len(value) > LONGEST:
        raise _wrong(question, "too_long", f"is too long: at most {LONGEST} characters")
    return value


def _number(question: Question, value: Any) -> str:
    if isinstance(value, str):
        found = _NUMBER.fullmatch(value)
        if found:
            return _plain(Decimal(f"{found[1]}.{found[2] or 0}"))
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and _fits(value):
        return _plain(Decimal(str(value)))
    raise _wrong(question, "invalid_number", "is no number: write it like 1200 or 12.5, without signs for thousands")


def _fits(value: int | float) -> bool:
    return math.isfinite(value) and abs(value) < 10**12 if isinstance(value, float) else abs(value) < 10**12


def _plain(number: Decimal) -> str:
    text = f"{round(number, 6):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _wrong(question: Question, code: str, message: str) -> InvalidInput:
    return InvalidInput([Problem(question.id, code, message)])

"""The answer to one question of a form."""

import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.programme.forms import MOST_OPTIONS, Form, Question
from routing_core.domain.programme.rules import SEPARATOR
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.spelled import meant, spellings

LONGEST = 200
_YES_NO = {
    "yes": "yes",
    "y": "yes",
    "ja": "yes",
    "j": "yes",
    "true": "yes",
    "on": "yes",
    "1": "yes",
    "no": "no",
    "n": "no",
    "nein": "no",
    "false": "no",
    "off": "no",
    "0": "no",
}
_NUMBER = re.compile(r"([+-]?[0-9]{1,12})(?:[.,]([0-9]{1,2}))?")
_SEVERAL = re.compile(r"\s*[|,;]\s*")


def chosen(form: Form | None, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers picked from the form's own words; what a person typed is left out."""
    words = {
        question.id: {"yes", "no"}
        if question.kind == "yes_no"
        else {option.id for option in question.options}
        for question in (form.questions if form else ())
    }
    return {
        name: answer
        for name, answer in answers.items()
        if words.get(name, set()).issuperset(answer.split(SEPARATOR))
    }


def read_answer(question: Question, value: Any, *, required: bool | None = None) -> str:
    """In its one stored spelling; empty if there is none and none is needed. Raises InvalidInput.
    ``required``: whether one is; None = as the question says.

    Choices are options by their id, label or another spelling that the programme lists; ``yes_no``
    also takes true and false; numbers may be numbers or text. Of several answers to a question that
    takes one the last counts.
    """
    needed = question.required if required is None else required
    if question.many:
        return _several(question, value, needed)
    if isinstance(value, list):
        value = next((each for each in reversed(value) if each not in ("", None)), "")
    if isinstance(value, str):
        value = one_line(value)
    if value is None or value == "":
        return _unanswered(question, needed)
    if question.kind == "number":
        return _number(question, value)
    if question.kind == "yes_no":
        return _yes_no(question, value)
    if question.kind == "choice":
        return _option(question, value)
    if not isinstance(value, str):
        raise _wrong(question, "invalid_text", "must be text in quotes")
    if len(value) > LONGEST:
        raise _wrong(question, "too_long", f"is too long: at most {LONGEST} characters")
    return value


def _unanswered(question: Question, needed: bool) -> str:
    if needed:
        raise _wrong(question, "required", "is required", _choices(question))
    return ""


def _choices(question: Question) -> Sequence[str]:
    """What a question can be answered with; nothing where people write their own words."""
    return (
        ["yes", "no"] if question.kind == "yes_no" else [option.id for option in question.options]
    )


def _several(question: Question, value: Any, needed: bool) -> str:
    """In the programme's order, whatever order they were sent in."""
    values = (
        value
        if isinstance(value, list)
        else _SEVERAL.split(value)
        if isinstance(value, str)
        else [value]
    )
    if len(values) > MOST_OPTIONS:
        raise _wrong(question, "unknown_option", f"has more than {MOST_OPTIONS} answers")
    picked = {_option(question, each) for each in values if each not in ("", None)}
    if not picked:
        return _unanswered(question, needed)
    return SEPARATOR.join(option.id for option in question.options if option.id in picked)


def _yes_no(question: Question, value: Any) -> str:
    if isinstance(value, (bool, int)) and value in (0, 1):
        return "yes" if value else "no"
    if not isinstance(value, str):
        raise _wrong(question, "invalid_text", "must be text in quotes")
    if value.lower() not in _YES_NO:
        raise _wrong(question, "unknown_option", "is neither yes nor no", ["yes", "no"])
    return _YES_NO[value.lower()]


def _option(question: Question, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(question, "invalid_text", "must be text in quotes")
    options = {option.id: (*option.label.values(), *option.also) for option in question.options}
    picked = meant(one_line(value[:LONGEST]), spellings(options))
    if picked not in options:
        raise _wrong(
            question, "unknown_option", f"is not one of {', '.join(options)}", list(options)
        )
    return picked


def _number(question: Question, value: Any) -> str:
    if isinstance(value, str):
        found = _NUMBER.fullmatch(value)
        if found:
            return _plain(Decimal(f"{found[1]}.{found[2] or 0}"))
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and _fits(value):
        return _plain(Decimal(str(value)))
    raise _wrong(
        question,
        "invalid_number",
        "is not a number: use the form 1200 or 12.5, without thousands separators",
    )


def _fits(value: int | float) -> bool:
    return (
        math.isfinite(value) and abs(value) < 10**12
        if isinstance(value, float)
        else abs(value) < 10**12
    )


def _plain(number: Decimal) -> str:
    text = f"{round(number, 6):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _wrong(
    question: Question, code: str, message: str, options: Sequence[str] = ()
) -> InvalidInput:
    hints = (("options", ", ".join(options)),) if options else ()
    return InvalidInput([Problem(question.id, code, message, hints)])

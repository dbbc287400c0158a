"""Read the answer to one question of a form."""

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

LONGEST_ANSWER = 200
"""An answer in people's own words has at most this many characters."""
_LARGEST_NUMBER = 10**12
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


def picked_answers(form: Form | None, answers: Mapping[str, str]) -> dict[str, str]:
    """Give the answers picked from the form's own words; what a person typed is left out."""
    offered: dict[str, set[str]] = {}
    for question in form.questions if form else ():
        offered[question.id] = set(question.closed_answers())
    return {
        name: answer
        for name, answer in answers.items()
        if offered.get(name, set()).issuperset(answer.split(SEPARATOR))
    }


def read_answer(question: Question, value: Any, *, required: bool | None = None) -> str:
    """Give the answer in its one stored spelling; empty if there is none and none is needed.

    ``required`` says whether one is; None = as the question says. Choices are options by their id,
    label, short label or another spelling that the programme lists; ``yes_no`` also takes true and false;
    numbers may be numbers or text. Of several answers to a question that takes one the last counts.
    Raises InvalidInput.
    """
    needed = question.required if required is None else required
    if question.many:
        return _several(question, value, needed)
    if isinstance(value, list):
        value = _last_filled_in(value)
    if isinstance(value, str):
        value = one_line(value)
    if value is None or value == "":
        return _unanswered(question, needed)
    match question.kind:
        case "number":
            return _number(question, value)
        case "yes_no":
            return _yes_no(question, value)
        case "choice":
            return _option(question, value)
        case "text":
            return _text(question, value)


def _last_filled_in(values: Sequence[Any]) -> Any:
    """Give the last value that is not empty: forms send a hidden field before a visible one."""
    for value in reversed(values):
        if value not in ("", None):
            return value
    return ""


def _unanswered(question: Question, needed: bool) -> str:
    if needed:
        raise _wrong(question, "required", "is required", question.closed_answers())
    return ""


def _several(question: Question, value: Any, needed: bool) -> str:
    """Read several options, and give them in the programme's order whatever order they came in."""
    values = _as_list(value)
    if len(values) > MOST_OPTIONS:
        raise _wrong(question, "unknown_option", f"has more than {MOST_OPTIONS} answers")
    picked = {_option(question, each) for each in values if each not in ("", None)}
    if not picked:
        return _unanswered(question, needed)
    return SEPARATOR.join(option.id for option in question.options if option.id in picked)


def _as_list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        return _SEVERAL.split(value)
    return [value]


def _text(question: Question, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(question, "invalid_text", "must be text in quotes")
    if len(value) > LONGEST_ANSWER:
        message = f"is too long: at most {LONGEST_ANSWER} characters"
        raise _wrong(question, "too_long", message)
    return value


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
    options = {option.id: option.spellings for option in question.options}
    written = one_line(value[:LONGEST_ANSWER])
    picked = meant(written, spellings(options))
    if picked not in options:
        # What partners and HQ read is written back in lists; what a prospect reads comes first.
        briefly = {option.id: option.short.values() for option in question.options}
        picked = meant(written, spellings(briefly))
    if picked not in options:
        message = f"is not one of {', '.join(options)}"
        raise _wrong(question, "unknown_option", message, list(options))
    return picked


def _number(question: Question, value: Any) -> str:
    if isinstance(value, str):
        found = _NUMBER.fullmatch(value)
        if found:
            return _plain(Decimal(f"{found[1]}.{found[2] or 0}"))
    elif _is_number(value) and _fits(value):
        return _plain(Decimal(str(value)))
    message = "is not a number: use the form 1200 or 12.5, without thousands separators"
    raise _wrong(question, "invalid_number", message)


def _is_number(value: Any) -> bool:
    # True and False are whole numbers to Python, but nobody means 1 and 0 by them.
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _fits(value: int | float) -> bool:
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return abs(value) < _LARGEST_NUMBER


def _plain(number: Decimal) -> str:
    """Write a number the way people do: no exponent, no zeros at the end, no minus before zero."""
    text = f"{round(number, 6):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _wrong(
    question: Question, code: str, message: str, options: Sequence[str] = ()
) -> InvalidInput:
    hints = (("options", ", ".join(options)),) if options else ()
    return InvalidInput([Problem(question.id, code, message, hints)])

"""The fields of a form as they were sent: cleaned one by one, and every problem kept, to be told at
once.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.values.clean import one_line, paragraphs
from routing_core.domain.values.phones import LONGEST as LONGEST_PHONE
from routing_core.domain.values.spelled import meant, spellings

LENGTHS = {
    "name": 100,
    "email": 254,
    "phone": LONGEST_PHONE,
    "company": 100,
    "street": 100,
    "town": 80,
}
LENGTHS["message"] = 4000
SHORT_TEXTS = frozenset(("name", "company", "street", "town"))
_LOST = "\ufffd"
"""Stands where bytes of another encoding were, which nobody can bring back."""
_LARGEST_NUMBER = 10**15


class TypedFields:
    """The raw fields being read; collects what is wrong."""

    def __init__(self, raw: Mapping[str, Any]):
        self.raw = raw
        self.problems: list[Problem] = []

    def wrong(self, field: str, code: str, message: str) -> None:
        self.problems.append(Problem(field, code, message))

    def raise_problems(self) -> None:
        if self.problems:
            raise InvalidInput(self.problems)

    def written(self, field: str) -> str:
        """Gives what stands there, whether or not it will do; cut where it is too long."""
        return one_line(said(self.raw.get(field)) or "")[: LENGTHS.get(field, 100)]

    def text(self, field: str, *, required: bool = False) -> str:
        """Gives the text cleaned and not too long, or empty with the problem noted. Numbers are
        taken as written.
        """
        value = said(self.raw.get(field))
        if value is None:
            self.wrong(field, "invalid_text", "must be text in quotes")
            return ""
        text = (paragraphs if field == "message" else one_line)(value)
        if field in SHORT_TEXTS and _LOST in text:
            self.wrong(field, "lost_letters", "lost letters on the way: send it in UTF-8")
            return ""
        if len(text) > LENGTHS.get(field, 100):
            self.wrong(
                field, "too_long", f"is too long: at most {LENGTHS.get(field, 100)} characters"
            )
            return ""
        if required and not text:
            self.wrong(field, "required", "is required")
        return text

    def checked(
        self, field: str, code: str, check: Callable[[str], str], *, required: bool = True
    ) -> str:
        """Gives what ``check`` makes of the text; its ValueError is the problem's message."""
        text = self.text(field, required=required)
        if not text:
            return ""
        try:
            return check(text)
        except ValueError as error:
            self.wrong(field, code, str(error))
            return ""

    def one_of(
        self, field: str, allowed: Mapping[str, Iterable[str]], code: str = "unknown_option"
    ) -> str:
        """Gives the one that was chosen of ``allowed``: what may be chosen → how else it is
        known.
        """
        if len(allowed) == 1 and said(self.raw.get(field)) == "":
            return next(iter(allowed))
        text = self.text(field, required=True)
        if not text:
            return ""
        chosen = meant(text, spellings(allowed))
        if chosen in allowed:
            return chosen
        options = ", ".join(allowed)
        self.problems.append(
            Problem(field, code, f"is not one of {options}", (("options", options),))
        )
        return ""


def said(value: Any) -> str | None:
    """Gives one text of what was sent for a field: of several the last that is not empty; None for
    what is no text.
    """
    if isinstance(value, list):
        value = next((each for each in reversed(value) if each not in ("", None)), "")
    if value is None or isinstance(value, str):
        return value or ""
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or not abs(value) < _LARGEST_NUMBER
    ):
        return None
    return str(int(value)) if value == int(value) else str(value)

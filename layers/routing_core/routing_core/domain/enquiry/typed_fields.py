"""Clean the fields of a form as they were sent, and keep every problem to tell at once."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.values.clean import one_line, paragraphs
from routing_core.domain.values.phones import LONGEST_PHONE
from routing_core.domain.values.spelled import meant, spellings

LENGTHS = {
    "name": 100,
    "email": 254,
    "phone": LONGEST_PHONE,
    "company": 100,
    "street": 100,
    "town": 80,
    "message": 4000,
}
"""A field has at most this many characters, any other field as many as ``OTHER_LENGTH``."""
OTHER_LENGTH = 100
"""A field that ``LENGTHS`` does not name has at most this many characters."""
SHORT_TEXTS = frozenset(("name", "company", "street", "town"))
"""These are no use to anybody once letters of them are lost."""
_LOST_LETTERS = "\ufffd"
"""It stands where bytes of another encoding were, which nobody can bring back."""
_LARGEST_NUMBER = 10**15


class TypedFields:
    """Raw fields are read here one after the other, and what is wrong with them is collected."""

    def __init__(self, raw: Mapping[str, Any]):
        self.raw = raw
        self.problems: list[Problem] = []

    def wrong(self, field: str, code: str, message: str) -> None:
        """Note a problem with a field."""
        self.problems.append(Problem(field, code, message))

    def raise_problems(self) -> None:
        """Raise InvalidInput with every problem that was noted; do nothing if there is none."""
        if self.problems:
            raise InvalidInput(self.problems)

    def written(self, field: str) -> str:
        """Give what stands there, whether or not it will do; cut where it is too long."""
        text = one_line(sent_text(self.raw.get(field)) or "")
        return text[: LENGTHS.get(field, OTHER_LENGTH)]

    def text(self, field: str, *, required: bool = False) -> str:
        """Give the text cleaned and not too long, or empty with the problem noted.

        Numbers are taken as written.
        """
        value = sent_text(self.raw.get(field))
        if value is None:
            self.wrong(field, "invalid_text", "must be text in quotes")
            return ""
        clean = paragraphs if field == "message" else one_line
        text = clean(value)
        if field in SHORT_TEXTS and _LOST_LETTERS in text:
            self.wrong(field, "lost_letters", "lost letters on the way: send it in UTF-8")
            return ""
        longest = LENGTHS.get(field, OTHER_LENGTH)
        if len(text) > longest:
            self.wrong(field, "too_long", f"is too long: at most {longest} characters")
            return ""
        if required and not text:
            self.wrong(field, "required", "is required")
        return text

    def checked(
        self, field: str, code: str, check: Callable[[str], str], *, required: bool = True
    ) -> str:
        """Give what ``check`` makes of a text; its ValueError is the problem's message."""
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
        """Give what was chosen of ``allowed``: what may be chosen → how else it is known."""
        if len(allowed) == 1 and sent_text(self.raw.get(field)) == "":
            # A form with one choice need not ask.
            return next(iter(allowed))
        text = self.text(field, required=True)
        if not text:
            return ""
        chosen = meant(text, spellings(allowed))
        if chosen in allowed:
            return chosen
        options = ", ".join(allowed)
        hints = (("options", options),)
        self.problems.append(Problem(field, code, f"is not one of {options}", hints))
        return ""


def sent_text(value: Any) -> str | None:
    """Give one text of what was sent for a field; None for what is no text.

    Of several it is the last that is not empty.
    """
    if isinstance(value, list):
        filled_in = [each for each in value if each not in ("", None)]
        value = filled_in[-1] if filled_in else ""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # Compared like this, NaN and the infinities are too large as well.
    if not abs(value) < _LARGEST_NUMBER:
        return None
    return str(int(value)) if value == int(value) else str(value)

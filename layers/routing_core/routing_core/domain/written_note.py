"""Reads the words of a note: what is too long is refused, for nobody would miss what was cut."""

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.lead import LONGEST_NOTE
from routing_core.domain.values.clean import paragraphs


def written_note(typed: str) -> str:
    """Clean the words of a note. Raises InvalidInput (text) for more than ``LONGEST_NOTE``."""
    words = paragraphs(typed)
    if len(words) > LONGEST_NOTE:
        message = f"is too long: at most {LONGEST_NOTE} characters, and these are {len(words)}"
        hints = (("most", str(LONGEST_NOTE)), ("written", str(len(words))))
        raise InvalidInput([Problem("text", "too_long", message, hints)])
    return words

"""Text that strangers typed, made harmless to store, show, mail and sort."""

import re
import unicodedata

_NEWLINES = {"\r\n": "\n", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\x85": "\n"}
_DROPPED = {"Cc", "Cf", "Cs", "Co"}
"""Control characters (NUL, escape), format characters (bidi overrides, zero width), halves of surrogate
pairs, private use: none of them is anything a person means to write."""

MOST_MARKS = 30
"""Accents on one letter, as the Stream-Safe Text Format of Unicode (UAX #15) has it. Putting thousands in order takes
seconds, and no language has more than a few."""
_DECEPTIVE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def one_line(text: str) -> str:
    """Without invisible characters, in NFC, every run of white space one space, nothing at the ends."""
    return " ".join(unicodedata.normalize("NFC", _visible(text.replace("\n", " "))).split())


def paragraphs(text: str) -> str:
    """Like ``one_line``, line by line; never more than one empty line between two."""
    for written, meant in _NEWLINES.items():
        text = text.replace(written, meant)
    lines: list[str] = []
    for line in map(one_line, text.split("\n")):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip("\n")


def is_deceptive(text: str) -> bool:
    """Whether it holds control characters other than line ends, or characters that turn text around."""
    return bool(_DECEPTIVE.search(text))


def _visible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        if character.isspace():
            kept.append(" ")
            marks = 0
        elif unicodedata.category(character) not in _DROPPED:
            marks = marks + 1 if unicodedata.combining(character) else 0
            if marks <= MOST_MARKS:
                kept.append(character)
    return "".join(kept)

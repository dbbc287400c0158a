"""Text that strangers typed, made harmless to store, show, mail and sort."""

import re
import unicodedata

_NEWLINES = {"\r\n": "\n", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\x85": "\n"}
_DROPPED = {"Cc", "Cf", "Cs", "Co"}
"""Control characters (NUL, escape), format characters (bidi overrides, zero width), halves of
surrogate pairs, private use: none of them is anything a person means to write, but for two of them
where they join.
"""
_NON_JOINER, _JOINER = "\u200c", "\u200d"
_FIRST_JOINED = "\u0590"
"""The scripts before it (Latin, Greek, Cyrillic, Armenian) need no joiners: there they would make
one name look like another.
"""
_EMOJI = {"So", "Sk"}
_VARIATION = "\ufe0f"

MOST_MARKS = 30
"""Accents on one letter, as the Stream-Safe Text Format of Unicode (UAX #15) has it. Putting
thousands in order takes seconds, and no language has more than a few.
"""
_DECEPTIVE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


LONGEST_NAME = 60
_NO_NAME = re.compile(r"://|www\.|[@/\\<>{}\d]|\w\.\w{2,}", re.IGNORECASE)


def one_line(text: str) -> str:
    """Without invisible characters, in NFC, every run of white space one space, nothing at the
    ends.
    """
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


def named(name: str) -> str:
    """Gives the name of a person if it can be told to somebody else, else nothing: our mails must
    not carry an advertisement that was typed where a name belongs.
    """
    name = one_line(name)
    return "" if len(name) > LONGEST_NAME or _NO_NAME.search(name) else name


def is_deceptive(text: str) -> bool:
    """Whether it holds control characters other than line ends, or characters that turn text
    around.
    """
    return bool(_DECEPTIVE.search(text))


def _visible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for place, character in enumerate(text):
        if character.isspace():
            kept.append(" ")
            marks = 0
        elif unicodedata.category(character) not in _DROPPED or _joins(text, place):
            marks = marks + 1 if unicodedata.combining(character) else 0
            if marks <= MOST_MARKS:
                kept.append(character)
    return "".join(kept)


def _joins(text: str, place: int) -> bool:
    """Whether the character there is a joiner that the word cannot be written without: in Persian
    (می‌خواهم), Sinhala (ශ්‍රී) and their kin between two letters or signs of theirs, and between
    the parts of an emoji.
    """
    joiner, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
    if joiner not in (_NON_JOINER, _JOINER) or not before or not after:
        return False
    if _is_joined(before) and _is_joined(after):
        return True
    drawn = before == _VARIATION or unicodedata.category(before) in _EMOJI
    return joiner == _JOINER and drawn and unicodedata.category(after) in _EMOJI


def _is_joined(character: str) -> bool:
    composed = unicodedata.normalize("NFC", character)
    return (
        composed >= _FIRST_JOINED
        and unicodedata.category(character)[0] in "LM"
        and character != _VARIATION
    )

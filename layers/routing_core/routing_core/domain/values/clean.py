"""Text that strangers typed, made harmless to store, show, mail and sort."""

import re
import unicodedata

_NEWLINES = {"\r\n": "\n", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\x85": "\n"}
# Control characters (NUL, escape), format characters (bidi overrides, zero width), halves of
# surrogate pairs, private use: none of them is anything a person means to write, but for two of
# them where they join.
_DROPPED = {"Cc", "Cf", "Cs", "Co"}
_NON_JOINER, _JOINER = "\u200c", "\u200d"
# The scripts before it (Latin, Greek, Cyrillic, Armenian) need no joiners: there they would make
# one name look like another.
_FIRST_JOINED = "\u0590"
_EMOJI = {"So", "Sk"}
_VARIATION = "\ufe0f"

MOST_ACCENTS = 30
"""The most accents kept on one letter, as the Stream-Safe Text Format of Unicode (UAX #15) has it.

Putting thousands in order takes seconds, and no language has more than a few.
"""
# Control characters other than line ends, and whatever turns the direction of text around.
_DECEPTIVE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)

LONGEST_NAME_TOLD = 60
"""The most characters of a person's name that is told to somebody else."""
# What an advertisement has and a name has not: addresses, markup, figures.
_NO_NAME = re.compile(r"://|www\.|[@/\\<>{}\d]|\w\.\w{2,}", re.IGNORECASE)

MOST_DIGITS = 12
"""Python is slow with thousands of digits."""


def one_line(text: str) -> str:
    """Give the text as one line: no invisible characters, NFC, single spaces, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", _visible(text.replace("\n", " "))).split())


def paragraphs(text: str) -> str:
    """Clean text of several lines, each like ``one_line``, with one empty line in a row at most."""
    for written, meant in _NEWLINES.items():
        text = text.replace(written, meant)
    lines: list[str] = []
    for line in map(one_line, text.split("\n")):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip("\n")


def named(name: str) -> str:
    """Give a person's name if it may be told to somebody else, else an empty text.

    Our mails must not carry an advertisement that was typed where a name belongs.
    """
    name = one_line(name)
    if len(name) > LONGEST_NAME_TOLD or _NO_NAME.search(name):
        return ""
    return name


def is_deceptive(text: str) -> bool:
    """Tell whether a text holds control characters, line ends aside, or turns text around."""
    return bool(_DECEPTIVE.search(text))


def _visible(text: str) -> str:
    """Drop what cannot be seen, and accents beyond what a letter can carry."""
    # Nearly everything that is typed: it is not worth a look at each character.
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    accents = 0
    for position, character in enumerate(text):
        if character.isspace():
            kept.append(" ")
            accents = 0
            continue
        if unicodedata.category(character) in _DROPPED and not _joins(text, position):
            continue
        accents = accents + 1 if unicodedata.combining(character) else 0
        if accents <= MOST_ACCENTS:
            kept.append(character)
    return "".join(kept)


def _joins(text: str, position: int) -> bool:
    """Tell whether the character there is a joiner that the word cannot be written without.

    That is so in Persian (می‌خواهم), Sinhala (ශ්‍රී) and their kin between two letters or signs of
    theirs, and between the parts of an emoji.
    """
    joiner = text[position]
    before = text[position - 1 : position]
    after = text[position + 1 : position + 2]
    if joiner not in (_NON_JOINER, _JOINER) or not before or not after:
        return False
    if _is_joined(before) and _is_joined(after):
        return True
    drawn = before == _VARIATION or unicodedata.category(before) in _EMOJI
    return joiner == _JOINER and drawn and unicodedata.category(after) in _EMOJI


def _is_joined(character: str) -> bool:
    """Tell whether a character belongs to a script whose words are written with joiners."""
    composed = unicodedata.normalize("NFC", character)
    return (
        composed >= _FIRST_JOINED
        and unicodedata.category(character)[0] in "LM"
        and character != _VARIATION
    )


def whole_number(text: str) -> int | None:
    """Give the number that a text of digits is; None for any other text, and for a huge one."""
    is_number = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if is_number else None

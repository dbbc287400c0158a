"""Postcodes as people of the country write them: ``80331``, ``SW1A 1AA``, ``00-950``, ``LV-1010``.

How they look in every country stands in ``data/postcodes.txt``, which ``infra.tools.postcodes``
makes from a kept source.

    spelled("NO", "NO-0150")            0150     its form only: for what is compared or was stored
    canonical("NO", "0150")             0150     its form, and given out by the post: for lists
    understood("DE", "80331 München")   80331    also out of more words: for what a person typed
    compared("PL", "00-950")            00950    how territories, leads and places are compared

All four raise ``NoPostcode``, a ValueError that says what would be right and, where it can be told,
what was meant: ``8O331`` is 80331, a ``2134`` of the US has lost its zero.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

from routing_core.domain.errors import Problem
from routing_core.domain.values.sentence import worded

_FIRST_KNOWN = "AT AU BE BR CA CH CZ DE DK ES FR GB IE IT LI LU NL PL PT SE US"
FIRST_KNOWN = frozenset(_FIRST_KNOWN.split())
"""The countries whose postcodes were always checked.

Of others everything that had a digit was once taken: what is stored of them may have any form.
"""

_TABLE = Path(__file__).parents[1].joinpath("data") / "postcodes.txt"
_ANYWHERE = re.compile(r"[A-Z0-9](?:[A-Z0-9 -]{1,10}[A-Z0-9])")
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212.]")
# What postcodes look like where it is not known how they do.
_USUAL_SHAPES = ("ddddd", "dddd", "dddddd", "adadad", "aadd")
_SIGNS = {"d": "[0-9]", "a": "[A-Z]", "x": "[A-Z0-9]"}
# A part of a shape: optional, written but not compared, a class of characters, or one sign.
_PART = re.compile(r"\([^)]*\)|\{[^}]*\}|\[[^]]*\]|.")
_LOOKS_LIKE = {"O": "0", "Q": "0", "I": "1", "L": "1", "S": "5", "B": "8", "Z": "2", "G": "6"}
_READ_AS = {digit: letter for letter, digit in reversed(_LOOKS_LIKE.items())}
_MOST_ZEROS_LOST = 2
# Of one postcode; ``EC1A 1BB`` has two.
_MOST_WORDS = 3
_LONGEST = 80


class NoPostcode(ValueError):
    """Raised for what is no postcode of a country, with what would be right.

    ``code`` says why, ``meant`` is what the person may have wanted to write, ``example`` one of
    that country.
    """

    def __init__(
        self, country: str, code: str = "invalid_postcode", meant: str = "", example: str = ""
    ):
        self.country, self.code, self.meant, self.example = country, code, meant, example
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        if not self.example:
            english = "is not a postcode: use letters and digits, as on an envelope"
            return worded("postcode.no", english)
        fill = {"country": self.country, "advice": self._advice()}
        if self.code == "unused_postcode":
            english = "is not a postcode in use in {country}: {advice}"
            return worded("postcode.unused", english, **fill)
        return worded("postcode.not_there", "is not a postcode in {country}: {advice}", **fill)

    def _advice(self) -> str:
        if not self.meant:
            return worded("postcode.like", "use one like {example}", example=self.example)
        if self.meant == self.example:
            return worded("postcode.meant", "did you mean {meant}?", meant=self.meant)
        english = "use one like {example}, or did you mean {meant}?"
        return worded("postcode.like_or_meant", english, example=self.example, meant=self.meant)

    def problem(self, field: str) -> Problem:
        """Name the field that it was typed into."""
        hints = (("like", self.example), ("meant", self.meant), ("country", self.country))
        return Problem(field, self.code, str(self), tuple(hint for hint in hints if hint[1]))


@dataclass(frozen=True, slots=True)
class _Shape:
    pattern: re.Pattern[str]
    """What the compact code looks like; its group is what is kept."""
    tokens: tuple[str, ...]
    """A sign or a class for each character of what is kept."""
    before: str
    """What is written in front, but not compared: ``LV-``."""
    separator: tuple[int, str] | None
    """After how many characters of what is kept a space or hyphen is written, and which."""

    @property
    def first_part(self) -> int:
        """How many characters stand before the space or hyphen; 0 where there is none."""
        return self.separator[0] if self.separator else 0

    def written(self, code: str) -> str:
        """Write what is kept as the country does."""
        if self.separator:
            before, sign = self.separator
            code = f"{code[:before]}{sign}{code[before:]}"
        return f"{self.before}{code}"


@dataclass(frozen=True, slots=True)
class _Country:
    code: str
    shapes: tuple[_Shape, ...]
    example: str
    signs: tuple[str, ...]
    """What may stand before a postcode there: the country's code, and what people once wrote."""
    spans: tuple[tuple[str, str], ...]
    areas: frozenset[str]
    """The letters with which a postcode begins, if not every combination is given out."""

    @property
    def digits(self) -> int:
        """How many digits all postcodes there have; 0 unless they are numbers of one length."""
        lengths = {len(shape.tokens) for shape in self.shapes}
        tokens = chain.from_iterable(shape.tokens for shape in self.shapes)
        if len(lengths) != 1 or not all(map(_is_number, tokens)):
            return 0
        return lengths.pop()

    def fit(self, compact: str) -> str | None:
        """Write a compact code as the country does; None if it has no such postcodes."""
        for shape in self.shapes:
            if found := shape.pattern.fullmatch(compact):
                return shape.written(found[1])
        return None

    def in_use(self, code: str) -> bool:
        """Tell whether the post has given out such a postcode, as far as that is known."""
        compact = _bare(self, code)
        if self.areas:
            letters = re.split("[0-9]", compact)[0]
            # IE has routing keys of three characters, D6W beside D06.
            return letters in self.areas or compact[:3] in self.areas
        return not self.spans or any(first <= compact <= last for first, last in self.spans)


def canonical(country: str, written: str) -> str:
    """Give the postcode as its country writes it, if the post has given out such.

    ZIP+4 is cut to the ZIP: territories are made of ZIPs. Raises NoPostcode.
    """
    code = spelled(country, written)
    there = _country(country)
    if there and not there.in_use(code):
        raise NoPostcode(country, "unused_postcode", example=there.example)
    return code


def spelled(country: str, written: str) -> str:
    """Give the postcode as its country writes it, whether or not anybody lives there.

    Raises NoPostcode.
    """
    there = _country(country)
    text = plain(written)
    if there is None or not there.shapes:
        if not _ANYWHERE.fullmatch(text) or not any(sign.isdigit() for sign in text):
            raise NoPostcode(country)
        return text
    code = _fit(there, text)
    if code is None:
        raise NoPostcode(country, meant=next(_meant(there, text), ""), example=there.example)
    return code


def understood(country: str, typed: str) -> str:
    """Do the same also where a person wrote more into the field: ``80331 München``, ``CO 80202``.

    Raises NoPostcode.
    """
    try:
        return canonical(country, typed)
    except NoPostcode:
        there = _country(country)
        found = _among_words(there, plain(typed)) if there else ""
        if not found:
            raise
        return canonical(country, found)


def compared(country: str, written: str) -> str:
    """Give the capitals and digits by which territories and places are compared.

    Raises NoPostcode.
    """
    code = spelled(country, written)
    there = _country(country)
    return _bare(there, code) if there else _SEPARATORS.sub("", code)


def plain(written: str) -> str:
    """Write capitals, digits of any script as 0-9, single spaces, without the 〒 of Japan."""
    if written.isascii():
        return " ".join(written.upper().split())
    text = unicodedata.normalize("NFKC", written).replace("〒", " ").upper()
    return " ".join("".join(_digit(character) for character in text).split())


def without_sign(country: str, written: str) -> str:
    """Leave out the sign of a country: that of ``NO-01*``, ``FI-00100`` or ``LV-1010``."""
    there = _country(country)
    for sign in there.signs if there else ():
        rest = written[len(sign) :]
        if written.upper().startswith(sign) and re.match(r"[\s\-–]*[0-9]", rest):
            return rest.lstrip(" -–")
    return written


def exist(country: str) -> bool:
    """Tell whether that country has postcodes at all; an unknown one may have."""
    there = _country(country)
    return there is None or bool(there.shapes)


def example(country: str) -> str:
    """Give one postcode of that country, as it is written; empty where there are none."""
    there = _country(country)
    return there.example if there else ""


def digits(country: str) -> int:
    """Count the digits of every postcode there; 0 unless all are numbers of one length."""
    there = _country(country)
    return there.digits if there else 0


def hyphenated(country: str) -> frozenset[tuple[int, int]]:
    """Count the characters before and after the hyphen of postcodes.

    Such a hyphen is not the sign of a range.
    """
    there = _country(country)
    if country == "US":
        return frozenset([(5, 4)])
    found = set()
    for shape in there.shapes if there else ():
        if shape.separator and shape.separator[1] == "-":
            before, _ = shape.separator
            found.add((before, len(shape.tokens) - before))
    return frozenset(found)


def numbers(country: str) -> tuple[tuple[str, str], ...]:
    """Give the spans of numbers in use, first and last, where postcodes are plain numbers.

    There is none where they have letters or are unknown here. Numbers between spans are nobody's
    address.
    """
    there = _country(country)
    return there.spans if there and there.digits else ()


def shapes(country: str) -> tuple[tuple[str, ...], ...]:
    """Say how postcodes look there: each character as a class of a pattern."""
    there = _country(country)
    if there is None or not there.shapes:
        return tuple(map(_classes, _USUAL_SHAPES))
    return tuple(_classes(shape.tokens) for shape in there.shapes)


def _classes(tokens: Iterable[str]) -> tuple[str, ...]:
    return tuple(_SIGNS.get(token, token) for token in tokens)


def may_begin(country: str, beginning: str) -> bool:
    """Tell whether postcodes there begin so, in capitals and digits.

    Where their form is not known here, anything short may.
    """
    there = _country(country)
    if there is None or not there.shapes:
        return bool(re.fullmatch("[A-Z0-9]{2,10}", beginning))
    if there.digits:
        return 1 < len(beginning) < there.digits and _begins(there, beginning)
    return bool(beginning) and _begins(there, beginning)


def one_beginning(country: str, beginning: str) -> str:
    """Make up a postcode that begins so, for comparing where only the beginning is known.

    ``WS9`` gives ``WS9 1AA``; a whole postcode gives itself; it is empty where none begins so.
    Nobody may live there: it is never shown as an address.
    """
    try:
        return spelled(country, beginning)
    except NoPostcode:
        there = _country(country)
    if there is None:
        return ""
    # E1 is the first part of E1 1AA rather than the beginning of E11 1AA.
    by_first_part = sorted(there.shapes, key=lambda shape: shape.first_part != len(beginning))
    for shape in by_first_part:
        if 0 < len(beginning) < len(shape.tokens) and all(map(_is, shape.tokens, beginning)):
            rest = map(_some_sign, shape.tokens[len(beginning) :])
            return shape.written(beginning + "".join(rest))
    return ""


def _some_sign(token: str) -> str:
    """Give a sign that may stand there, a 1 if it may."""
    return next(sign for sign in "1A0BCDEFGHJKLMNPQRSTUVWXYZ23456789" if _is(token, sign))


def check_beginning(country: str, beginning: str) -> None:
    """Raise ValueError, saying how they look, where no postcode begins so.

    ``beginning`` is written as in ``may_begin``.
    """
    there = _country(country)
    if there is None or not there.shapes:
        return
    found = bool(beginning) and _begins(there, beginning)
    if found and there.spans:
        first, last = there.spans[0][0], there.spans[-1][1]
        size = len(beginning)
        found = first[:size] <= beginning <= last[:size]
    if not found:
        english = "no postcode in {country} begins with {beginning}: they look like {example}"
        raise ValueError(
            worded(
                "postcode.no_beginning",
                english,
                country=country,
                beginning=beginning,
                example=there.example,
            )
        )


def is_country(code: str) -> bool:
    """Tell whether that is a country's ISO code: ``GB`` is, ``UK`` and ``XX`` are not."""
    # phonenumbers has one region for each ISO code.
    from phonenumbers import SUPPORTED_REGIONS

    return code in SUPPORTED_REGIONS


# ── reading ───────────────────────────────────────────────────────────────────────────────────────


def _fit(there: _Country, text: str) -> str | None:
    """Write a postcode as the country does, whatever sign stands before it; None if it is none."""
    compact = _SEPARATORS.sub("", text)
    code = there.fit(compact)
    if code is not None:
        return code
    for sign in there.signs:
        if compact.startswith(sign) and (code := there.fit(compact[len(sign) :])) is not None:
            return code
    return None


def _bare(there: _Country, code: str) -> str:
    """Leave out what is written, but not compared."""
    for shape in there.shapes:
        if shape.before and code.startswith(shape.before):
            code = code[len(shape.before) :]
    return _SEPARATORS.sub("", code)


def _begins(there: _Country, beginning: str) -> bool:
    """Tell whether a postcode of any shape there may begin so."""
    for shape in there.shapes:
        tokens = shape.tokens[: len(beginning)]
        if len(tokens) == len(beginning) and all(map(_is, tokens, beginning)):
            return True
    return False


def _is(token: str, character: str) -> bool:
    return bool(re.fullmatch(_SIGNS.get(token, token), character))


def _is_number(token: str) -> bool:
    return token in ("d", "[0-9]") or token.strip("[]").replace("-", "").isdigit()


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def _among_words(there: _Country, text: str) -> str:
    """Find the one postcode among words without digits.

    It is empty if there is none, or if it is not clear which.
    """
    words = re.split(r"[\s,;/()]+", text[:_LONGEST])
    found = set()
    for first in range(len(words)):
        for last in range(first + 1, min(first + _MOST_WORDS, len(words)) + 1):
            code = _fit(there, " ".join(words[first:last]))
            others = "".join(words[:first] + words[last:])
            if code is not None and not re.search("[0-9]", others):
                found.add(code)
    return found.pop() if len(found) == 1 else ""


def _meant(there: _Country, text: str) -> Iterator[str]:
    """Yield what may have been meant and is in use.

    A letter may stand for a digit that looks alike, or a zero was lost.
    """
    compact = _SEPARATORS.sub("", text)[:_LONGEST]
    for sign in ("", *there.signs):
        if not compact.startswith(sign):
            continue
        rest = compact[len(sign) :]
        for code in chain(_alike(there, rest), _with_zeros(there, rest)):
            if there.in_use(code):
                yield code


def _alike(there: _Country, compact: str) -> Iterator[str]:
    for shape in there.shapes:
        if len(shape.tokens) != len(compact):
            continue
        changed = "".join(map(_as_meant, shape.tokens, compact))
        if (code := there.fit(changed)) is not None:
            yield code


def _as_meant(token: str, character: str) -> str:
    """Give the character, or the one that looks like it and may stand there."""
    if _is(token, character):
        return character
    other = _LOOKS_LIKE.get(character) or _READ_AS.get(character) or character
    return other if _is(token, other) else character


def _with_zeros(there: _Country, compact: str) -> Iterator[str]:
    """Yield the postcode with the zeros in front that a spreadsheet has taken away."""
    if not there.digits or not compact.isdigit() or compact.startswith("0"):
        return
    if not there.digits - _MOST_ZEROS_LOST <= len(compact) < there.digits:
        return
    code = there.fit(compact.zfill(there.digits))
    if code is not None:
        yield code


# ── the table ─────────────────────────────────────────────────────────────────────────────────────


@cache
def _lines() -> dict[str, str]:
    """Read the table, a line for each country."""
    lines = _TABLE.read_text("utf-8").splitlines()
    return {line[:2]: line[3:] for line in lines if not line.startswith("#")}


@cache
def _country(code: str) -> _Country | None:
    """Read a country's line of the table; None for one that it has not."""
    line = _lines().get(code)
    if line is None:
        return None
    # Columns at the end may be missing.
    shapes, example, of_old, used = (*line.split("\t"), "", "", "", "")[:4]
    spans = (part.partition("-") for part in used.split() if "-" in part)
    return _Country(
        code=code,
        shapes=tuple(map(_shape, filter(None, shapes.split("|")))),
        example=example,
        signs=(code, of_old) if of_old else (code,),
        spans=tuple((first, last) for first, _, last in spans),
        areas=frozenset(part for part in used.split() if "-" not in part),
    )


def _shape(text: str) -> _Shape:
    """Read one shape of the table: ``{LV-}dddd``, ``dd-ddd``, ``ddddd(dddd)``."""
    before = ""
    tokens: list[str] = []
    separator: tuple[int, str] | None = None
    ahead, kept, behind = "", "", ""
    for part in _PART.findall(text):
        if part[0] == "{":
            before = part[1:-1]
            ahead = f"(?:{_SEPARATORS.sub('', before)})?"
        elif part[0] == "(" and tokens:
            behind = f"(?:{_signs(part[1:-1])})?"
        elif part[0] == "(":
            ahead = f"(?:{_signs(part[1:-1])})?"
        elif part in " -":
            separator = (len(tokens), part)
        else:
            tokens.append(part)
            kept += _signs(part)
    return _Shape(re.compile(f"{ahead}({kept}){behind}"), tuple(tokens), before, separator)


def _signs(part: str) -> str:
    return part if part[0] == "[" else "".join(_SIGNS.get(sign, sign) for sign in part)

"""Postcodes as people of the country write them: ``80331``, ``SW1A 1AA``, ``00-950``, ``LV-1010``.

How they look in every country stands in ``data/postcodes.txt``, which ``infra.tools.postcodes``
makes from a kept source.

    spelled("NO", "NO-0150")              0150       its form only: for what is compared or was stored
    canonical("NO", "0150")               0150       its form, and given out by the post: for lists
    understood("DE", "80331 München")     80331      also out of more words: for what a person typed into a form
    compared("PL", "00-950")              00950      how territories, leads and places are compared

All four raise ``NoPostcode``, a ValueError that says what would be right and, where it can be told,
what was meant:
``8O331`` is 80331, a ``2134`` of the US has lost its zero.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from routing_core.domain.errors import Problem

_FIRST_KNOWN = "AT AU BE BR CA CH CZ DE DK ES FR GB IE IT LI LU NL PL PT SE US"
FIRST_KNOWN = frozenset(_FIRST_KNOWN.split())
"""Of other countries everything that had a digit was once taken: what is stored of them may have
any form.
"""

_TABLE = Path(__file__).parents[1].joinpath("data") / "postcodes.txt"
_ANYWHERE = re.compile(r"[A-Z0-9](?:[A-Z0-9 -]{1,10}[A-Z0-9])")
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212.]")
_SIGNS = {"d": "[0-9]", "a": "[A-Z]", "x": "[A-Z0-9]"}
_PART = re.compile(r"\([^)]*\)|\{[^}]*\}|\[[^]]*\]|.")
"""Of a shape."""
_LOOKS_LIKE = {"O": "0", "Q": "0", "I": "1", "L": "1", "S": "5", "B": "8", "Z": "2", "G": "6"}
_READ_AS = {digit: letter for letter, digit in reversed(_LOOKS_LIKE.items())}
_MOST_ZEROS_LOST = 2
_MOST_WORDS = 3
"""Of one postcode, as ``EC1A 1BB`` has two."""
_LONGEST = 80


class NoPostcode(ValueError):
    """``code`` says why, ``meant`` is what the person may have wanted to write, ``example`` one of
    that country.
    """

    def __init__(
        self, country: str, code: str = "invalid_postcode", meant: str = "", example: str = ""
    ):
        self.country, self.code, self.meant, self.example = country, code, meant, example
        advice = f"use one like {example}"
        if meant:
            advice = (
                f"did you mean {meant}?"
                if meant == example
                else f"{advice}, or did you mean {meant}?"
            )
        if not example:
            super().__init__("is not a postcode: use letters and digits, as on an envelope")
            return
        if code == "unused_postcode":
            super().__init__(f"is not a postcode in use in {country}: {advice}")
        else:
            super().__init__(f"is not a postcode in {country}: {advice}")

    def problem(self, field: str) -> Problem:
        hints = (("like", self.example), ("meant", self.meant), ("country", self.country))
        return Problem(field, self.code, str(self), tuple(hint for hint in hints if hint[1]))


@dataclass(frozen=True, slots=True)
class _Shape:
    pattern: re.Pattern[str]
    """Of the compact code; its group is what is kept."""
    tokens: tuple[str, ...]
    """Of what is kept: a sign or a class for each character."""
    before: str
    """Written, but not compared: ``LV-``."""
    separator: tuple[int, str] | None
    """The space or hyphen that is written, and after how many characters of what is kept."""

    def written(self, code: str) -> str:
        if self.separator:
            place, sign = self.separator
            code = f"{code[:place]}{sign}{code[place:]}"
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
        """How many all postcodes there have, if they are numbers of one length; else 0."""
        lengths = {len(shape.tokens) for shape in self.shapes}
        of_digits = all(_is_number(token) for shape in self.shapes for token in shape.tokens)
        return lengths.pop() if len(lengths) == 1 and of_digits else 0

    def fit(self, compact: str) -> str | None:
        """As it is written, or None."""
        for shape in self.shapes:
            if found := shape.pattern.fullmatch(compact):
                return shape.written(found[1])
        return None

    def in_use(self, code: str) -> bool:
        compact = _bare(self, code)
        if self.areas:
            return re.split("[0-9]", compact)[0] in self.areas or compact[:3] in self.areas
        return not self.spans or any(first <= compact <= last for first, last in self.spans)


def canonical(country: str, written: str) -> str:
    """The postcode as its country writes it, if the post has given out such; raises NoPostcode.

    ZIP+4 is cut to the ZIP: territories are made of ZIPs.
    """
    code = spelled(country, written)
    there = _country(country)
    if there and not there.in_use(code):
        raise NoPostcode(country, "unused_postcode", example=there.example)
    return code


def spelled(country: str, written: str) -> str:
    """The postcode as its country writes it, whether or not anybody lives there; raises
    NoPostcode.
    """
    there = _country(country)
    text = plain(written)
    if there is None or not there.shapes:
        if not _ANYWHERE.fullmatch(text) or not any(c.isdigit() for c in text):
            raise NoPostcode(country)
        return text
    code = _fit(there, text)
    if code is None:
        raise NoPostcode(country, meant=next(_meant(there, text), ""), example=there.example)
    return code


def understood(country: str, typed: str) -> str:
    """Like ``canonical``, also where a person wrote more into the field, as ``80331 München`` or
    ``CO 80202``.
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
    """Capitals and digits only, as territories and places are compared; raises NoPostcode."""
    code = spelled(country, written)
    there = _country(country)
    return _bare(there, code) if there else _SEPARATORS.sub("", code)


def plain(written: str) -> str:
    """Capitals, digits of any script as 0-9, single spaces, without the 〒 of Japan."""
    if written.isascii():
        return " ".join(written.upper().split())
    text = unicodedata.normalize("NFKC", written).replace("〒", " ").upper()
    return " ".join("".join(_digit(character) for character in text).split())


def without_sign(country: str, written: str) -> str:
    """What follows the country's sign in ``NO-01*``, ``FI-00100``, ``LV-1010``; everything where
    none stands.
    """
    there = _country(country)
    for sign in there.signs if there else ():
        rest = written[len(sign) :]
        if written.upper().startswith(sign) and re.match(r"[\s\-–]*[0-9]", rest):
            return rest.lstrip(" -–")
    return written


def exist(country: str) -> bool:
    """Whether that country has postcodes at all; of an unknown one nobody can tell."""
    there = _country(country)
    return there is None or bool(there.shapes)


def example(country: str) -> str:
    """One postcode of that country, as it is written; empty where there are none."""
    there = _country(country)
    return there.example if there else ""


def digits(country: str) -> int:
    """How many digits every postcode there has, if they are numbers of one length without
    exception; else 0.
    """
    there = _country(country)
    return there.digits if there else 0


def hyphenated(country: str) -> frozenset[tuple[int, int]]:
    """How many characters stand before and after the hyphen of a postcode: it is then not the sign
    of a range.
    """
    there = _country(country)
    if country == "US":
        return frozenset([(5, 4)])
    found = set()
    for shape in there.shapes if there else ():
        if shape.separator and shape.separator[1] == "-":
            place = shape.separator[0]
            found.add((place, len(shape.tokens) - place))
    return frozenset(found)


def numbers(country: str) -> tuple[tuple[str, str], ...]:
    """Where postcodes are plain numbers: the spans in use, first and last; none where they have
    letters or are unknown here. Numbers between spans are nobody's address.
    """
    there = _country(country)
    return there.spans if there and there.digits else ()


def shapes(country: str) -> tuple[tuple[str, ...], ...]:
    """How postcodes look there: of each character the ones that can stand there, as a class of a
    pattern.
    """
    there = _country(country)
    if there is None or not there.shapes:
        return tuple(
            tuple(_SIGNS[sign] for sign in shape)
            for shape in ("ddddd", "dddd", "dddddd", "adadad", "aadd")
        )
    return tuple(
        tuple(_SIGNS.get(token, token) for token in shape.tokens) for shape in there.shapes
    )


def may_begin(country: str, beginning: str) -> bool:
    """Whether postcodes there begin so, in capitals and digits; where their form is not known here,
    anything short.
    """
    there = _country(country)
    if there is None or not there.shapes:
        return bool(re.fullmatch("[A-Z0-9]{2,10}", beginning))
    if there.digits:
        return 1 < len(beginning) < there.digits and _begins(there, beginning)
    return bool(beginning) and _begins(there, beginning)


def one_beginning(country: str, beginning: str) -> str:
    """A postcode that begins so, for comparing where only the beginning is known: ``WS9`` → ``WS9
    1AA``; the postcode itself where it is whole; empty where none begins so. Nobody may live there:
    it is never shown as an address.
    """
    try:
        return spelled(country, beginning)
    except NoPostcode:
        there = _country(country)
    if there is None:
        return ""
    # E1 is the first part of E1 1AA rather than the beginning of E11 1AA
    as_first_part = sorted(
        there.shapes, key=lambda shape: (shape.separator or (0, ""))[0] != len(beginning)
    )
    for shape in as_first_part:
        if 0 < len(beginning) < len(shape.tokens) and all(map(_is, shape.tokens, beginning)):
            rest = "".join(_some_sign(token) for token in shape.tokens[len(beginning) :])
            return shape.written(beginning + rest)
    return ""


def _some_sign(token: str) -> str:
    return next(sign for sign in "1A0BCDEFGHJKLMNPQRSTUVWXYZ23456789" if _is(token, sign))


def check_beginning(country: str, beginning: str) -> None:
    """Raises ValueError, saying how they look, where no postcode begins so (``beginning`` as in
    ``may_begin``).
    """
    there = _country(country)
    if there is None or not there.shapes:
        return
    found = bool(beginning) and _begins(there, beginning)
    if found and there.spans:
        (first, _), (_, last), size = there.spans[0], there.spans[-1], len(beginning)
        found = first[:size] <= beginning <= last[:size]
    if not found:
        raise ValueError(
            f"no postcode in {country} begins with {beginning}: they look like {there.example}"
        )


def is_country(code: str) -> bool:
    """Whether that is a country's ISO code: ``GB`` is, ``UK`` and ``XX`` are not."""
    from phonenumbers import SUPPORTED_REGIONS  # one per ISO code

    return code in SUPPORTED_REGIONS


# ── reading
# ───────────────────────────────────────────────────────────────────────────────────────────


def _fit(there: _Country, text: str) -> str | None:
    compact = _SEPARATORS.sub("", text)
    code = there.fit(compact)
    if code is not None:
        return code
    for sign in there.signs:
        if compact.startswith(sign) and (code := there.fit(compact[len(sign) :])) is not None:
            return code
    return None


def _bare(there: _Country, code: str) -> str:
    """Without what is written, but not compared."""
    for shape in there.shapes:
        if shape.before and code.startswith(shape.before):
            code = code[len(shape.before) :]
    return _SEPARATORS.sub("", code)


def _begins(there: _Country, beginning: str) -> bool:
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
    """The one postcode among words without digits; empty if there is none, or if it is not clear
    which.
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
    """What may have been meant and is in use: a letter for a digit that looks alike, or a lost
    zero.
    """
    compact = _SEPARATORS.sub("", text)[:_LONGEST]
    for sign in ("", *there.signs):
        if compact.startswith(sign):
            rest = compact[len(sign) :]
            yield from (
                code
                for code in (*_alike(there, rest), *_with_zeros(there, rest))
                if there.in_use(code)
            )


def _alike(there: _Country, compact: str) -> Iterator[str]:
    for shape in there.shapes:
        if len(shape.tokens) != len(compact):
            continue
        changed = "".join(map(_as_meant, shape.tokens, compact))
        if (code := there.fit(changed)) is not None:
            yield code


def _as_meant(token: str, character: str) -> str:
    """The character, or the one that looks like it and may stand there."""
    if _is(token, character):
        return character
    other = _LOOKS_LIKE.get(character) or _READ_AS.get(character) or character
    return other if _is(token, other) else character


def _with_zeros(there: _Country, compact: str) -> Iterator[str]:
    if (
        there.digits
        and compact.isdigit()
        and there.digits - _MOST_ZEROS_LOST <= len(compact) < there.digits
    ):
        code = there.fit(compact.zfill(there.digits))
        if code is not None and compact[0] != "0":
            yield code


# ── the table
# ─────────────────────────────────────────────────────────────────────────────────────────


@cache
def _lines() -> dict[str, str]:
    told = (line for line in _TABLE.read_text("utf-8").splitlines() if not line.startswith("#"))
    return {line[:2]: line[3:] for line in told}


@cache
def _country(code: str) -> _Country | None:
    line = _lines().get(code)
    if line is None:
        return None
    shapes, example, of_old, used = (*line.split("\t"), "", "", "", "")[:4]
    spans = tuple(tuple(part.split("-")) for part in used.split() if "-" in part)
    return _Country(
        code,
        tuple(_shape(shape) for shape in shapes.split("|") if shape),
        example,
        (code, of_old) if of_old else (code,),
        tuple((first, last) for first, last in spans),
        frozenset(part for part in used.split() if "-" not in part),
    )


def _shape(text: str) -> _Shape:
    before = ""
    tokens: list[str] = []
    separator: tuple[int, str] | None = None
    ahead, kept, behind = "", "", ""
    for part in _PART.findall(text):
        if part[0] == "{":
            before = part[1:-1]
            ahead = f"(?:{_SEPARATORS.sub('', before)})?"
        elif part[0] == "(":
            optional = f"(?:{_signs(part[1:-1])})?"
            ahead, behind = (ahead, optional) if tokens else (optional, behind)
        elif part in " -":
            separator = (len(tokens), part)
        else:
            tokens.append(part)
            kept += _signs(part)
    return _Shape(re.compile(f"{ahead}({kept}){behind}"), tuple(tokens), before, separator)


def _signs(part: str) -> str:
    return part if part[0] == "[" else "".join(_SIGNS.get(sign, sign) for sign in part)

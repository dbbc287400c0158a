"""Postcodes as people of the country write them: ``80331``, ``SW1A 1AA``, ``00-950``.

This is the form in which a lead keeps its postcode; territories compare it without spaces and hyphens.
"""

import re
import unicodedata
from collections.abc import Callable

_Writing = tuple[str, Callable[[str], str], str]


def _whole(code: str) -> str:
    return code


def _split(at: int, sign: str) -> Callable[[str], str]:
    return lambda code: f"{code[:at]}{sign}{code[at:]}"


# Country → what its compact form must match, how it is written, an example. The pattern's prefix in
# brackets (D-80331, L-1234) is an old habit and dropped.
_COUNTRIES: dict[str, _Writing] = {
    "DE": (r"(?:DE?)?([0-9]{5})", _whole, "80331"),
    "AT": (r"(?:AT?)?([1-9][0-9]{3})", _whole, "1010"),
    "CH": (r"(?:CH)?([1-9][0-9]{3})", _whole, "8001"),
    "LI": (r"(?:FL|LI)?(94[89][0-9])", _whole, "9490"),
    "US": (r"([0-9]{5})(?:[0-9]{4})?", _whole, "80202"),
    "GB": (r"([A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}|GIR0AA)", _split(-3, " "), "SW1A 1AA"),
    "CA": (r"([ABCEGHJ-NPRSTVXY][0-9][A-Z][0-9][A-Z][0-9])", _split(3, " "), "K1A 0B1"),
    "NL": (r"(?:NL)?([1-9][0-9]{3}[A-Z]{2})", _split(4, " "), "1012 AB"),
    "FR": (r"(?:FR?)?([0-9]{5})", _whole, "75001"),
    "IT": (r"(?:IT?)?([0-9]{5})", _whole, "39100"),
    "ES": (r"(?:ES?)?((?:0[1-9]|[1-4][0-9]|5[0-2])[0-9]{3})", _whole, "28001"),
    "PL": (r"(?:PL)?([0-9]{5})", _split(2, "-"), "00-950"),
    "BE": (r"(?:BE?)?([1-9][0-9]{3})", _whole, "1000"),
    "LU": (r"(?:LU?)?([1-9][0-9]{3})", _whole, "1111"),
    "IE": (r"([A-Z][0-9][0-9W][A-Z0-9]{4})", _split(3, " "), "D02 AF30"),
    "BR": (r"([0-9]{8})", _split(5, "-"), "01310-100"),
    "DK": (r"(?:DK)?([0-9]{4})", _whole, "1050"),
    "SE": (r"(?:SE?)?([1-9][0-9]{4})", _split(3, " "), "111 22"),
    "CZ": (r"(?:CZ)?([1-7][0-9]{4})", _split(3, " "), "110 00"),
    "PT": (r"(?:PT)?([1-9][0-9]{6})", _split(4, "-"), "1000-001"),
    "AU": (r"([0-9]{4})", _whole, "2000"),
}
_NUMBERS: dict[str, tuple[tuple[str, str], ...]] = {
    "DE": (("01000", "04999"), ("06000", "42999"), ("44000", "61999"), ("63000", "99999")),
    "AT": (("1000", "9999"),),
    "CH": (("1000", "9999"),),
    "LI": (("9480", "9499"),),
    "US": (("00500", "99999"),),
    "FR": (("01000", "98999"),),
    "IT": (("00010", "98999"),),
    "ES": (("01000", "52999"),),
    "PL": (("00000", "99999"),),
    "BE": (("1000", "9999"),),
    "LU": (("1000", "9999"),),
    "BR": (("01000000", "99999999"),),
    "DK": (("0500", "9999"),),
    "SE": (("10000", "99999"),),
    "CZ": (("10000", "79999"),),
    "PT": (("1000000", "9999999"),),
    "AU": (("0200", "9999"),),
}
_LETTERS: dict[str, tuple[str, ...]] = {
    "GB": ("A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA"),
    "CA": ("A9A 9A9",),
    "NL": ("9999 AA",),
    "IE": ("A99 X999", "A9W X999"),
}
_ANYWHERE = re.compile(r"[A-Z0-9](?:[A-Z0-9 -]{1,10}[A-Z0-9])")


def canonical(country: str, written: str) -> str:
    """The postcode as its country writes it; raises ValueError saying how one looks there.

    ZIP+4 is cut to the ZIP: territories are made of ZIPs.
    """
    text = " ".join(unicodedata.normalize("NFKC", written).upper().split())
    if country not in _COUNTRIES:
        if not _ANYWHERE.fullmatch(text) or not any(c.isdigit() for c in text):
            raise ValueError("is no postcode: write letters and digits as on a letter")
        return text
    pattern, write, example = _COUNTRIES[country]
    found = re.fullmatch(pattern, re.sub(r"[ \-\u2010-\u2015]", "", text))
    if not found:
        raise ValueError(f"is no postcode of {country}: write one like {example}")
    return write(found[1])


def numbers(country: str) -> tuple[tuple[str, str], ...]:
    """Where postcodes are plain numbers: the spans in use, first and last; none where they have letters or are
    unknown here. Numbers between spans are nobody's address."""
    return _NUMBERS.get(country, ())


def shapes(country: str) -> tuple[str, ...]:
    """How postcodes with letters look there: ``A`` is a letter, ``9`` a digit, ``X`` either, ``W`` just that."""
    return _LETTERS.get(country, ("99999", "9999", "999999", "A9A9A9", "AA99"))


def may_begin(country: str, beginning: str) -> bool:
    """Whether postcodes there begin so, in capitals and digits; where their form is not known here, anything short."""
    if digits := DIGITS.get(country):
        return 1 < len(beginning) < digits and bool(re.fullmatch("[0-9]+", beginning))
    if country not in _LETTERS:
        return bool(re.fullmatch("[A-Z0-9]{2,10}", beginning))
    compact = (shape.replace(" ", "") for shape in _LETTERS[country])
    return bool(beginning) and any(
        len(beginning) <= len(shape) and all(map(_fits, beginning, shape)) for shape in compact
    )


def check_beginning(country: str, beginning: str) -> None:
    """Raises ValueError, saying how they look, where no postcode begins so (``beginning`` as in ``may_begin``)."""
    if digits := DIGITS.get(country):
        (first, _), (_, last), size = _NUMBERS[country][0], _NUMBERS[country][-1], len(beginning)
        found = re.fullmatch(f"[0-9]{{1,{digits}}}", beginning) and first[:size] <= beginning <= last[:size]
    else:
        found = country not in _LETTERS or may_begin(country, beginning)
    if not found:
        raise ValueError(f"no postcode of {country} begins with {beginning}: one looks like {_COUNTRIES[country][2]}")


def _fits(character: str, sign: str) -> bool:
    signs = {"A": "[A-Z]", "9": "[0-9]", "X": "[A-Z0-9]"}
    return bool(re.fullmatch(signs.get(sign, sign), character))


def is_country(code: str) -> bool:
    """Whether that is a country's ISO code: ``GB`` is, ``UK`` and ``XX`` are not."""
    from phonenumbers import SUPPORTED_REGIONS  # one per ISO code

    return code in SUPPORTED_REGIONS


DIGITS = {"DE": 5, "AT": 4, "CH": 4, "LI": 4, "US": 5, "FR": 5, "IT": 5, "ES": 5, "PL": 5, "BE": 4, "LU": 4}
DIGITS |= {"BR": 8, "DK": 4, "SE": 5, "CZ": 5, "PT": 7, "AU": 4}
"""Countries whose postcodes are numbers of one length, without spaces and hyphens."""

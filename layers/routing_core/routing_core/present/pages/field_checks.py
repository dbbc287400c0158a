"""What a browser can tell at once of a field that is wrong, in the sentence the server would say.

Patterns are of JavaScript (flag ``u``) and refuse only what the server refuses for certain, in that
very sentence: the server stays the judge, and understands far more than a pattern can (``D-80331``,
``80331 München``, ``8O331``).
"""

from collections.abc import Iterable
from itertools import chain
from string import ascii_uppercase
from typing import NamedTuple

from routing_core.domain.territory import postcodes
from routing_core.domain.territory.postcodes import NoPostcode
from routing_core.present.catalog import Catalog
from routing_core.present.problems import sentence

EVERYWHERE = ""
EMAIL = r"\S+@\S+\.\S+"
NUMBER = r"[+\-]?[0-9]{1,12}(?:[.,][0-9]{1,2})?"
FEWEST_PHONE_DIGITS = 4
"""Shorter numbers reach nobody, not even on the smallest island."""
PHONE = rf"(?:\P{{Nd}}*\p{{Nd}}){{{FEWEST_PHONE_DIGITS},}}[\s\S]*"
DIGIT = r"\p{Nd}OQILSBZGoqilsbzg"
"""Letters too that people type for a digit: the server asks what they meant."""
SIGN = r"\p{L}\p{Nd}"
MOST_LOST = 2
"""So many zeros may be lost at the beginning: then the server asks for them."""


class Check(NamedTuple):
    country: str
    """Where it holds; EVERYWHERE = whatever country was chosen."""
    pattern: str
    """What the whole text must match, without spaces around it."""
    wrong: str
    """The sentence if it does not."""


def email_check(t: Catalog) -> tuple[Check, ...]:
    return (Check(EVERYWHERE, EMAIL, t("problems.code.invalid_email.any")),)


def number_check(t: Catalog) -> tuple[Check, ...]:
    return (Check(EVERYWHERE, NUMBER, t("problems.code.invalid_number.any")),)


def phone_check(t: Catalog) -> tuple[Check, ...]:
    """Only for a number that is needed: of an optional one the server keeps whatever was typed."""
    return (Check(EVERYWHERE, PHONE, t("problems.code.invalid_phone.any")),)


def postcode_checks(countries: Iterable[str], t: Catalog) -> tuple[Check, ...]:
    checks = []
    for country in countries:
        example = postcodes.example(country)
        if example:
            wrong = sentence(NoPostcode(country, example=example).problem("postcode"), t)
            checks.append(Check(country, _postcode(country), wrong))
    return tuple(checks)


def _postcode(country: str) -> str:
    """Enough signs; and where postcodes are numbers, not more digits than the longest has."""
    shapes = postcodes.shapes(country)
    fewest = max(1, min(map(len, shapes)) - MOST_LOST)
    of_digits = set(ascii_uppercase).isdisjoint("".join(chain.from_iterable(shapes)))
    if not of_digits:
        return rf"(?:[^{SIGN}]*[{SIGN}]){{{fewest},}}[\s\S]*"
    with_hyphens = [
        before + behind for before, behind in postcodes.hyphenated(country)
    ]  # 80202-1234
    too_many = max([*map(len, shapes), *with_hyphens]) + 1
    return rf"(?!(?:[^{SIGN}]*\p{{Nd}}){{{too_many},}}[^{SIGN}]*$)(?:[^{DIGIT}]*[{DIGIT}]){{{fewest},}}[\s\S]*"

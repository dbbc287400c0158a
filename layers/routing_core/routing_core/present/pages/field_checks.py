r"""The checks that a browser makes at once, in the sentences that the server would say.

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
from routing_core.present.problems import problem_sentence

IN_EVERY_COUNTRY = ""
"""The country of a check that holds whatever country was chosen."""
EMAIL_PATTERN = r"\S+@\S+\.\S+"
NUMBER_PATTERN = r"[+\-]?[0-9]{1,12}(?:[.,][0-9]{1,2})?"
FEWEST_PHONE_DIGITS = 4
"""Digits of a phone number: a shorter one reaches nobody, not even on the smallest island."""
PHONE_PATTERN = rf"(?:\P{{Nd}}*\p{{Nd}}){{{FEWEST_PHONE_DIGITS},}}[\s\S]*"
DIGIT = r"\p{Nd}OQILSBZGoqilsbzg"
"""Signs that may stand for a digit, letters too: the server asks what they meant."""
LETTER_OR_DIGIT = r"\p{L}\p{Nd}"
LOST_ZEROS = 2
"""Zeros that may be lost at the beginning: then the server asks for them."""


class Check(NamedTuple):
    """Refuses a text that the server would refuse for certain."""

    country: str
    """The country where it holds; IN_EVERY_COUNTRY: whatever was chosen."""
    pattern: str
    """The pattern that the whole text must match, without spaces around it."""
    wrong: str
    """The sentence to show if it does not."""


def email_check(catalog: Catalog) -> tuple[Check, ...]:
    """Check that a text looks like a mail address at all."""
    wrong = catalog.translate("problems.code.invalid_email.any")
    return (Check(IN_EVERY_COUNTRY, EMAIL_PATTERN, wrong),)


def number_check(catalog: Catalog) -> tuple[Check, ...]:
    """Check that a text is a number of two decimals at most."""
    wrong = catalog.translate("problems.code.invalid_number.any")
    return (Check(IN_EVERY_COUNTRY, NUMBER_PATTERN, wrong),)


def phone_check(catalog: Catalog) -> tuple[Check, ...]:
    """Check that a text has the digits of a phone number.

    It is asked only of a number that is needed: with an optional one the server keeps whatever was
    typed.
    """
    wrong = catalog.translate("problems.code.invalid_phone.any")
    return (Check(IN_EVERY_COUNTRY, PHONE_PATTERN, wrong),)


def postcode_checks(countries: Iterable[str], catalog: Catalog) -> tuple[Check, ...]:
    """Check postcodes in each of these countries that has any."""
    checks = []
    for country in countries:
        example = postcodes.example(country)
        if example:
            problem = NoPostcode(country, example=example).problem("postcode")
            wrong = problem_sentence(problem, catalog)
            checks.append(Check(country, _postcode_pattern(country), wrong))
    return tuple(checks)


def _postcode_pattern(country: str) -> str:
    """Ask for enough signs.

    Where postcodes are numbers, also for no more digits than the longest has.
    """
    shapes = postcodes.shapes(country)
    lengths = [len(shape) for shape in shapes]
    fewest = max(1, min(lengths) - LOST_ZEROS)
    # Each sign of a shape is a class of a pattern; with no letter in any of them all are digits.
    signs = "".join(chain.from_iterable(shapes))
    of_digits = set(ascii_uppercase).isdisjoint(signs)
    if not of_digits:
        return rf"(?:[^{LETTER_OR_DIGIT}]*[{LETTER_OR_DIGIT}]){{{fewest},}}[\s\S]*"
    # Both halves of 80202-1234 count, for some type it without the hyphen.
    for before, after in postcodes.hyphenated(country):
        lengths.append(before + after)
    too_many = max(lengths) + 1
    not_too_many = rf"(?!(?:[^{LETTER_OR_DIGIT}]*\p{{Nd}}){{{too_many},}}[^{LETTER_OR_DIGIT}]*$)"
    return rf"{not_too_many}(?:[^{DIGIT}]*[{DIGIT}]){{{fewest},}}[\s\S]*"

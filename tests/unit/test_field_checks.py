"""What a browser tells before anything is sent is what the server would say, and never more than
that.
"""

import re

import pytest

from routing_core.domain.territory import postcodes
from routing_core.domain.territory.postcodes import NoPostcode
from routing_core.domain.values.phones import callback_number
from routing_core.present.catalog import catalog_for
from routing_core.present.pages.field_checks import NUMBER_PATTERN, PHONE_PATTERN, postcode_checks
from routing_core.present.problems import problem_sentence

CATALOG = catalog_for("en")
COUNTRIES = ("DE", "AT", "US", "GB", "NL", "CA", "IE", "PT", "SE", "JP", "BR", "PL", "CH", "FR")
TYPED = (
    "",
    "8",
    "80",
    "803",
    "8033",
    "80331",
    "803311",
    "8033 1123 45",
    "ABC",
    "8O331",
    "D-80331",
    "80331 München",
)
TYPED += (
    "٨٠٣٣١",
    "80202-1234",
    "802021234",
    "8020212345",
    "SW1A 1AA",
    "1012 AB",
    "K1A 0B1",
    "1050-123",
    "100-0001",
)
TYPED += (
    "D02 X285",
    "12-345",
    "01310-100",
    "nowhere",
    "10 Downing Street, SW1A 2AA",
    "2134",
    "1067",
    "123 45",
)


def matches(pattern: str, text: str) -> bool:
    """A pattern of JavaScript, as Python reads it."""
    python = (
        pattern.replace(r"\p{L}\p{Nd}", r"\w").replace(r"\P{Nd}", r"\D").replace(r"\p{Nd}", r"\d")
    )
    return re.fullmatch(python, text.strip()) is not None


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_postcode_that_the_browser_refuses_is_refused_by_the_server_in_the_same_words(
    country: str,
) -> None:
    (check,) = postcode_checks([country], CATALOG)
    for typed in filter(None, TYPED):
        if matches(check.pattern, typed):
            continue
        with pytest.raises(NoPostcode) as refused:
            postcodes.understood(country, typed)
        assert problem_sentence(refused.value.problem("postcode"), CATALOG) == check.wrong, typed


@pytest.mark.parametrize(
    ("country", "typed"), [("DE", "ABC"), ("DE", "12"), ("DE", "803311"), ("US", "80"), ("GB", "1")]
)
def test_what_is_surely_no_postcode_is_told_before_it_is_sent(country: str, typed: str) -> None:
    (check,) = postcode_checks([country], CATALOG)
    assert not matches(check.pattern, typed)


@pytest.mark.parametrize("typed", ["", "n/a", "089", "1 2 3", "+", "call me"])
def test_a_phone_number_that_the_browser_refuses_is_none(typed: str) -> None:
    assert not matches(PHONE_PATTERN, typed)
    with pytest.raises(ValueError, match="is "):
        callback_number(typed, "DE")


@pytest.mark.parametrize(
    "typed", ["+49 89 99998123", "089/99998-123", "1-800-FLOWERS", "+290 2345", "089 9999 App. 1"]
)
def test_no_phone_number_is_refused_by_a_browser(typed: str) -> None:
    assert matches(PHONE_PATTERN, typed)


@pytest.mark.parametrize(
    ("typed", "right"),
    [("12", True), ("-3,5", True), ("1.200,50", False), ("about 20", False), ("1e3", False)],
)
def test_numbers_are_checked_as_the_server_reads_them(typed: str, right: bool) -> None:
    assert matches(NUMBER_PATTERN, typed) is right

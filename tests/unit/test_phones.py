"""Phone numbers in an optional field: what is read, what is kept as it was typed."""

import pytest

from routing_core.domain.enquiry.contact_keys import contact_keys
from routing_core.domain.lead import Contact
from routing_core.domain.values.phones import Phone, is_valid, read_phone
from routing_core.present.lead_summary import phone_words
from routing_core.present.safe import tel


@pytest.mark.parametrize(
    ("country", "typed", "number"),
    [
        ("DE", "089 99998123 App. 12", "+498999998123;ext=12"),
        ("DE", "089 99998123 Durchwahl 12", "+498999998123;ext=12"),
        ("DE", "+49 89 99998-123 ext. 12", "+498999998123;ext=12"),
        ("DE", "tel:+49-89-99998123;ext=12", "+498999998123;ext=12"),
        ("AT", "01 5123456 Kl. 12", "+4315123456;ext=12"),
        ("US", "303-555-0134 x22", "+13035550134;ext=22"),
        ("US", "(303) 555-0134", "+13035550134"),
        ("DE", "001-672-799-2170x5610", "+16727992170;ext=5610"),
        ("US", "001-672-799-2170x5610", "+16727992170;ext=5610"),
        ("US", "011 49 89 99998123", "+498999998123"),
        ("JP", "010 49 89 99998123", "+498999998123"),
        ("DE", "+49 (0)89 99998123", "+498999998123"),
        ("DE", "Tel.: 089/99998123", "+498999998123"),
        ("DE", "०८९ ९९९९८१२३", "+498999998123"),
        ("US", "1-800-FLOWERS", "+18003569377"),
        ("DE", "0800 FLEUROP", "+498003538767"),
    ],
)
def test_a_number_is_read_as_people_of_the_country_write_it(country, typed, number):
    assert read_phone(typed, country) == Phone(number, "")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("089 99998123 Sek.", "+498999998123"),
        ("089 99998123 (Büro)", "+498999998123"),
        ("0171 1234567 ab 18 Uhr", "+491711234567"),
        ("089 99998123 / 0171 1234567", "+498999998123"),
        ("089 99998123, 0171 1234567", "+498999998123"),
        ("privat 089 99998123 oder 0171 1234567", "+498999998123"),
        ("089 9999S123", ""),
        ("O89 99998123", ""),
        ("12", ""),
        ("siehe E-Mail", ""),
    ],
)
def test_what_says_more_than_the_number_is_kept_as_it_was_typed(typed, number):
    assert read_phone(typed, "DE") == Phone(number, typed)


@pytest.mark.parametrize(
    "typed", ["n/a", "N.A.", "-", "--", "+", "keine", "none", "k. A.", "xxx", "?", ""]
)
def test_who_has_no_number_to_give_has_given_none(typed):
    assert read_phone(typed, "DE") == Phone("", "")


@pytest.mark.parametrize("typed", ["0900 1234567", "Büro 0180 5 123456", "+8816 123 45678"])
def test_a_number_nobody_should_call_back_is_refused_and_not_kept(typed):
    with pytest.raises(ValueError, match=r"(premium|service|satellite)"):
        read_phone(typed, "DE")


def test_hostile_text_is_bounded():
    assert len(read_phone("0 " * 50_000, "DE").typed) == 60


def test_an_extension_is_shown_and_dialled_and_its_line_is_what_repeats_are_known_by():
    number = "+498999998123;ext=12"
    assert phone_words(number) == "+49 89 99998123 ext. 12"
    assert tel(number) == "tel:+498999998123;ext=12"
    assert tel("+498999998123;ext=12\nBcc") == "tel:+498999998123"
    assert is_valid(number)
    assert contact_keys(Contact("Ada", "", number)) == {"phone": "+498999998123"}

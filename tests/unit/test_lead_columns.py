"""Which column of somebody's list is which field of ours is guessed by its name."""

import pytest

from routing_core.formats.lead_columns import field_names, guess_columns, said_of_columns
from routing_core.present.catalog import catalog_for
from tests.support.builders import a_programme

FORM = a_programme().forms[0]


def guessed(*header: str, is_past: bool = False, **known: str) -> tuple[str, ...]:
    return guess_columns(header, FORM, known, is_past=is_past)


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (
            ["Lead-Nr.", "Vorname", "Nachname", "E-Mail", "Telefon", "PLZ", "Ort", "Produkt"],
            ["id", "first_name", "last_name", "email", "phone", "postcode", "town", "product"],
        ),
        (
            ["Record ID", "Full Name", "Email Address", "Mobile Phone", "Zip Code", "City"],
            ["id", "name", "email", "phone", "postcode", "town"],
        ),
        (["name", "postcode", "asked_at"], ["name", "postcode", "asked_at"]),
        (["Do you own the house?", "Fläche in m²"], ["owner", "area"]),
        (["Telefonnumer", "Postleitzal"], ["phone", "postcode"]),
        (["Shoe size", "", "Favourite colour"], ["", "", ""]),
    ],
)
def test_names_of_other_systems_and_people_are_known(header: list[str], columns: list[str]) -> None:
    assert list(guessed(*header)) == columns


def test_a_field_is_guessed_once_but_notes_may_be_in_several_columns() -> None:
    assert guessed("Phone", "Mobile") == ("phone", "")
    assert guessed("Bemerkung", "Comment") == ("message", "message")


def test_what_became_of_a_lead_is_asked_of_a_list_of_the_past_alone() -> None:
    assert guessed("Status", "Dealer") == ("", "")
    assert guessed("Status", "Dealer", is_past=True) == ("outcome", "partner")


def test_what_hq_has_said_before_comes_first_and_is_kept_for_next_time() -> None:
    said = said_of_columns(["Feld 7", "Telefon 2", ""], ["phone", "", "name"])
    assert said == {"feld7": "phone", "telefon2": ""}
    assert guessed("FELD-7", "Telefon 2", **said) == ("phone", "")
    assert guessed("Feld 7", feld7="a field of another form") == ("",)


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_the_page_calls_a_field_is_that_field(language: str) -> None:
    fields = field_names(FORM, is_past=True)
    catalog = catalog_for(language)
    for field in fields:
        told = catalog.find(f"hq_entry.field.{field}")
        if told:
            assert guessed(told, is_past=True) == (field,), told

"""A town that is typed instead of a postcode is found by the names in HQ's list of places, however
it is spelled.
"""

import pytest

from routing_core.domain.territory.gazetteer import Gazetteer, Point
from routing_core.domain.territory.town_search import find_towns

TOWNS = {
    "80331": (48.137, 11.575, "München"),
    "80333": (48.146, 11.567, "München"),
    "80335": (48.155, 11.56, "München"),
    "60311": (50.11, 8.68, "Frankfurt am Main"),
    "15230": (52.34, 14.55, "Frankfurt (Oder)"),
    "01844": (51.03, 14.21, "Neustadt"),
    "35279": (50.85, 9.11, "Neustadt"),
    "23730": (54.1, 10.8, "Neustadt in Holstein"),
    "06108": (51.49, 11.97, "Halle (Saale)"),
    "33790": (52.06, 8.36, "Halle (Westf.)"),
    "73430": (48.84, 10.09, "Aalen|Himmlingen"),
    "74613": (49.2, 9.5, "Öhringen"),
    "83607": (47.88, 11.7, "Holzkirchen"),
    "86609": (48.7, 10.7, "Holzkirchen"),
}
PLACES = Gazetteer(
    {f"DE {code}": Point(lat, lon) for code, (lat, lon, _) in TOWNS.items()},
    {f"DE {code}": name.split("|") for code, (_, _, name) in TOWNS.items()},
)
AMERICA = Gazetteer(
    {
        "US 62701": Point(39.8, -89.6),
        "US 01103": Point(42.1, -72.6),
        "US 63101": Point(38.6, -90.2),
    },
    {"US 62701": ["Springfield"], "US 01103": ["Springfield"], "US 63101": ["St. Louis"]},
)


def found(typed: str, places: Gazetteer = PLACES, country: str = "DE") -> list[str]:
    return [town.label for town in find_towns(places, country, typed)]


@pytest.mark.parametrize(
    ("typed", "postcode"),
    [
        ("münchen", "80333"),
        ("MUENCHEN", "80333"),
        ("Frankfurt/Main", "60311"),
        ("Frankfurt a. M.", "60311"),
        ("Frankfurt am Main", "60311"),
        ("Frankfurt/Oder", "15230"),
        ("Halle a. d. Saale", "06108"),
        ("Himmlingen", "73430"),
        ("Oehringen", "74613"),
        ("Ohringen", "74613"),
        ("Neustadt, Sachsen", "01844"),
        ("Neustadt Hessen", "35279"),
        ("Neustadt in Holstein", "23730"),
    ],
)
def test_a_town_is_found_in_whatever_spelling(typed: str, postcode: str) -> None:
    (town,) = find_towns(PLACES, "DE", typed)
    assert town.postcode == postcode


def test_one_town_with_many_postcodes_is_in_its_middle() -> None:
    (town,) = find_towns(PLACES, "DE", "München")
    assert (town.postcode, town.postcodes, town.state) == ("80333", 3, "Bayern")


def test_several_towns_of_one_name_are_told_apart() -> None:
    assert found("Neustadt") == [
        "Neustadt (Sachsen), 01844",
        "Neustadt (Hessen), 35279",
        "Neustadt in Holstein (Schleswig-Holstein), 23730",
    ]
    assert found("Frankfurt") == ["Frankfurt (Oder), 15230", "Frankfurt am Main (Hessen), 60311"]


def test_two_towns_of_one_name_in_one_state_are_two_if_they_are_far_from_each_other() -> None:
    assert found("Holzkirchen") == ["Holzkirchen (Bayern), 83607", "Holzkirchen (Bayern), 86609"]


def test_a_city_with_a_postcode_beyond_the_border_of_its_state_is_one() -> None:
    berlin = {f"DE {code}": Point(52.5, 13.4) for code in range(10115, 10130)}
    places = Gazetteer(
        berlin | {"DE 15569": Point(52.46, 13.75)},
        dict.fromkeys([*berlin, "DE 15569"], ("Berlin",)),
    )
    (town,) = find_towns(places, "DE", "Berlin")
    assert town.state == "Berlin"


def test_in_the_united_states_the_state_says_which_town() -> None:
    assert found("Springfield", AMERICA, "US") == [
        "Springfield (Massachusetts), 01103",
        "Springfield (Illinois), 62701",
    ]
    assert found("Springfield, IL", AMERICA, "US") == ["Springfield (Illinois), 62701"]
    assert found("Saint Louis Missouri", AMERICA, "US") == ["St. Louis (Missouri), 63101"]


@pytest.mark.parametrize(
    "typed", ["", "-", "Atlantis", "Bad", "Mün", "München-Nord", "x" * 80, "🏠"]
)
def test_what_is_no_town_of_the_list_is_not_found(typed: str) -> None:
    assert found(typed) == []
    assert found(typed, Gazetteer({"DE 80331": Point(48.1, 11.6)})) == []


def test_towns_of_another_country_are_not_found() -> None:
    assert found("München", country="AT") == []


@pytest.mark.parametrize(
    ("country", "listed", "postcode"),
    [("GB", "E1", "E1 1AA"), ("NL", "1012", "1012AA"), ("CA", "K1A", "K1A1A1")],
)
def test_a_town_is_found_where_the_list_has_only_how_its_postcodes_begin(
    country: str, listed: str, postcode: str
) -> None:
    places = Gazetteer({f"{country} {listed}": Point(50, 5)}, {f"{country} {listed}": ["Oldtown"]})
    (town,) = find_towns(places, country, "oldtown")
    assert (town.postcode, town.listed) == (postcode, listed)


def test_of_several_towns_whose_postcodes_begin_so_the_chosen_one_is_meant() -> None:
    places = Gazetteer(
        {"GB WS9": Point(52.6, -1.9), "GB TQ7": Point(50.2, -3.8)},
        {"GB WS9": ["Stone"], "GB TQ7": ["Stone"]},
    )
    assert found("Stone", places, "GB") == ["Stone, TQ7", "Stone, WS9"]
    assert [town.listed for town in find_towns(places, "GB", "ws9 Stone")] == ["WS9"]

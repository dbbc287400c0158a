"""Names of towns: from the list to what is shown, however they are written."""

import pytest

from routing_core.domain.territory.gazetteer import Gazetteer, Point
from routing_core.domain.territory.town_names import shown_towns
from routing_core.domain.territory.town_spelling import same_town
from routing_core.formats.places_csv import read_places_csv, read_written, written
from routing_core.routing.index.network import Network
from routing_core.routing.index.snapshot import pack, unpack
from tests.support.builders import a_partner

MUNICH, TETTAU = Point(48.137, 11.575), Point(51.43, 13.73)
LIST = "postcode;lat;lon;town\n80331;48.137;11.575;München\n01945;51.43;13.73;Tettau|Guteborn\n86*;48.36;10.89;\n"


def a_network(text: str = LIST) -> Network:
    file = read_places_csv("DE", text)
    assert not file.problems
    kept = list(read_written("DE", written(file.points, file.towns)))
    points = {name: point for name, point, _ in kept}
    towns = {name: there for name, _, there in kept if there}
    return Network.compile("", [a_partner("p")], {}, Gazetteer(points, towns))


def test_a_postcode_is_known_by_its_town_after_a_snapshot_too() -> None:
    network = unpack(pack(a_network())[1])
    assert network.towns("DE", "80331") == ("München",)
    assert network.towns("DE", "01945") == ("Tettau", "Guteborn")
    assert network.towns("DE", "86150") == ()
    assert network.towns("DE", "99999") == ()
    assert network.point("DE", "80331") == MUNICH


def test_a_list_without_names_makes_the_same_snapshot_as_before_there_were_names() -> None:
    bare = "postcode;lat;lon\n80331;48.137;11.575\n"
    assert written({"80331": MUNICH}) == "80331;48.137;11.575\n"
    body = pack(a_network(bare))[1]
    assert b'"towns"' not in body
    assert unpack(body).towns("DE", "80331") == ()


def test_a_list_kept_before_there_were_names_is_still_read() -> None:
    assert list(read_written("DE", "80331;48.137;11.575\n")) == [("DE 80331", MUNICH, ())]


def test_towns_with_one_postcode_may_have_a_row_each() -> None:
    file = read_places_csv(
        "DE", "postcode;lat;lon;town\n01945;51.43;13.73;Tettau\n01945;51.43;13.73;Guteborn\n"
    )
    assert file.towns == {"01945": ("Tettau", "Guteborn")}


@pytest.mark.parametrize("town", ["x" * 81, '"A;B"'])
def test_what_cannot_be_the_name_of_a_town_is_told_by_its_row(town: str) -> None:
    (problem,) = read_places_csv(
        "DE", f"postcode;lat;lon;town\n80331;48.137;11.575;{town}\n"
    ).problems
    assert (problem.field, problem.code) == ("row 2, town", "no_town")


def test_of_many_villages_two_are_shown() -> None:
    assert shown_towns(["Tettau"]) == "Tettau"
    assert shown_towns(["Tettau", "Guteborn"]) == "Tettau, Guteborn"
    assert shown_towns(["Tettau", "Guteborn", "Grünewald"]) == "Tettau, Guteborn …"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("münchen", "München"),
        ("MUENCHEN", "München"),
        ("Munchen", "München"),
        ("München", "Muenchen"),
        ("St. Gallen", "Sankt Gallen"),
        ("Saint Louis", "St. Louis"),
        ("Frankfurt", "Frankfurt am Main"),
        ("Frankfurt/Main", "Frankfurt am Main"),
        ("Halle a. d. Saale", "Halle (Saale)"),
        ("München-Pasing", "München"),
        ("Malmo", "Malmö"),
        ("Lodz", "Łódź"),
    ],
)
def test_one_town_is_known_in_all_its_spellings(typed: str, name: str) -> None:
    assert same_town(typed, [name]) == name


@pytest.mark.parametrize(
    ("typed", "name"), [("Neuenburg", "Neunburg"), ("Hamburg", "München"), ("", "München")]
)
def test_two_towns_are_not_taken_for_one(typed: str, name: str) -> None:
    assert same_town(typed, [name]) is None

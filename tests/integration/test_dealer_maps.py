"""A vendor's dealer map: a row for each area, with first, second and third dealer; imported, and
read back.
"""

from dataclasses import replace
from typing import Any

import pytest

from routing_core.domain.territory.territory import Territory
from tests.integration.test_hq import Hq, codes
from tests.support.builders import programme_document
from tests.support.world import World, a_programme, munich

NAMES = {"peak": "Peak Solar", "mile": "Mile Marker, Energy & Co", "front": "Front Range"}


@pytest.fixture
def hq(world: World) -> Hq:
    forms = programme_document()["forms"]
    forms[0] |= {"countries": ["US"]}
    partners = [replace(munich(1), id=name, name=called) for name, called in NAMES.items()]
    world.use(a_programme(country="US", forms=forms, regions={}), *partners)
    return Hq(world)


def send(hq: Hq, *lines: str, query: str = "") -> Any:
    return hq("POST", f"/v1/partners/import{query}", "\n".join(lines), "csv")


def territories(hq: Hq, partner: str) -> set[str]:
    found = hq.world.wiring.partners.get(partner)
    assert found
    return set(map(str, found.territories))


MAP = (
    "Country,State,ZIP3,First Dealer,2nd,Third,backup,Notes",
    'USA,CO,,Peak Solar,"Mile Marker, Energy & Co",front range,,call first',
    "US,,800-816,front,peak,,,",
    'US,,"010, 011;012",PEAK SOLAR,,,mile,',
    "Canada,ON,,mile|front,,,,",
    "US,Puerto Rico,,peak,,,,",
)


def test_a_map_of_areas_by_ranks_says_who_is_first_second_and_third(hq: Hq) -> None:
    answer = send(hq, *MAP)
    assert answer.status == 200, answer.body
    assert answer.json()["updated"] == ["peak", "mile", "front"]
    assert territories(hq, "peak") == {
        "US CO", "US 80000-81699 rank 2", "US 010*", "US 011*", "US 012*", "US PR",
    }  # fmt: skip
    assert territories(hq, "mile") == {
        "US CO rank 2", "US 010* backup", "US 011* backup", "US 012* backup", "CA ON",
    }  # fmt: skip
    assert territories(hq, "front") == {"US CO rank 3", "US 80000-81699", "CA ON"}
    told = {each["code"]: each["message"] for each in answer.json()["warnings"]}
    assert told["two_first"].startswith(
        "Front Range and Mile Marker, Energy & Co are both first for CA ON"
    )


def test_a_dry_run_of_a_map_shows_each_partners_territories_from_and_to(hq: Hq) -> None:
    answer = send(hq, *MAP, query="?dry_run=true").json()
    assert {each["field"] for each in answer["changes"]} == {"territories"}
    assert answer["changes"][0]["from"] == [str(entry) for entry in munich(1).territories]
    assert territories(hq, "peak") == set(answer["changes"][0]["from"])


def test_the_map_that_is_read_is_sent_back_and_nothing_changes(hq: Hq) -> None:
    send(hq, *MAP)
    everything = ("DE 50km 48.137,11.575 rank 4", "not US 802*", "US rank 2 backup", "US WY")
    known = hq.world.wiring.partners.get("front")
    assert known
    hq("PUT", "/v1/partners/front", {"territories": list(everything)})
    read = hq.world.http("GET", "/v1/partners?as=map", headers={"X-Api-Key": hq.key}).body
    assert read.splitlines()[0] == "\ufeffarea;first;second;third;rank 4;backup;backup 2;not"
    assert "US CO;peak;mile;;;;;" in read
    again = send(hq, *read.splitlines()).json()
    assert (again["updated"], again["unchanged"]) == ([], ["front", "mile", "peak"])
    assert all(Territory.parse(text) for text in everything)


def test_rows_of_a_map_without_a_country_are_asked_about_once_and_read_when_it_is_said(
    hq: Hq,
) -> None:
    lines = ["zip3;first", *(f"{n};peak" for n in range(100, 1000))]
    errors = send(hq, *lines).json()["errors"]
    assert len(errors) == 1
    assert (
        "shall we read such rows as US? Then send the map with ?country=US" in errors[0]["message"]
    )
    assert send(hq, *lines, query="?country=US").status == 200


def test_a_map_that_lost_its_zeros_is_stopped(hq: Hq) -> None:
    lines = ["country;zip3;first", *(f"US;{n};peak" for n in range(10, 1000))]
    assert codes(send(hq, *lines)) == {"territories": "zeros_lost"}


def test_whom_a_map_names_and_nobody_knows_is_told_once_for_each_name(hq: Hq) -> None:
    lines = [
        "country;state;first",
        "US;CO;Peak Soler",
        "US;WY;Peak Soler",
        "US;UT;peak",
        "US;Narnia;peak",
    ]
    told = {each["field"]: each["message"] for each in send(hq, *lines).json()["errors"]}
    said = told["2 rows from row 2 on"]
    assert "“Peak Soler” is not a partner. Did you mean Peak Solar?" in said
    assert "Narnia" in told["row 5, area"]


def test_who_is_not_in_the_map_keeps_the_territories_and_is_named(hq: Hq) -> None:
    before = territories(hq, "mile")
    answer = send(hq, "country;state;first", "US;CO;peak").json()
    assert territories(hq, "mile") == before
    (warning,) = [each for each in answer["warnings"] if each["code"] == "not_in_map"]
    assert warning["message"].endswith("keep their territories: the map does not name them")


def test_what_is_wrong_with_a_map_is_told_in_german_to_who_reads_it(hq: Hq) -> None:
    text = "country,zip,first\nUS,80202,Peak Soler\nAtlantis,802,Peak Solar\nUS,,Nobody At All"
    german = {"Accept-Language": "de"}
    answer = hq("POST", "/v1/partners/import", text, "csv", **german)
    assert answer.status == 422
    told = " ".join(each["message"] for each in answer.json()["errors"])
    assert "„Peak Soler“ ist kein Partner. Meinten Sie Peak Solar?" in told
    assert "„Atlantis“ ist kein Land" in told
    assert "ist kein Partner: Legen Sie diesen Partner zuerst an." in told


def test_what_is_wrong_with_a_list_of_places_is_told_in_german_to_who_reads_it(hq: Hq) -> None:
    rows = ("80202;0;0", "80203;north;1", "8020;39.7;-104.9", "80204;99;1")
    text = "postcode;lat;lon\n" + "\n".join(rows) + "\n"
    answer = hq("PUT", "/v1/places/US", text, "csv", **{"Accept-Language": "de-AT"})
    assert answer.status == 422
    told = [each["message"] for each in answer.json()["errors"]]
    assert any("0, 0 liegt im Meer" in each for each in told)
    assert any("„north“ ist keine Gradzahl" in each for each in told)
    assert any("08020" in each and "Tabellenprogramm" in each for each in told)
    assert any("99 ist mehr als 90 Grad" in each for each in told)
    saved = hq(
        "PUT",
        "/v1/places/FR",
        "postcode;lat;lon\n75001;48.86;2.34\n",
        "csv",
        **{"Accept-Language": "de"},
    )
    assert "In FR fragt kein Formular" in saved.json()["warnings"][0]

"""The coverage report where HQ meets it: the API, the page behind the queue's link, and a programme
being saved.
"""

import base64
import gzip

import pytest

from routing_core.domain.territory.territory import Territory
from tests.integration.test_hq import Hq
from tests.support.builders import a_partner, programme_document
from tests.support.world import World, a_programme, munich


@pytest.fixture
def hq(world: World) -> Hq:
    second = a_partner("munich-2", name="=Isar & Söhne", territories=(Territory.parse("DE 803*"),))
    world.use(a_programme(routing={"order": ["load"]}), munich(1), second)
    return Hq(world)


def test_machines_get_every_finding_with_its_reason(hq: Hq) -> None:
    report = hq("GET", "/v1/network/coverage").json()
    boilers = [spot for spot in report["spots"] if spot["product"] == "boiler"]
    assert [(s["finding"], s["area"], s["partners"]) for s in boilers] == [
        ("gap", "DE 01000-79999", []),
        ("thin", "DE 80000-80299", ["munich-1"]),
        ("overlap", "DE 803*", ["munich-1", "munich-2"]),
        ("thin", "DE 80400-80999", ["munich-1"]),
        ("gap", "DE 81000-99999", []),
        ("gap", "AT", []),
    ]
    assert boilers[1]["region"] == "munich"
    assert report["unreachable"] == []


def test_a_spreadsheet_gets_the_same_as_a_table_without_formulas(hq: Hq) -> None:
    answer = hq.world.http(
        "GET", "/v1/network/coverage", headers={"X-Api-Key": hq.key, "Accept": "text/csv"}
    )
    assert answer.headers["Content-Type"].startswith("text/csv")
    lines = answer.body.splitlines()
    assert lines[0] == "\ufefffinding;country;area;region;product;only for;partners;excluded"
    assert "gap;AT;AT;;Boiler;;;" in lines
    assert "overlap;DE;DE 803*;munich;Boiler;;Isar Wärme 1, =Isar & Söhne;" in lines


def test_it_travels_compressed_to_whoever_can_read_that(hq: Hq) -> None:
    """Of ten thousand partners it is twelve megabytes of JSON: twice what a function may answer."""
    plain = hq("GET", "/v1/network/coverage")
    headers = {"X-Api-Key": hq.key, "Accept-Encoding": "br, gzip"}
    packed = hq.world.http("GET", "/v1/network/coverage", headers=headers)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(base64.b64decode(packed.body)).decode() == plain.body


def test_hq_sees_it_behind_the_link_to_the_queue(hq: Hq) -> None:
    queue = hq.world.hq_link()
    assert f"{queue}/coverage" in hq.world.http("GET", queue).body
    page = hq.world.http("GET", f"{queue}/coverage")
    assert page.status == 200
    assert "DE 80000-80299" in page.body
    assert "Isar Wärme 1, =Isar &amp; Söhne" in page.body
    table = hq.world.http("POST", f"{queue}/coverage")
    assert "attachment" in table.headers["Content-Disposition"]


def test_a_forged_link_shows_nothing(hq: Hq) -> None:
    assert hq.world.http("GET", "/q/k1.guessed/coverage").status == 403


def test_saving_a_programme_says_what_it_leaves_without_anybody(hq: Hq) -> None:
    heater = {"id": "heater", "name": {"en": "Heater", "de": "Heizer"}}
    form = programme_document()["forms"][0] | {
        "countries": ["DE"],
        "products": ["boiler", "heater"],
    }
    document = programme_document(
        products=[{"id": "boiler", "name": {"en": "B", "de": "B"}}, heater], forms=[form]
    )
    saved = hq("PUT", "/v1/programme", document)
    assert saved.status == 200
    said = "forms[0] offers heater, which no partner could take today, wherever it is asked for"
    assert said in saved.json()["warnings"]


# ── who is not there at the moment ────────────────────────────────────────────────────────────────


@pytest.fixture
def lapsed(world: World) -> Hq:
    """The only partner left one offer unanswered, which here is enough for a pause; the profile
    knows nothing of it.
    """
    world.use(a_programme(lapses={"unseen_to_hq": 1, "pause": 1}), munich(1))
    world.post_lead("one")
    world.run_for(hours=3)
    assert world.wiring.partners.get("munich-1").active  # type: ignore[union-attr]
    return Hq(world)


@pytest.mark.slow
def test_a_partner_who_was_paused_after_lapses_is_no_coverage(lapsed: Hq) -> None:
    report = lapsed("GET", "/v1/network/coverage").json()
    out = {"partner": "munich-1", "reason": "lapsed", "until": None}
    assert {s["area"]: s["kept_out"] for s in report["spots"]}["DE 80*"] == [out]
    assert {s["finding"] for s in report["spots"]} == {"gap"}
    assert report["unreachable"] == [out]


@pytest.mark.slow
def test_page_and_table_say_who_is_paused_and_until_when_somebody_is_away(lapsed: Hq) -> None:
    world = lapsed.world
    lapsed("PUT", "/v1/partners/munich-2", AWAY)
    world.compile()
    url = f"{world.hq_link()}/coverage"
    page = world.http("GET", url).body
    assert "Isar Wärme 1: paused after unanswered offers" in page
    assert "Neu: away until Sun, 10 Jan 2027" in page
    assert "4 of them only while a partner is paused, away or cannot be reached." in page
    table = world.http("POST", url).body.splitlines()
    assert "never asked;;;;;;;Neu: away until Sun, 10 Jan 2027" in table


AWAY = {
    "name": "Neu",
    "contact": {"email": "neu@example.com"},
    "territories": ["AT 1*"],
    "products": ["boiler", "heat-pump"],
    "language": "en",
    "confirmed": True,
    "absences": ["2026-11-20 to 2027-01-10"],
}


@pytest.mark.slow
def test_saving_rules_and_trying_them_say_who_would_have_been_there(lapsed: Hq) -> None:
    said = "forms[0] asks for what no partner could take today: all of it would go to HQ"
    said += " (munich-1 was paused after unanswered offers)"
    assert said in lapsed("PUT", "/v1/programme", programme_document()).json()["warnings"]
    enquiry = {
        "form": "enquiry",
        "country": "DE",
        "postcode": "80331",
        "product": "boiler",
        "urgency": "soon",
    }
    assert said in lapsed("POST", "/v1/programme/dry-run", {"enquiry": enquiry}).json()["warnings"]
    back = {"partners": [{"id": "munich-1", "paused": False}], "enquiry": enquiry}
    assert said not in lapsed("POST", "/v1/programme/dry-run", back).json()["warnings"]

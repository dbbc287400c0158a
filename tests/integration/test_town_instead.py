"""Who knows only the town is located by it, or asked which of several it is; nobody has to make up
a postcode.
"""

from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.integration.test_hq import Hq
from tests.integration.test_towns_shown import told
from tests.support.world import ENQUIRY, Answer, World, a_programme, munich

LIST = """postcode;lat;lon;town
80331;48.137;11.575;München
80333;48.146;11.567;München
80335;48.155;11.56;München
01844;51.03;14.21;Neustadt
35279;50.85;9.11;Neustadt
"""
WITHOUT = {name: value for name, value in ENQUIRY.items() if name != "postcode"}


@pytest.fixture
def hq(world: World) -> Hq:
    world.use(a_programme(), munich(1))
    hq = Hq(world)
    hq("PUT", "/v1/places/DE", LIST, "csv")
    world.deliver()
    return hq


def post(world: World, key: str = "one", **fields: Any) -> dict[str, Any]:
    started = world.signed_start(key)
    sent = WITHOUT | {"submission_id": key, "started": started} | fields
    answer = world.http("POST", "/v1/forms/enquiry/leads", json_body=sent)
    assert answer.status == 201, answer.body
    return dict(answer.json())


def first_step(world: World, **fields: str) -> Answer:
    need = {
        "product": "heat-pump",
        "urgency": "soon",
        "country": "DE",
        "step": "1",
        "submission_id": "one",
    }
    return world.http("POST", "/f/enquiry", form=need | fields)


def asked_about(world: World, **fields: str) -> Answer:
    need = {"product": "heat-pump", "urgency": "soon", "country": "DE"}
    return world.http("GET", f"/v1/forms/enquiry/coverage?{urlencode(need | fields)}")


def test_an_enquiry_that_names_only_its_town_goes_to_the_partner_there(hq: Hq) -> None:
    world = hq.world
    answer = post(world, town="muenchen")
    assert (answer["answer"], answer["ignored"]) == ("offered", [])
    lead = world.lead(answer["lead"])
    assert (lead.postcode, lead.located_by, lead.offers[0].partner) == ("80333", "town", "munich-1")


def test_nobody_reads_a_postcode_that_was_never_told(hq: Hq) -> None:
    world = hq.world
    answer = post(world, town="Muenchen")
    world.deliver()
    offer = world.offer_link(answer["lead"])
    mail = told(world.mails("munich-1@example.com")[-1])
    page = world.http("GET", offer).body
    queue = world.http("GET", world.hq_link(answer["lead"])).body
    status = world.http("GET", world.mailed_link("erika@posteo.de", "s")).body
    mine = world.press(offer, action="accept").body
    receipt = told(world.mails("erika@posteo.de")[-1])
    for where, text in {
        "mail": mail,
        "page": page,
        "mine": mine,
        "status": status,
        "receipt": receipt,
    }.items():
        assert "80333" not in text, where
        assert "München" in text or "Muenchen" in text, where
    assert "München (ohne Postleitzahl)" in page
    assert "Muenchen" not in mail + page
    assert "München (postcode not given)" in queue


def test_a_postcode_that_was_only_found_is_never_said_to_be_theirs_where_the_town_may_not_be_shown(
    hq: Hq,
) -> None:
    world = hq.world
    world.wiring.rules.save_programme(
        a_programme(before_accept=["postcode", "product"]), world.now, 1
    )
    world.deliver()
    offer = world.offer_link(post(world, town="München")["lead"])
    page = world.http("GET", offer).body
    assert "bei 80333 (ohne Postleitzahl)" in page
    assert "München" not in page


def test_the_decision_says_how_the_place_was_found(hq: Hq) -> None:
    answer = post(hq.world, town="München")
    (decision,) = hq("GET", f"/v1/leads/{answer['lead']}/decisions?replay=true").json()["decisions"]
    assert decision["located_by"] == "town"
    assert decision["replay"]["identical"] is True
    assert any("80333" in sentence and "postcode" in sentence for sentence in decision["sentences"])


def test_a_town_of_which_there_are_several_is_asked_about_on_the_page(hq: Hq) -> None:
    answer = first_step(hq.world, town="Neustadt")
    page = unescape(answer.body)
    assert answer.status == 422
    assert 'value="01844 Neustadt"' in page
    assert "Neustadt (Hessen), 35279" in page
    assert 'name="asked_town" value="Neustadt"' in page
    assert first_step(hq.world, town="01844 Neustadt", asked_town="Neustadt").status == 200


def test_a_choice_where_the_list_has_only_how_postcodes_begin_is_looked_up_and_no_postcode_is_made_of_it(
    hq: Hq,
) -> None:
    hq(
        "PUT",
        "/v1/places/DE",
        "postcode;lat;lon;town\n80*;48.137;11.575;Neustadt\n35*;50.85;9.11;Neustadt\n",
        "csv",
    )
    hq.world.deliver()
    (error,) = asked_about(hq.world, town="Neustadt").json()["errors"]
    assert [town["id"] for town in error["towns"]] == ["35 Neustadt", "80 Neustadt", "Neustadt"]
    lead = hq.world.lead(post(hq.world, town="80 Neustadt")["lead"])
    assert (lead.postcode[:2], lead.located_by, lead.offers[0].partner) == (
        "80",
        "town",
        "munich-1",
    )


def test_who_does_not_know_which_of_several_towns_may_go_on(hq: Hq) -> None:
    assert first_step(hq.world, town="Neustadt", asked_town="Neustadt").status == 200
    answer = post(hq.world, town="Neustadt", asked_town="Neustadt")
    lead = hq.world.lead(answer["lead"])
    assert (answer["ignored"], lead.postcode, lead.town) == ([], "", "Neustadt")


def test_an_emergency_on_one_screen_is_asked_too_and_only_once(hq: Hq) -> None:
    need = {name: str(value) for name, value in WITHOUT.items()} | {
        "urgency": "emergency",
        "town": "Neustadt",
    }
    started = {
        "submission_id": "one",
        "started": hq.world.signed_start("one"),
        "send": "1",
        "step": "1",
    }
    answer = hq.world.http("POST", "/f/enquiry", form=need | started)
    assert answer.status == 422
    assert "Neustadt (Hessen), 35279" in unescape(answer.body)
    assert (
        hq.world.http("POST", "/f/enquiry", form=need | started | {"asked_town": "Neustadt"}).status
        == 303
    )


def test_what_was_asked_about_is_not_asked_again_in_the_second_step(hq: Hq) -> None:
    page = first_step(hq.world, town="Neustadt", asked_town="Neustadt").body
    assert 'name="asked_town" value="Neustadt"' in page


def test_with_a_wrong_postcode_nobody_is_asked_which_town_too(hq: Hq) -> None:
    answer = asked_about(hq.world, town="Neustadt", postcode="8033")
    assert [each["field"] for each in answer.json()["errors"]] == ["postcode"]


def test_a_program_is_told_the_towns_to_choose_from(hq: Hq) -> None:
    answer = asked_about(hq.world, town="Neustadt")
    (error,) = answer.json()["errors"]
    assert (answer.status, error["field"], error["code"]) == (422, "town", "several_towns")
    assert error["towns"][:2] == [
        {"id": "01844 Neustadt", "label": "Neustadt (Sachsen), 01844"},
        {"id": "35279 Neustadt", "label": "Neustadt (Hessen), 35279"},
    ]
    assert error["towns"][2]["id"] == "Neustadt"
    assert asked_about(hq.world, town="01844 Neustadt").status == 200


def test_the_chosen_town_is_a_postcode_that_was_told(hq: Hq) -> None:
    lead = hq.world.lead(post(hq.world, town="80335 München")["lead"])
    assert (lead.postcode, lead.town, lead.located_by) == ("80335", "München", "")


def test_an_enquiry_of_an_ambiguous_or_unknown_town_is_kept_for_hq(hq: Hq) -> None:
    for key, town in (("one", "Neustadt"), ("two", "Atlantis")):
        sent = {"started": None, "town": town, "email": f"{key}@posteo.de", "phone": ""}
        lead = hq.world.lead(post(hq.world, key, **sent)["lead"])
        assert (lead.postcode, lead.town, lead.located_by) == ("", town, "")


def test_a_town_counts_only_where_there_is_no_postcode(hq: Hq) -> None:
    lead = hq.world.lead(post(hq.world, town="Neustadt", postcode="80331")["lead"])
    assert (lead.postcode, lead.located_by) == ("80331", "")


def test_the_same_post_is_the_same_enquiry_though_the_list_has_changed_meanwhile(hq: Hq) -> None:
    first = post(hq.world, town="München")
    hq("PUT", "/v1/places/DE", "postcode;lat;lon;town\n80331;48.1;11.5;München\n", "csv")
    hq.world.deliver()
    assert post(hq.world, town="München")["lead"] == first["lead"]


def test_a_postcode_that_is_told_later_takes_the_place_of_the_one_that_was_found(hq: Hq) -> None:
    world = hq.world
    lead = post(world, town="München")["lead"]
    world.press(world.hq_link(lead), action="move", postcode="80333", town="")
    assert (world.lead(lead).postcode, world.lead(lead).located_by) == ("80333", "")

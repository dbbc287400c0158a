"""The API of partners: lists by page, changes that lose nothing, and an end that can be undone."""

from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest

from routing_core.domain.figures import Figures
from routing_core.domain.lead import LeadStatus
from routing_core.domain.partner import Absence, Caps, Load, Partner
from routing_core.domain.partner_state import PartnerState
from routing_core.formats.partner_document import WORDS_IN_PLACE_OF_IDS
from routing_core.service.hq.partner_list import PARTNERS_ON_PAGE, acceptance_rate
from tests.integration.test_hq import ROW, Hq, codes, csv_of
from tests.support.builders import working_in
from tests.support.world import Answer, World, a_programme, munich

AWAY = (Absence(date(2026, 11, 20), date(2026, 11, 30)),)


@pytest.fixture
def hq(world: World) -> Hq:
    world.use(a_programme(), munich(1), munich(2, tier=3))
    return Hq(world)


def listed(hq: Hq, **asked: Any) -> dict[str, Any]:
    answer = hq("GET", f"/v1/partners?{urlencode(asked)}")
    assert answer.status == 200, answer.body
    told: dict[str, Any] = answer.json()
    return told


def ids(hq: Hq, **asked: Any) -> list[str]:
    return [each["id"] for each in listed(hq, **asked)["partners"]]


def known(hq: Hq, partner: str = "munich-1") -> Partner:
    found = hq.world.wiring.partners.get(partner)
    assert found
    return found


def patch(hq: Hq, changes: Any, partner: str = "munich-1", **also: str) -> Answer:
    return hq("PATCH", f"/v1/partners/{partner}", changes, **also)


# ── lists ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def many(hq: Hq) -> Hq:
    hq.world.add(
        working_in(
            "alp", "AT", name="Älpler Öfen", town="Innsbruck", products=frozenset({"boiler"})
        ),
        working_in("north", "DE 20*", name="Nord", confirmed_email=""),
        working_in("gone", "DE 10*", paused=True, deactivated=True),
        working_in("rest", "DE 5*", "not DE 50*", paused=True),
        working_in("off", "DE 803*", absences=AWAY),
        working_in("dead", "DE 4*", bounced=True),
    )
    return hq


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "nord"}, ["north"]),
        ({"q": "innsbruck"}, ["alp"]),
        ({"q": "ALPLER OFEN"}, ["alp"]),
        ({"q": "MUNICH-1"}, ["munich-1"]),
        ({"product": "heat-pump", "postcode": "20095"}, ["north"]),
        ({"postcode": "8033"}, ["off", "munich-1", "munich-2"]),
        ({"postcode": "50"}, []),
        ({"postcode": "5"}, ["rest"]),
        ({"postcode": "60", "country": "AT"}, ["alp"]),
        ({"region": "munich"}, ["off", "munich-1", "munich-2"]),
        ({"tier": "3"}, ["munich-2"]),
        ({"state": "deactivated"}, ["gone"]),
        ({"state": "paused"}, ["rest"]),
        ({"state": "away"}, ["off"]),
        ({"state": "bounced"}, ["dead"]),
        ({"state": "unconfirmed"}, ["north"]),
        ({"state": "active"}, ["alp", "munich-1", "munich-2"]),
    ],
)
def test_a_filter_keeps_those_who_match_and_nobody_else(
    many: Hq, asked: dict[str, str], found: list[str]
) -> None:
    assert sorted(ids(many, **asked)) == sorted(found)


@pytest.mark.parametrize("sort", ["name", "id", "tier", "load", "last_offer", "acceptance"])
def test_paging_meets_everybody_once_in_the_same_order(many: Hq, sort: str) -> None:
    whole = ids(many, sort=sort)
    walked: list[str] = []
    page = listed(many, sort=sort, limit=3)
    while True:
        walked += [each["id"] for each in page["partners"]]
        if not page["next"]:
            break
        page = listed(many, sort=sort, limit=3, cursor=page["next"])
    assert walked == whole
    assert len(whole) == len(set(whole)) == 8


def test_a_pause_by_lapses_is_found_though_it_stands_in_the_load_alone(hq: Hq) -> None:
    _lapse(hq)
    assert hq.world.load("munich-2").paused_by_lapses
    assert ids(hq, state="lapsed") == ["munich-2"]
    assert ids(hq, state="active") == ["munich-1"]


def _lapse(hq: Hq) -> None:
    boto3.client("dynamodb").update_item(
        TableName="partners",
        Key={"pk": {"S": "PARTNER#munich-2"}, "sk": {"S": "LOAD"}},
        UpdateExpression="SET pause = :yes",
        ExpressionAttributeValues={":yes": {"BOOL": True}},
    )


def test_a_state_that_loads_decide_is_looked_for_a_hundred_at_a_time(hq: Hq) -> None:
    hq.world.add(*(working_in(f"p{n:03}", "DE 9*", name=f"P {n:03}") for n in range(130)))
    first = listed(hq, state="lapsed")
    assert first["partners"] == []
    assert first["next"], "there is more to look through"
    assert listed(hq, state="lapsed", cursor=first["next"])["next"] == ""


def test_too_many_to_be_sorted_by_load_are_sorted_by_name_and_it_says_so(hq: Hq) -> None:
    hq.world.add(*(working_in(f"p{n:03}", "DE 9*", name=f"P {n:03}") for n in range(130)))
    page = listed(hq, sort="load")
    assert page["sorted_by_name"] is True
    assert len(page["partners"]) == PARTNERS_ON_PAGE
    assert listed(hq, sort="load", tier=3)["sorted_by_name"] is False


def test_a_page_is_one_read_however_many_partners_there_are(
    hq: Hq, monkeypatch: pytest.MonkeyPatch
) -> None:
    hq.world.add(*(working_in(f"p{n:03}", "DE 9*") for n in range(130)))
    listed(hq, limit=10)
    client = hq.world.wiring.partners._client
    asked: list[str] = []
    emit = client.meta.events
    emit.register("before-call.dynamodb", lambda model, **_: asked.append(model.name))
    listed(hq, limit=10)
    assert "Scan" not in asked
    assert asked.count("BatchGetItem") == 1


def test_what_an_address_says_wrong_is_named(hq: Hq) -> None:
    answer = hq("GET", "/v1/partners?state=happy&tier=x&limit=1000&product=car&cursor=")
    assert answer.status == 422
    assert set(codes(answer)) == {"state", "tier", "limit", "product"}
    forged = hq("GET", "/v1/partners?cursor=AAAA")
    assert codes(forged) == {"cursor": "invalid"}


def test_the_list_says_how_each_stands(hq: Hq) -> None:
    hq.world.post_lead()
    (first, second) = listed(hq, sort="name")["partners"]
    assert first["status"]["open"] + second["status"]["open"] == 1
    assert first["status"]["acceptance"] is None, "one case is no rate"
    assert {first["status"]["state"], second["status"]["state"]} == {PartnerState.ACTIVE}


# ── changes ───────────────────────────────────────────────────────────────────────────────────────


def test_a_patch_changes_what_it_names_and_nothing_else(hq: Hq) -> None:
    before = known(hq)
    answer = patch(hq, {"name": "Neu", "caps": {"open": 4}, "contact": {"name": "Ida"}})
    assert answer.status == 200
    assert answer.headers["ETag"] == '"2"'
    after = known(hq)
    assert (after.name, after.caps, after.contact.name) == ("Neu", Caps(open=4), "Ida")
    same = replace(after, name=before.name, caps=before.caps, contact=before.contact)
    assert replace(same, version=1) == before


def test_null_gives_a_field_or_a_part_its_default(hq: Hq) -> None:
    patch(hq, {"website": "example.com", "tier": 1, "caps": {"open": 4, "day": 1, "paced": True}})
    patch(hq, {"website": None, "tier": None, "caps": {"open": None, "paced": None}})
    after = known(hq)
    assert (after.website, after.tier, after.caps) == ("", 2, Caps(day=1))
    patch(hq, {"contact": {"name": None}, "caps": None, "extra_open": None})
    assert (known(hq).contact.name, known(hq).caps) == ("", Caps())


def test_what_everybody_must_have_cannot_be_taken_away(hq: Hq) -> None:
    answer = patch(hq, {"name": None, "territories": None})
    assert answer.status == 422
    assert set(codes(answer)) >= {"name", "territories"}
    assert codes(patch(hq, {"id": "other"})) == {"id": "invalid"}
    assert set(codes(patch(hq, {"colour": "red"}))) == {"colour"}
    assert patch(hq, {"name": "x"}, "nobody").status == 404


def test_a_patch_of_something_else_ends_no_pause(hq: Hq) -> None:
    _lapse(hq)
    patch(hq, {"name": "Neu"}, "munich-2")
    assert hq.world.load("munich-2").paused_by_lapses
    patch(hq, {"paused": False}, "munich-2")
    assert not hq.world.load("munich-2").paused_by_lapses


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_change_of_a_version_that_is_over_is_refused_with_what_has_changed(
    hq: Hq, method: str
) -> None:
    read = hq("GET", "/v1/partners/munich-1").headers["ETag"]
    patch(hq, {"name": "Somebody else's"})
    answer = hq(method, "/v1/partners/munich-1", {"name": "Mine"}, **{"If-Match": read})
    assert answer.status == 412
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["version"] == 2
    (change,) = problem["changes"]
    assert change["by"] == "first"
    assert change["fields"] == [{"field": "name", "from": "Isar Wärme 1", "to": "Somebody else's"}]
    assert known(hq).name == "Somebody else's"
    again = hq(method, "/v1/partners/munich-1", {"name": "Mine"}, **{"If-Match": '"2"'})
    assert again.status == 200


def test_a_partner_who_is_new_is_made_only_if_there_is_none(hq: Hq) -> None:
    document = {
        "name": "New", "contact": {"email": "n@example.com"}, "territories": ["DE 9*"], "products": ["boiler"],
    }  # fmt: skip
    new = {"If-None-Match": "*"}
    assert hq("PUT", "/v1/partners/newcomer", document, **new).status == 200
    assert hq("PUT", "/v1/partners/newcomer", document, **new).status == 412
    assert hq("PUT", "/v1/partners/other", document, **{"If-Match": '"3"'}).status == 412
    assert codes(patch(hq, {"name": "x"}, **{"If-Match": '"x"'})) == {"If-Match": "invalid"}


# ── the end ───────────────────────────────────────────────────────────────────────────────────────


def posted(hq: Hq, key: str) -> str:
    before = set(hq.world.lead_ids())
    hq.world.post_lead(key, email=f"{key}@example.com", phone="")
    (lead_id,) = set(hq.world.lead_ids()) - before
    return lead_id


def owned(hq: Hq, key: str = "one") -> str:
    """A lead that munich-1 owns."""
    lead_id = offered(hq, key)
    hq.world.http("POST", hq.world.offer_link(lead_id), form={"action": "accept"})
    assert hq.world.lead(lead_id).owner == "munich-1"
    return lead_id


def offered(hq: Hq, key: str = "two") -> str:
    """A lead about which munich-1 is asked."""
    lead_id = posted(hq, key)
    assert hq.world.lead(lead_id).offers[-1].partner == "munich-1"
    return lead_id


@pytest.fixture
def first(hq: Hq) -> Hq:
    """Munich-1 is asked first."""
    hq.world.use(a_programme(routing={"order": ["tier", "load"]}))
    return hq


def test_who_is_deactivated_gets_nothing_and_keeps_what_it_owns(first: Hq) -> None:
    lead_id, waiting = owned(first), offered(first)
    answer = first("DELETE", "/v1/partners/munich-1")
    assert answer.status == 200
    assert answer.json() == {"rerouted": [waiting], "kept": [lead_id], "left": 0}
    first.world.deliver()
    assert first.world.lead(lead_id).owner == "munich-1"
    assert first.world.lead(waiting).offers[-1].partner == "munich-2"
    assert first.world.lead(posted(first, "three")).offers[-1].partner == "munich-2"
    assert known(first).deactivated
    assert known(first).revoked == 1


def test_what_it_owns_is_routed_anew_if_hq_says_so_and_it_counts_against_nobody(first: Hq) -> None:
    lead_id = owned(first)
    answer = first("DELETE", "/v1/partners/munich-1?open_leads=reroute")
    assert answer.json()["rerouted"] == [lead_id]
    lead = first.world.lead(lead_id)
    assert lead.owner is None
    assert lead.status is LeadStatus.OFFERED
    assert lead.offers[-1].partner == "munich-2"
    (event,) = [
        fact
        for row in first.world.events(lead_id)
        for fact in row.events
        if fact.kind == "offer.withdrawn"
    ]
    assert event.to_data()["by"] == "first"
    load = first.world.load("munich-1")
    assert load.open_count == 0
    assert (load.lapses, load.figures.returned, load.figures.declined) == (0, 0, 0)


def test_deactivating_twice_does_nothing_more_and_goes_on_with_what_was_kept(first: Hq) -> None:
    lead_id = owned(first)
    first("DELETE", "/v1/partners/munich-1")
    version = known(first).version
    again = first("DELETE", "/v1/partners/munich-1?open_leads=reroute")
    assert again.json() == {"rerouted": [lead_id], "kept": [], "left": 0}
    assert known(first).version == version


def test_whoever_held_a_link_of_it_opens_nothing_any_more(first: Hq) -> None:
    desk = first.world.wiring.links.desk("munich-1", 1)
    first("DELETE", "/v1/partners/munich-1")
    first.world.deliver()
    mails = len(first.world.mails())
    ended = first.world.http("POST", desk.split("example.com")[-1], form={"action": "renew"})
    first.world.deliver()
    assert ended.status == 403
    assert len(first.world.mails()) == mails, "and gets no new one"


@pytest.mark.parametrize("what", [{"paused": False}, {"paused": "no"}])
def test_who_is_deactivated_is_not_resumed_by_the_way(first: Hq, what: dict[str, Any]) -> None:
    first("DELETE", "/v1/partners/munich-1")
    assert codes(patch(first, what)) == {"paused": "deactivated"}
    assert patch(first, {"name": "Former"}).status == 200, "all else may be put right"
    answer = first("POST", f"/v1/leads/{offered_to_other(first)}/assign", {"partner": "munich-1"})
    assert codes(answer) == {"partner": "deactivated"}


def offered_to_other(hq: Hq) -> str:
    hq.world.deliver()
    return posted(hq, "nine")


def test_a_partner_can_be_reactivated_and_gets_links_and_offers_again(first: Hq) -> None:
    first("DELETE", "/v1/partners/munich-1")
    first.world.deliver()
    answer = first("POST", "/v1/partners/munich-1/reactivate")
    assert answer.json()["status"]["active"] is True
    first.world.deliver()
    assert "/d/" in str(first.world.mails("munich-1@example.com")[-1])
    assert offered(first)


def test_a_deactivated_partner_stays_in_the_list_that_is_imported_again(first: Hq) -> None:
    first("DELETE", "/v1/partners/munich-1")
    table = first("GET", "/v1/partners", Accept="text/csv").body
    told = first("POST", "/v1/partners/import", table, "csv").json()
    assert (told["created"], told["updated"]) == ([], [])
    assert known(first).deactivated


def test_figures_of_five_cases_are_a_rate() -> None:
    four = Load("a", figures=Figures(offers=4, declined=2, answers=2))
    five = Load("a", figures=Figures(offers=6, declined=1, lapsed=1, answers=3), open_count=1)
    assert acceptance_rate(four) is None
    assert acceptance_rate(five) == pytest.approx(0.6)


def test_nobody_without_the_scope_changes_anything(hq: Hq) -> None:
    reader = hq.world.api_key("partners:read")
    assert hq("PATCH", "/v1/partners/munich-1", {"name": "x"}, key=reader).status == 403
    assert hq("DELETE", "/v1/partners/munich-1", key=reader).status == 403
    assert hq("POST", "/v1/partners/munich-1/reactivate", key=reader).status == 403
    assert known(hq).version == 1


@pytest.mark.parametrize("word", sorted(WORDS_IN_PLACE_OF_IDS))
def test_nobody_new_is_called_by_a_word_that_the_desks_addresses_need(hq: Hq, word: str) -> None:
    document = {
        "name": "New", "contact": {"email": "n@example.com"}, "territories": ["DE 9*"], "products": ["boiler"],
    }  # fmt: skip
    refused = hq("PUT", f"/v1/partners/{word}", document)
    assert (refused.status, codes(refused)) == (422, {"id": "reserved_id"})
    listed = csv_of({**ROW, "id": word})
    refused = hq("POST", "/v1/partners/import", listed, "csv")
    assert (refused.status, "reserved_id" in refused.body) == (422, True)
    # Whoever was called so before stays, and is saved as ever.
    hq.world.add(replace(munich(3), id=word))
    assert hq("PUT", f"/v1/partners/{word}", {"name": "Renamed"}).status == 200
    assert hq("GET", f"/v1/partners/{word}").json()["name"] == "Renamed"

"""What campaigns cost: sent by HQ or a program, kept once for all, and told in HQ's report."""

import re
from typing import Any

import pytest

from routing_core.formats.campaign_costs_csv import read_campaign_costs
from tests.integration.test_import_pages import multipart, words
from tests.integration.test_reports import OCTOBER, PEOPLE, at, made
from tests.support.world import Answer, World, a_programme, munich

PATH = "/hq/reports/costs"
LIST = "month;source;campaign;cost\n2026-10;google;brand;1.250,00\n2026-10;fair;;300\n"
COST = {"month": "2026-10", "source": "google", "campaign": "brand", "cost": 600}


@pytest.fixture
def hq(world: World) -> World:
    world.use(a_programme(hq=PEOPLE), munich(1), munich(2))
    return world


def put(world: World, costs: Any, query: str = "", **headers: str) -> Answer:
    key = {"x-api-key": world.api_key("reports:write"), **headers}
    if isinstance(costs, str):
        key["content-type"] = "text/csv"
        return world.http("PUT", f"/v1/costs{query}", body=costs, headers=key)
    return world.http("PUT", f"/v1/costs{query}", json_body={"costs": costs}, headers=key)


def kept(world: World) -> list[tuple[str, str, str, str]]:
    key = {"x-api-key": world.api_key("reports:read")}
    costs = world.http("GET", "/v1/costs", headers=key).json()["costs"]
    return [(each["month"], each["source"], each["campaign"], each["cost"]) for each in costs]


def logged(world: World) -> list[dict[str, Any]]:
    key = {"x-api-key": world.api_key("log:read")}
    entries = world.http("GET", "/v1/log", headers=key).json()["entries"]
    return [each for each in entries if each["kind"] == "costs.saved"]


# ── the API ───────────────────────────────────────────────────────────────────────────────────────


def test_a_list_replaces_the_months_it_names_and_leaves_the_others(hq: World) -> None:
    assert put(hq, LIST).status == 200
    november = COST | {"month": "2026-11", "cost": "10.50"}
    assert put(hq, [november]).json()["months"] == ["2026-11"]
    answer = put(hq, [COST]).json()
    assert answer["version"] == 3
    assert [(each["source"], each["from"], each["to"]) for each in answer["changes"]] == [
        ("fair", "300", None),
        ("google", "1250.00", "600.00"),
    ]
    assert kept(hq) == [
        ("2026-10", "google", "brand", "600.00"),
        ("2026-11", "google", "brand", "10.50"),
    ]
    put(hq, [COST | {"cost": 0}])
    assert [month for month, *_ in kept(hq)] == ["2026-11"]


def test_what_is_read_as_csv_or_json_can_be_saved_again_and_changes_nothing(hq: World) -> None:
    put(hq, LIST)
    key = {"x-api-key": hq.api_key("reports:read")}
    table = hq.http("GET", "/v1/costs", headers=key | {"accept": "text/csv"}).body
    assert len(read_campaign_costs(table, "EUR").costs) == 2
    assert put(hq, table).json()["changes"] == []
    answer = put(hq, hq.http("GET", "/v1/costs", headers=key).json()["costs"])
    assert (answer.json()["changes"], answer.json()["version"]) == ([], 1)
    assert len(logged(hq)) == 1


def test_a_dry_run_says_what_would_change_and_saves_nothing(hq: World) -> None:
    answer = put(hq, LIST, "?dry_run=true").json()
    assert (answer["dry_run"], answer["version"], len(answer["changes"])) == (True, 0, 2)
    assert kept(hq) == []
    assert logged(hq) == []


def test_every_error_is_named_by_row_and_column_and_nothing_is_saved(hq: World) -> None:
    answer = put(hq, "month;source;cost\nOktober;fair;1\n2026-10;;x\n")
    assert answer.status == 422
    fields = [each["field"] for each in answer.json()["errors"]]
    assert fields == ["row 2, month", "row 3, cost", "row 3, source"]
    answer = put(
        hq,
        [
            COST | {"cost": -1},
            COST | {"cost": True, "month": ""},
            COST | {"cost": 10**400},
            COST | {"campain": "x"},
            COST | {"source": 5},
            "cost",
        ],
    )
    assert answer.status == 422
    assert [each["field"] for each in answer.json()["errors"]] == [
        "costs[0].cost",
        "costs[1].month",
        "costs[1].cost",
        "costs[2].cost",
        "costs[3]",
        "costs[4]",
        "costs[5]",
    ]
    assert put(hq, []).status == 422
    assert kept(hq) == []


def test_a_programs_number_with_three_digits_behind_the_point_is_no_thousand(hq: World) -> None:
    put(hq, [COST | {"cost": 1.255}])
    assert float(kept(hq)[0][3]) < 2


def test_whoever_read_an_older_version_overwrites_nothing(hq: World) -> None:
    put(hq, LIST)
    assert put(hq, [COST], **{"if-match": '"0"'}).status == 409
    assert ("2026-10", "google", "brand", "1250.00") in kept(hq)
    assert put(hq, [COST], **{"if-match": '"1"'}).headers["ETag"] == '"2"'


def test_costs_need_the_scopes_of_reports(hq: World) -> None:
    reading = {"x-api-key": hq.api_key("reports:read")}
    assert hq.http("PUT", "/v1/costs", json_body={"costs": [COST]}, headers=reading).status == 403
    other = {"x-api-key": hq.api_key("leads:read")}
    assert hq.http("GET", "/v1/costs", headers=other).status == 403


# ── the page ──────────────────────────────────────────────────────────────────────────────────────


def test_hq_uploads_a_list_sees_what_it_changes_and_saves_it(hq: World) -> None:
    desk = hq.desk()
    assert f'href="{PATH}"' in desk.get("/hq/reports").body
    assert "No costs are saved yet" in desk.get(PATH).body
    shown = desk.send(PATH, **multipart(LIST.encode()))
    assert "google · brand October 2026 – €1,250" in words(shown)
    assert kept(hq) == []
    assert "The costs are saved" in desk.press(PATH, text=LIST, action="save", version="0").body
    assert len(kept(hq)) == 2
    assert "fair October 2026 €300" in words(desk.get(PATH))
    (entry,) = logged(hq)
    assert (entry["about"], entry["by"][:5]) == (OCTOBER, "link:")
    assert "Saved campaign costs" in desk.get("/hq/log").body
    assert "It changes nothing" in desk.post(PATH, text=LIST).body
    assert "brand" in desk.get(f"{PATH}?as=csv").body


def test_what_is_wrong_is_said_at_its_place_and_nothing_typed_is_lost(hq: World) -> None:
    answer = hq.desk().post(PATH, text="month;source;cost\nOktober;<b>fair;1", action="save")
    assert answer.status == 422
    assert "Row 2 Month This is not a month" in words(answer)
    assert "Oktober;&lt;b&gt;fair;1</textarea>" in answer.body
    assert hq.desk().send(PATH, **multipart(b"")).status == 422
    assert kept(hq) == []


def test_of_two_who_save_at_once_the_second_sees_what_it_would_change_now(hq: World) -> None:
    put(hq, LIST)
    answer = hq.desk().post(
        PATH, text="month;source;cost\n2026-10;fair;7", action="save", version="0"
    )
    assert answer.status == 409
    assert "somebody else has saved costs since" in answer.body
    assert 'name="version" value="1"' in answer.body
    assert ("2026-10", "fair", "", "300") in kept(hq)


@pytest.mark.parametrize("person", ["viewer@example.com", "munich@example.com"])
def test_whoever_may_make_no_reports_neither_sees_nor_saves_costs(hq: World, person: str) -> None:
    desk = hq.desk(person)
    assert PATH not in desk.get("/hq/reports").body
    assert desk.get(PATH).status == 403
    assert desk.post(PATH, text=LIST, action="save", version="0").status == 403
    assert kept(hq) == []


def test_a_post_from_another_site_saves_none(hq: World) -> None:
    form = {"text": LIST, "action": "save", "version": "0"}
    answer = hq.desk().send(PATH, form=form, headers={"origin": "https://evil.example"})
    assert answer.status == 403
    assert kept(hq) == []


# ── the report ────────────────────────────────────────────────────────────────────────────────────


def an_october_of_google(world: World, day: str = "05") -> None:
    """Three enquiries of one campaign, of which two are accepted."""
    world.now = at(f"2026-10-{day}T09:00")
    known: set[str] = set()
    for number in range(3):
        world.post_lead(
            f"g{number}",
            email=f"g{number}@posteo.de",
            phone="",
            utm_source="google",
            utm_campaign="brand",
        )
        world.deliver()
        (new,) = set(world.lead_ids()) - known
        known.add(new)
        if number:
            world.press(world.offer_link(new), action="accept")
            world.deliver()


def test_a_report_with_costs_tells_the_return_and_is_not_changed_by_later_ones(hq: World) -> None:
    an_october_of_google(hq)
    put(hq, [COST, COST | {"month": "2026-11", "cost": 9}])
    (campaign,) = made(hq)["figures"]["campaigns"]
    assert (campaign["leads"], campaign["accepted"], campaign["cost"]) == (3, 2, {"EUR": "600.00"})
    page = words(hq.desk().get(f"/hq/reports/{OCTOBER}"))
    assert re.search(r"google brand 3 2 0 EUR – \D?600\D.{0,9}200\D.{0,9}300\D", page)
    assert "No costs of these campaigns" not in page
    put(hq, [COST | {"cost": 1}])
    assert words(hq.desk().get(f"/hq/reports/{OCTOBER}")) == page


def test_a_report_without_costs_says_so(hq: World) -> None:
    an_october_of_google(hq)
    made(hq)
    assert "No costs of these campaigns are known" in hq.desk().get(f"/hq/reports/{OCTOBER}").body


def test_a_week_has_no_costs_for_they_are_of_whole_months(hq: World) -> None:
    an_october_of_google(hq, day="01")
    put(hq, [COST])
    (campaign,) = made(hq, "2026-W40")["figures"]["campaigns"]
    assert (campaign["leads"], campaign["cost"]) == (3, {})

"""HQ's activity log: who did what, on a page with filters and by API; each sees what is theirs."""

import re
from datetime import timedelta
from typing import Any

import pytest

from routing_core.domain.activity import ActivityKind
from routing_core.domain.people import person_id
from routing_core.present.catalog import LANGUAGES, catalog_for
from routing_core.service.hq.save_programme import save_programme
from routing_core.service.hq_desk.log_desk import KIND_GROUPS, LEAD_KINDS, LOG_ROWS
from routing_core.service.kernel.read_model import LogEntry
from tests.support.builders import programme_document
from tests.support.hooks import writes_counted
from tests.support.world import World, a_programme, munich

ADMIN, SOUTH, NORTH, VIEWER = (
    "hq@example.com",
    "south@example.com",
    "north@example.com",
    "looks@example.com",
)
REGIONS = {
    "munich": {"country": "DE", "postcodes": ["80*"]},
    "hamburg": {"country": "DE", "postcodes": ["20*"]},
}


def rules(**hq: Any) -> dict[str, Any]:
    people = [
        {"email": ADMIN, "name": "Ada Admin", "role": "admin"},
        {"email": SOUTH, "name": "Sam South", "role": "manager", "regions": ["munich"]},
        {"email": NORTH, "name": "Nora North", "role": "manager", "regions": ["hamburg"]},
        {"email": VIEWER, "role": "viewer"},
    ]
    return programme_document(regions=REGIONS, hq={"people": people, "digests": [], **hq})


@pytest.fixture
def hq(world: World) -> World:
    world.use(a_programme())
    save_programme(world.wiring.services, rules(), world.now)
    world.add(munich(1, paused=True))
    world.deliver()
    return world


def actor(email: str) -> str:
    return f"link:{person_id(email)}"


def asked(world: World, place: str) -> str:
    postcode = {"munich": "80331", "hamburg": "20095"}[place]
    answer = world.post_lead(place, email=f"{place}@posteo.de", phone="", postcode=postcode)
    return str(answer.json()["lead"])


def rows(body: str) -> list[list[str]]:
    """The table's cells, row by row, as people read them."""
    found = re.findall(r"<tr>\s*(<td.*?)</tr>", body, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in found]
    return [[re.sub("<[^>]+>", "", cell) for cell in row] for row in cells]


def what(world: World, email: str, address: str = "/hq/log") -> list[tuple[str, str]]:
    return [(row[1], row[2]) for row in rows(world.desk(email).get(address).body)]


def entries(world: World, address: str = "/v1/log") -> list[dict[str, Any]]:
    return told_to(world, "log:read", address=address)


def told_to(
    world: World, *scopes: str, address: str = "/v1/log", language: str = "en"
) -> list[dict[str, Any]]:
    key = {"X-Api-Key": world.api_key(*scopes), "Accept-Language": language}
    answer = world.http("GET", address, headers=key)
    assert answer.status == 200, answer.body
    return list(answer.json()["entries"])


def noted(world: World, lead: str, email: str) -> None:
    """Somebody adds a note to a lead, on the desk."""
    answer = world.desk(email).post(f"/hq/leads/{lead}", action="note", text="Called Erika twice.")
    assert answer.status == 303
    world.advance(seconds=1)
    world.deliver()


def test_a_key_that_may_read_people_is_told_their_names_as_the_page_is(hq: World) -> None:
    noted(hq, asked(hq, "munich"), SOUTH)
    found = told_to(hq, "log:read", "people:read")
    named = [each["who"] for each in found if each["kind"] == "lead.noted"]
    assert named == ["Sam South"]
    shown = [who for who, did in what(hq, ADMIN) if did == "Added a note"]
    assert shown == named
    german = told_to(hq, "log:read", language="de")
    assert "über einen persönlichen Link" in {each["who"] for each in german}
    assert "Sam" not in str(german)


def test_what_somebody_does_to_a_lead_stands_there_with_their_name_and_no_word_of_it(
    hq: World,
) -> None:
    lead = asked(hq, "munich")
    noted(hq, lead, SOUTH)
    page = hq.desk(ADMIN).get("/hq/log")
    assert ("Sam South", "Added a note") in what(hq, ADMIN)
    assert f'href="/hq/leads/{lead}"' in page.body
    assert "Erika" not in page.body
    (note,) = [each for each in entries(hq) if each["kind"] == "lead.noted"]
    assert (note["by"], note["lead"]) == (actor(SOUTH), lead)
    assert note.keys() == {"at", "by", "who", "kind", "lead", "version"}
    assert note["who"] == "by a personal link", "this key may not read who works at HQ"
    assert "Erika" not in repr(hq.items("read-model", lambda pk, sk: pk.startswith("LOG#")))


def test_what_a_key_does_stands_there_under_its_name(hq: World) -> None:
    lead = asked(hq, "munich")
    key = {"X-Api-Key": hq.api_key("leads:write", "leads:read")}
    hq.http("POST", f"/v1/leads/{lead}/notes", json_body={"text": "x"}, headers=key)
    hq.deliver()
    assert any(who.startswith("API key machine-") for who, _ in what(hq, ADMIN))


def test_sign_ins_people_and_rules_stand_there(hq: World) -> None:
    hq.desk(SOUTH)
    hq.advance(seconds=1)
    form = {"email": "new@example.com", "role": "viewer", "version": "2"}
    assert hq.desk(ADMIN).post("/hq/people/new", action="save", **form).status == 303
    told = what(hq, ADMIN)
    assert ("Sam South", "Signed in") in told
    assert ("Ada Admin", "Added a person") in told
    assert ("Ada Admin", "Changed the rules") in told


def test_what_a_key_does_to_partners_and_places_stands_there(hq: World) -> None:
    key = {"X-Api-Key": hq.api_key("partners:write", "partners:read")}
    munich_one = hq.http("GET", "/v1/partners/munich-1", headers=key).json()
    hq.http("PUT", "/v1/partners/munich-1", json_body=munich_one, headers=key)
    hq.http("POST", "/v1/partners/munich-1/revoke", json_body={}, headers=key)
    other = {**munich_one, "id": "munich-9", "contact": {"email": "nine@example.com"}}
    hq.http("POST", "/v1/partners/import", json_body={"partners": [other]}, headers=key)
    dry = "/v1/partners/import?dry_run=true"
    hq.http("POST", dry, json_body={"partners": [munich_one]}, headers=key)
    csv = {**key, "content-type": "text/csv"}
    places = "postcode,lat,lon\n80331,48.1,11.5\n"
    hq.http("PUT", "/v1/places/DE", body=places, headers=csv)
    found = [(each["kind"], each.get("partner"), each.get("about")) for each in entries(hq)]
    assert sorted(found, key=str) == [
        ("partner.links_ended", "munich-1", None),
        ("partner.saved", "munich-1", None),
        ("partners.imported", None, None),
        ("places.saved", None, "DE"),
        ("rules.saved", None, None),
    ]
    (imported,) = [each for each in entries(hq) if each["kind"] == "partners.imported"]
    assert imported["detail"] == "created=1 updated=0"
    page = hq.desk(ADMIN).get("/hq/log").body
    assert 'href="/hq/partners/munich-1">Isar Wärme 1</a>' in page
    assert "<td>Germany</td>" in page


def test_who_asks_for_a_report_stands_there_once(hq: World) -> None:
    hq.now += timedelta(days=7)
    for _ in range(2):
        assert hq.desk(ADMIN).post("/hq/reports", period="2026-11", version="1").status == 303
        hq.advance(seconds=1)
    asked = [each for each in entries(hq) if each["kind"] == "report.asked"]
    assert [(each["by"], each["about"]) for each in asked] == [(actor(ADMIN), "2026-11")]
    assert ("Ada Admin", "Asked for a report") in what(hq, ADMIN, "/hq/log?kind=exports")


def test_filters_find_by_person_kind_and_days_of_the_programmes_clock(hq: World) -> None:
    lead = asked(hq, "munich")
    noted(hq, lead, SOUTH)
    noted(hq, lead, ADMIN)
    address = f"/hq/log?by={actor(SOUTH)}&kind=leads"
    assert what(hq, ADMIN, address) == [("Sam South", "Added a note")]
    page = hq.desk(ADMIN).get(address).body
    assert f'value="{actor(SOUTH)}" selected' in page
    assert 'value="leads" selected' in page
    day = hq.now.date()
    both = f"/hq/log?kind=leads&since={day}&until={day}"
    assert len(what(hq, ADMIN, both)) == 2
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    assert not what(hq, ADMIN, f"/hq/log?kind=leads&until={before}")
    assert not what(hq, ADMIN, f"/hq/log?kind=leads&since={after}")
    assert [e["by"] for e in entries(hq, f"/v1/log?lead={lead}")] == [actor(ADMIN), actor(SOUTH)]


@pytest.mark.parametrize(
    "asked_wrongly",
    ["since=tomorrow", "until=2026-13-01", "kind=nonsense", "since=20261130", "cursor=x"],
)
def test_what_is_asked_wrongly_is_told_and_nothing_is_guessed(
    hq: World, asked_wrongly: str
) -> None:
    assert hq.desk(ADMIN).get(f"/hq/log?{asked_wrongly}").status == 422
    key = {"X-Api-Key": hq.api_key("log:read")}
    assert hq.http("GET", f"/v1/log?{asked_wrongly}", headers=key).status == 422
    for limit in ("0", "201", "x", "1" * 50):
        assert hq.http("GET", f"/v1/log?limit={limit}", headers=key).status == 422


def test_pages_neither_skip_nor_repeat_while_more_is_done(hq: World) -> None:
    start = hq.now
    for number in range(2 * LOG_ROWS + 7):
        note(hq, str(number), start + timedelta(seconds=number))
    hq.now = start + timedelta(hours=1)
    desk, seen = hq.desk(ADMIN), []
    address = "/hq/log?kind=rules"
    while address:
        page = desk.get(address).body
        seen += [row[3] for row in rows(page) if row[3].startswith("Version")]
        note(hq, f"9{len(seen)}", hq.now)
        older = re.findall(r'href="(/hq/log\?[^"]*cursor=[^"]*)"', page)
        address = older[0].replace("&amp;", "&") if older else ""
    wanted = [f"Version {number + 1000}" for number in reversed(range(2 * LOG_ROWS + 7))]
    assert [each for each in seen if each in wanted] == wanted
    key = {"X-Api-Key": hq.api_key("log:read")}
    first = hq.http("GET", "/v1/log?kind=rules&limit=3", headers=key).json()
    rest = hq.http(
        "GET", f"/v1/log?kind=rules&limit=3&cursor={first['cursor']}", headers=key
    ).json()
    versions = [each["version"] for each in first["entries"] + rest["entries"]]
    assert len(set(versions)) == 6


def note(world: World, number: str, at: Any) -> None:
    entry = LogEntry(at=at, by="crm", kind=ActivityKind.RULES_SAVED, version=1000 + int(number))
    world.wiring.services.activity.note(entry)


def test_a_manager_sees_of_the_log_what_lies_in_their_regions(hq: World) -> None:
    south, north = asked(hq, "munich"), asked(hq, "hamburg")
    noted(hq, south, ADMIN)
    noted(hq, north, ADMIN)
    for email, own, other in ((SOUTH, south, north), (NORTH, north, south)):
        body = hq.desk(email).get("/hq/log").body
        assert own in body
        assert other not in body
        assert ("Ada Admin", "Signed in") not in what(hq, email)
        assert any(kind == "Signed in" for _, kind in what(hq, email)), "their own"


def test_a_viewer_sees_leads_and_rules_and_nobodys_sign_ins_but_their_own(hq: World) -> None:
    noted(hq, asked(hq, "munich"), ADMIN)
    told = what(hq, VIEWER)
    assert ("Ada Admin", "Added a note") in told
    assert {who for who, kind in told if kind == "Signed in"} == {VIEWER}


def test_the_api_needs_its_scope_and_looking_changes_nothing(hq: World) -> None:
    desk = hq.desk(ADMIN)
    wrong = {"X-Api-Key": hq.api_key("leads:read")}
    assert hq.http("GET", "/v1/log", headers=wrong).status == 403
    assert hq.http("GET", "/v1/log").status == 401
    with writes_counted(hq) as writes:
        assert desk.get("/hq/log").status == 200
    assert not writes
    assert hq.http("GET", "/hq/log").status == 403


def test_every_kind_of_entry_has_words_and_a_place_in_the_filter() -> None:
    kinds = {kind.value for kind in ActivityKind} | LEAD_KINDS
    for language in LANGUAGES:
        for kind in kinds:
            assert catalog_for(language).find(f"hq_log.kind.{kind.replace('.', '_')}"), kind
    assert set().union(*KIND_GROUPS.values()) == kinds

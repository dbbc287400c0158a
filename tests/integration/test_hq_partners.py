"""Partners on HQ's desk: the list, a partner's page and form, the end, and lists that come and go."""

import base64
import html
import io
import re
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
from openpyxl import load_workbook

from routing_core.domain.calendar.business_time import ResponseHours
from routing_core.domain.partner import Absence, Caps, ExtraOpen, Partner, Person
from routing_core.domain.people import person_id
from routing_core.formats.partner_document import WORDS_IN_PLACE_OF_IDS
from routing_core.service.hq.save_programme import save_programme
from routing_core.service.kernel.read_model import LogFilter
from tests.integration.test_partners_api import posted
from tests.support.builders import programme_document, working_in
from tests.support.world import Answer, HqBrowser, World, a_programme, munich

ADMIN, MANAGER, VIEWER, NORTH = (f"{name}@example.com" for name in ("hq", "man", "view", "north"))
REGIONS = {
    "munich": {"country": "DE", "postcodes": ["80*", "81000-81999"]},
    "hamburg": {"country": "DE", "postcodes": ["20*", "22*"]},
}
PEOPLE = {
    "people": [
        {"email": ADMIN, "name": "Anna Admin", "role": "admin"},
        {"email": MANAGER, "name": "Max Manager", "role": "manager"},
        {"email": VIEWER, "role": "viewer"},
        {"email": NORTH, "name": "Nora Nord", "role": "manager", "regions": ["hamburg"]},
    ]
}
RULES = {"hq": PEOPLE, "regions": REGIONS}
MUNICH = "/hq/partners/munich-1"


@pytest.fixture
def desk(world: World) -> HqBrowser:
    world.use(
        a_programme(**RULES),
        munich(1, caps=Caps(open=3)),
        munich(2, tier=3),
        working_in("north", "DE 20*", name="Nord", postcode="20095"),
    )
    return world.desk(MANAGER)


def known(desk: HqBrowser, partner: str = "munich-1") -> Partner:
    found = desk.world.wiring.partners.get(partner)
    assert found
    return found


def fields(page: str) -> dict[str, str]:
    """What a browser would send of the form of the profile, as the page shows it."""
    part = page.partition("data-profile")[2].partition("</form>")[0]
    sent = {}
    for tag in re.findall(r"<input[^>]*>", part):
        name, value = attribute(tag, "name"), attribute(tag, "value")
        if 'type="checkbox"' not in tag or "checked" in tag:
            sent[name] = "\n".join(sorted(filter(None, (sent.get(name, ""), value))))
    for name, value in re.findall(
        r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', part, re.DOTALL
    ):
        sent[name] = html.unescape(value)
    for name, inner in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', part, re.DOTALL):
        chosen = re.findall(r'value="([^"]*)" selected', inner)
        sent[name] = chosen[0] if chosen else ""
    return sent


def attribute(tag: str, name: str) -> str:
    found = re.search(rf' {name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""


def saved(desk: HqBrowser, **typed: str) -> Answer:
    form = fields(desk.get(MUNICH).body) | {"action": "save"} | typed
    return desk.press(MUNICH, **form)


# ── who sees and does what ────────────────────────────────────────────────────────────────────────

PAGES = ("", "/munich-1")
CHANGES = ("/new", "/import", "/munich-1/deactivate")


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "Mon\u2013Fri 08:00\u201317:00, Sat 09:00\u201312:00",
                "f-gas until Sun, 31 Dec 2028, gas",
                "+49 89 99998100",
                "Germany (DE-BY)",
                "Heat pump: 2 a day",
                "English, German",
                "Germany",
            ],
        ),
        (
            "de",
            [
                "Mo\u2013Fr 08:00\u201317:00, Sa 09:00\u201312:00",
                "f-gas bis So., 31. Dez. 2028, gas",
                "+49 89 99998100",
                "Deutschland (DE-BY)",
                "Wärmepumpe: 2 am Tag",
                "Deutsch, Englisch",
                "Deutschland",
            ],
        ),
    ],
)
def test_whoever_may_only_look_reads_a_profile_in_words_of_their_language(
    world: World, language: str, lines: list[str]
) -> None:
    week = {day: ["08:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    hours = ResponseHours.parse(week | {"sat": ["09:00-12:00"]})
    partner = munich(
        1,
        contact=Person("munich-1@example.com", "Mia <b>", "+498999998100"),
        languages=frozenset({"de", "en"}),
        response_hours=hours,
        holiday_region="DE-BY",
        certificates={"f-gas": date(2028, 12, 31), "gas": None},
        caps=Caps(product_offers={"heat-pump": {"day": 2}}),
    )
    world.use(
        a_programme(hq=PEOPLE | {"language": language}, regions=REGIONS, languages=["en", "de"]),
        partner,
    )
    page = world.desk(VIEWER).get(MUNICH).body
    told = re.findall("<dd>(.*?)</dd>", page)
    assert set(lines) <= set(told)
    assert "Mia &lt;b&gt;" in told


def test_a_viewer_looks_at_everything_and_changes_nothing(desk: HqBrowser) -> None:
    viewer = desk.world.desk(VIEWER)
    for path in PAGES:
        assert viewer.get(f"/hq/partners{path}").status == 200
    page = viewer.get(MUNICH).body
    assert "<form" not in page.partition("<main")[2]
    assert "munich-1@example.com" in page
    for path in CHANGES:
        assert viewer.get(f"/hq/partners{path}").status == 403, path
    for path in ("/new", "/new/check", "/import", "/munich-1", "/munich-1/check"):
        assert viewer.post(f"/hq/partners{path}", action="pause").status == 403, path
    assert viewer.post(f"{MUNICH}/deactivate", what="keep").status == 403
    assert known(desk).version == 1


def test_a_manager_of_one_region_sees_and_changes_the_partners_of_it_alone(desk: HqBrowser) -> None:
    nora = desk.world.desk(NORTH)
    page = nora.get("/hq/partners").body
    assert "Nord" in page
    assert "Isar Wärme" not in page
    assert "hamburg" in page
    assert nora.get("/hq/partners/north").status == 200
    for answer in (
        nora.get(MUNICH),
        nora.post(MUNICH, action="pause"),
        nora.post(f"{MUNICH}/check"),
        nora.get(f"{MUNICH}/deactivate"),
        nora.post(f"{MUNICH}/deactivate", what="reroute"),
    ):
        assert answer.status == 404
    assert known(desk).version == 1


def test_only_who_may_export_takes_partners_away_and_only_those_of_their_regions(
    desk: HqBrowser,
) -> None:
    world = desk.world
    for email in (VIEWER, MANAGER, NORTH):
        assert "/hq/partners/export" not in world.desk(email).get("/hq/partners").body
        assert world.desk(email).post("/hq/partners/export").status == 403
    taker = PEOPLE["people"][-1] | {"may": ["export"]}
    people = [*PEOPLE["people"][:-1], taker]
    save_programme(
        world.wiring.services,
        programme_document(hq={"people": people}, regions=REGIONS),
        world.now,
    )
    nora = world.desk(NORTH)
    assert 'action="/hq/partners/export?as=csv"' in nora.get("/hq/partners").body
    table = nora.post("/hq/partners/export").body
    assert "north" in table
    assert "munich-1" not in table


def test_who_took_the_list_of_partners_away_stands_in_the_log(desk: HqBrowser) -> None:
    world = desk.world
    admin, machine = world.desk(ADMIN), {"x-api-key": world.api_key("partners:read")}
    for path in ("partners/export?as=xlsx", "partners/export", "coverage"):
        assert admin.post(f"/hq/{path}").status == 200
    for path in ("partners", "partners?as=map", "partners?limit=1", "network/coverage"):
        assert world.http("GET", f"/v1/{path}", headers=machine).status == 200
    as_table = {**machine, "accept": "text/csv"}
    for path in ("partners", "network/coverage"):
        assert world.http("GET", f"/v1/{path}", headers=as_table).status == 200
    noted = world.wiring.read_model.log(LogFilter()).entries
    exported = [each for each in noted if each.kind.endswith(".exported")]
    assert {each.detail.partition("=")[0] for each in exported} == {"rows"}
    assert {each.detail for each in exported if each.kind == "partners.exported"} == {"rows=3"}
    by_people = [each for each in exported if each.by == f"link:{person_id(ADMIN)}"]
    by_machine = [each for each in exported if each.by.startswith("machine-")]
    assert len(by_people) + len(by_machine) == len(exported)
    assert sorted((each.kind, each.about) for each in by_people) == [
        ("coverage.exported", ""),
        ("partners.exported", "csv"),
        ("partners.exported", "xlsx"),
    ]
    assert sorted((each.kind, each.about) for each in by_machine) == [
        ("coverage.exported", ""),
        ("partners.exported", "csv"),
        ("partners.exported", "json"),
        ("partners.exported", "map"),
    ]
    assert "Exported the list of partners" in admin.get("/hq/log?kind=exports").body


def test_nobody_moves_a_partner_out_of_their_regions_or_makes_one_elsewhere(
    desk: HqBrowser,
) -> None:
    nora = desk.world.desk(NORTH)
    form = fields(nora.get("/hq/partners/north").body) | {"action": "save"}
    away = nora.post("/hq/partners/north", **form | {"territories": "DE 80*", "postcode": "80331"})
    assert away.status == 422
    assert "none of your regions" in away.body
    assert known(desk, "north").version == 1
    listed = "id;name;email;territories;products\nelse;Else;e@example.com;DE 80*;boiler\n"
    page = nora.post("/hq/partners/import", text=listed)
    assert page.status in (415, 422)
    assert desk.world.wiring.partners.get("else") is None


def test_whoever_is_not_signed_in_sees_none_of_it(desk: HqBrowser) -> None:
    for path in ("", "/munich-1", "/export", "/new", "/import"):
        assert desk.world.http("GET", f"/hq/partners{path}").status == 403


def test_a_button_on_another_sites_page_does_nothing(desk: HqBrowser) -> None:
    headers = {"origin": "https://evil.example"}
    assert desk.send(MUNICH, form={"action": "pause"}, headers=headers).status == 403
    assert known(desk).version == 1


# ── the list ──────────────────────────────────────────────────────────────────────────────────────


def test_the_list_says_how_each_stands_and_why_it_gets_nothing(desk: HqBrowser) -> None:
    desk.press(MUNICH, action="pause")
    desk.world.deliver()
    page = desk.get("/hq/partners").body
    assert "Gets no offers: paused by Max Manager." in page
    assert "0 of 3" in page
    found = desk.get("/hq/partners?state=paused").body
    assert "Isar Wärme 1" in found
    assert "Isar Wärme 2" not in found


def test_a_list_with_nothing_in_it_says_what_to_do_next(desk: HqBrowser) -> None:
    assert "No partner matches." in desk.get("/hq/partners?q=nobody").body
    wrong = desk.get("/hq/partners?tier=x&state=active")
    assert wrong.status == 422
    assert "cannot be read" in wrong.body


def test_what_somebody_types_into_the_filter_is_only_text(desk: HqBrowser) -> None:
    page = desk.get("/hq/partners?q=%3Cscript%3Ealert(1)%3C/script%3E&postcode=%22%3E%3Cb%3E").body
    assert "<script>alert" not in page
    assert '"><b>' not in page


# ── the form ──────────────────────────────────────────────────────────────────────────────────────


def test_a_form_sent_back_as_it_is_changes_nothing(desk: HqBrowser) -> None:
    assert "Saved." in saved(desk).body
    assert known(desk).version == 1


def test_boxes_are_read_in_whatever_order_a_browser_sends_them(desk: HqBrowser) -> None:
    other = fields(desk.get(MUNICH).body) | {"action": "check"}
    del other["products"]
    body = f"{urlencode(other)}&products=heat-pump&products=boiler"
    kind = {"content-type": "application/x-www-form-urlencoded"}
    page = desk.send(MUNICH, body=body, headers=kind)
    assert fields(page.body)["products"] == "boiler\nheat-pump"
    answer = desk.send(MUNICH, body=body.replace("action=check", "action=save"), headers=kind)
    assert answer.status == 303
    assert known(desk).version == 1, "it is what was there"


def test_what_is_typed_is_saved_in_the_words_of_lists(desk: HqBrowser) -> None:
    before = known(desk)
    saved(
        desk, name="Neu", territories="DE 80*\r\nnot DE 803*\r\nDE 80331 rank 2", cap_open="7",
        takes="area at least 100\nowner is owner", response_hours="mon-fri 08:00-12:00",
        certificates="gas\nf-gas:2028-12-31", cap_paced="yes", products="boiler",
    )  # fmt: skip
    after = known(desk)
    assert list(map(str, after.territories)) == ["DE 80*", "not DE 803*", "DE 80331 rank 2"]
    assert (after.name, after.caps) == ("Neu", Caps(open=7, paced=True))
    assert after.certificates == {"gas": None, "f-gas": date(2028, 12, 31)}
    assert list(map(str, after.lead_filters)) == ["area at least 100", "owner is owner"]
    assert after.products == {"boiler"}
    same = ("contact", "second_contact", "languages", "type", "tier", "absences", "confirmed_email")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    history = desk.get(MUNICH).body.partition('id="s-history"')[2]
    assert "Max Manager" in history
    assert "not DE 803*" in history


def test_languages_are_listed_with_commas_as_the_hint_says(desk: HqBrowser) -> None:
    saved(desk, languages="en, de")
    assert known(desk).languages == {"en", "de"}
    assert fields(desk.get(MUNICH).body)["languages"] in ("de, en", "en, de")
    before = known(desk).version
    saved(desk, town="Anderswo")
    assert known(desk).languages == {"en", "de"}
    assert known(desk).version == before + 1


def test_every_mistake_stands_at_its_field_and_nothing_typed_is_lost(desk: HqBrowser) -> None:
    wrong = {"territories": "DE 8033\nXX 1*", "email": "nobody", "tier": "2", "cap_open": "many"}
    answer = saved(desk, name="<b>Bold</b>", **wrong)
    assert answer.status == 422
    for name in ("territories", "email", "cap_open"):
        assert f'id="f-profile-{name}-error"' in answer.body, name
    kept = fields(answer.body)
    assert kept["name"] == "<b>Bold</b>"
    assert "<b>Bold" not in answer.body
    assert kept["territories"] == wrong["territories"]
    assert kept["cap_open"] == "many"
    assert known(desk).version == 1


def test_two_managers_at_once_the_second_is_told_what_the_first_has_changed(
    desk: HqBrowser,
) -> None:
    other = desk.world.desk(ADMIN)
    opened = fields(desk.get(MUNICH).body)
    form = fields(other.get(MUNICH).body) | {"action": "save"}
    other.press(MUNICH, **form | {"name": "Anna's", "town": "Freising"})
    answer = desk.post(MUNICH, **opened | {"action": "save", "name": "Max's", "cap_open": "9"})
    assert answer.status == 409
    assert "Anna Admin changed" in answer.body
    assert "Saved by somebody else in the meantime: Anna&#39;s" in answer.body
    assert known(desk).name == "Anna's"
    shown = fields(answer.body)
    assert (shown["name"], shown["cap_open"]) == ("Max's", "9"), "nothing typed is lost"
    assert shown["town"] == "Freising", "and nothing of the other's is undone"
    desk.press(MUNICH, **shown | {"action": "save"})
    after = known(desk)
    assert (after.name, after.town, after.caps.open) == ("Max's", "Freising", 9)


def test_the_check_says_how_far_it_reaches_and_saves_nothing(desk: HqBrowser) -> None:
    form = fields(desk.get(MUNICH).body) | {"territories": "DE 80*\nnot DE 803*\nDE 20095"}
    page = desk.post(MUNICH, **form | {"action": "check"})
    assert page.status == 200
    assert "Covers up to 901 postcodes: Germany" in page.body
    assert "Overlaps with Isar Wärme 2 (900), Nord (1)" in page.body
    assert fields(page.body)["territories"] == form["territories"]
    part = desk.post(f"{MUNICH}/check", **form)
    assert "Covers up to 901 postcodes: Germany" in part.body
    assert "<html" not in part.body
    wrong = desk.post(f"{MUNICH}/check", **form | {"territories": "DE 80"})
    assert "Please correct" in wrong.body
    assert known(desk).version == 1


def test_a_territory_is_told_in_words(desk: HqBrowser) -> None:
    desk.world.add(
        working_in("many", "DE 80*", "not DE 803*", "DE 50km 80331", "DE BY backup", "AT rank 2")
    )
    page = desk.get("/hq/partners/many").body
    told = html.unescape(page)
    assert "Germany: postcodes starting with 80, within 50 km of 80331" in told
    assert "but not postcodes starting with 803" in told
    assert "(only as backup)" in told
    assert "Austria: the whole country (as choice 2)" in told
    assert "the place is unknown: DE 50km 80331" in told


def test_a_new_partner_is_made_once_and_asked_to_confirm(desk: HqBrowser) -> None:
    form = fields(desk.get("/hq/partners/new").body)
    typed = {
        "id": "neu", "name": "Neu", "email": "neu@example.com", "territories": "DE 9*",
        "products": "boiler", "action": "save",
    }  # fmt: skip
    assert "The partner has been added." in desk.press("/hq/partners/new", **form | typed).body
    assert known(desk, "neu").contact.email == "neu@example.com"
    desk.world.deliver()
    assert desk.world.mails("neu@example.com")
    again = desk.post("/hq/partners/new", **form | typed | {"name": "Other"})
    assert again.status == 422
    assert "This ID belongs to another partner." in again.body
    assert known(desk, "neu").name == "Neu"
    bad = desk.post("/hq/partners/new", **form | typed | {"id": "a b"})
    assert "without spaces" in bad.body
    for word in sorted(WORDS_IN_PLACE_OF_IDS):
        bad = desk.post("/hq/partners/new", **form | typed | {"id": word})
        assert bad.status == 422
        assert "This word has a meaning of its own here." in bad.body


# ── buttons ───────────────────────────────────────────────────────────────────────────────────────


def test_each_button_does_what_it_says_and_the_history_says_who(desk: HqBrowser) -> None:
    assert "no new offers" in desk.press(MUNICH, action="pause").body
    assert (known(desk).paused, known(desk).paused_by[:5]) == (True, "link:")
    desk.press(MUNICH, action="resume")
    assert not known(desk).paused
    desk.press(MUNICH, action="more", more="2", until="2026-12-01")
    assert known(desk).extra_open == ExtraOpen(2, date(2026, 12, 1))
    desk.press(MUNICH, action="no_more")
    assert known(desk).extra_open is None
    desk.press(MUNICH, action="away", first="2026-12-21", last="2026-12-31")
    assert known(desk).absences == (Absence(date(2026, 12, 21), date(2026, 12, 31)),)
    desk.press(MUNICH, action="back", first="2026-12-21", last="2026-12-31")
    assert known(desk).absences == ()
    who = {change.by for change in desk.world.wiring.partners.history("munich-1")[:-1]}
    assert len(who) == 1
    assert "link:" in who.pop()


@pytest.mark.parametrize(
    "form",
    [
        {"action": "more", "more": "0", "until": "2026-12-01"},
        {"action": "more", "more": "2", "until": "2026-11-24"},
        {"action": "more", "more": "2", "until": "2030-01-01"},
        {"action": "more", "more": "999999999999", "until": "x"},
        {"action": "away", "first": "2026-12-21", "last": "2026-12-01"},
    ],
)
def test_what_a_button_cannot_do_is_said_at_its_field(
    desk: HqBrowser, form: dict[str, str]
) -> None:
    answer = desk.post(MUNICH, **form)
    assert answer.status == 422
    assert 'role="alert"' in answer.body
    assert known(desk).version == 1


def test_links_are_ended_once_and_sent_again(desk: HqBrowser) -> None:
    page = desk.get(MUNICH).body
    seen = re.findall(r'name="seen" value="(\d+)"', page)[0]
    form = {"action": "revoke", "email": "munich-1@example.com", "seen": seen}
    assert "no longer work" in desk.press(MUNICH, **form).body
    assert "already been ended" in desk.press(MUNICH, **form).body
    desk.world.deliver()
    sent = len(desk.world.mails("munich-1@example.com"))
    desk.press(MUNICH, action="send_link", email="munich-1@example.com")
    desk.world.deliver()
    assert len(desk.world.mails("munich-1@example.com")) == sent + 1
    assert desk.post(MUNICH, action="send_link", email="x@example.com").status == 422


def test_hq_may_vouch_for_an_address_or_ask_again(desk: HqBrowser) -> None:
    desk.press("/hq/partners/north", action="ask_again")
    assert not known(desk, "north").confirmed
    desk.press("/hq/partners/north", action="confirm")
    assert known(desk, "north").confirmed


# ── the end ───────────────────────────────────────────────────────────────────────────────────────


def taken(desk: HqBrowser, key: str) -> str:
    """A lead that munich-1 owns."""
    lead_id = posted(desk, key)  # type: ignore[arg-type]
    desk.world.http("POST", desk.world.offer_link(lead_id), form={"action": "accept"})
    assert desk.world.lead(lead_id).owner == "munich-1"
    return lead_id


@pytest.fixture
def first(desk: HqBrowser) -> HqBrowser:
    desk.world.use(a_programme(**RULES, routing={"order": ["tier", "load"]}))
    return desk


def test_open_leads_are_listed_and_each_is_kept_or_routed_anew(first: HqBrowser) -> None:
    one, two, asked = taken(first, "a"), taken(first, "b"), posted(first, "c")  # type: ignore[arg-type]
    page = first.get(f"{MUNICH}/deactivate").body
    assert one in page
    assert two in page
    assert asked not in page
    assert "1 offer is waiting" in page
    told = first.press(f"{MUNICH}/deactivate", what="some", lead=two).body
    assert "Deactivated" in told
    world = first.world
    assert world.lead(one).owner == "munich-1"
    assert world.lead(two).owner is None
    assert {world.lead(each).offers[-1].partner for each in (two, asked)} == {"munich-2"}
    withdrawn = [f for row in world.events(two) for f in row.events if f.kind == "offer.withdrawn"]
    assert withdrawn[-1].to_data()["by"].startswith("link:")
    assert "Reactivate" in first.get(MUNICH).body


def test_a_partner_is_reactivated_by_a_button(first: HqBrowser) -> None:
    first.press(f"{MUNICH}/deactivate", what="keep")
    assert first.press(MUNICH, action="resume").status == 200
    assert known(first).deactivated, "a pause is not what ended it"
    first.press(MUNICH, action="reactivate")
    assert (known(first).deactivated, known(first).active) == (False, True)


# ── lists ─────────────────────────────────────────────────────────────────────────────────────────

HEADER = "id;name;email;territories;products;town"


def multipart(**parts: str | bytes) -> dict[str, Any]:
    """A form with a file, as browsers send it."""
    body = b""
    for name, value in parts.items():
        is_file = isinstance(value, bytes)
        more = '; filename="partners.csv"' if is_file else ""
        data = value if isinstance(value, bytes) else value.encode()
        body += f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode()
        body += data + b"\r\n"
    body += b"--b--\r\n"
    return {"body": body, "headers": {"content-type": "multipart/form-data; boundary=b"}}


def sent(desk: HqBrowser, table: str | bytes, **also: str) -> Answer:
    data = table if isinstance(table, bytes) else table.encode()
    return desk.send("/hq/partners/import", **multipart(file=data, **also))


def hidden(page: str) -> dict[str, str]:
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def test_the_list_that_is_taken_away_comes_back_unchanged(desk: HqBrowser) -> None:
    desk.world.add(
        replace(
            working_in("full", "DE 80* rank 2", "not DE 803*", name='=HYPERLINK("x")', backup="north"),
            certificates={"gas": None}, caps=Caps(open=1, products={"boiler": 2}, paced=True),
            second_contact=Person("two@example.com", "Zoe; \"Z\"", "+498999998124"), tags=frozenset({"a,b"}),
        )
    )  # fmt: skip
    admin = desk.world.desk(ADMIN)
    table = admin.post("/hq/partners/export")
    assert table.headers["Content-Type"].startswith("text/csv")
    page = sent(desk, table.body)
    assert page.status == 200, page.body
    assert "The list changes nothing." in page.body
    excel = admin.post("/hq/partners/export?as=xlsx")
    content = base64.b64decode(excel.body)
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    cells = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row if cell.value}
    assert cells['=HYPERLINK("x")'] == "s", "a text, and no formula"
    assert "The list changes nothing." in sent(desk, content).body


def test_the_table_shows_what_is_added_and_changed_and_just_that_is_saved(desk: HqBrowser) -> None:
    changed = "munich-1;Isar GmbH;munich-1@example.com;DE 80*|DE 81*;boiler;Munich"
    table = f"{HEADER}\n{changed}\nneu;Neu;n@example.com;DE 9*;boiler;\n"
    page = sent(desk, table)
    body = html.unescape(page.body)
    assert re.findall(r"<strong>(\d+)</strong>", body)[:3] == ["1", "1", "0"]
    assert "Isar Wärme 1" in body
    assert "Isar GmbH" in body
    assert known(desk).version == 1, "nothing is saved by looking"
    told = desk.send("/hq/partners/import", **multipart(**hidden(page.body)))
    assert told.status == 303
    after = known(desk)
    assert (after.name, after.town, after.products) == ("Isar GmbH", "Munich", {"boiler"})
    assert known(desk, "neu").name == "Neu"
    assert desk.world.wiring.partners.history("munich-1")[0].by.startswith("link:")


def test_a_table_that_is_no_longer_true_is_refused_with_words(desk: HqBrowser) -> None:
    page = sent(desk, f"{HEADER}\nmunich-1;Mine;munich-1@example.com;DE 80*;heat-pump|boiler;\n")
    form = fields(desk.world.desk(ADMIN).get(MUNICH).body)
    desk.world.desk(ADMIN).press(MUNICH, **form | {"action": "save", "name": "Theirs"})
    answer = desk.send("/hq/partners/import", **multipart(**hidden(page.body)))
    assert answer.status == 409
    assert "nothing has been saved" in answer.body
    assert "Theirs" in answer.body
    assert known(desk).name == "Theirs"
    again = desk.send("/hq/partners/import", **multipart(**hidden(answer.body)))
    assert again.status == 303
    assert known(desk).name == "Mine"


def test_every_error_is_shown_with_its_row_column_and_cell(desk: HqBrowser) -> None:
    wrong = "bad;Bad;nobody;DE 8033;car;\n=1+1;x;y@example.com;DE;boiler;\n"
    table = f"{HEADER}\nok;Ok;ok@example.com;DE 9*;boiler;\n{wrong}"
    page = sent(desk, table)
    assert page.status == 422
    row = r'<tr><th scope="row">Row (\d+)</th><td[^>]*>([^<]*)</td><td[^>]*>([^<]*)</td>'
    rows = re.findall(row, page.body)
    found = {(row, column): html.unescape(cell) for row, column, cell in rows}
    assert found[("3", "email")] == "nobody"
    assert found[("3", "territories")] == "DE 8033"
    assert found[("3", "products")] == "car"
    assert ("4", "id") in found
    assert desk.world.wiring.partners.get("ok") is None, "nothing is saved while there is one"


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0old", b"id\n\xff\xfe"]
)
def test_a_file_that_is_no_list_is_refused_in_words(desk: HqBrowser, content: bytes) -> None:
    page = sent(desk, content)
    assert page.status == 422
    assert "Nothing has been saved." in page.body


@pytest.mark.parametrize("packed", ["x", "eJw", base64.b64encode(b"none").decode()])
def test_a_list_that_we_did_not_pack_is_not_read(desk: HqBrowser, packed: str) -> None:
    form = multipart(packed=packed, digest="0" * 32)
    assert desk.send("/hq/partners/import", **form).status == 422

"""The list of leads: what is "mine", how many leads each state has, and filters that are kept."""

import html
import re
from urllib.parse import urlencode

import pytest

from routing_core.domain.lead_row import LeadFilter
from routing_core.domain.people import person_id
from routing_core.domain.saved_filters import MOST_SAVED_FILTERS
from tests.integration.test_desk_bulk import named, press
from tests.integration.test_desk_exports import export, files, table
from tests.integration.test_desk_leads import PEOPLE, REGIONS
from tests.integration.test_desk_lists import listed, post
from tests.integration.test_read_model import hand_over, records
from tests.support.builders import programme_document, working_in
from tests.support.stack import BASE_URL
from tests.support.world import Answer, HqBrowser, World, a_programme, munich

ADMIN = "hq@example.com"
TAB = re.compile(
    r'<a class="chip" href="([^"]+)"( aria-current="page")?>([^<]+?)'
    r'(?: <span class="count">([^<]+)</span>)?</a>'
)


@pytest.fixture
def open_world(world: World) -> World:
    hq = {k: v for k, v in programme_document()["hq"].items() if k != "emails"} | PEOPLE
    berlin = working_in("berlin-1", "DE 10*", name="Spree Wärme")
    world.use(a_programme(hq=hq, regions=REGIONS), munich(1), berlin)
    return world


@pytest.fixture
def desk(open_world: World) -> HqBrowser:
    return open_world.desk(ADMIN)


def others(world: World) -> HqBrowser:
    """The desk of somebody else who acts on leads of Munich."""
    named_so = [each["email"] for each in PEOPLE["people"] if each.get("role") == "manager"]  # type: ignore[union-attr]
    return world.desk(named_so[0])


# ── mine ──────────────────────────────────────────────────────────────────────────────────────────


def test_mine_is_what_somebody_acted_on_last(open_world: World, desk: HqBrowser) -> None:
    mine, theirs, _ = (post(open_world, f"lead-{n}") for n in range(3))
    press(desk, named(open_world, mine, theirs), action="note", text="called")
    assert listed(desk, mine="yes") == [theirs, mine]
    press(others(open_world), named(open_world, theirs), action="note", text="called too")
    assert listed(desk, mine="yes") == [mine]
    assert listed(others(open_world), mine="yes") == [theirs]
    assert listed(desk, mine="yes", product="boiler") == []


def test_what_others_than_hq_do_leaves_a_lead_mine(open_world: World, desk: HqBrowser) -> None:
    lead = post(open_world, "one")
    press(desk, named(open_world, lead), action="note", text="called")
    open_world.press(open_world.offer_link(lead), action="accept")
    assert listed(desk, mine="yes") == [lead]


def test_mine_stands_in_files_and_has_a_name_for_programs(
    open_world: World, desk: HqBrowser
) -> None:
    lead, _ = post(open_world, "one"), post(open_world, "two")
    press(desk, named(open_world, lead), action="note", text="called")
    open_world.feed()
    (content,) = files(desk, export(desk, mine="yes"))
    assert [row["Id"] for row in table(content)] == [lead]
    key = {"X-Api-Key": open_world.api_key("leads:read")}
    actor = f"link:{person_id(ADMIN)}"
    answer = open_world.http("GET", f"/v1/leads?{urlencode({'handled_by': actor})}", headers=key)
    assert [(each["id"], each["handled_by"]) for each in answer.json()["leads"]] == [(lead, actor)]
    assert open_world.http("GET", "/v1/leads?handled_by=x", headers=key).json()["leads"] == []


def test_who_acted_is_known_also_if_the_lead_comes_without_what_was_done(
    open_world: World, desk: HqBrowser
) -> None:
    lead = post(open_world, "one")
    open_world.feed()
    press(desk, named(open_world, lead), action="note", text="called")
    images = [each for each in records(open_world) if "LEAD" in each["dynamodb"]["Keys"]["sk"]["S"]]
    assert hand_over(open_world, images[:1]) == []
    (row,) = open_world.wiring.read_model.page(LeadFilter(), open_world.now).rows
    assert row.handled_by == f"link:{person_id(ADMIN)}"


# ── numbers of leads ──────────────────────────────────────────────────────────────────────────────


def counts(desk: HqBrowser, **asked: str) -> dict[str, str]:
    desk.world.feed()
    page = desk.get(f"/hq/leads?{urlencode({**asked, 'counted': 'yes'})}").body
    return {name: count for _, _, name, count in TAB.findall(page) if count}


def test_nothing_is_counted_unless_somebody_asks(open_world: World, desk: HqBrowser) -> None:
    post(open_world, "one")
    open_world.feed()
    page = desk.get("/hq/leads?product=boiler").body
    tabs = {name: (url, count) for url, _, name, count in TAB.findall(page)}
    assert tabs["Offered"][1] == ""
    asks, _ = tabs["How many?"]
    counted = {name: count for _, _, name, count in TAB.findall(desk.get(html.unescape(asks)).body)}
    assert counted["Offered"] == "0"
    assert "How many?" not in counted


def test_each_state_says_how_many_leads_it_has(open_world: World, desk: HqBrowser) -> None:
    for number in range(3):
        post(open_world, f"offered-{number}")
    waits = post(open_world, "waits", postcode="20095")
    found = counts(desk)
    assert (found["Offered"], found["Queued"], found["Won"]) == ("3", "1", "0")
    assert counts(desk, state="won") == found
    press(desk, named(open_world, waits), action="reject")
    assert counts(desk)["Queued"] == "0"


def test_the_numbers_are_those_of_the_filter_and_of_what_the_reader_sees(
    open_world: World, desk: HqBrowser
) -> None:
    post(open_world, "a", source="fair")
    post(open_world, "b", postcode="10115", product="boiler")
    for asked, offered in [
        ({"product": "boiler"}, "1"),
        ({"region": "munich"}, "1"),
        ({"source": "fair", "region": "berlin"}, "0"),
        ({"from": "2026-11-25"}, "2"),
        ({"from": "2026-11-26"}, "0"),
        ({"mine": "yes"}, "0"),
    ]:
        assert counts(desk, **asked)["Offered"] == offered, asked
    assert counts(others(open_world))["Offered"] == "1"


@pytest.mark.parametrize("name", ['x","re":"berlin', '"re":"berlin"', "\\"])
def test_what_somebody_is_called_counts_for_nothing(
    open_world: World, desk: HqBrowser, name: str
) -> None:
    post(open_world, "a", name=name)
    assert counts(desk, region="berlin")["Offered"] == "0"


def test_what_only_a_look_at_each_row_can_tell_is_not_counted(
    open_world: World, desk: HqBrowser
) -> None:
    post(open_world, "a")
    for asked in ({"q": "Person"}, {"score_from": "0"}, {"postcode": "80"}):
        assert counts(desk, **asked) == {} or "Offered" not in counts(desk, **asked)


def test_more_than_are_counted_are_told_by_a_plus(
    open_world: World, desk: HqBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = type(open_world.wiring.read_model).states
    monkeypatch.setattr(states, "__defaults__", (4,))
    for number in range(12):
        post(open_world, f"lead-{number}")
    assert counts(desk)["Offered"].endswith("+")


# ── filters that are kept ─────────────────────────────────────────────────────────────────────────


def keep(desk: HqBrowser, name: str, **asked: str) -> Answer:
    answer = desk.post(f"/hq/leads/filters?{urlencode(asked)}", action="keep", filter_name=name)
    return desk.get(answer.headers["Location"]) if answer.status == 303 else answer


def links(answer: Answer) -> dict[str, str]:
    nav = re.search(
        r'<nav class="chips tabs" aria-label="Saved filters">(.*?)</nav>', answer.body, re.DOTALL
    )
    assert nav
    return {html.unescape(name): html.unescape(url) for url, _, name, _ in TAB.findall(nav[1])}


def test_a_filter_is_kept_under_a_name_and_forgotten_again(
    open_world: World, desk: HqBrowser
) -> None:
    lead, _ = post(open_world, "a", product="boiler"), post(open_world, "b")
    kept = keep(desk, "Kessel & <Co>", product="boiler", sort="due", q="erika@posteo.de")
    assert links(kept)["Kessel & <Co>"] == "/hq/leads?product=boiler&sort=due"
    assert "Save this filter" not in kept.body
    assert lead in desk.get(links(kept)["Kessel & <Co>"]).body
    assert "erika" not in repr(open_world.items("partners", lambda pk, sk: pk.startswith("HQ#")))
    gone = desk.post(
        "/hq/leads/filters?product=boiler&sort=due", action="forget", filter_name="Kessel & <Co>"
    )
    assert set(links(desk.get(gone.headers["Location"]))) == {"Mine"}


def test_each_keeps_their_own_and_the_same_name_is_the_same_filter(
    open_world: World, desk: HqBrowser
) -> None:
    keep(desk, "Later", sort="oldest")
    again = keep(desk, "later", sort="due")
    assert links(again) == {"Mine": "/hq/leads?mine=yes", "later": "/hq/leads?sort=due"}
    assert set(links(others(open_world).get("/hq/leads"))) == {"Mine"}


@pytest.mark.parametrize("name", ["", "  ", "x" * 41])
def test_a_name_that_is_none_is_said_at_its_field(desk: HqBrowser, name: str) -> None:
    answer = keep(desk, name, sort="due")
    assert answer.status == 422
    assert 'aria-invalid="true"' in answer.body
    assert name.strip() in answer.body


def test_no_more_are_kept_than_one_can_look_over(desk: HqBrowser) -> None:
    for number in range(MOST_SAVED_FILTERS):
        assert keep(desk, f"filter {number:02}", score_from=str(number)).status == 200
    assert "remove one first" in keep(desk, "one more", sort="due").body
    assert keep(desk, "filter 05", sort="due").status == 200


def test_no_other_site_keeps_a_filter(open_world: World, desk: HqBrowser) -> None:
    for origin in ("https://evil.example", f"{BASE_URL}.evil.example"):
        answer = open_world.http(
            "POST",
            "/hq/leads/filters?sort=due",
            form={"action": "keep", "filter_name": "x"},
            headers={"cookie": desk.cookie, "origin": origin},
        )
        assert answer.status == 403
    assert set(links(desk.get("/hq/leads"))) == {"Mine"}


# ── what the pages say of themselves ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "list_behind", "today_behind", "looked", "onward"),
    [
        ("en", "This list is", "This page is", "Nothing found back to", "Look further"),
        ("de", "Diese Liste liegt", "Diese Seite liegt", "Bis zurück zum", "Weiter suchen"),
    ],
)
def test_pages_say_how_far_they_are_behind_and_how_far_back_a_search_has_looked(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    list_behind: str,
    today_behind: str,
    looked: str,
    onward: str,
) -> None:
    hq = {k: v for k, v in programme_document()["hq"].items() if k != "emails"} | PEOPLE
    people = [each | {"language": language} for each in PEOPLE["people"]]  # type: ignore[operator]
    world.use(a_programme(hq=hq | {"people": people}, regions=REGIONS), munich(1))
    desk = world.desk(ADMIN)
    sought = post(world, "first", name="Ada Example")
    for number in range(3):
        post(world, f"later-{number}")
    world.sweep()
    world.feed()
    assert list_behind not in desk.get("/hq/leads").body
    assert today_behind not in desk.get("/hq").body
    monkeypatch.setattr("routing_core.aws.tables.lead_pages.MOST_LOOKED_AT", 3)
    page = desk.get("/hq/leads?q=Ada").body
    assert looked in page
    link = re.search(r'href="([^"]+)" rel="next">([^<]+)<', page)
    assert link
    assert link[2] == onward
    assert sought in desk.get(html.unescape(link[1])).body
    late = world.desk(ADMIN)
    world.advance(minutes=6)
    with monkeypatch.context() as quiet:
        quiet.setattr(world, "feed", lambda: None)
        assert list_behind in late.get("/hq/leads").body
        assert today_behind in late.get("/hq").body


# ── what narrows the list, in words ───────────────────────────────────────────────────────────────


def test_days_and_lists_that_narrow_the_list_are_said_as_people_read_them(desk: HqBrowser) -> None:
    asked = {"from": "2026-09-01", "to": "2026-11-30", "source": "list:Old <b>system</b> 2"}
    page = desk.get(f"/hq/leads?{urlencode(asked)}").body
    assert "Received from: Tue, 1 Sept 2026 <span" in page
    assert "Received to: Mon, 30 Nov 2026 <span" in page
    assert "List: Old &lt;b&gt;system&lt;/b&gt; 2 <span" in page
    wrong = desk.get("/hq/leads?from=2026-13-01").body
    assert "Tue," not in wrong

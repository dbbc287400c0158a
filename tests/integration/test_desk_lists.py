"""HQ's list of leads: what it finds, that its pages neither skip nor repeat, and who sees what."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from tests.integration.test_desk_leads import PEOPLE, REGIONS
from tests.support.builders import programme_document, working_in
from tests.support.world import HqBrowser, World, a_programme, munich

ROW = re.compile(r'<th scope="row"><a href="/hq/leads/(\w+)">')


@pytest.fixture
def open_world(world: World) -> World:
    hq = {k: v for k, v in programme_document()["hq"].items() if k != "emails"} | PEOPLE
    world.use(
        a_programme(hq=hq, regions=REGIONS),
        munich(1),
        munich(2),
        working_in("berlin-1", "DE 10*", name="Spree Wärme"),
    )
    return world


@pytest.fixture
def desk(open_world: World) -> HqBrowser:
    return open_world.desk("hq@example.com")


def post(world: World, key: str, **fields: object) -> str:
    fields = {"email": f"{key}@posteo.de", "phone": "", "name": f"Person {key}"} | fields
    lead_id: str = world.post_lead(key, **fields).json()["lead"]
    world.advance(minutes=1)
    return lead_id


def listed(desk: HqBrowser, **asked: str) -> list[str]:
    answer = desk.get(f"/hq/leads?{urlencode(asked)}")
    assert answer.status == 200
    return ROW.findall(answer.body)


def test_an_empty_list_says_when_there_will_be_leads(desk: HqBrowser) -> None:
    assert "As soon as somebody fills in one of your forms" in desk.get("/hq/leads").body


def test_the_latest_lead_comes_first_and_each_row_says_what_it_is(
    open_world: World, desk: HqBrowser
) -> None:
    first, second = post(open_world, "a"), post(open_world, "b", company="Beispiel GmbH")
    page = desk.get("/hq/leads").body
    assert ROW.findall(page) == [second, first]
    row = page[page.index(second) :].partition("</tr>")[0]
    for said in ("Heat pump · 80331", "Person b, Beispiel GmbH", "Offered", "asking Isar Wärme"):
        assert said in row
    assert listed(desk, sort="oldest") == [first, second]


FILTERS = {
    "product": "boiler",
    "region": "berlin",
    "postcode": "101",
    "urgency": "emergency",
    "source": "fair",
    "campaign": "spring",
    "partner": "Spree Wärme",
}


@pytest.mark.parametrize("name", FILTERS)
def test_each_filter_keeps_what_it_names_and_nothing_else(
    open_world: World, desk: HqBrowser, name: str
) -> None:
    post(open_world, "other")
    wanted = post(
        open_world,
        "wanted",
        product="boiler",
        postcode="10115",
        urgency="emergency",
        phone="+4989999981230",
        source="fair",
        utm_campaign="spring",
    )
    assert listed(desk, **{name: FILTERS[name]}) == [wanted]
    assert len(listed(desk)) == 2


def test_days_of_a_filter_are_those_of_the_programme(open_world: World, desk: HqBrowser) -> None:
    open_world.now = open_world.now.replace(hour=22, minute=59)  # 23:59 in Berlin
    before = post(open_world, "before")
    after = post(open_world, "after")
    days = [f"{open_world.now.date() + timedelta(days=n)}" for n in (0, 1)]
    assert listed(desk, to=days[0]) == [before]
    assert listed(desk, **{"from": days[1]}) == [after]


def test_what_no_filter_can_mean_is_said_at_its_field_and_lists_nothing(
    open_world: World, desk: HqBrowser
) -> None:
    post(open_world, "a")
    page = desk.get("/hq/leads?from=yesterday&score_from=many&partner=Nobody&q=x").body
    for said in (
        "Enter a valid date",
        "Enter a number",
        "No partner has this name or id",
        'value="yesterday"',
        'value="many"',
        'value="Nobody"',
        "Please correct the filter above",
    ):
        assert said in page
    assert not ROW.findall(page)


def test_each_active_filter_can_be_taken_away(open_world: World, desk: HqBrowser) -> None:
    post(open_world, "a")
    page = desk.get("/hq/leads?product=boiler&postcode=80").body
    assert "No lead matches." in page
    assert 'href="/hq/leads?postcode=80" aria-label="Remove the filter Product: Boiler"' in page
    assert len(listed(desk, postcode="80")) == 1


def test_paging_neither_skips_nor_repeats_while_leads_arrive(
    open_world: World, desk: HqBrowser
) -> None:
    there = {post(open_world, f"lead-{number}") for number in range(120)}
    seen: list[str] = []
    path = "/hq/leads"
    while path:
        page = desk.get(path).body
        seen += ROW.findall(page)
        post(open_world, f"late-{len(seen)}")
        onward = re.search(r'href="([^"]+)" rel="next"', page)
        path = onward[1].replace("&amp;", "&") if onward else ""
    assert len(seen) == len(set(seen))
    assert set(seen) == there


@pytest.mark.parametrize(
    "typed",
    [
        "+49 89 99998-1230",
        "089 / 9999 81230",
        "08999998 1230",
        "0049 89 999981230",
        "+4989999981230",
    ],
)
def test_a_lead_is_found_by_its_phone_number_in_any_spelling(
    open_world: World, desk: HqBrowser, typed: str
) -> None:
    wanted = post(open_world, "wanted", phone="+4989999981230")
    post(open_world, "other", phone="+4989999981231")
    assert listed(desk, q=typed) == [wanted]


@pytest.mark.parametrize("typed", ["Erika@Posteo.de", "erika+heat@posteo.de", " erika@posteo.de "])
def test_a_lead_is_found_by_its_address_in_any_spelling(
    open_world: World, desk: HqBrowser, typed: str
) -> None:
    wanted = post(open_world, "wanted", email="erika@posteo.de")
    post(open_world, "other")
    assert listed(desk, q=typed, product="boiler") == [wanted], "whatever the filter says"


def test_a_lead_is_found_by_its_reference_and_by_its_id(open_world: World, desk: HqBrowser) -> None:
    wanted = post(open_world, "wanted")
    post(open_world, "other")
    reference = open_world.lead(wanted).reference
    for typed in (reference, reference.lower(), f"#{reference}", wanted, wanted.lower()):
        assert listed(desk, q=typed) == [wanted]


def test_a_name_or_a_company_is_found_by_a_part_of_it(open_world: World, desk: HqBrowser) -> None:
    wanted = post(open_world, "wanted", name="Jürgen Großmann", company="Übersee AG")
    post(open_world, "other")
    for typed in ("grossmann", "Großmann", "jurgen", "übersee"):
        assert listed(desk, q=typed) == [wanted]
    assert "has “grossmann” in its name" in desk.get("/hq/leads?q=grossmann").body


def test_a_manager_of_one_region_finds_nothing_of_another(open_world: World) -> None:
    munich_lead = post(open_world, "m", phone="+4989999981230")
    berlin_lead = post(open_world, "b", postcode="10115", phone="+4989999981231")
    bavaria = open_world.desk("bavaria@example.com")
    assert listed(bavaria) == [munich_lead]
    reference = open_world.lead(berlin_lead).reference
    for typed in (reference, "b@posteo.de", "+4989999981231", "Person b"):
        assert listed(bavaria, q=typed) == []
    for asked in ({"region": "berlin"}, {"postcode": "10"}, {"partner": "berlin-1"}):
        assert listed(bavaria, **asked) == []
    assert "Leads of your regions: munich" in bavaria.get("/hq/leads").body


def test_a_cursor_that_nobody_gave_begins_the_list_anew(open_world: World, desk: HqBrowser) -> None:
    lead_id = post(open_world, "a")
    assert listed(desk, cursor="'; DROP TABLE") == [lead_id]


def test_the_list_says_when_it_is_behind(open_world: World, desk: HqBrowser) -> None:
    post(open_world, "a")
    open_world.sweep()
    assert "This list is" not in desk.get("/hq/leads").body
    open_world.advance(minutes=10)
    assert "This list is 10 minutes behind." in desk.get("/hq/leads").body


def test_what_strangers_typed_is_shown_as_text(open_world: World, desk: HqBrowser) -> None:
    post(open_world, "a", name="<script>alert(1)</script>")
    hostile = "<img src=x onerror=alert(1)>"
    page = desk.get(f"/hq/leads?{urlencode({'q': hostile, 'source': hostile})}").body
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<script>alert" not in desk.get("/hq/leads").body

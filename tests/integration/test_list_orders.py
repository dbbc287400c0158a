"""Lists in other orders than that of receipt: sorted from what was read, page by page."""

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from routing_core.domain.errors import InvalidInput
from routing_core.domain.lead import LeadStatus
from routing_core.domain.lead_order import in_order
from routing_core.domain.lead_row import CameFrom, LeadFilter, LeadRow, LeadSort, lead_row
from routing_core.service.kernel.row_store import KeptRow
from tests.integration.test_desk_exports import export, files, table
from tests.integration.test_desk_leads import PEOPLE, REGIONS
from tests.integration.test_desk_lists import ROW, listed
from tests.support.builders import NOON, a_lead, programme_document
from tests.support.world import World, a_programme, munich

EVERYTHING = LeadFilter()
SORTED = tuple(sort for sort in LeadSort if not sort.is_by_receipt)


def a_row(number: int, **changes: Any) -> LeadRow:
    """A row with something to sort by: some are due, and several have the same score."""
    chance = random.Random(number)
    lead = a_lead(id=f"L{number:08d}", received_at=NOON + timedelta(minutes=number))
    row = replace(
        lead_row(lead, CameFrom(), NOON + timedelta(minutes=chance.randrange(50))),
        status=chance.choice([LeadStatus.OFFERED, LeadStatus.ACCEPTED, LeadStatus.WON]),
        score=chance.randrange(5),
        postcode=chance.choice(["80331", "10115", "", "01067"]),
        expires_at=chance.choice([None, NOON + timedelta(minutes=chance.randrange(90))]),
        contact_by=chance.choice([None, NOON + timedelta(minutes=chance.randrange(90))]),
    )
    return replace(row, **changes)


def fill(world: World, numbers: range) -> list[LeadRow]:
    rows = [a_row(number) for number in numbers]
    for row in rows:
        world.wiring.row_writes.keep(KeptRow(row))
    return rows


def pages(
    world: World, sort: LeadSort, wanted: LeadFilter = EVERYTHING, limit: int = 7
) -> Iterator[Any]:
    cursor = ""
    while True:
        page = world.wiring.read_model.page(wanted, NOON, sort, cursor, limit)
        yield page
        cursor = page.cursor
        if not cursor:
            return


@pytest.mark.parametrize("sort", SORTED)
@pytest.mark.parametrize("wanted", [EVERYTHING, LeadFilter(states=frozenset({LeadStatus.WON}))])
def test_pages_together_are_the_whole_list_in_its_order(
    world: World, sort: LeadSort, wanted: LeadFilter
) -> None:
    rows = [row for row in fill(world, range(60)) if wanted.matches(row)]
    read = list(pages(world, sort, wanted))
    assert [row for page in read for row in page.rows] == in_order(rows, sort)
    assert not any(page.in_parts or page.looked_back_to for page in read)


def test_what_each_order_has_first() -> None:
    late = a_row(1, status=LeadStatus.ACCEPTED, contact_by=NOON - timedelta(hours=1))
    soon = a_row(2, status=LeadStatus.OFFERED, expires_at=NOON + timedelta(hours=1))
    won = a_row(3, status=LeadStatus.WON, contact_by=NOON - timedelta(days=1))
    assert in_order([won, soon, late], LeadSort.DUE) == [late, soon, won]
    low, high = a_row(4, score=-3), a_row(5, score=40)
    assert in_order([low, high], LeadSort.SCORE) == [high, low]
    older, newer = a_row(6, changed_at=NOON), a_row(7, changed_at=NOON + timedelta(seconds=1))
    assert in_order([older, newer], LeadSort.CHANGED) == [newer, older]
    places = [a_row(8, postcode=""), a_row(9, postcode="80331"), a_row(10, postcode="01067")]
    assert in_order(places, LeadSort.POSTCODE) == places[::-1]
    alike = [a_row(number, score=1) for number in (11, 12)]
    assert in_order(alike, LeadSort.SCORE) == alike[::-1]


@pytest.mark.parametrize("sort", SORTED)
@pytest.mark.parametrize("most", [2_000, 20])
def test_paging_neither_skips_nor_repeats_while_leads_arrive(
    world: World, monkeypatch: pytest.MonkeyPatch, sort: LeadSort, most: int
) -> None:
    monkeypatch.setattr("routing_core.aws.tables.lead_pages.MOST_LOOKED_AT", most)
    there = {row.id for row in fill(world, range(0, 120, 2))}
    seen: list[str] = []
    for number, page in enumerate(pages(world, sort)):
        seen += [row.id for row in page.rows]
        # One comes in now, and one is imported that came in before.
        fill(world, range(200 + number, 201 + number))
        fill(world, range(2 * number + 1, 2 * number + 2))
    assert len(seen) == len(set(seen))
    assert there <= set(seen)


def test_a_list_too_long_to_be_sorted_at_once_comes_in_parts_and_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("routing_core.aws.tables.lead_pages.MOST_LOOKED_AT", 25)
    rows = fill(world, range(60))
    read = list(pages(world, LeadSort.SCORE, limit=25))
    # A part begins with the row behind which it goes on, and looks at it again.
    parts = [rows[35:], rows[11:35], rows[:11]]
    assert [list(page.rows) for page in read] == [in_order(part, LeadSort.SCORE) for part in parts]
    assert all(page.in_parts for page in read)
    assert [page.looked_back_to for page in read] == [
        rows[35].received_at,
        rows[11].received_at,
        None,
    ]


@pytest.mark.parametrize("cursor", ["x", "MjAyNg", "W10", "WzEsMiwzXQ", "WyIiLCIiLFtbXV1d", "ü"])
def test_a_cursor_that_no_page_gave_is_refused(world: World, cursor: str) -> None:
    fill(world, range(3))
    with pytest.raises(InvalidInput):
        world.wiring.read_model.page(EVERYTHING, NOON, LeadSort.SCORE, cursor)


def test_a_cursor_of_another_order_is_refused(world: World) -> None:
    fill(world, range(9))
    model = world.wiring.read_model
    cursor = model.page(EVERYTHING, NOON, LeadSort.POSTCODE, limit=3).cursor
    for sort in (LeadSort.SCORE, LeadSort.NEWEST):
        with pytest.raises(InvalidInput):
            model.page(EVERYTHING, NOON, sort, cursor)


# ── on the desk, in files and by the API ──────────────────────────────────────────────────────────


@pytest.fixture
def open_world(world: World) -> World:
    hq = {k: v for k, v in programme_document()["hq"].items() if k != "emails"} | PEOPLE
    world.use(a_programme(hq=hq, regions=REGIONS), munich(1))
    return world


@pytest.mark.parametrize("sort", LeadSort)
def test_the_desk_has_each_order(open_world: World, sort: LeadSort) -> None:
    rows = fill(open_world, range(12))
    desk = open_world.desk("hq@example.com")
    assert listed(desk, sort=sort.value) == [row.id for row in in_order(rows, sort)]
    page = desk.get(f"/hq/leads?sort={sort.value}").body
    assert f'<option value="{sort.value}" selected>' in page


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "More leads match than are sorted"), ("de", "Es passen mehr Leads, als auf einmal")],
)
def test_the_desk_says_when_not_all_are_in_one_order(
    world: World, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    hq = {k: v for k, v in programme_document()["hq"].items() if k != "emails"} | PEOPLE
    people = [each | {"language": language} for each in hq["people"]]
    world.use(a_programme(hq=hq | {"people": people}, regions=REGIONS), munich(1))
    fill(world, range(12))
    desk = world.desk("hq@example.com")
    assert said not in desk.get("/hq/leads?sort=score").body
    monkeypatch.setattr("routing_core.aws.tables.lead_pages.MOST_LOOKED_AT", 8)
    first = desk.get("/hq/leads?sort=score").body
    assert said in first
    onward = re.search(r'href="([^"]+)" rel="next"', first)
    assert onward
    second = desk.get(onward[1].replace("&amp;", "&")).body
    assert said in second
    seen = ROW.findall(first) + ROW.findall(second)
    assert (len(seen), len(set(seen))) == (12, 12)


def test_a_file_has_the_order_of_the_list(
    open_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("routing_core.aws.tables.lead_pages.MOST_LOOKED_AT", 8)
    rows = fill(open_world, range(12))
    desk = open_world.desk("hq@example.com")
    (content,) = files(desk, export(desk, sort="score"))
    assert [each["Id"] for each in table(content)] == [
        row.id for row in in_order(rows, LeadSort.SCORE)
    ]


def test_the_api_has_each_order_and_goes_on(open_world: World) -> None:
    rows = fill(open_world, range(12))
    key = {"X-Api-Key": open_world.api_key("leads:read")}
    found: list[str] = []
    cursor = ""
    while True:
        path = f"/v1/leads?sort=due&limit=5&cursor={cursor}"
        answer = open_world.http("GET", path, headers=key).json()
        found += [each["id"] for each in answer["leads"]]
        cursor = answer["next"]
        if not cursor:
            break
    assert found == [row.id for row in in_order(rows, LeadSort.DUE)]

"""The map of the network's coverage on HQ's desk: each postcode says what the report says."""

import re

import pytest

from routing_core.domain.territory.territory import Territory
from tests.integration.test_hq import Hq
from tests.support.builders import a_partner
from tests.support.world import World, a_programme, munich

PLACES = (
    "postcode;lat;lon\n80331;48.14;11.57\n80337;48.13;11.55\n80999;48.2;11.46\n20095;53.55;10.0"
)


@pytest.fixture
def mapped(world: World) -> World:
    """Munich has one partner, the old town two; Hamburg has nobody."""
    second = a_partner("munich-2", territories=(Territory.parse("DE 8033*"),))
    programme = a_programme(routing={"order": ["load"]}, hq={"emails": ["hq@example.com"]})
    world.use(programme, munich(1), second)
    hq = Hq(world)
    answer = hq("PUT", "/v1/places/DE", PLACES, "csv")
    assert answer.status == 200, answer.body
    world.deliver()
    return world


def said_by_dots(body: str) -> set[str]:
    return set(re.findall(r"<title>(\d{5}: [\w ]+), \d+ enquir", body))


def test_each_postcode_is_a_dot_that_says_how_it_is_covered(mapped: World) -> None:
    page = mapped.desk().get("/hq/coverage/map?product=boiler")
    assert page.status == 200
    assert said_by_dots(page.body) == {
        "80331: overlap",
        "80337: overlap",
        "80999: thin cover",
        "20095: gap",
    }


def test_a_table_says_the_same_and_leads_into_each_area(mapped: World) -> None:
    page = mapped.desk().get("/hq/coverage/map?product=boiler").body
    row = re.search(r'<tr><th scope="row"><a href="([^"]+)">8</a></th>(.*?)</tr>', page)
    assert row
    # Postcodes, gaps, thin, overlaps, covered.
    assert re.findall(r">(\d+)<", row[2])[:5] == ["3", "0", "1", "2", "0"]
    inner = mapped.desk().get(row[1].replace("&amp;", "&")).body
    assert said_by_dots(inner) == {"80331: overlap", "80337: overlap", "80999: thin cover"}
    assert ">All of Germany</a>" in inner


def enquire(world: World, number: int, postcode: str) -> None:
    email = f"customer-{number}@posteo.de"
    answer = world.post_lead(f"e{number}", postcode=postcode, product="boiler", email=email)
    assert answer.status in (200, 201, 202), answer.body
    world.deliver()


def test_a_dot_tells_how_many_enquiries_came_from_there_in_the_last_ninety_days(
    mapped: World,
) -> None:
    enquire(mapped, 1, "20095")
    mapped.advance(days=60)
    enquire(mapped, 2, "80331")
    enquire(mapped, 3, "20095")
    page = mapped.desk().get("/hq/coverage/map?product=boiler").body
    assert "<title>20095: gap, 2 enquiries</title>" in page
    assert "<title>80331: overlap, 1 enquiry</title>" in page
    assert "<title>80999: thin cover, 0 enquiries</title>" in page
    assert "3 in the last 90 days" in page
    row = re.search(r'<th scope="row">2</th>(.*?)</tr>', page)
    assert row
    # One postcode, a gap; two enquiries, both in the gap.
    assert re.findall(r">(\d+)<", row[1]) == ["1", "1", "0", "0", "0", "2", "2"]
    mapped.advance(days=31)
    later = mapped.desk().get("/hq/coverage/map?product=boiler").body
    assert "<title>20095: gap, 1 enquiry</title>" in later
    other = mapped.desk().get("/hq/coverage/map?product=heat-pump").body
    assert "<title>20095: gap, 0 enquiries</title>" in other


def test_what_is_asked_wrongly_is_taken_as_not_asked(mapped: World) -> None:
    answer = mapped.desk().get("/hq/coverage/map?country=XX&product=%3Cb%3E&urgency=never&zoom=%22")
    assert answer.status == 200
    assert len(said_by_dots(answer.body)) == 4


def test_an_area_without_postcodes_says_so_and_leads_back(mapped: World) -> None:
    page = mapped.desk().get("/hq/coverage/map?zoom=99").body
    assert "no postcode of your list of places begins so" in page
    assert "<svg" not in page.partition("<main")[2]


def test_without_a_list_of_places_the_page_says_how_to_load_one(world: World) -> None:
    world.use(a_programme(hq={"emails": ["hq@example.com"]}), munich(1))
    assert "make places" in world.desk().get("/hq/coverage/map").body


def test_the_report_stands_on_the_desk_and_leads_to_the_map(mapped: World) -> None:
    page = mapped.desk().get("/hq/coverage")
    assert page.status == 200
    assert 'href="/hq/coverage/map"' in page.body
    assert "Thin cover" in page.body
    table = mapped.desk().post("/hq/coverage")
    assert table.headers["Content-Type"].startswith("text/csv")


@pytest.mark.parametrize("path", ["/hq/coverage", "/hq/coverage/map"])
def test_nobody_sees_it_without_having_signed_in(mapped: World, path: str) -> None:
    assert mapped.http("GET", path).status == 403

"""Demand against free places: what partners of an area could take when the report was made."""

from datetime import UTC, datetime
from typing import Any

import pytest

from routing_core.domain.partner import Caps
from tests.support.builders import working_in
from tests.support.world import World, a_programme, munich

PEOPLE = {
    "people": [
        {"email": "hq@example.com", "role": "admin"},
        {"email": "munich@example.com", "role": "manager", "regions": ["munich"]},
    ]
}


@pytest.fixture
def october(world: World) -> World:
    """Two partners in Munich with five places each, one in Berlin without a limit."""
    world.now = datetime(2026, 10, 5, 9, tzinfo=UTC)
    berlin = working_in("berlin-1", "DE 10*", caps=Caps())
    five, also = munich(1, caps=Caps(open=5)), munich(2, caps=Caps(open=5))
    world.use(a_programme(hq=PEOPLE), five, also, berlin)
    for name, postcode in (("one", "80331"), ("two", "80331"), ("three", "10115"), ("no", "50667")):
        world.post_lead(name, email=f"{name}@posteo.de", phone="", postcode=postcode)
        world.deliver()
    return world


def gaps(world: World) -> dict[str, dict[str, Any]]:
    world.now = datetime(2026, 11, 1, 4, tzinfo=UTC)
    headers = {"x-api-key": world.api_key("reports:write", "reports:read")}
    world.http("POST", "/v1/reports", json_body={"period": "2026-10"}, headers=headers)
    world.make_reports()
    report = world.http("GET", "/v1/reports/2026-10", headers=headers).json()["figures"]
    return {each["area"]: each for each in report["gaps"]}


def test_free_places_are_caps_less_what_takes_them_up(october: World) -> None:
    taken = sum(october.load(f"munich-{number}").open_count for number in (1, 2))
    assert taken
    of_munich = gaps(october)["munich"]
    assert (of_munich["demand"], of_munich["free"], of_munich["unlimited"]) == (2, 10 - taken, 0)


def test_a_partner_without_a_limit_is_named_as_one(october: World) -> None:
    of_berlin = gaps(october)["10"]
    assert (of_berlin["free"], of_berlin["unlimited"]) == (0, 1)
    page = october.desk().get("/hq/reports/2026-10").body
    assert "Demand against free places" in page
    assert "no limit" in page


def test_where_nobody_is_there_is_no_place(october: World) -> None:
    of_cologne = gaps(october)["50"]
    assert (of_cologne["free"], of_cologne["unlimited"], of_cologne["nobody"]) == (0, 0, 1)


def test_a_manager_of_a_region_reads_the_same_places(october: World) -> None:
    free = gaps(october)["munich"]["free"]
    section = october.desk("munich@example.com").get("/hq/reports/2026-10").body
    section = section.partition('id="h-demand"')[2].partition("</section>")[0]
    assert f">{free}<" in section
    assert "DE 10*" not in section

"""HQ's desk: who comes in, and what the frame of its pages shows."""

import pytest

from tests.support.world import World, a_programme


@pytest.fixture
def open_world(world: World) -> World:
    world.use(a_programme(hq={"emails": ["hq@example.com"]}))
    return world


def test_whoever_has_signed_in_sees_the_desk_and_where_they_are(open_world: World) -> None:
    page = open_world.desk().get("/hq")
    assert page.status == 200
    assert '<a href="/hq" aria-current="page">Today</a>' in page.body


def test_nobody_else_sees_anything_of_it(open_world: World) -> None:
    forged = {"cookie": "__Host-hq=k1.anything"}
    for headers in ({}, forged):
        door = open_world.http("GET", "/hq", headers=headers)
        assert 'type="email"' in door.body
        assert 'aria-current="page"' not in door.body
        assert open_world.http("GET", "/hq/devices", headers=headers).status == 403

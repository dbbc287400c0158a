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


def test_a_refusal_speaks_the_readers_language_and_leads_back_to_the_desk(world: World) -> None:
    people = [
        {"email": "hq@example.com", "role": "admin"},
        {"email": "looks@example.com", "role": "viewer", "language": "de"},
    ]
    world.use(a_programme(hq={"people": people}))
    viewer = world.desk("looks@example.com")
    refused, missing = viewer.get("/hq/keys"), viewer.get("/hq/partners/nobody")
    assert (refused.status, missing.status) == (403, 404)
    assert "Dafür fehlt Ihnen die Berechtigung" in refused.body
    assert "Seite nicht gefunden" in missing.body
    for page in (refused, missing):
        assert '<a href="/hq">Heute</a>' in page.body


def test_a_button_without_a_page_of_its_own_says_so(open_world: World) -> None:
    page = open_world.desk().get("/hq/ask-more")
    assert page.status == 405
    assert "This page does not take that request" in page.body

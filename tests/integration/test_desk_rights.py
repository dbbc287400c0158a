"""Every address of HQ's desk tried by whoever has no business there: other roles, other regions,
other sites' pages, and whoever writes what no page of ours would send.
"""

import re

import pytest

from functions.hq_desk.app import app
from routing_core.domain.people import person_id
from tests.support.builders import programme_document, working_in
from tests.support.hooks import writes_counted
from tests.support.stack import BASE_URL
from tests.support.world import Answer, HqBrowser, World, a_programme, munich

ADMIN, MANAGER, VIEWER, NORTH = (f"{name}@example.com" for name in ("hq", "man", "view", "north"))
REGIONS = {
    "munich": {"country": "DE", "postcodes": ["80*", "81000-81999"]},
    "hamburg": {"country": "DE", "postcodes": ["20*", "22*"]},
}
PEOPLE = {
    "people": [
        {"email": ADMIN, "role": "admin"},
        {"email": MANAGER, "role": "manager"},
        {"email": VIEWER, "role": "viewer"},
        {
            "email": NORTH,
            "role": "manager",
            "regions": ["hamburg"],
            "may": ["assign", "erase", "export"],
        },
    ]
}
THEIR_OWN = {"/hq", "/hq/in/<token>", "/hq/open/<token>", "/hq/devices", "/hq/leads/filters"}
"""Posts about nobody but the visitor: to sign in and out, and what they keep for themselves."""
FOR_ADMINS = {
    "/hq/keys",
    "/hq/people/new",
    "/hq/people/<person>",
    "/hq/rules/edit",
    "/hq/rules/try",
    "/hq/rules/change/<part>",
}
"""Pages that only admins open."""
HOSTILE = (
    "..",
    "%2e%2e",
    "%23",
    "PROGRAMME",
    "LEAD%23x",
    "KEYS",
    "x" * 3000,
    "%00",
    "a%0d%0aSet-Cookie:x",
    "%F0%9F%92%A5",
    "%ff",
)
"""What may stand in an address where an id is meant."""


def routes(method: str) -> list[str]:
    every = (*app._static_routes, *app._dynamic_routes)
    return sorted({route.path for route in every if route.method == method})


def fill(route: str, **ids: str) -> str:
    """The address of a route with these ids in it; ``x`` for one that is not given."""
    return re.sub(r"<(\w+)>", lambda found: ids.get(found[1], "x"), route)


def asked(desk: HqBrowser, method: str, address: str) -> Answer:
    return desk.post(address, action="save") if method == "POST" else desk.get(address)


PAGES = [each for each in routes("GET") if "<token>" not in each]


@pytest.fixture
def ids(world: World) -> dict[str, str]:
    """The ids of what there is in Munich, which a manager of Hamburg has nothing to do with."""
    programme = a_programme(
        hq=programme_document()["hq"] | {"emails": []} | PEOPLE, regions=REGIONS
    )
    north = working_in("north", "DE 20*", name="Nord", postcode="20095")
    world.use(programme, munich(1), north)
    lead = world.post_lead().json()["lead"]
    world.deliver()
    return {
        "lead": lead,
        "partner": "munich-1",
        "person": person_id(ADMIN),
        "version": "1",
        "part": "accept_window",
        "run": "2026-10",
    }


@pytest.mark.parametrize("route", sorted({*routes("POST")} - THEIR_OWN))
def test_a_viewer_presses_no_button(world: World, ids: dict[str, str], route: str) -> None:
    viewer = world.desk(VIEWER)
    world.feed()
    with writes_counted(world) as writes:
        answer = viewer.post(fill(route, **ids), action="save", lead=f"{ids['lead']}.1")
        assert answer.status == 403
    assert not writes


@pytest.mark.parametrize("route", sorted(FOR_ADMINS))
@pytest.mark.parametrize("email", [MANAGER, VIEWER, NORTH])
def test_what_is_for_admins_opens_for_nobody_else(
    world: World, ids: dict[str, str], route: str, email: str
) -> None:
    desk = world.desk(email)
    assert desk.get(fill(route, **ids)).status == 403
    assert desk.post(fill(route, **ids), action="save").status == 403


@pytest.mark.parametrize("headers", [{}, {"cookie": "__Host-hq=forged"}])
def test_nobody_sees_a_page_who_has_not_signed_in(
    world: World, ids: dict[str, str], headers: dict[str, str]
) -> None:
    for route in PAGES:
        answer = world.http("GET", fill(route, **ids), headers=headers)
        assert answer.status == (200 if route == "/hq" else 403)
        assert 'type="email"' in answer.body
        assert 'aria-current="page"' not in answer.body


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": f"{BASE_URL}.evil.example"},
        {"origin": "null"},
        {"referer": f"https://evil.example/{BASE_URL}"},
        {"origin": BASE_URL, "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_no_other_sites_page_presses_a_button(
    world: World, ids: dict[str, str], headers: dict[str, str]
) -> None:
    sent = {"cookie": world.desk(ADMIN).cookie, **headers}
    world.feed()
    with writes_counted(world) as writes:
        for route in routes("POST"):
            answer = world.http("POST", fill(route, **ids), form={"action": "save"}, headers=sent)
            assert answer.status == 403, route
    assert not writes


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_lies_in_other_regions_is_not_there(
    world: World, ids: dict[str, str], method: str
) -> None:
    desk = world.desk(NORTH)
    named = [each for each in routes(method) if "<lead>" in each or "<partner>" in each]
    assert len(named) > 2
    world.feed()
    with writes_counted(world) as writes:
        for route in named:
            assert asked(desk, method, fill(route, **ids)).status == 404, route
    assert not writes


@pytest.mark.parametrize(
    "query", ["", "?q=erika@posteo.de", "?q=Erika", "?partner=munich-1&as=csv"]
)
def test_no_page_tells_a_manager_of_other_regions_of_a_lead_or_its_partner(
    world: World, ids: dict[str, str], query: str
) -> None:
    desk = world.desk(NORTH)
    for route in PAGES:
        body = desk.get(fill(route) + query).body
        for secret in (ids["lead"], "Erika Beispiel", "munich-1@example.com"):
            assert secret not in body, (route, secret)


def test_looking_writes_nothing(world: World, ids: dict[str, str]) -> None:
    admin = world.desk(ADMIN)
    published = len(world.published)
    world.feed()
    with writes_counted(world) as writes:
        for route in PAGES:
            assert admin.get(fill(route, **ids)).status in (200, 404), route
    assert not writes
    assert len(world.published) == published


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_is_no_id_is_not_there(
    world: World, ids: dict[str, str], method: str, hostile: str
) -> None:
    desk = world.desk(ADMIN)
    for route in routes(method):
        if "<" not in route:
            continue
        address = re.sub(r"<\w+>", hostile, route)
        answer = asked(desk, method, address)
        assert answer.status in (303, 400, 403, 404, 405), (route, answer.status)


def test_a_partner_of_several_regions_shows_each_manager_the_leads_of_theirs(
    world: World, ids: dict[str, str]
) -> None:
    both = working_in("both", "DE 80*", name="Beide", postcode="20095")
    world.add(both)
    world.press(world.offer_link(ids["lead"]), action="decline", reason="busy")
    if world.lead(ids["lead"]).offers[-1].partner != "both":
        world.desk(ADMIN).post(f"/hq/leads/{ids['lead']}", action="assign", partner="both")
    path = "/hq/partners/both"
    assert ids["lead"] in world.desk(ADMIN).get(path).body
    world.press(world.offer_link(ids["lead"]), action="accept")
    north, admin = world.desk(NORTH), world.desk(ADMIN)
    for page in (path, f"{path}/deactivate"):
        assert ids["lead"] in admin.get(page).body
        assert north.get(page).status == 200
        assert ids["lead"] not in north.get(page).body
    assert north.post(f"{path}/deactivate", what="reroute").status == 303
    assert world.lead(ids["lead"]).owner == "both"
    assert admin.post(f"{path}/deactivate", what="reroute").status == 303
    assert world.lead(ids["lead"]).owner != "both"


def test_what_is_no_lead_stands_in_no_address(world: World, ids: dict[str, str]) -> None:
    desk = world.desk(ADMIN)
    for name in ("a\r\nSet-Cookie: x", "\u202e", "x" * 3000, "..", "#"):
        answer = desk.post("/hq/leads", action="retry", lead=f"{name}.1")
        assert answer.status == 422
        assert "Location" not in answer.headers

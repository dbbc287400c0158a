"""A key that was made for regions sees and changes only what lies in them, whatever it asks for."""

import re
from typing import Any

import pytest

from infra.openapi.document import openapi_document
from routing_core.domain.api_key import OF_WHOLE_NETWORK, KeyScope
from routing_core.domain.people import person_id
from tests.integration.test_lead_files import attached
from tests.support.builders import programme_document, working_in
from tests.support.hooks import writes_counted
from tests.support.world import Answer, World, a_programme, munich

DOCUMENT = openapi_document()
CALLS = [
    (method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods
]
ADMIN = "hq@example.com"
REGIONS = {
    "munich": {"country": "DE", "postcodes": ["80*"]},
    "hamburg": {"country": "DE", "postcodes": ["20*"]},
}
SCOPES = sorted(set(KeyScope) - OF_WHOLE_NETWORK)
NORTH: dict[str, Any] = {
    "name": "Nord",
    "contact": {"email": "north@example.com"},
    "territories": ["DE 20*"],
    "products": ["boiler", "heat-pump"],
}
BODIES: dict[str, Any] = {
    "POST /v1/leads/{lead}/assign": {"partner": "north"},
    "POST /v1/leads/{lead}/move": {"postcode": "20095"},
    "POST /v1/leads/{lead}/notes": {"text": "x"},
    "POST /v1/leads/{lead}/ask": {"text": "x"},
    "POST /v1/leads/{lead}/activities": {"activities": [{"kind": "score", "text": "1"}]},
    "PUT /v1/partners/{partner}": NORTH,
}


class Region:
    """A world with a lead in Munich and one in Hamburg, and a key for Hamburg."""

    def __init__(self, world: World):
        self.world = world
        ticked = {f"scope.{scope}": "yes" for scope in SCOPES}
        page = world.desk(ADMIN).post(
            "/hq/keys", action="make", name="north-crm", **ticked, **{"region.hamburg": "yes"}
        )
        (self.key,) = re.findall(r'value="(pr_[\w-]+)"', page.body)
        self.munich, self.hamburg = (
            str(
                world.post_lead(town, email=f"{town}@posteo.de", phone="", postcode=code).json()[
                    "lead"
                ]
            )
            for town, code in (("munich", "80331"), ("hamburg", "20095"))
        )
        world.deliver()
        world.feed()
        self("GET", "/v1/leads")  # so that the use of the key is noted for this hour

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return self.world.http(
            method, path, json_body=body, headers={"x-api-key": self.key, **headers}
        )

    def file(self) -> str:
        """A file of the lead in Munich."""
        return attached(self.world.desk(ADMIN), self.munich)


@pytest.fixture
def north(world: World) -> Region:
    hq = programme_document()["hq"] | {"emails": [], "people": [{"email": ADMIN, "role": "admin"}]}
    nord = working_in("north", "DE 20*", name="Nord", postcode="20095")
    world.use(a_programme(hq=hq, regions=REGIONS), munich(1), nord)
    return Region(world)


def test_the_key_is_listed_with_its_regions(north: Region) -> None:
    assert "in hamburg" in north.world.desk(ADMIN).get("/hq/keys").body
    assert person_id(ADMIN) in str(north.world.items("partners"))


@pytest.mark.parametrize(
    ("method", "path"),
    [call for call in CALLS if "{lead}" in call[1] or "{partner}" in call[1]],
)
def test_a_lead_or_partner_of_other_regions_is_not_there(
    north: Region, method: str, path: str
) -> None:
    body = BODIES.get(f"{method} {path}", {} if method in ("POST", "PUT", "PATCH") else None)
    at = {"lead": north.munich, "partner": "munich-1", "run": "2026-10", "file": north.file()}
    query = "?partner=north" if path.endswith("/why") else ""
    with writes_counted(north.world) as writes:
        assert north(method, path.format(**at) + query, body).status == 404
    assert not writes


@pytest.mark.parametrize(
    "address",
    [
        "/v1/leads",
        "/v1/leads?region=munich",
        "/v1/leads?contact=munich@posteo.de",
        "/v1/leads?text=Erika",
        "/v1/partners",
        "/v1/partners?as=map",
        "/v1/partners?limit=10",
        "/v1/log",
        "/v1/reports",
    ],
)
def test_no_list_tells_of_other_regions(north: Region, address: str) -> None:
    north.world.desk(ADMIN).post(f"/hq/leads/{north.munich}", action="note", text="x")
    north.world.feed()
    answer = north("GET", address)
    assert answer.status == 200
    for secret in (north.munich, "munich-1", "munich@posteo.de", "Isar"):
        assert secret not in answer.body


def test_what_lies_in_its_regions_is_there_and_can_be_changed(north: Region) -> None:
    assert [each["id"] for each in north("GET", "/v1/leads").json()["leads"]] == [north.hamburg]
    assert [each["id"] for each in north("GET", "/v1/partners").json()["partners"]] == ["north"]
    lead = f"/v1/leads/{north.hamburg}"
    assert north("POST", f"{lead}/notes", {"text": "x"}).status == 200
    assert north("PATCH", "/v1/partners/north", {"website": "https://nord.example"}).status == 200
    by_reference = f"/v1/leads?reference={north.munich[-8:]}"
    assert north("GET", by_reference).json()["leads"] == []
    moved = north("POST", f"{lead}/move", {"postcode": "80331"})
    assert moved.status == 404, "it has left the key's regions"
    assert north.world.lead(north.hamburg).region == "munich"
    assert north("GET", lead).status == 404


def test_nothing_is_taken_into_other_regions_or_made_there(north: Region) -> None:
    away = {"territories": ["DE 80*"], "postcode": "80331"}
    for call in (
        ("PATCH", "/v1/partners/north", away),
        ("PUT", "/v1/partners/other", NORTH | away),
    ):
        refused = north(*call)
        assert (refused.status, refused.json()["errors"][0]["code"]) == (422, "outside_regions")
    row = NORTH | away | {"id": "other"}
    assert north("POST", "/v1/partners/import", {"partners": [row]}).status == 422
    entered = {
        "form": "enquiry", "country": "DE", "postcode": "80331", "product": "boiler",
        "urgency": "soon", "name": "E", "phone": "089 9999812", "consent": True,
    }  # fmt: skip
    assert north("POST", "/v1/leads", entered).status == 422
    assert north("POST", "/v1/leads", entered | {"postcode": "20095"}).status == 201
    places = {"content-type": "text/csv"}
    assert north("PUT", "/v1/places/DE", None, **places).status == 403


def test_figures_are_those_of_its_regions(north: Region) -> None:
    refused = north("GET", "/v1/figures?first=2026-11-01&last=2026-11-24&region=munich")
    assert refused.status == 403
    assert north("GET", "/v1/figures?first=2026-11-01&last=2026-11-24").status in (200, 202, 422)


def test_a_trial_with_a_stored_lead_of_elsewhere_finds_none(north: Region) -> None:
    assert north("POST", "/v1/programme/dry-run", {"lead": north.munich}).status == 404


@pytest.mark.parametrize("scope", sorted(OF_WHOLE_NETWORK))
def test_no_key_for_regions_has_rights_over_the_whole_network(north: Region, scope: str) -> None:
    page = north.world.desk(ADMIN).post(
        "/hq/keys", action="make", name="x", **{f"scope.{scope}": "yes", "region.hamburg": "yes"}
    )
    assert page.status == 422
    assert "cannot have rights over the whole network" in page.body
    page = north.world.desk(ADMIN).post(
        "/hq/keys", action="make", name="x", **{"scope.log:read": "yes", "region.moon": "yes"}
    )
    assert page.status == 422

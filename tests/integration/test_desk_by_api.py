"""What HQ's desk can do, a machine with a key and the right scope can, too."""

import re
from typing import Any

import boto3
import pytest
from jsonschema import Draft202012Validator

from functions.hq_desk.app import app as desk_app
from infra.openapi.document import openapi_document
from infra.openapi.operations import OPERATIONS
from routing_core.domain.api_key import KeyScope
from routing_core.domain.partner import Caps
from routing_core.domain.people import person_id
from routing_core.service.hq_desk import lead_export
from routing_core.service.kernel.read_model import LogFilter
from tests.support.builders import programme_document
from tests.support.world import Answer, World, a_programme, munich

DOCUMENT = openapi_document()
BY_API = {
    "/hq/ask-more": ("POST /v1/partners/ask-more",),
    "/hq/coverage": ("GET /v1/network/coverage",),
    "/hq/keys": ("POST /v1/keys", "DELETE /v1/keys/{key}"),
    "/hq/leads": ("POST /v1/leads/bulk",),
    "/hq/leads/<lead>": (
        "POST /v1/leads/{lead}/assign",
        "POST /v1/leads/{lead}/erase",
        "POST /v1/leads/{lead}/grant",
        "POST /v1/leads/{lead}/move",
        "POST /v1/leads/{lead}/notes",
        "POST /v1/leads/{lead}/reject",
        "POST /v1/leads/{lead}/release",
        "POST /v1/leads/{lead}/requeue",
        "POST /v1/leads/{lead}/withdraw",
    ),
    "/hq/leads/<lead>/files": ("POST /v1/leads/{lead}/files",),
    "/hq/leads/<lead>/files/<file>": ("DELETE /v1/leads/{lead}/files/{file}",),
    "/hq/leads/export": (
        "POST /v1/leads/exports",
        "POST /v1/leads/exports/{export}/continue",
        "GET /v1/leads/exports/{export}",
    ),
    "/hq/leads/import": ("POST /v1/leads/import",),
    "/hq/leads/import/<list>": ("POST /v1/leads/imports/{list}/cancel",),
    "/hq/leads/new": ("POST /v1/leads",),
    "/hq/partners/<partner>": (
        "PATCH /v1/partners/{partner}",
        "POST /v1/partners/{partner}/reactivate",
        "POST /v1/partners/{partner}/revoke",
    ),
    "/hq/partners/<partner>/check": ("POST /v1/partners/import",),
    "/hq/partners/<partner>/deactivate": ("DELETE /v1/partners/{partner}",),
    "/hq/partners/export": ("GET /v1/partners",),
    "/hq/partners/import": ("POST /v1/partners/import",),
    "/hq/partners/new": ("PUT /v1/partners/{partner}",),
    "/hq/partners/new/check": ("POST /v1/partners/import",),
    "/hq/people/<person>": (
        "PATCH /v1/people/{person}",
        "DELETE /v1/people/{person}",
        "POST /v1/people/{person}/revoke",
    ),
    "/hq/people/new": ("POST /v1/people",),
    "/hq/reports": ("POST /v1/reports",),
    "/hq/reports/<run>/mail": ("POST /v1/reports/{run}/mail",),
    "/hq/reports/costs": ("PUT /v1/costs",),
    "/hq/rules/change/<part>": ("PATCH /v1/programme",),
    "/hq/rules/edit": (
        "PUT /v1/programme",
        "POST /v1/programme/dry-run",
        "POST /v1/programme/back-tests",
    ),
    "/hq/rules/try": ("POST /v1/programme/dry-run",),
    "/hq/rules/versions/<version>": (
        "POST /v1/programme/versions/{version}/restore",
        "POST /v1/programme/versions/{version}/call-off",
    ),
}
"""Each button's address on the desk, and the calls that do the same."""
OF_PEOPLE_ALONE = {"/hq", "/hq/in/<token>", "/hq/open/<token>", "/hq/devices", "/hq/leads/filters"}
"""Signing in and out, for a machine has its key; and the filters that somebody keeps for themselves."""
PEOPLE = [
    {"email": "hq@example.com", "role": "admin"},
    {"email": "nora@example.com", "name": "Nora", "role": "manager", "regions": ["north"]},
]
REGIONS = {"north": {"country": "DE", "postcodes": ["20*"]}}


def test_every_button_of_the_desk_has_a_call_that_does_the_same() -> None:
    every = (*desk_app._static_routes, *desk_app._dynamic_routes)
    posts = {route.path for route in every if route.method == "POST"}
    assert posts - OF_PEOPLE_ALONE == set(BY_API)
    calls = {call for calls in BY_API.values() for call in calls}
    assert calls <= set(OPERATIONS)


class Machine:
    """Calls with a key of these scopes; every answer is one that the contract has."""

    def __init__(self, world: World, *scopes: str):
        self.world = world
        self.key = world.api_key(*scopes)

    def __call__(self, route: str, body: Any = None, query: str = "", **at: str) -> Answer:
        method, _, path = route.partition(" ")
        headers = {"x-api-key": self.key}
        if seen := at.pop("if_match", ""):
            headers["if-match"] = seen
        answer = self.world.http(method, path.format(**at) + query, json_body=body, headers=headers)
        described = DOCUMENT["paths"][path][method.lower()]["responses"][str(answer.status)]
        if "$ref" in described:
            name = described["$ref"].rpartition("/")[2]
            described = DOCUMENT["components"]["responses"][name]
        schema = described["content"][answer.headers["Content-Type"].split(";")[0]]["schema"]
        whole = schema | {"components": DOCUMENT["components"]}
        Draft202012Validator(whole).validate(answer.json())
        return answer


@pytest.fixture
def hq(world: World) -> World:
    world.use(
        a_programme(
            hq=programme_document()["hq"] | {"emails": [], "people": PEOPLE}, regions=REGIONS
        ),
        munich(1, caps=Caps(open=1)),
        munich(2),
    )
    return world


def log(world: World) -> list[tuple[str, str, str]]:
    entries = world.wiring.read_model.log(LogFilter()).entries
    return [(each.kind, each.about, each.by.partition("-")[0]) for each in entries]


# ── people and keys ───────────────────────────────────────────────────────────────────────────────


def test_people_are_added_changed_and_removed(hq: World) -> None:
    people = Machine(hq, "people:read", "people:write")
    listed = people("GET /v1/people")
    assert [each["email"] for each in listed.json()["people"]] == [
        "hq@example.com",
        "nora@example.com",
    ]
    wanted = {"email": "otto@example.com", "name": "Otto", "role": "viewer"}
    added = people("POST /v1/people", wanted, if_match=listed.headers["ETag"])
    assert added.status == 201
    otto = added.json()["id"]
    assert otto == person_id("otto@example.com")
    late = people(
        "PATCH /v1/people/{person}", {"name": "O"}, person=otto, if_match=listed.headers["ETag"]
    )
    assert late.status == 412, "the rules have changed since they were read"
    (saved,) = late.json()["saved"]
    assert saved["version"] == late.json()["version"] == int(added.headers["ETag"].strip('"'))
    (told,) = late.json()["changes"]
    assert "Otto" in told["is"]
    changed = people(
        "PATCH /v1/people/{person}", {"role": "manager", "may": ["export"]}, person=otto
    )
    assert (changed.json()["role"], changed.json()["may"], changed.json()["name"]) == (
        "manager",
        ["export"],
        "Otto",
    )
    desk = hq.desk("otto@example.com")
    assert desk.get("/hq/leads").status == 200
    assert people("POST /v1/people/{person}/revoke", person=otto).status == 200
    assert desk.get("/hq/leads").status == 403
    left = people("DELETE /v1/people/{person}", person=otto).json()["people"]
    assert otto not in [each["id"] for each in left]
    assert people("DELETE /v1/people/{person}", person=otto).status == 404
    noted = [each for each in log(hq) if each[0].startswith(("person.", "access."))]
    assert sorted(noted) == [
        ("access.ended", otto, "machine"),
        ("person.added", otto, "machine"),
        ("person.changed", otto, "machine"),
        ("person.removed", otto, "machine"),
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "x", "role": "viewer"}, "email"),
        ({"email": "a@example.com", "role": "king"}, "role"),
        ({"email": "a@example.com", "role": "viewer", "regions": "north"}, "regions"),
        ({"email": "a@example.com", "role": "manager", "regions": ["nowhere"]}, "regions"),
        ({"email": 1}, "email"),
        ({"email": "a@example.com", "role": "viewer", "salary": 1}, "salary"),
    ],
)
def test_somebody_who_cannot_be_is_told_at_the_field(hq: World, body: Any, field: str) -> None:
    refused = Machine(hq, "people:write")("POST /v1/people", body)
    assert (refused.status, {each["field"] for each in refused.json()["errors"]}) == (422, {field})


def test_the_last_admin_cannot_be_removed(hq: World) -> None:
    people = Machine(hq, "people:write")
    assert people("DELETE /v1/people/{person}", person=person_id("hq@example.com")).status == 422


def test_a_key_makes_keys_that_may_no_more_than_itself_and_revokes_them(hq: World) -> None:
    keys = Machine(hq, "keys:read", "keys:write", "leads:read")
    refused = keys("POST /v1/keys", {"name": "shop", "scopes": ["leads:write"]})
    assert [each["code"] for each in refused.json()["errors"]] == ["more_than_own"]
    made = keys("POST /v1/keys", {"name": "shop", "scopes": ["leads:read"]})
    assert made.status == 201
    shop = {"x-api-key": made.json()["key"]}
    assert hq.http("GET", "/v1/leads", headers=shop).status == 200
    listed = keys("GET /v1/keys").json()["keys"]
    assert "shop" in [each["name"] for each in listed]
    assert made.json()["key"] not in str(listed)
    assert keys("DELETE /v1/keys/{key}", key=made.json()["id"]).json()["revoked"]
    assert hq.http("GET", "/v1/leads", headers=shop).status == 401
    assert [each[:2] for each in log(hq)] == [("key.revoked", "shop"), ("key.made", "shop")]


def test_scopes_are_asked_of_each_call(hq: World) -> None:
    nobody = Machine(hq, "log:read")
    for route in DOCUMENT["paths"]:
        for method, described in DOCUMENT["paths"][route].items():
            if described.get("x-scope", "log:read") == "log:read":
                continue
            body = {} if "requestBody" in described else None
            filled = dict.fromkeys(re.findall(r"\{(\w+)\}", route), "x")
            answer = nobody(f"{method.upper()} {route}", body, **filled)
            assert answer.status == 403, (method, route)
            assert described["x-scope"] in answer.json()["detail"]


# ── the rules ─────────────────────────────────────────────────────────────────────────────────────


def test_patches_without_a_version_at_the_same_time_both_count(
    hq: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = hq.wiring.rules
    begun = rules.look_again
    others = [True]

    def meanwhile() -> None:
        begun()
        if others:
            others.clear()
            version, programme = rules.programme()
            rules.save_programme(programme.model_copy(update={"currency": "CHF"}), hq.now, version)
            # This instance has not heard of it: it still holds the version from before.

    monkeypatch.setattr(rules, "look_again", meanwhile)
    machine = Machine(hq, "programme:read", "programme:write")
    assert machine("PATCH /v1/programme", {"name": "Both"}).status == 200
    begun()
    programme = rules.programme()[1]
    assert (programme.name, programme.currency) == ("Both", "CHF")


def test_some_settings_of_the_rules_are_changed_by_themselves(hq: World) -> None:
    rules = Machine(hq, "programme:read", "programme:write")
    read = hq.http("GET", "/v1/programme", headers={"x-api-key": rules.key})
    seen = read.headers["ETag"]
    patch = {"hotline": {"phone": "+49 89 99998 100"}}
    tried = rules("PATCH /v1/programme", patch, "?dry_run=true")
    assert tried.status == 200
    assert hq.wiring.services.rules.programme()[0] == int(seen.strip('"')), "nothing is saved"
    saved = rules("PATCH /v1/programme", patch, "?comment=New%20number", if_match=seen)
    assert saved.json()["version"] == int(seen.strip('"')) + 1
    hq.wiring.services.rules.look_again()
    programme = hq.wiring.services.programme
    assert programme.hotline
    assert programme.hotline.phone == "+49 89 99998 100"
    assert [each.email for each in programme.hq.people] == ["hq@example.com", "nora@example.com"]
    late = rules("PATCH /v1/programme", {"name": "x"}, if_match=seen)
    assert late.status == 412
    assert late.json()["type"].endswith(":changed_meanwhile")
    assert [each["comment"] for each in late.json()["saved"]] == ["New number"]
    assert "+49 89 99998 100" in str(late.json()["changes"])
    wrong = rules("PATCH /v1/programme", {"offers": [{"window": "soon"}], "colour": 1})
    assert wrong.status == 422
    planned = rules("PATCH /v1/programme", {"hotline": None}, "?starts_at=2026-12-24T07:00Z")
    assert planned.status == 200
    hq.wiring.services.rules.look_again()
    assert hq.wiring.services.programme.hotline, "not yet"


def test_a_draft_is_played_on_the_stored_leads_once(hq: World) -> None:
    rules = Machine(hq, "programme:read", "programme:write")
    hq.post_lead()
    hq.deliver()
    document = hq.wiring.services.programme.model_dump(mode="json", by_alias=True)
    asked = rules("POST /v1/programme/back-tests", {"programme": document | {"currency": "CHF"}})
    assert (asked.status, asked.json()["state"]) == (202, "asked")
    name = asked.json()["back_test"]
    again = rules("POST /v1/programme/back-tests", {"programme": document | {"currency": "CHF"}})
    assert again.json()["back_test"] == name
    shown = rules("GET /v1/programme/back-tests/{name}", name=name)
    assert shown.json()["by"].startswith("machine-")
    assert hq.desk().get(f"/hq/rules/backtests/{name}").status == 200, "the desk shows the same"
    wrong = rules("POST /v1/programme/back-tests", {"programme": "offers: soon"})
    assert wrong.status == 422
    assert rules("POST /v1/programme/back-tests", {}).status == 422
    assert rules("GET /v1/programme/back-tests/{name}", name="none").status == 404


# ── many leads, full partners, files ──────────────────────────────────────────────────────────────


def test_one_thing_is_done_with_many_leads_and_each_has_its_result(hq: World) -> None:
    leads = Machine(hq, "leads:write", "leads:read")
    first, second = (
        hq.post_lead(name, email=f"{name}@posteo.de", phone="").json()["lead"]
        for name in ("one", "two")
    )
    chosen = [{"lead": first}, {"lead": second, "version": 1}, {"lead": "NONE"}]
    pressed = {"action": "note", "text": "From the fair.", "leads": chosen}
    results = leads("POST /v1/leads/bulk", pressed).json()["results"]
    assert [each["result"] for each in results][::2] == ["done", "missing"]
    rejected = leads("POST /v1/leads/{lead}/reject", lead=first)
    assert rejected.json()["lead"]["status"] == "rejected"
    note = {"action": "note", "text": "x"}
    for wrong in (
        {},
        {"action": "erase", "leads": [{"lead": first}]},
        note | {"leads": [{"lead": "LEAD#1"}]},
        note | {"leads": [{"lead": first, "version": True}]},
        note | {"leads": []},
    ):
        assert leads("POST /v1/leads/bulk", wrong).status == 422


def test_full_partners_are_asked_for_more(hq: World) -> None:
    leads = Machine(hq, "leads:write")
    asked = {"partners": ["munich-1", "munich-2", "nobody"]}
    assert leads("POST /v1/partners/ask-more", asked).json() == {"asked": 1}
    hq.deliver()
    assert list(hq.mails("munich-1"))
    assert leads("POST /v1/partners/ask-more", {"partners": "munich-1"}).status == 422


def test_leads_are_written_into_files_step_by_step(
    hq: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lead_export, "MOST_IN_FILE", 2)
    monkeypatch.setattr(lead_export, "MOST_ON_PAGE", 1)
    for name in ("a", "b", "c"):
        hq.post_lead(name, email=f"{name}@posteo.de", phone="")
    hq.deliver()
    hq.feed()
    leads = Machine(hq, "leads:read")
    begun = leads("POST /v1/leads/exports", query="?product=heat-pump")
    assert (begun.status, begun.json()["is_done"], begun.json()["leads"]) == (201, False, 2)
    export = begun.json()["export"]
    done = leads("POST /v1/leads/exports/{export}/continue", export=export)
    assert (done.json()["is_done"], done.json()["leads"]) == (True, 3)
    shown = leads("GET /v1/leads/exports/{export}", export=export).json()
    assert [each["leads"] for each in shown["files"]] == [2, 1]
    assert all(f"exports/{export}/" in each["url"] for each in shown["files"])
    bucket, own = hq.wiring.exports._bucket, f"exports/{export}/"  # others leave files there too
    stored = boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=own)
    assert len([each for each in stored["Contents"] if each["Key"].endswith(".csv")]) == 2
    other = Machine(hq, "leads:read")
    assert other("GET /v1/leads/exports/{export}", export=export).status == 404, "another key's"
    assert leads("POST /v1/leads/exports", query="?from=soon").status == 422
    assert ("leads.exported", export, "machine") in log(hq)


def test_every_scope_has_a_call(hq: World) -> None:
    asked = {each.get("x-scope") for path in DOCUMENT["paths"].values() for each in path.values()}
    assert asked - {None} == {scope.value for scope in KeyScope}

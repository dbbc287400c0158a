"""The versions of the rules by API: what the desk can do with them, a program can."""

from datetime import timedelta
from typing import Any

import pytest
import yaml

from tests.integration.test_hq_rules import PEOPLE, document
from tests.support.world import Answer, World, a_programme


@pytest.fixture
def api(world: World) -> World:
    world.use(a_programme(hq={"people": PEOPLE, "language": "en"}, languages=["en", "de"]))
    return world


def call(world: World, method: str, path: str, *scopes: str, **more: Any) -> Answer:
    headers = {"X-Api-Key": world.api_key(*scopes)} | more.pop("headers", {})
    return world.http(method, path, headers=headers, **more)


def read(world: World, path: str) -> Any:
    answer = call(world, "GET", path, "programme:read")
    assert answer.status == 200, answer.body
    return answer.json()


def write(world: World, method: str, path: str, **more: Any) -> Answer:
    return call(world, method, path, "programme:write", **more)


def put(
    world: World, query: str = "", headers: dict[str, str] | None = None, **changes: Any
) -> Any:
    body = document(world) | changes
    return write(world, "PUT", f"/v1/programme{query}", json_body=body, headers=headers or {})


def test_a_version_says_who_saved_it_and_what_for(api: World) -> None:
    assert put(api, "?comment=Swiss%20francs", currency="CHF").status == 200
    listed = read(api, "/v1/programme/versions")
    assert [each["version"] for each in listed["versions"]] == [2, 1]
    assert (listed["in_force"], listed["before"]) == (2, None)
    newest, oldest = listed["versions"]
    assert (newest["state"], newest["comment"]) == ("in_force", "Swiss francs")
    assert newest["by"].startswith("machine-")
    assert (oldest["state"], oldest["by"]) == ("earlier", None)


def test_a_version_is_read_whole_with_the_yaml_as_it_was_written(api: World) -> None:
    text = "# ours\n" + yaml.safe_dump(document(api), sort_keys=False)
    headers = {"Content-Type": "application/yaml"}
    assert write(api, "PUT", "/v1/programme", body=text, headers=headers).status == 200
    whole = read(api, "/v1/programme/versions/2")
    assert whole["text"] == text
    assert whole["programme"]["currency"] == "EUR"
    yaml_of_it = call(
        api, "GET", "/v1/programme", "programme:read", headers={"Accept": "application/yaml"}
    )
    assert yaml_of_it.body == text


def test_the_difference_is_told_in_the_language_that_is_asked_for(api: World) -> None:
    put(api, currency="CHF")
    told = read(api, "/v1/programme/diff?from=1&to=2&lang=de")
    assert told["changes"] == [
        {
            "key": "currency",
            "section": "Marke und Land",
            "about": "",
            "was": "Beträge gelten in EUR.",
            "is": "Beträge gelten in CHF.",
        }
    ]


def test_rules_are_replaced_only_in_place_of_those_that_were_read(api: World) -> None:
    put(api, currency="CHF")
    late = put(api, headers={"If-Match": '"1"'}, currency="USD")
    assert late.status == 412
    assert late.json()["version"] == 2
    assert [each["is"] for each in late.json()["changes"]] == ["Amounts are in CHF."]
    unknown = put(api, headers={"If-Match": '"7"'}, currency="USD")
    assert (unknown.status, unknown.json()["changes"]) == (412, [])
    assert put(api, headers={"If-Match": '"2"'}, currency="USD").status == 200
    assert put(api, headers={"If-Match": '"two"'}, currency="USD").status == 422


def test_rules_are_planned_and_called_off(api: World) -> None:
    at = (api.now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%MZ")
    assert put(api, f"?starts_at={at}", currency="CHF").json()["version"] == 2
    assert read(api, "/v1/programme/versions/2")["state"] == "planned"
    answer = write(api, "POST", "/v1/programme/versions/2/call-off")
    assert (answer.status, answer.json()["state"]) == (200, "called_off")
    assert write(api, "POST", "/v1/programme/versions/2/call-off").status == 404
    api.advance(hours=3)
    assert read(api, "/v1/programme")["currency"] == "EUR"


@pytest.mark.parametrize(
    "query", ["?starts_at=2020-01-01T00:00Z", "?starts_at=soon", "?comment=" + "x" * 301]
)
def test_what_cannot_be_planned_or_is_too_long_is_refused(api: World, query: str) -> None:
    assert put(api, query, currency="CHF").status == 422
    assert api.wiring.rules.programme()[0] == 1


def test_an_earlier_version_is_restored(api: World) -> None:
    put(api, currency="CHF")
    assert write(api, "POST", "/v1/programme/versions/1/restore").json()["version"] == 3
    assert read(api, "/v1/programme")["currency"] == "EUR"
    assert read(api, "/v1/programme/versions/3")["back_to"] == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/programme/versions/9"),
        ("GET", "/v1/programme/versions/x"),
        ("GET", "/v1/programme/diff?from=1&to=9"),
        ("GET", "/v1/programme/diff"),
        ("POST", "/v1/programme/versions/9/restore"),
        ("POST", "/v1/programme/versions/0/restore"),
    ],
)
def test_what_there_is_not_is_not_found(api: World, method: str, path: str) -> None:
    assert call(api, method, path, "programme:read", "programme:write").status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/programme/versions"),
        ("GET", "/v1/programme/versions/1"),
        ("GET", "/v1/programme/diff?from=1&to=1"),
        ("POST", "/v1/programme/versions/1/restore"),
        ("POST", "/v1/programme/versions/1/call-off"),
    ],
)
def test_each_needs_its_scope(api: World, method: str, path: str) -> None:
    assert call(api, method, path, "leads:read").status == 403
    if method == "POST":
        assert call(api, method, path, "programme:read").status == 403

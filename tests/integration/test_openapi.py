"""The description of the API is what the code says, and what it shows as an example really
works.
"""

import json
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
from jsonschema import Draft202012Validator

from infra.openapi.document import FILE, openapi_document, openapi_text
from infra.openapi.examples import ENQUIRY
from infra.openapi.operations import OPERATIONS
from infra.tools.hq_key import SCOPES, create_key
from routing_core.domain import programmes
from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.enquiry.enquiry import NEED_FIELDS
from routing_core.formats.yaml_text import read_yaml
from routing_core.present.explain.lead_document import PUBLIC_NAMES
from tests.support.world import Answer, World

DOCUMENT = openapi_document()
CSV, FORM = "text/csv", "application/x-www-form-urlencoded"


def test_the_file_is_what_the_code_says() -> None:
    assert FILE.read_text() == openapi_text(), "make openapi"


def test_every_operation_is_described_once() -> None:
    """That each is answered and reached is said by tests/infra/test_routes.py."""
    described = {
        f"{method.upper()} {path}"
        for path, methods in DOCUMENT["paths"].items()
        for method in methods
    }
    assert described == set(OPERATIONS), "nothing is described that is not there"


def test_every_scope_is_one_that_a_key_can_have() -> None:
    scopes = {
        o["x-scope"]
        for methods in DOCUMENT["paths"].values()
        for o in methods.values()
        if "x-scope" in o
    }
    assert scopes == set(SCOPES)


def test_every_reference_leads_somewhere() -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            found = [node["$ref"]] if "$ref" in node else []
            return found + [r for value in node.values() for r in references(value)]
        return [r for value in node for r in references(value)] if isinstance(node, list) else []

    for reference in set(references(DOCUMENT)):
        node: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_a_field_that_the_code_calls_otherwise_keeps_its_name_in_the_api() -> None:
    """What partners' systems read stays as it is; PUBLIC_NAMES says what the code's words are."""
    schemas = openapi_document()["components"]["schemas"]
    shown = set(schemas["Lead"]["properties"]) | set(schemas["Offer"]["properties"])
    assert {"joined_to", "holds", "attached"} <= shown
    assert not shown & set(PUBLIC_NAMES)


def matches(schema: dict[str, Any], value: Any) -> None:
    whole = schema | {"components": DOCUMENT["components"]}
    errors = [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(whole).iter_errors(value)
    ]
    assert errors == []


class Api:
    """Calls what the document describes, as it describes it; what comes back must match what it
    promises.
    """

    def __init__(self, world: World):
        self.world = world
        self.key = create_key(boto3.client("dynamodb"), "partners")

    def __call__(
        self,
        route: str,
        query: dict[str, str] | None = None,
        *,
        kind: str = "application/json",
        body: Any = None,
        **at: str,
    ) -> Answer:
        method, _, path = route.partition(" ")
        operation = DOCUMENT["paths"][path][method.lower()]
        headers = {"X-Api-Key": self.key} if "security" in operation else {}
        if "requestBody" in operation:
            media = operation["requestBody"]["content"][kind]
            sent = body if body is not None else media["example"]
            if not isinstance(sent, str):
                matches(media["schema"], sent)
                sent = json.dumps(sent)
            headers["Content-Type"] = kind
            body = sent
        assert set(query or {}) <= {
            p["name"] for p in operation.get("parameters", []) if p["in"] == "query"
        }
        address = path.format(**at) + (f"?{urlencode(query)}" if query else "")
        answer = self.world.http(method, address, body=body, headers=headers)
        promised = operation["responses"][str(answer.status)]
        promised = (
            DOCUMENT["components"]["responses"][promised["$ref"].split("/")[-1]]
            if "$ref" in promised
            else promised
        )
        content = promised["content"][answer.headers["Content-Type"].split(";")[0]]
        matches(content["schema"], answer.json())
        return answer


@pytest.fixture
def api(world: World) -> Api:
    text = files(programmes).joinpath("consumer-trade.yaml").read_text("utf-8")
    world.use(read_programme(read_yaml(text)))
    return Api(world)


@pytest.mark.slow
def test_the_examples_play_the_story_they_tell(api: Api) -> None:
    world = api.world
    assert api("POST /v1/partners/import", {"dry_run": "true"}).json()["created"] == ["isar-waerme"]
    assert api("POST /v1/partners/import").json()["created"] == ["isar-waerme"]
    assert api("POST /v1/partners/import", kind=CSV).json()["created"] == ["alpen-klima"]
    assert api("PUT /v1/partners/{partner}", partner="isar-waerme").status == 200
    shown = api("GET /v1/partners/{partner}", partner="isar-waerme").json()
    assert api("PUT /v1/partners/{partner}", partner="isar-waerme", body=shown).status == 200
    world.deliver()
    assert api("GET /v1/forms/{form}", {"lang": "de"}, form="enquiry").json()["language"] == "de"
    need = {name: ENQUIRY[name] for name in NEED_FIELDS}
    assert (
        api("GET /v1/forms/{form}/coverage", need | {"lang": "de"}, form="enquiry").json()[
            "partners"
        ]
        == 1
    )
    received = api("POST /v1/forms/{form}/leads", form="enquiry")
    lead = received.json()["lead"]
    assert (received.status, world.lead(lead).status, received.json()["ignored"]) == (
        201,
        "offered",
        [],
    )
    assert api("GET /v1/leads/{lead}", lead=lead).json()["decisions"]
    assert api("GET /v1/leads/{lead}/decisions", {"replay": "true"}, lead=lead).status == 200
    assert api("GET /v1/leads/{lead}/mails", lead=lead).status == 200
    assert api("GET /v1/leads", {"text": "a"}).status == 200
    assert api("POST /v1/leads/{lead}/notes", lead=lead).status == 200
    assert api("POST /v1/leads/{lead}/ask", lead=lead).status == 409
    assert api("POST /v1/leads/{lead}/requeue", lead=lead).status == 200
    assert api("POST /v1/leads/{lead}/assign", lead=lead).status == 200
    assert api("POST /v1/leads/{lead}/release", lead=lead).status == 409
    assert api("POST /v1/leads/{lead}/grant", lead=lead).status == 409
    assert api("POST /v1/programme/dry-run").json()["offers"]
    assert api("POST /v1/leads/{lead}/erase", lead=lead).status == 200
    assert api("GET /v1/network/coverage").status == 200
    assert (
        api("PUT /v1/places/{country}", {"dry_run": "true"}, kind=CSV, country="DE").json()[
            "postcodes"
        ]
        == 2
    )
    assert api("GET /v1/places").json() == {"places": []}
    assert api("PUT /v1/places/{country}", kind=CSV, country="DE").status == 200
    assert [each["country"] for each in api("GET /v1/places").json()["places"]] == ["DE"]
    rules = api("GET /v1/programme").json()
    assert api("PUT /v1/programme", body=rules).json()["version"] == 2


def test_a_plain_form_may_send_the_example_too(api: Api) -> None:
    fields = {k: "yes" if v is True else str(v) for k, v in ENQUIRY.items()}
    assert (
        api("POST /v1/forms/{form}/leads", kind=FORM, body=urlencode(fields), form="enquiry").status
        == 201
    )


def test_what_is_refused_is_a_problem_document(api: Api) -> None:
    wrong = ENQUIRY | {"email": "nobody", "postcode": "1"}
    answer = api("POST /v1/forms/{form}/leads", body=wrong, form="enquiry")
    assert (answer.status, {e["field"] for e in answer.json()["errors"]}) == (
        422,
        {"email", "postcode"},
    )
    assert api("POST /v1/forms/{form}/leads", form="nowhere").status == 404
    assert api("POST /v1/forms/{form}/leads", body="{", form="enquiry").status == 400
    assert api("POST /v1/partners/import", kind=CSV, body="id\n" + "x" * 6_000_000).status == 413
    assert api("GET /v1/leads/{lead}", lead="LNOTTHERE").status == 404
    api.key = "pr_guessed"
    assert api("GET /v1/programme").status == 401
    api.key = create_key(boto3.client("dynamodb"), "partners", "reader", ["leads:read"])
    assert api("GET /v1/programme").status == 403

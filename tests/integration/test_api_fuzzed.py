"""Whatever a program sends to the API, it is answered as the contract says: no server error, no
status, media type or body that the contract does not have.

schemathesis makes the requests out of the contract itself, the same ones every time.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import boto3
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from infra.openapi.document import openapi_document
from infra.tools.hq_key import create_key
from routing_core.domain.people import person_id
from tests.support.few import examples
from tests.support.stack import BASE_URL
from tests.support.world import Answer, World, a_programme, munich

DOCUMENT = openapi_document()
OPERATIONS = {
    result.ok().label: result.ok()
    for result in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()
}
EXAMPLES = examples(8)
"""Requests made of each operation, half of them about something that there is."""


@pytest.fixture
def filled(world: World) -> World:
    """A network, and a lead that a partner was asked about."""
    world.use(a_programme(), munich(1), munich(2))
    world.post_lead("one")
    world.deliver()
    return world


def known_names(world: World) -> Mapping[str, str]:
    """Something that there is for each parameter of a path, as far as there is something."""
    return {
        "lead": world.lead_ids()[0],
        "partner": "munich-1",
        "form": "enquiry",
        "country": "DE",
        "version": "1",
        "person": person_id("hq@example.com"),
    }


@pytest.mark.slow
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_one_that_the_contract_has(filled: World, label: str) -> None:
    world = filled
    key = create_key(boto3.client("dynamodb"), "partners")
    names = known_names(world)
    point = world.saved()

    @given(case=OPERATIONS[label].as_strategy(), about_ours=st.booleans())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],  # what fails is shown as it was sent: to shorten it takes minutes
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Any, about_ours: bool) -> None:
        world.back_to(point)
        if about_ours:
            case.path_parameters = {
                name: names.get(name, told) for name, told in (case.path_parameters or {}).items()
            }
        answer = ask(world, case, key)
        problems = list(contradictions(label, answer))
        assert problems == [], (case.as_curl_command(), answer.body[:300])

    send()


def ask(world: World, case: Any, key: str) -> Answer:
    """The request as it goes over the wire."""
    told = case.as_transport_kwargs(base_url=BASE_URL)
    prepared = requests.Request(
        told["method"],
        told["url"],
        headers=told.get("headers"),
        params=told.get("params"),
        data=told.get("data"),
        json=told.get("json"),
        files=told.get("files"),
    ).prepare()
    sent = {
        name: value for name, value in prepared.headers.items() if name.lower() != "accept-encoding"
    }
    parts = urlsplit(str(prepared.url))
    body = prepared.body
    return world.http(
        str(prepared.method),
        quote(parts.path, safe="/%") + (f"?{parts.query}" if parts.query else ""),
        body=body.encode() if isinstance(body, str) else body,
        headers=sent | {"X-Api-Key": key},
    )


def contradictions(label: str, answer: Answer) -> Any:
    """What of an answer the contract does not have."""
    method, _, path = label.partition(" ")
    promised = DOCUMENT["paths"][path][method.lower()]["responses"].get(str(answer.status))
    if promised is None:
        yield f"status {answer.status}"
        return
    if "$ref" in promised:
        promised = DOCUMENT["components"]["responses"][promised["$ref"].rpartition("/")[2]]
    media_type = answer.headers["Content-Type"].partition(";")[0]
    if media_type not in promised.get("content", {}):
        yield f"media type {media_type}"
        return
    if media_type.endswith("json"):
        schema = promised["content"][media_type]["schema"] | {"components": DOCUMENT["components"]}
        try:
            told = json.loads(answer.body)
        except ValueError:
            yield f"no JSON: {answer.headers}"
            return
        for error in Draft202012Validator(schema).iter_errors(told):
            yield f"{error.json_path}: {error.message}"

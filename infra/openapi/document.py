"""Puts the description of the API together from routes, operations and schemas."""

import inspect
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "openapi")  # Powertools asks for it on import

from functions.hq import app as hq
from functions.intake import app as intake
from infra.openapi.operation import Operation
from infra.openapi.operations import OPERATIONS
from infra.openapi.schema_parts import TEXT, reference
from infra.openapi.schemas import schemas
from routing_core.aws.http import STATUS
from routing_core.present.problems import TITLES

FILE = Path(__file__).parents[1] / "openapi.yaml"
"""The description as it is committed."""

Document = dict[str, Any]
"""A part of an OpenAPI document, as JSON has it."""

SUCCESS = {
    200: "Done",
    201: "Stored, with what happens next; the same answer for the same key and body",
    202: "Accepted as a whole; anything not yet in force will be within minutes",
}
"""Says what each status of success means."""

GOES_ON = "Not finished within a request: the address in Location goes on, until it answers 200"
"""Says what 202 means where a call is finished by being repeated."""

_SCOPE_ASKED = re.compile(r'require(?:_key)?\([^"]*"([\w:]+)"')


def openapi_document() -> Document:
    """Give the whole description.

    Raise LookupError for a route that ``OPERATIONS`` does not name.
    """
    paths: Document = {}
    for route, handler in api_routes():
        method, _, path = route.partition(" ")
        paths.setdefault(path, {})[method.lower()] = _operation(route, handler)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Partner Relay",
            "version": "1",
            "description": "Enquiries in, partners and rules managed. Made from the code by `make openapi`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "http://127.0.0.1:8000", "description": "make run"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {
                "ApiKey": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-Api-Key",
                    "description": "Printed once by `make hq-key`; `Authorization: Bearer` works too. "
                    "x-scope names the scope that a call needs.",
                }
            },
            "responses": _refusals(),
            "schemas": schemas(),
        },
    }


def openapi_text() -> str:
    """Write the description as YAML."""
    return yaml.dump(
        openapi_document(), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110
    )


class _Plain(yaml.SafeDumper):
    """Writes a value out where it is used again, rather than an anchor."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write every value out."""
        return True


def api_routes() -> Iterator[tuple[str, Any]]:
    """Yield each route of the JSON API as the functions have it, and its handler.

    A route is written ``GET /v1/leads/{lead}``.
    """
    for app in (intake.app, hq.app):
        for route in (*app._static_routes, *app._dynamic_routes):
            path = re.sub(r"<(\w+)>", r"{\1}", route.path)
            # A preflight is asked by browsers, and by nobody who reads a description.
            if path.startswith("/v1/") and route.method != "OPTIONS":
                yield f"{route.method} {path}", route.func


CHANGES_OF_A_PARTNER = tuple(
    f"{method} /v1/partners/{{partner}}" for method in ("PUT", "PATCH", "DELETE")
)
"""Calls that may name the version of the partner that they are meant for."""


CHANGES_OF_RULES = (
    "PUT /v1/programme",
    "PATCH /v1/programme",
    "POST /v1/people",
    "PATCH /v1/people/{person}",
    "DELETE /v1/people/{person}",
)
"""Calls that may name the version of the rules they are meant for: people stand in them too."""


def _operation(route: str, handler: Any) -> Document:
    """Describe one route from its handler and from what ``OPERATIONS`` says of it."""
    if route not in OPERATIONS:
        raise LookupError(f"{route} is new: say in infra/openapi/operations.py what it takes")
    operation = OPERATIONS[route]
    path = route.partition(" ")[2]
    scope = _scope(handler)
    described: Document = {"summary": operation.summary}
    if handler.__doc__:
        described["description"] = inspect.cleandoc(handler.__doc__)
    described |= _security(operation, scope)
    parameters = [*_of_the_address(operation, path), *_headers(operation, route)]
    if parameters:
        described["parameters"] = parameters
    if operation.body or operation.also:
        described["requestBody"] = {"required": True, "content": _content(operation)}
    described["responses"] = _responses(operation, path, scope)
    return described


def _scope(handler: Any) -> str:
    """Give the scope that a handler asks of an API key; empty if it asks for none."""
    asked = _SCOPE_ASKED.search(inspect.getsource(handler))
    return asked[1] if asked else ""


def _security(operation: Operation, scope: str) -> Document:
    """Say which API key must come along, or may."""
    if operation.may_use:
        return {"security": [{}, {"ApiKey": []}], "x-scope-if-key": operation.may_use}
    if scope:
        return {"security": [{"ApiKey": []}], "x-scope": scope}
    return {}


def _of_the_address(operation: Operation, path: str) -> Iterator[Document]:
    """Yield the parameters in the path and behind the question mark."""
    for name in re.findall(r"\{(\w+)\}", path):
        yield {"name": name, "in": "path", "required": True, "schema": TEXT}
    examples = operation.query_examples or {}
    for name, means in (operation.query or {}).items():
        described = {"name": name, "in": "query", "description": means, "schema": TEXT}
        if name in examples:
            described["example"] = examples[name]
        yield described


def _headers(operation: Operation, route: str) -> Iterator[Document]:
    """Yield the headers that make a call safe to repeat, or safe against what others do."""
    if operation.body in ("Enquiry", "EnteredLead"):
        yield _header(
            "Idempotency-Key",
            "One key for each enquiry: the same key and body give the same answer and no second lead",
        )
    if route.startswith(("POST", "DELETE")) and "/leads/{lead}/" in route:
        means = "The ETag of the lead as you read it: done only if nothing has happened to it since, else 409"
        if route.endswith("/assign"):
            means += "; * takes it from whoever has it. A lead that has been accepted needs one of the two"
        yield _header("If-Match", means)
    if route in CHANGES_OF_A_PARTNER:
        means = "The ETag of the partner as you read it: done only if nobody has saved it since, else 412"
        yield _header("If-Match", means)
    if route in CHANGES_OF_RULES:
        means = (
            "The ETag of the rules as you read them: done only if they are still in force, else 412"
        )
        yield _header("If-Match", means)
    if route.startswith("PUT /v1/partners/"):
        yield _header("If-None-Match", "*: done only if there is no such partner yet, else 412")


def _header(name: str, means: str) -> Document:
    """Describe a header that may be sent."""
    return {"name": name, "in": "header", "description": means, "schema": TEXT}


def _content(operation: Operation) -> Document:
    """Describe the body that is sent, for each media type it may have."""
    content: Document = {}
    if operation.body:
        content["application/json"] = {"schema": reference(operation.body)}
        if operation.example is not None:
            content["application/json"]["example"] = operation.example
    for media_type, example in (operation.also or {}).items():
        is_text = media_type == "text/csv" or not operation.body
        schema = TEXT if is_text else reference(operation.body)
        content[media_type] = {"schema": schema}
        if example:
            content[media_type]["example"] = example
    return content


def _responses(operation: Operation, path: str, scope: str) -> Document:
    """Describe what comes back: the answers of success, then a problem for each refusal."""
    content: Document = {}
    if operation.answer:
        content["application/json"] = {"schema": reference(operation.answer)}
    for media_type in operation.answers_also:
        content[media_type] = {"schema": TEXT}
    responses: Document = {}
    for status in operation.status:
        responses[str(status)] = {"description": SUCCESS[status], "content": content}
    if operation.goes_on:
        goes_on = {"application/json": {"schema": reference(operation.goes_on)}}
        responses["202"] = {"description": GOES_ON, "content": goes_on}
    for status in sorted(_refused_with(operation, path, scope)):
        responses[str(status)] = {"$ref": f"#/components/responses/{TITLES[status]}"}
    return responses


RACES = ("/leads/", "import", "/v1/people")
"""What is in the address of calls that may meet what somebody else does at the same moment."""


def _refused_with(operation: Operation, path: str, scope: str) -> set[int]:
    """Collect the statuses with which a call can be refused."""
    has_body = bool(operation.body or operation.also)
    can_lose_a_race = operation.body == "Partner" or any(each in path for each in RACES)
    names_a_version = any(each in path for each in ("/leads/{lead}/", "/v1/people"))
    statuses: set[int] = set()
    if has_body:
        statuses |= {400, 413, 422}
    if operation.query or names_a_version:  # also for an If-Match that is no ETag
        statuses.add(422)
    if scope or operation.may_use:
        statuses |= {401, 403}
    if "{" in path or operation.body == "EnteredLead":  # which names a form
        statuses.add(404)
    if can_lose_a_race:
        statuses.add(409)
    if path.endswith("/assign"):
        statuses.add(428)
    if operation.answer in ("Saved", "ProgrammeVersion") and path.startswith("/v1/programme"):
        statuses |= {409, 422}
    if path == "/v1/programme/diff":
        statuses.add(404)
    if operation in [OPERATIONS[route] for route in (*CHANGES_OF_A_PARTNER, *CHANGES_OF_RULES)]:
        statuses |= {409, 412, 422}
    return statuses


def _refusals() -> Document:
    """Describe a problem document for each status that a refusal has."""
    problem = {"application/problem+json": {"schema": reference("Problem")}}
    refusals: Document = {}
    for status in sorted(set(STATUS.values())):
        title = TITLES[status]
        refusals[title] = {"description": title.replace("_", " "), "content": problem}
    return refusals

"""A route is a line of the template, a decorator and, of the JSON API, an operation of
openapi.yaml: all agree.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.local.routes import Route, routes_of_body
from tests.support.stack import routes

OVER_HTTP = ("intake", "partner", "hq", "hq_desk")
OPENAPI = Path(__file__).parents[2] / "infra/openapi.yaml"


def shape(route: str) -> str:
    """Gives a route with no names for what varies: the template says {id} where the code says
    <lead>.
    """
    return re.sub(r"\{\w+\}|<\w+>", "{}", route)


def decorated(function: str) -> set[str]:
    app = import_module(f"functions.{function}.app").app
    return {
        shape(f"{route.method} {route.path}")
        for route in (*app._static_routes, *app._dynamic_routes)
    }


def catches_the_rest(route: str) -> bool:
    return route.startswith("ANY ") or route == "$default"


def comes_by_the_desk(route: str) -> bool:
    """Tells whether a route needs no line: the desk has more of them than Lambda takes permissions.

    ``ANY /hq/{proxy+}`` is one permission for all, with the usual throttle.
    """
    method, _, path = route.partition(" ")
    return method in ("GET", "POST") and path.startswith("/hq/")


@pytest.mark.parametrize("function", OVER_HTTP)
def test_the_template_routes_to_a_function_exactly_what_its_decorators_answer(
    function: str,
) -> None:
    of_the_template = {
        shape(route)
        for route, whose in routes()
        if whose == function and not catches_the_rest(route)
    }
    answered = decorated(function)
    assert of_the_template <= answered
    assert [route for route in answered - of_the_template if not comes_by_the_desk(route)] == []


def test_openapi_describes_every_route_of_the_json_api_and_no_other() -> None:
    paths: dict[str, dict[str, Any]] = yaml.safe_load(OPENAPI.read_text("utf-8"))["paths"]
    described = {
        shape(f"{method.upper()} {path}") for path, methods in paths.items() for method in methods
    }
    of_the_api = {shape(route) for route, _ in routes() if " /v1/" in route}
    # A preflight is asked by browsers and by nobody who reads a description.
    assert described == {each for each in of_the_api if not each.startswith(("ANY ", "OPTIONS "))}


def test_no_two_routes_are_the_same() -> None:
    shapes = [shape(route) for route, _ in routes()]
    assert len(shapes) == len(set(shapes))


# ── the embedded AWS, which reads no body of an API ───────────────────────────────────────────────


def operation(function: str) -> dict[str, Any]:
    uri = f"arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/${{{function}.Arn}}/invocations"
    return {"x-amazon-apigateway-integration": {"uri": {"Fn::Sub": uri}}}


BODY = {
    "paths": {
        "$default": {"x-amazon-apigateway-any-method": operation("IntakeFunction")},
        "/o/{token}": {"get": operation("PartnerFunction"), "post": operation("PartnerFunction")},
        "/o/{proxy+}": {"x-amazon-apigateway-any-method": operation("PartnerFunction")},
    }
}


def test_a_body_is_read_as_api_gateway_reads_it() -> None:
    assert list(routes_of_body(BODY)) == [
        Route("$default", "IntakeFunction"),
        Route("GET /o/{token}", "PartnerFunction"),
        Route("POST /o/{token}", "PartnerFunction"),
        Route("ANY /o/{proxy+}", "PartnerFunction"),
    ]


def test_an_operation_without_a_function_is_refused() -> None:
    nowhere = {
        "paths": {
            "/o": {
                "get": {
                    "x-amazon-apigateway-integration": {"uri": {"Fn::Sub": "http://example.org"}}
                }
            }
        }
    }
    with pytest.raises(ValueError, match="get /o leads to no function"):
        list(routes_of_body(nowhere))

"""A route is a decorator, of the JSON API an operation of openapi.yaml, and a line of the template
or one that takes the rest: all agree.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.local.routes import Route, routes_of_body
from routing_core.domain.people import ID_LENGTH
from routing_core.formats.partner_document import WORDS_IN_PLACE_OF_IDS
from tests.support.stack import routes

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


def falls_into(answered: str, function: str) -> bool:
    """Tells whether a route that has no line comes to the function by one that takes the rest."""
    path = answered.partition(" ")[2]
    return any(
        whose == function and path.startswith(route.partition(" ")[2].removesuffix("{proxy+}"))
        for route, whose in routes()
        if route.startswith("ANY ")
    )


@pytest.mark.parametrize("function", ["intake", "partner"])
def test_the_template_routes_to_a_function_exactly_what_its_decorators_answer(
    function: str,
) -> None:
    assert of_the_template(function) == decorated(function)


@pytest.mark.parametrize("function", ["hq", "hq_desk"])
def test_of_hqs_many_routes_those_stand_in_the_template_that_have_a_throttle_of_their_own(
    function: str,
) -> None:
    """Lambda takes the permissions of about forty routes; the others come by one for all."""
    answered = decorated(function)
    assert of_the_template(function) <= answered
    lost = [
        route for route in answered - of_the_template(function) if not falls_into(route, function)
    ]
    assert lost == []


def of_the_template(function: str) -> set[str]:
    return {
        shape(route)
        for route, whose in routes()
        if whose == function and not catches_the_rest(route)
    }


def test_openapi_describes_every_route_of_the_json_api_and_no_other() -> None:
    paths: dict[str, dict[str, Any]] = yaml.safe_load(OPENAPI.read_text("utf-8"))["paths"]
    described = {
        shape(f"{method.upper()} {path}") for path, methods in paths.items() for method in methods
    }
    answered = decorated("intake") | decorated("hq")
    # A preflight is asked by browsers and by nobody who reads a description.
    assert described == {
        route for route in answered if " /v1/" in route and not route.startswith("OPTIONS ")
    }


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


def test_no_id_is_a_word_that_stands_in_its_place_in_an_address_of_the_desk() -> None:
    app = import_module("functions.hq_desk.app").app
    paths = {
        re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", each)
        for each in (route.path for route in (*app._static_routes, *app._dynamic_routes))
    }
    words: dict[str, set[str]] = {}
    for path in paths:
        before, bracket, after = path.partition("<")
        beside = [each[len(before) :].split("/")[0] for each in paths if each.startswith(before)]
        if bracket:
            name = after.split(">")[0]
            words.setdefault(name, set()).update(each for each in beside if each.isalpha())
    assert words.pop("partner") == WORDS_IN_PLACE_OF_IDS, "whoever is saved is not called so"
    assert not [word for word in words.pop("lead") if word.startswith("L")], "ids do"
    assert words.pop("person") == {"new"}
    assert len("new") < ID_LENGTH
    assert words.pop("run") == {"costs"}, "a run begins with the digits of its year"
    assert not any(words.values()), words

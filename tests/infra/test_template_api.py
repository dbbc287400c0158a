"""Promises about the API: routes, throttles, permissions and its log."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from infra.checks.lint import transformed
from tests.support.stack import logical_name, routes
from tests.support.template import (
    FUNCTIONS,
    OVER_HTTP,
    STAGE,
    deployed,
    of_type,
    properties,
)

NEW_ROUTES = {"GET /robots.txt", "GET /u/{token}", "POST /u/{token}", "ANY /u/{proxy+}"}
"""Routes of the release that is being made; in the next one they may have throttles of their own."""


def test_every_route_has_a_throttle_of_its_own_that_no_single_client_fills_for_a_form() -> None:
    throttles = properties(STAGE)["RouteSettings"]
    assert {route for route, _ in routes()} == set(throttles) | NEW_ROUTES
    for route, throttle in throttles.items():
        if "{form}" in route or route == "GET /embed.js":
            assert throttle["ThrottlingRateLimit"] >= 25 * 20, (
                route
            )  # 25 clients at 20 requests a second


def test_a_route_that_is_new_lets_its_release_be_taken_back() -> None:
    """API Gateway keeps a route's own throttle when the route goes, and refuses the stage then."""
    stage = properties(STAGE)
    assert not NEW_ROUTES & set(stage["RouteSettings"])
    throttle = stage["RouteSettings"]["GET /o/{token}"]
    assert throttle.items() <= stage["DefaultRouteSettings"].items()


def test_what_no_route_takes_goes_to_the_function_whose_addresses_begin_so() -> None:
    """HEAD and a slash at the end among it; by name no route takes more than one method."""
    targets = dict(routes())
    assert {route.partition(" ")[0] for route in targets} == {
        "GET",
        "POST",
        "PUT",
        "OPTIONS",
        "ANY",
        "$default",
    }
    catching = {
        route: target for route, target in targets.items() if route.startswith(("ANY ", "$default"))
    }
    assert all(
        route in ("$default", "ANY /hq") or route.endswith("/{proxy+}") for route in catching
    )
    for route, target in targets.items():
        beginnings = [
            each
            for each in catching
            if route.split(" ")[-1].startswith(each[4:].removesuffix("{proxy+}"))
        ]
        nearest = max(
            (each for each in beginnings if each != "$default"), key=len, default="$default"
        )
        assert catching[nearest] == target, f"{route} and {nearest} belong to one function"


def test_access_logs_hold_no_path_for_tokens_are_in_it() -> None:
    logged = set(
        re.findall(r"\$context\.([\w.]+)", properties(STAGE)["AccessLogSettings"]["Format"])
    )
    assert {"routeKey", "status", "responseLatency", "requestId"} <= logged
    assert not logged & {
        "path",
        "identity.userAgent",
        "identity.sourceIp",
        "httpMethod",
        "error.message",
    }
    json.loads(properties(STAGE)["AccessLogSettings"]["Format"])


def test_the_api_may_call_the_functions_that_it_routes_to() -> None:
    """SAM writes a permission for each route, or one for all of a function that answers what no
    route takes.
    """
    for route, function in routes():
        allowed = [
            source
            for source, called in permissions()
            if called == f"{logical_name(function)}Function"
        ]
        method, _, path = route.partition(" ")
        wanted = f"{'*' if method == 'ANY' else method}{re.sub('{[^}]+}', '*', path)}"
        assert any(source in ("*", wanted) for source in allowed), route


def permissions() -> Iterator[tuple[str, str]]:
    """Yields what of the API may call a function, such as ``GET/o/*``, and the function."""
    for permission in of_type("AWS::Lambda::Permission").values():
        if permission["Principal"] == "apigateway.amazonaws.com":
            text, names = permission["SourceArn"]["Fn::Sub"]
            assert names == {"__ApiId__": {"Ref": "Api"}, "__Stage__": "*"}
            yield (
                text.partition("${__Stage__}/")[2],
                permission["FunctionName"]["Ref"].removesuffix("Aliaslive"),
            )


@pytest.mark.parametrize("function", OVER_HTTP)
def test_the_permissions_of_a_function_fit_into_what_lambda_takes(function: str) -> None:
    """20 KB a function. A statement is its source, its id with the stack's name, and 330 characters
    around them.
    """
    longest_stack_name = 40
    sources = [source for source, called in permissions() if called == f"{function}Function"]
    assert sum(330 + longest_stack_name + 60 + len(source) for source in sources) < 20_480


def test_what_the_api_names_does_not_name_the_api() -> None:
    """Its functions would go round in a circle with it: they take their address from the
    request.
    """
    for function in FUNCTIONS:
        names_the_api = "${Api}" in json.dumps(properties(f"{function}Function"))
        assert names_the_api == (function not in OVER_HTTP), function
    for function in OVER_HTTP:
        assert told_address(deployed(), function) == ""
        said = deployed(BaseUrl="https://leads.example.com")
        assert told_address(said, function) == "https://leads.example.com"


def told_address(made: dict[str, Any], function: str) -> Any:
    """Give what a function of a deployment is told that links begin with."""
    return made[f"{function}Function"]["Properties"]["Environment"]["Variables"]["BASE_URL"]


DOMAIN = "leads.example.com"
CERTIFICATE = "arn:aws:acm:eu-central-1:123456789012:certificate/1b2c-3d"


def test_a_domain_of_ones_own_is_the_only_way_to_the_api() -> None:
    made = deployed(DomainName=DOMAIN, CertificateArn=CERTIFICATE)
    domain = made["Domain"]["Properties"]
    assert domain["DomainName"] == DOMAIN
    assert domain["DomainNameConfigurations"] == [
        {"CertificateArn": CERTIFICATE, "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}
    ]
    mapping = made["DomainMapping"]["Properties"]
    assert mapping == {
        "ApiId": {"Ref": "Api"},
        "DomainName": {"Ref": "Domain"},
        "Stage": {"Ref": STAGE},
    }
    assert closes_its_own_address(made) is True


def test_without_a_domain_the_api_answers_at_its_own_address() -> None:
    made = deployed()
    assert not {"Domain", "DomainMapping"} & set(made)
    assert closes_its_own_address(made) is False


def closes_its_own_address(made: dict[str, Any]) -> Any:
    """Read out of the API's body whether the address that AWS gave it is closed."""
    (server,) = made["Api"]["Properties"]["Body"]["servers"]
    return server["x-amazon-apigateway-endpoint-configuration"]["disableExecuteApiEndpoint"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_links_begin_with_the_domain_unless_another_address_is_said(function: str) -> None:
    domain = {"DomainName": DOMAIN, "CertificateArn": CERTIFICATE}
    from_domain = told_address(deployed(**domain), function)
    assert from_domain in (f"https://{DOMAIN}", {"Fn::Sub": "https://${DomainName}"})
    before_it = deployed(**domain, BaseUrl="https://www.example.com")
    assert told_address(before_it, function) == "https://www.example.com"


@pytest.mark.parametrize("function", OVER_HTTP)
def test_another_domain_is_another_version_of_whatever_is_told_it(function: str) -> None:
    alias = deployed(DomainName=DOMAIN, CertificateArn=CERTIFICATE)[f"{function}FunctionAliaslive"]
    version = alias["Properties"]["FunctionVersion"]["Fn::GetAtt"][0]
    _, filled = properties(version)["Description"]["Fn::Sub"]
    assert (
        filled["Address"]
        == properties(f"{function}Function")["Environment"]["Variables"]["BASE_URL"]
    )


def test_where_to_point_dns_is_told_with_a_domain_alone() -> None:
    outputs = transformed()["Outputs"]
    assert outputs["DomainTarget"]["Value"] == {"Fn::GetAtt": ["Domain", "RegionalDomainName"]}
    assert outputs["DomainZone"]["Value"] == {"Fn::GetAtt": ["Domain", "RegionalHostedZoneId"]}
    assert {outputs[each]["Condition"] for each in ("DomainTarget", "DomainZone")} == {"HasDomain"}


def test_a_domain_without_its_certificate_is_refused_before_anything_is_made() -> None:
    rule = transformed()["Rules"]["DomainNeedsCertificate"]
    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "DomainName"}, ""]}]}
    (asserted,) = rule["Assertions"]
    assert asserted["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "CertificateArn"}, ""]}]}
    assert "CertificateArn" in asserted["AssertDescription"]


@pytest.mark.parametrize(
    ("name", "is_taken"),
    [
        ("", True),
        (DOMAIN, True),
        ("https://leads.example.com", False),
        ("leads.example.com/", False),
        ("Leads.example.com", False),
        ("localhost", False),
    ],
)
def test_a_domain_is_a_host_alone(name: str, is_taken: bool) -> None:
    parameters = transformed()["Parameters"]
    assert bool(re.fullmatch(parameters["DomainName"]["AllowedPattern"], name)) == is_taken
    longest = len("https://") + int(parameters["DomainName"]["MaxLength"])
    assert longest <= int(parameters["BaseUrl"]["MaxLength"]), "versions tell it in 256 letters"


def test_the_api_answers_no_preflight_by_itself_for_only_the_programme_knows_the_origins() -> None:
    assert "CorsConfiguration" not in properties("Api")
    assert "x-amazon-apigateway-cors" not in properties("Api")["Body"]


def test_no_metric_is_paid_for_that_nobody_looks_at() -> None:
    settings = [
        properties(STAGE)["DefaultRouteSettings"],
        *properties(STAGE)["RouteSettings"].values(),
    ]
    assert not [each for each in settings if each.get("DetailedMetricsEnabled")]


@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        ("", True),
        ("https://leads.example.com", True),
        ("http://127.0.0.1:8000", True),
        ("https://leads.example.com/", False),
        ("https://example.com/leads", False),
        ("https://example.com?x=/y", False),
        ("leads.example.com", False),
    ],
)
def test_a_public_address_has_no_path_for_pages_lead_to_each_other_from_the_root(
    address: str, is_taken: bool
) -> None:
    parameter = transformed()["Parameters"]["BaseUrl"]
    assert bool(re.fullmatch(parameter["AllowedPattern"], address)) == is_taken
    assert "without a path" in parameter["ConstraintDescription"]

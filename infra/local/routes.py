"""Gives the embedded AWS the routes of an API: its CloudFormation does not read an API's body.

SAM turns the HttpApi events of functions into an OpenAPI document, the body of the API, which API
Gateway reads when the API is made. Here that document is read out of the stack's processed
template, and each route is made by a call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ANY_METHOD = "x-amazon-apigateway-any-method"
"""SAM's name for the route of whatever method no other route of a path takes."""
DEFAULT_STAGE = "$default"
_FUNCTION_OF_URI = re.compile(r"\$\{(\w+?)(?:Aliaslive)?(?:\.Arn)?\}/invocations")
"""The function of an integration, whether it names the function or its alias.

The embedded AWS calls the function itself, whose newest code is what the alias stands for.
"""


@dataclass(frozen=True)
class Route:
    """One route of an API, and the function that answers."""

    key: str
    """The method and the path, such as ``GET /o/{token}``, or ``$default`` for what no other route
    takes.
    """
    function: str
    """The logical id, such as ``PartnerFunction``."""


def routes_of_body(body: Mapping[str, Any]) -> Iterator[Route]:
    """Yield the routes of an API's body as SAM writes it."""
    for path, operations in body["paths"].items():
        for method, operation in operations.items():
            uri = operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
            function = _FUNCTION_OF_URI.search(uri)
            if function is None:
                raise ValueError(f"{method} {path} leads to no function: {uri}")
            yield Route(_route_key(method, path), function[1])


def _route_key(method: str, path: str) -> str:
    """Give the key that API Gateway makes of a path and a method of the body."""
    if path == "$default":
        return path
    if method == ANY_METHOD:
        return f"ANY {path}"
    return f"{method.upper()} {path}"


def put_routes(cloudformation: Any, gateway: Any, stack: str) -> None:
    """Make the routes of every API of a stack anew.

    ``cloudformation`` and ``gateway`` are boto3 clients, the latter of ``apigatewayv2``.
    """
    template = cloudformation.get_template(StackName=stack, TemplateStage="Processed")[
        "TemplateBody"
    ]
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] != "AWS::ApiGatewayV2::Api":
            continue
        api = _physical_id(cloudformation, stack, logical_id)
        _clear(gateway, api)
        targets: dict[str, str] = {}
        for route in routes_of_body(resource["Properties"]["Body"]):
            if route.function not in targets:
                function = _physical_id(cloudformation, stack, route.function)
                targets[route.function] = _integrate(gateway, api, function)
            gateway.create_route(ApiId=api, RouteKey=route.key, Target=targets[route.function])


def _physical_id(cloudformation: Any, stack: str, logical_id: str) -> str:
    """Give the name that a resource of the stack has outside it."""
    found = cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId=logical_id)
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def _integrate(gateway: Any, api: str, function: str) -> str:
    """Connect an API to a function, and give what a route needs to lead there."""
    made = gateway.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=function, PayloadFormatVersion="2.0"
    )
    return f"integrations/{made['IntegrationId']}"


def _clear(gateway: Any, api: str) -> None:
    """Take the routes of an earlier deployment away, and put the stage back if it went along."""
    for route in gateway.get_routes(ApiId=api)["Items"]:
        gateway.delete_route(ApiId=api, RouteId=route["RouteId"])
    for integration in gateway.get_integrations(ApiId=api)["Items"]:
        gateway.delete_integration(ApiId=api, IntegrationId=integration["IntegrationId"])
    stages = gateway.get_stages(ApiId=api)["Items"]
    if not stages:
        # A stack of before the SAM events had a stage of the same name, and its removal removes
        # this one.
        gateway.create_stage(ApiId=api, StageName=DEFAULT_STAGE, AutoDeploy=True)

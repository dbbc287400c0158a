"""The API keys of HQ: who calls, and what that key may do."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from routing_core.aws.http import header, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import NotAllowed


def require(event: APIGatewayProxyEventV2, scope: str) -> str:
    """Give the name of the key that the request came with, if it may do that.

    Raises KeyRefused for no key of ours, and NotAllowed for one without the ``scope``.
    """
    key = header(event, "x-api-key") or header(event, "authorization").removeprefix("Bearer ")
    name, scopes = wiring().api_keys.scopes(key, now_of(event))
    if scope not in scopes:
        raise NotAllowed(f"this API key lacks the scope {scope}")
    return name

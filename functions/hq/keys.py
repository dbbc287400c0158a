"""The API keys of HQ: who calls, and what that key may do."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from routing_core.aws.http import header, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.api_key import ApiKeyNote, machine_of
from routing_core.domain.errors import NotAllowed
from routing_core.domain.hq_people import HqPerson


def require(event: APIGatewayProxyEventV2, scope: str) -> HqPerson:
    """Give the machine that the request came from, if its key may do that: see ``require_key``."""
    return machine_of(require_key(event, scope))


def require_key(event: APIGatewayProxyEventV2, scope: str) -> ApiKeyNote:
    """Give the key that the request came with, if it may do that.

    Raises KeyRefused for no key of ours, and NotAllowed for one without the ``scope``.
    """
    key = header(event, "x-api-key") or header(event, "authorization").removeprefix("Bearer ")
    known = wiring().api_keys.used(key, now_of(event))
    if scope not in known.scopes:
        raise NotAllowed(f"this API key lacks the scope {scope}")
    return known

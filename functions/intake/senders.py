"""The senders of enquiries: visitors, and servers that vouch for theirs with an API key."""

import re

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from routing_core.aws.http import header, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import NotAllowed

SCOPE = "leads:write"
_OF_A_FORM = re.compile("/(?:f|v1/forms)/(?P<form>[^/]+)")


def form_in(event: APIGatewayProxyEventV2) -> str:
    """Give the id of the form whose address was called; empty if it is none's."""
    found = _OF_A_FORM.match(event.path)
    return found["form"] if found else ""


def api_key_name(event: APIGatewayProxyEventV2) -> str:
    """Give the name of the API key that the post came with; empty without one.

    Raises KeyRefused for no key of ours, and NotAllowed for one that may not send enquiries.
    """
    key = header(event, "x-api-key") or _bearer(event)
    if not key:
        return ""
    known = wiring().api_keys.used(key, now_of(event))
    if SCOPE not in known.scopes:
        raise NotAllowed(f"this API key lacks the scope {SCOPE}")
    return known.name


def _bearer(event: APIGatewayProxyEventV2) -> str:
    """Give the key of a header ``Authorization: Bearer``; any other sort is not meant for us."""
    stated = header(event, "authorization")
    return stated.removeprefix("Bearer ") if stated.startswith("Bearer ") else ""

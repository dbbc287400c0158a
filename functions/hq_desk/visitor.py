"""Who is at HQ's desk: the person who has signed in on the device that a request comes from."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from routing_core.aws.http import header, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import NotAllowed
from routing_core.domain.hq_people import HqPerson
from routing_core.service.hq_desk.sign_in import person_on_device

COOKIE = "__Host-hq"
"""Browsers keep a cookie of this name for our own host alone, and send it by HTTPS only."""


def signed_in(event: APIGatewayProxyEventV2) -> HqPerson:
    """Give the person who has signed in. Raises SignInNeeded where nobody has."""
    return person_on_device(wiring().services, _cookie(event), now_of(event))


def acting(event: APIGatewayProxyEventV2) -> HqPerson:
    """Give the person who presses a button on a page of ours.

    Raises SignInNeeded where nobody has signed in, and NotAllowed for a button that stood on
    another site's page.
    """
    person = signed_in(event)
    if header(event, "origin") != wiring().base_url:
        raise NotAllowed("this was sent by a page that is not ours")
    return person


def _cookie(event: APIGatewayProxyEventV2) -> str:
    for each in event.get("cookies") or ():
        name, _, value = each.partition("=")
        if name == COOKIE:
            return str(value)
    return ""

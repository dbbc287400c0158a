"""Who is at HQ's desk: the person who has signed in on the device that a request comes from."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from routing_core.aws.device_cookie import device_cookie, is_from_own_page, read_device_cookie
from routing_core.aws.http import Reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import NotAllowed
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.service.hq_desk.sign_in import Visit, renewed_cookie, visit_on_device

logger = Logger()


def signed_in(event: APIGatewayProxyEventV2) -> HqPerson:
    """Give the person who has signed in. Raises SignInNeeded where nobody has."""
    return visit(event).person


def acting(event: APIGatewayProxyEventV2, right: Right = Right.LOOK) -> HqPerson:
    """Give the person who presses a button on a page of ours.

    Raises SignInNeeded where nobody has signed in, and NotAllowed for a button that stood on
    another site's page, or for whoever has not the ``right`` to press it.
    """
    check_origin(event)
    person = signed_in(event)
    person.need(right)
    return person


def visit(event: APIGatewayProxyEventV2) -> Visit:
    """Give who has signed in, and on which device. Raises SignInNeeded where nobody has."""
    cookie = read_device_cookie(event, wiring().base_url)
    return visit_on_device(wiring().services, cookie, now_of(event))


def check_origin(event: APIGatewayProxyEventV2) -> None:
    """Raise NotAllowed for a post that another site's page has sent."""
    if not is_from_own_page(event, wiring().base_url):
        raise NotAllowed("this was sent by a page that is not ours")


def keeping(reply: Reply, cookie: str) -> Reply:
    """Let the browser keep what it is signed in by; an empty one is taken away."""
    reply.cookies.append(device_cookie(wiring().base_url, cookie))
    return reply


def keep_signed_in(event: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Let a device that is in use keep a fresh cookie each day, unless it gets one anyway."""
    asked = APIGatewayProxyEventV2(event)
    base_url = wiring().base_url
    cookie = read_device_cookie(asked, base_url)
    if answer.get("cookies") or not cookie:
        return answer
    try:
        fresh = renewed_cookie(wiring().services, cookie, now_of(asked))
    except Exception:
        # What was asked for is done by now; the next request brings the fresh cookie.
        logger.exception("a cookie was not renewed")
        return answer
    if not fresh:
        return answer
    return {**answer, "cookies": [str(device_cookie(base_url, fresh))]}

"""From a mail's link into HQ's desk: for the person it was sent to, on the device that opens it."""

from secrets import token_hex

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.hq_desk.visitor import check_origin, keeping, signed_in
from routing_core.aws.http import Reply, Router, header, now_of, query, see_other
from routing_core.aws.wiring import wiring
from routing_core.domain.hq_people import HqPerson
from routing_core.domain.values.browsers import browser_family
from routing_core.present.hq_desk.sign_in import open_page
from routing_core.service.hq_desk.sign_in import (
    NewDevice,
    SignInNeeded,
    open_desk,
    page_of_desk,
    view_own_link,
)
from routing_core.web import page

router = Router()


@router.get("/hq/open/<token>")
def show(token: str) -> Reply:
    """Go on to the desk if its reader is signed in here; else ask whether to sign in."""
    event, services = router.current_event, wiring().services
    person = view_own_link(services, token, now_of(event))
    if _is_here(event, person):
        return see_other(_wanted(event))
    return page(open_page(services.programme, person, now_of(event)))


@router.post("/hq/open/<token>")
def use(token: str) -> Reply:
    """Open the desk on this device."""
    event = router.current_event
    check_origin(event)
    device = NewDevice(token_hex(6), browser_family(header(event, "user-agent")))
    cookie = open_desk(wiring().services, token, device, now_of(event))
    return keeping(see_other(_wanted(event)), cookie)


def _is_here(event: APIGatewayProxyEventV2, person: HqPerson) -> bool:
    try:
        return signed_in(event).id == person.id
    except SignInNeeded:
        return False


def _wanted(event: APIGatewayProxyEventV2) -> str:
    return page_of_desk(query(event).get("to", ""))

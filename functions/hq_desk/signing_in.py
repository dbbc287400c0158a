"""Signing in at HQ's desk: a link by mail, and a button that opens the desk on a device."""

from secrets import token_hex

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.hq_desk.visitor import check_origin, keeping
from routing_core.aws.bodies import form_fields
from routing_core.aws.http import Reply, Router, header, now_of, query, see_other
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput
from routing_core.domain.values.browsers import browser_family
from routing_core.present.hq_desk.sign_in import SignInWords, open_page, sign_in_page
from routing_core.service.hq_desk.sign_in import (
    NewDevice,
    SignInRequest,
    ask_to_sign_in,
    page_of_desk,
    sign_in,
    view_sign_in,
)
from routing_core.web import acted, language_of, page

router = Router()


@router.post("/hq")
def ask() -> Reply:
    """Have a link to sign in with mailed to an address; the answer is the same for any address."""
    event, services = router.current_event, wiring().services
    check_origin(event)
    form, now = form_fields(event), now_of(event)
    back_to = page_of_desk(form.get("to", ""))
    asked = SignInRequest(form.get("email", ""), back_to, event.request_context.http.source_ip)
    try:
        ask_to_sign_in(services, wiring().bus, asked, now)
    except InvalidInput as error:
        words = SignInWords(language_of(event), back_to, asked.email, error.problems)
        return page(sign_in_page(services.programme, words), 422)
    return acted("asked", now)


@router.get("/hq/in/<token>")
def show_link(token: str) -> Reply:
    """Show whom a sign-in link is for, with the button that signs in."""
    event, services = router.current_event, wiring().services
    person = view_sign_in(services, token, now_of(event))
    return page(open_page(services.programme, person, now_of(event)))


@router.post("/hq/in/<token>")
def use_link(token: str) -> Reply:
    """Open the desk on this device."""
    event = router.current_event
    check_origin(event)
    cookie = sign_in(wiring().services, token, _device(event), now_of(event))
    return keeping(see_other(page_of_desk(query(event).get("to", ""))), cookie)


def _device(event: APIGatewayProxyEventV2) -> NewDevice:
    return NewDevice(token_hex(6), browser_family(header(event, "user-agent")))

"""Signing in at HQ's desk, the devices that are signed in, and signing out."""

from secrets import token_hex

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.hq_desk.visitor import acting, check_origin, keeping, visit
from routing_core.aws.bodies import form_fields
from routing_core.aws.http import Reply, Router, header, now_of, query, see_other
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput
from routing_core.domain.values.browsers import browser_family
from routing_core.present.hq_desk.sign_in import SignInWords, devices_page, open_page, sign_in_page
from routing_core.service.hq_desk.devices import act_on_devices
from routing_core.service.hq_desk.sign_in import (
    NewDevice,
    SignInRequest,
    ask_to_sign_in,
    open_desk,
    page_of_desk,
    sign_in,
    view_own_link,
    view_sign_in,
)
from routing_core.web import acted, language_of, news, page

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


@router.get("/hq/open/<token>")
def show_own_link(token: str) -> Reply:
    """Show whose the link of a mail is, with the button that opens the desk on this device."""
    event, services = router.current_event, wiring().services
    person = view_own_link(services, token, now_of(event))
    return page(open_page(services.programme, person, now_of(event)))


@router.post("/hq/open/<token>")
def use_own_link(token: str) -> Reply:
    """Open the desk on this device by the link of a mail."""
    event = router.current_event
    check_origin(event)
    cookie = open_desk(wiring().services, token, _device(event), now_of(event))
    return keeping(see_other(page_of_desk(query(event).get("to", ""))), cookie)


@router.get("/hq/devices")
def devices() -> Reply:
    """Show on which devices the visitor is signed in."""
    event = router.current_event
    here = visit(event)
    return page(devices_page(wiring().services.programme, here, now_of(event), news(event)))


@router.post("/hq/devices")
def act() -> Reply:
    """Sign out here, on another device, or everywhere."""
    event, services = router.current_event, wiring().services
    acting(event)
    notice = act_on_devices(services, visit(event), form_fields(event), now_of(event))
    if notice == "signed_out":
        return keeping(acted(notice, now_of(event), "/hq"), "")
    return acted(notice, now_of(event))


def _device(event: APIGatewayProxyEventV2) -> NewDevice:
    return NewDevice(token_hex(6), browser_family(header(event, "user-agent")))

"""The devices on which somebody at HQ is signed in, and signing out."""

from functions.hq_desk.visitor import acting, keeping, visit
from routing_core.aws.bodies import form_fields
from routing_core.aws.http import Reply, Router, now_of
from routing_core.aws.wiring import wiring
from routing_core.present.hq_desk.sign_in import devices_page
from routing_core.service.hq_desk.devices import act_on_devices
from routing_core.web import acted, news, page

router = Router()


@router.get("/hq/devices")
def show() -> Reply:
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

"""A partner's standing desk, and the confirmation of a mail address."""

from routing_core.aws.bodies import form_fields
from routing_core.aws.http import Reply, Router, now_of
from routing_core.aws.wiring import wiring
from routing_core.present.pages.desk import desk_page
from routing_core.present.pages.simple import confirm_page
from routing_core.service.kernel.views import DeskEndedView
from routing_core.service.offers.confirm_address import confirm_partner_address, view_confirmation
from routing_core.service.offers.partner_desk import act_on_desk, view_desk
from routing_core.web import acted, news, page

router = Router()


@router.get("/d/<token>")
def desk(token: str) -> Reply:
    """Show a partner what is open, and their settings."""
    event = router.current_event
    view = view_desk(wiring().services, token, now_of(event), news(event))
    return page(desk_page(view))


@router.post("/d/<token>")
def act(token: str) -> Reply:
    """Pause, resume, note a holiday, or send a new link."""
    event, form = router.current_event, form_fields(router.current_event)
    view = act_on_desk(wiring().services, wiring().bus, token, form, now_of(event))
    if isinstance(view, DeskEndedView):
        return page(desk_page(view))
    if view.problems:
        return page(desk_page(view), 422)
    return acted(view.notice, view.now)


@router.get("/c/<token>")
def confirmation(token: str) -> Reply:
    """Ask whether the address is theirs. Programs open links of mails: only the button confirms."""
    return page(confirm_page(view_confirmation(wiring().services, token)))


@router.post("/c/<token>")
def confirm(token: str) -> Reply:
    """Confirm a partner's address."""
    now = now_of(router.current_event)
    view = confirm_partner_address(wiring().services, wiring().bus, token, now)
    return acted(view.state, now)

"""The prospect's pages: thanks, and where the enquiry stands. GET shows, POST acts."""

from routing_core.aws.bodies import form_fields
from routing_core.aws.http import Reply, Router, now_of
from routing_core.aws.wiring import wiring
from routing_core.present.pages.simple import thanks_page
from routing_core.present.pages.status import status_page
from routing_core.service.intake.prospect_status import act_on_status, view_status
from routing_core.service.intake.thanks import read_thanks
from routing_core.web import acted, news, page

router = Router()


@router.get("/thanks/<token>")
def thanks(token: str) -> Reply:
    """Thank for an enquiry, and say what happens next."""
    return page(thanks_page(read_thanks(wiring().services, token)))


@router.get("/s/<token>")
def show(token: str) -> Reply:
    """Show the customer where the enquiry stands."""
    event = router.current_event
    view = view_status(wiring().services, token, now_of(event), notice=news(event))
    return page(status_page(view))


@router.post("/s/<token>")
def act(token: str) -> Reply:
    """Do what the customer asked for: confirm, correct, add or withdraw."""
    event = router.current_event
    view = act_on_status(wiring().services, token, form_fields(event), now_of(event))
    if view.problems:
        return page(status_page(view), 422)
    return acted(view.notice, view.now)

"""One lead on HQ's desk: all there is to know of it, and its buttons."""

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.bodies import form_fields
from routing_core.aws.http import Reply, Router, now_of
from routing_core.aws.wiring import wiring
from routing_core.present.hq_desk.leads.lead import desk_lead_page
from routing_core.service.hq_desk.desk_lead import act_on_desk_lead, view_desk_lead
from routing_core.service.hq_desk.desk_reader import LEADS_URL
from routing_core.web import acted, news, page

router = Router()


@router.get("/hq/leads/<lead>")
def show(lead: str) -> Reply:
    """Show one lead: what was tried, and who could take it."""
    event, desk = router.current_event, wiring().lead_desk
    visitor = signed_in(event)
    view = view_desk_lead(desk, visitor, lead, now_of(event), notice=news(event))
    return page(desk_lead_page(view, visitor))


@router.post("/hq/leads/<lead>")
def act(lead: str) -> Reply:
    """Do something with one lead; 409 if it changed since it was shown, and asks again."""
    event, desk = router.current_event, wiring().lead_desk
    visitor, now = acting(event), now_of(event)
    view = act_on_desk_lead(desk, visitor, lead, form_fields(event), now)
    if view is None:
        return acted("moved_away", now, LEADS_URL)
    if view.page.meanwhile:
        return page(desk_lead_page(view, visitor), 409)
    if view.page.problems:
        return page(desk_lead_page(view, visitor), 422)
    return acted(view.page.notice, now)

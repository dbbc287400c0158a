"""The first page of HQ's desk, and what can be done on it."""

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.bodies import all_said, form_values
from routing_core.aws.http import Reply, Router, now_of
from routing_core.aws.wiring import wiring
from routing_core.present.hq_desk.today import today_page
from routing_core.service.hq_desk.desk_reader import DESK_URL
from routing_core.service.hq_desk.full_partners import ask_for_more
from routing_core.service.hq_desk.today import view_today
from routing_core.web import acted, news, page

router = Router()


@router.get("/hq")
def show() -> Reply:
    """Show what needs somebody first, and how the day and the week are going."""
    event, desk = router.current_event, wiring().lead_desk
    visitor = signed_in(event)
    view = view_today(desk, wiring().dead_letters, visitor, now_of(event), news(event))
    return page(today_page(view, visitor))


@router.post("/hq/ask-more")
def ask() -> Reply:
    """Ask partners who have reached their limit to take two more for a week, each by one mail."""
    event, now = router.current_event, now_of(router.current_event)
    visitor = acting(event)
    partners = all_said(form_values(event).get("partner"))
    asked = ask_for_more(wiring().services, wiring().bus, visitor, partners, now)
    return acted("asked_more" if asked else "asked_nobody", now, DESK_URL)

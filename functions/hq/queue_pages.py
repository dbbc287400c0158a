"""HQ's queue behind a signed link: who waits, what was tried, one button to assign."""

from functools import partial

from routing_core.aws.bodies import form_fields
from routing_core.aws.http import Reply, Router, has_time, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.present.pages.queue import queue_page
from routing_core.present.pages.queue_lead import queue_lead_page
from routing_core.present.pages.simple import hq_link_page
from routing_core.service.hq.hq_lead_page import act_on_hq_lead, view_hq_lead
from routing_core.service.hq.hq_queue import act_on_queue, view_queue
from routing_core.service.notifications.hq_access import open_hq, request_hq_link
from routing_core.web import acted, news, page

router = Router()


@router.get("/q/<token>")
def queue(token: str) -> Reply:
    """Show who waits, or one section of the queue whole."""
    event, services = router.current_event, wiring().services
    section = query(event).get("section", "")
    view = view_queue(services, token, now_of(event), news(event), section)
    return page(queue_page(view))


@router.post("/q/<token>")
def act_on_all(token: str) -> Reply:
    """Do something with several leads at once, or send everybody a new link."""
    event, services = router.current_event, wiring().services
    form, now = form_fields(event), now_of(event)
    if form.get("action") == "renew":
        request_hq_link(services, wiring().bus, token, now)
        return page(hq_link_page(services.programme))
    may_go_on = partial(has_time, router.lambda_context)
    view = act_on_queue(services, token, form, now, may_go_on)
    return acted(view.notice, view.now)


@router.get("/q/<token>/leads/<lead>")
def show(token: str, lead: str) -> Reply:
    """Show one lead: what was tried, and who could take it."""
    event, services = router.current_event, wiring().services
    now = now_of(event)
    reader = open_hq(services, token, now)
    return page(queue_lead_page(view_hq_lead(services, reader, lead, now, notice=news(event))))


@router.post("/q/<token>/leads/<lead>")
def act(token: str, lead: str) -> Reply:
    """Do something with one lead; 409 if it changed since it was shown, and asks again."""
    event, services = router.current_event, wiring().services
    now = now_of(event)
    reader = open_hq(services, token, now)
    view = act_on_hq_lead(services, reader, lead, form_fields(event), now)
    if view is None:
        return acted("moved_away", now, reader.list_url)
    if view.meanwhile:
        return page(queue_lead_page(view), 409)
    if view.problems:
        return page(queue_lead_page(view), 422)
    return acted(view.notice, view.now)

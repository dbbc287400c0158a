"""HQ's queue behind a signed link: who waits, what was tried, one button to assign."""

from functools import partial

from routing_core.aws.bodies import form_fields
from routing_core.aws.http import Reply, Router, has_time, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.present.pages import hq_link_page, queue_lead_page, queue_page
from routing_core.service.hq.hq_queue import (
    act_on_queue,
    act_on_queue_lead,
    view_queue,
    view_queue_lead,
)
from routing_core.service.kernel.views import QueueView
from routing_core.service.notifications.hq_access import request_hq_link
from routing_core.web import acted, news, page

router = Router()


@router.get("/q/<token>")
def queue(token: str) -> Reply:
    event = router.current_event
    section = query(event).get("section", "")
    return page(
        queue_page(view_queue(wiring().services, token, now_of(event), news(event), section))
    )


@router.post("/q/<token>")
def act_on_all(token: str) -> Reply:
    event, services = router.current_event, wiring().services
    form = form_fields(event)
    if form.get("action") == "renew":
        request_hq_link(services, wiring().bus, token, now_of(event))
        return page(hq_link_page(services.programme))
    view = act_on_queue(
        services, token, form, now_of(event), partial(has_time, router.lambda_context)
    )
    return acted(view.notice, view.now)


@router.get("/q/<token>/leads/<lead>")
def show(token: str, lead: str) -> Reply:
    event = router.current_event
    return page(
        queue_lead_page(
            view_queue_lead(wiring().services, token, lead, now_of(event), notice=news(event))
        )
    )


@router.post("/q/<token>/leads/<lead>")
def act(token: str, lead: str) -> Reply:
    event = router.current_event
    view = act_on_queue_lead(wiring().services, token, lead, form_fields(event), now_of(event))
    if isinstance(view, QueueView):
        return acted(view.notice, view.now, view.url)
    if view.meanwhile:
        return page(queue_lead_page(view), 409)
    return page(queue_lead_page(view), 422) if view.problems else acted(view.notice, view.now)

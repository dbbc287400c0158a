"""The list of leads on HQ's desk, and what is done with many of them at once."""

from functools import partial

from functions.hq_desk.visitor import acting, signed_in, visit
from routing_core.aws.bodies import all_said, form_fields, form_values
from routing_core.aws.http import Reply, Router, has_time, now_of, query, see_other
from routing_core.aws.wiring import wiring
from routing_core.present.hq_desk.leads.filters import list_address
from routing_core.present.hq_desk.leads.list import lead_list_page
from routing_core.present.hq_desk.leads.result import leads_result_page, result_address
from routing_core.service.hq_desk.desk_reader import LEADS_URL
from routing_core.service.hq_desk.filters_kept import FilterRefused, act_on_filters
from routing_core.service.hq_desk.lead_bulk import (
    PressRefused,
    act_on_leads,
    chosen_leads,
)
from routing_core.service.hq_desk.lead_list import ListRequest, view_leads
from routing_core.web import news, page

router = Router()


@router.get("/hq/leads")
def show() -> Reply:
    """Show a page of the leads that the address asks for."""
    event, desk = router.current_event, wiring().lead_desk
    here, asked = visit(event), query(event)
    request = ListRequest(asked, asked.get("cursor", ""), saved=here.access.filters)
    view = view_leads(desk, here.person, request, now_of(event), notice=news(event))
    return page(lead_list_page(view, here.person))


@router.post("/hq/leads")
def act() -> Reply:
    """Do something with the chosen leads, one after the other, and lead on to what became of it."""
    event, desk = router.current_event, wiring().lead_desk
    visitor, now, asked = acting(event), now_of(event), query(event)
    form = form_fields(event)
    chosen = chosen_leads(form, all_said(form_values(event).get("lead")))
    may_go_on = partial(has_time, router.lambda_context)
    done = act_on_leads(desk.services, visitor, (form, chosen), now, may_go_on)
    if isinstance(done, PressRefused):
        saved = visit(event).access.filters
        request = ListRequest(asked, asked.get("cursor", ""), done, saved)
        return page(lead_list_page(view_leads(desk, visitor, request, now), visitor), 422)
    return see_other(result_address(done, asked))


@router.post("/hq/leads/filters")
def keep_filter() -> Reply:
    """Keep the filter that the address asks for, under a name, or forget one."""
    event, desk = router.current_event, wiring().lead_desk
    visitor, asked = acting(event), query(event)
    done = act_on_filters(desk.services, visitor, asked, form_fields(event), now_of(event))
    if isinstance(done, FilterRefused):
        request = ListRequest(asked, saved=visit(event).access.filters, unsaved=done)
        view = view_leads(desk, visitor, request, now_of(event))
        return page(lead_list_page(view, visitor), 422)
    return see_other(list_address(LEADS_URL, done))


@router.get("/hq/leads/result")
def result() -> Reply:
    """Tell what became of each lead."""
    event, services = router.current_event, wiring().services
    visitor = signed_in(event)
    return page(leads_result_page(services.programme, query(event), visitor, now_of(event)))

"""Campaign costs on HQ's desk: a list is uploaded or pasted, shown as what it would do, saved."""

from dataclasses import replace

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.bodies import LIST_BODY, form_fields, uploaded_file
from routing_core.aws.http import Reply, Router, csv_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput
from routing_core.domain.hq_people import Right
from routing_core.formats.campaign_costs_csv import written_campaign_costs
from routing_core.formats.sheet_file import sheet_text
from routing_core.present.hq_desk.reports.costs_page import costs_page
from routing_core.service.reports.campaign_costs import (
    check_costs,
    save_costs_as_person,
    view_costs,
)
from routing_core.web import acted, news, page

router = Router()


@router.get("/hq/reports/costs")
def show() -> Reply:
    """Show what is kept and where to upload a list; with ``?as=csv`` give the list."""
    event = router.current_event
    view = view_costs(wiring().reports, signed_in(event), now_of(event))
    if query(event).get("as") == "csv":
        return csv_reply(written_campaign_costs(view.known.costs), "costs.csv")
    return page(costs_page(view, news(event)))


@router.post("/hq/reports/costs")
def send() -> Reply:
    """Show what a list would do, or save one that was shown."""
    event, reports = router.current_event, wiring().reports
    visitor, now = acting(event, Right.MAKE_REPORTS), now_of(event)
    form = form_fields(event, LIST_BODY)
    try:
        typed = form.get("text", "").strip()
        text = typed or sheet_text(uploaded_file(event, "file"))
    except InvalidInput as error:
        view = view_costs(reports, visitor, now)
        return page(costs_page(replace(view, problems=error.problems)), 422)
    checked = check_costs(reports, visitor, text, now)
    if checked.problems or form.get("action") != "save":
        return page(costs_page(checked), 422 if checked.problems else 200)
    if save_costs_as_person(reports, checked, form.get("version", "")):
        return acted("saved", now)
    view = check_costs(reports, visitor, text, now)
    return page(costs_page(replace(view, moved=True)), 409)

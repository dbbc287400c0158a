"""What campaigns cost, for machines: one list, read and saved by the month."""

from typing import Any

from functions.hq.etags import version_read, with_etag
from functions.hq.keys import require
from routing_core.aws.bodies import LIST_BODY, body_text, json_object
from routing_core.aws.http import Reply, Router, csv_reply, flag, header, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.formats.campaign_costs_csv import written_campaign_costs
from routing_core.present.reports.cost_json import cost_list_json, saved_costs_json
from routing_core.service.reports.campaign_costs import (
    check_version_of_costs,
    plan_cost_documents,
    plan_costs_text,
    save_costs,
)

router = Router()


@router.get("/v1/costs")
def show() -> Reply:
    """Give all costs by month and campaign; with ``Accept: text/csv`` as a list for a spreadsheet.

    The ETag is the version that a change names with ``If-Match``.
    """
    event = router.current_event
    require(event, "reports:read")
    known = wiring().reports.costs.read()
    if "text/csv" in header(event, "accept"):
        reply = csv_reply(written_campaign_costs(known.costs), "costs.csv")
    else:
        reply = json_reply(cost_list_json(known))
    return with_etag(reply, known.version)


@router.put("/v1/costs")
def save() -> Reply:
    """Replace the costs of the months that a CSV file or ``{"costs": […]}`` names.

    All other months stay, and so do reports that were made. A cost of 0 is none. With
    ``?dry_run=true`` it is checked and nothing is saved.
    """
    event, reports = router.current_event, wiring().reports
    caller = require(event, "reports:write")
    if header(event, "content-type").startswith("text/csv"):
        plan = plan_costs_text(reports, body_text(event, LIST_BODY))
    else:
        plan = plan_cost_documents(reports, _documents())
    check_version_of_costs(plan, version_read(event))
    dry_run = flag(event, "dry_run")
    known = plan.known if dry_run else save_costs(reports, plan, caller.actor, now_of(event))
    return with_etag(json_reply(saved_costs_json(plan, known.version, dry_run)), known.version)


def _documents() -> list[Any]:
    documents = json_object(router.current_event, LIST_BODY).get("costs")
    if not isinstance(documents, list):
        message = "is a list with one object for each campaign and month"
        raise InvalidInput([Problem("costs", "required", message)])
    return documents

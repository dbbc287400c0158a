"""Reports for machines: the list, and one to be made."""

from functions.hq.keys import require
from routing_core.aws.bodies import json_object
from routing_core.aws.http import Reply, Router, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.present.reports.report_json import run_json
from routing_core.service.reports.ask_report import ask_report, wanted_by_document
from routing_core.service.reports.view_reports import (
    MOST_LISTED_REPORTS,
)

router = Router()


@router.get("/v1/reports")
def show_all() -> Reply:
    """List the latest reports, the latest period first, and how far each is."""
    require(router.current_event, "reports:read")
    runs = wiring().report_runs.newest(MOST_LISTED_REPORTS)
    return json_reply({"reports": [run_json(run) for run in runs]})


@router.post("/v1/reports")
def make() -> Reply:
    """Begin the report on ``{"period": "2026-10"}``: 202; 200 with the one that there is.

    However often it is asked for, there is one of each period and ``version``.
    """
    event = router.current_event
    caller = require(event, "reports:write")
    wanted = wanted_by_document(json_object(event), caller.actor)
    asked = ask_report(wiring().reports, wiring().report_machine, wanted, now_of(event))
    return json_reply(run_json(asked.run), 202 if asked.is_new else 200)

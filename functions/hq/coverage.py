"""The coverage report: for machines with a key, and for HQ behind the queue's link."""

from functions.hq.keys import require
from routing_core.aws.http import Reply, Router, csv_reply, header, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.present.explain.coverage_report import coverage_csv, coverage_document
from routing_core.present.pages.coverage import coverage_page
from routing_core.service.hq.check_coverage import (
    check_coverage,
    export_coverage,
    view_coverage,
)
from routing_core.service.notifications.hq_access import open_hq
from routing_core.web import page

router = Router()
FILE_NAME = "coverage.csv"


# Compressed, for of a large network it is more than Lambda may answer with.
@router.get("/v1/network/coverage", compress=True)
def report() -> Reply:
    """Tell where the network has gaps.

    JSON with 10,000 findings at most, or a table with all for ``Accept: text/csv``: that is noted
    in the activity log.
    """
    event, services = router.current_event, wiring().services
    caller, now = require(event, "partners:read"), now_of(event)
    if "text/csv" in header(event, "accept"):
        return csv_reply(coverage_csv(export_coverage(services, caller, now)), FILE_NAME)
    return json_reply(coverage_document(check_coverage(services, now)))


@router.get("/q/<token>/coverage", compress=True)
def show(token: str) -> Reply:
    """Show HQ the same behind the queue's link."""
    event = router.current_event
    return page(coverage_page(view_coverage(wiring().services, token, now_of(event))))


@router.post("/q/<token>/coverage", compress=True)
def take_away(token: str) -> Reply:
    """Give its table to take away, and note that in the log."""
    services, now = wiring().services, now_of(router.current_event)
    reader = open_hq(services, token, now)
    return csv_reply(coverage_csv(export_coverage(services, reader.person, now)), FILE_NAME)

"""The coverage report: for machines with a key, and for HQ behind the queue's link."""

from functions.hq.keys import require
from routing_core.aws.http import Reply, Router, csv_reply, header, json_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.present.explain.coverage_report import coverage_csv, coverage_document
from routing_core.present.pages.coverage import coverage_page
from routing_core.service.hq.check_coverage import check_coverage, view_coverage
from routing_core.web import page

router = Router()
FILE_NAME = "coverage.csv"


# Compressed, for of a large network it is more than Lambda may answer with.
@router.get("/v1/network/coverage", compress=True)
def report() -> Reply:
    """Tell where the network has gaps.

    JSON with 10,000 findings at most, or a table with all for ``Accept: text/csv``.
    """
    event = router.current_event
    require(event, "partners:read")
    view = check_coverage(wiring().services, now_of(event))
    if "text/csv" in header(event, "accept"):
        return csv_reply(coverage_csv(view), FILE_NAME)
    return json_reply(coverage_document(view))


@router.get("/q/<token>/coverage", compress=True)
def show(token: str) -> Reply:
    """Show HQ the same behind the queue's link, or give the table with ``?as=csv``."""
    event = router.current_event
    export = query(event).get("as") == "csv"
    view = view_coverage(wiring().services, token, now_of(event), export=export)
    if export:
        return csv_reply(coverage_csv(view), FILE_NAME)
    return page(coverage_page(view))

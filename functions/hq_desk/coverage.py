"""The network's coverage on HQ's desk: the report and the map."""

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.http import Reply, Router, csv_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.domain.hq_people import Right
from routing_core.present.explain.coverage_report import coverage_csv
from routing_core.present.hq_desk.coverage import desk_coverage_page
from routing_core.present.hq_desk.coverage_map import coverage_map_page
from routing_core.service.hq.check_coverage import export_coverage
from routing_core.service.hq_desk.coverage import desk_coverage, view_coverage_map
from routing_core.web import page

router = Router()


@router.get("/hq/coverage", compress=True)
def show() -> Reply:
    """Show where the network has gaps."""
    event = router.current_event
    visitor = signed_in(event)
    return page(
        desk_coverage_page(desk_coverage(wiring().services, visitor, now_of(event)), visitor)
    )


@router.post("/hq/coverage", compress=True)
def take_away() -> Reply:
    """Give the table of the report to take away, and note that in the log."""
    event = router.current_event
    visitor = acting(event, Right.EXPORT)
    view = export_coverage(wiring().services, visitor, now_of(event))
    return csv_reply(coverage_csv(view), "coverage.csv")


@router.get("/hq/coverage/map", compress=True)
def draw() -> Reply:
    """Draw the same on a map."""
    event = router.current_event
    visitor = signed_in(event)
    now = now_of(event)
    parts = wiring()
    view = view_coverage_map(parts.services, parts.read_model, visitor, query(event), now)
    return page(coverage_map_page(view, visitor, now))

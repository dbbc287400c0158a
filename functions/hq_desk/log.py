"""HQ's activity log."""

from functions.hq_desk.visitor import signed_in
from routing_core.aws.http import Reply, Router, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.present.hq_desk.log import log_page
from routing_core.service.hq_desk.log_desk import LogQuery, view_log
from routing_core.web import page

router = Router()


@router.get("/hq/log")
def show() -> Reply:
    """Show who did what, the newest first."""
    event, wired = router.current_event, wiring()
    visitor, asked = signed_in(event), LogQuery.of(query(event))
    view = view_log(wired.services, wired.read_model, visitor, asked)
    return page(log_page(view, visitor, now_of(event)), 422 if view.problems else 200)

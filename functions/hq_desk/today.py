"""The first page of HQ's desk."""

from functions.hq_desk.visitor import signed_in
from routing_core.aws.http import Reply, Router, now_of
from routing_core.aws.wiring import wiring
from routing_core.present.hq_desk.today import today_page
from routing_core.web import page

router = Router()


@router.get("/hq")
def show() -> Reply:
    """Show what stands on HQ's desk today."""
    event = router.current_event
    visitor = signed_in(event)
    return page(today_page(wiring().services.programme, visitor, now_of(event)))

"""The end of the work with a partner, on HQ's desk."""

from functools import partial

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.bodies import all_said, form_values, last_said
from routing_core.aws.http import Reply, Router, has_time, now_of
from routing_core.aws.wiring import wiring
from routing_core.present.hq_desk.partners.end import partner_end_page
from routing_core.service.hq_desk.partner_end import EndChoice, end_partner, view_end
from routing_core.service.hq_desk.partner_rights import PARTNERS_URL
from routing_core.web import acted, page

router = Router()


@router.get("/hq/partners/<partner>/deactivate")
def show_end(partner: str) -> Reply:
    """Show what a partner has open, and ask what becomes of it."""
    event = router.current_event
    visitor = signed_in(event)
    return page(partner_end_page(view_end(wiring().services, visitor, partner, now_of(event))))


@router.post("/hq/partners/<partner>/deactivate")
def end(partner: str) -> Reply:
    """Work with a partner no longer."""
    event, now = router.current_event, now_of(router.current_event)
    visitor, values = acting(event), form_values(event)
    in_time = partial(has_time, router.lambda_context)
    what = last_said(values.get("what")) or "keep"
    choice = EndChoice(what, all_said(values.get("lead")), in_time)
    done = end_partner(wiring().services, visitor, partner, choice, now)
    return acted("goes_on" if done.left else "deactivated", now, f"{PARTNERS_URL}/{partner}")

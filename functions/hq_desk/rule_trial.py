"""The page on which an enquiry is typed and tried by the draft and by the rules in force."""

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.bodies import form_values
from routing_core.aws.http import Reply, Router, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.present.hq_desk.rules.trial_page import trial_page
from routing_core.service.hq_desk.try_enquiry import try_typed, view_trial
from routing_core.web import page

router = Router()


@router.get("/hq/rules/try")
def show() -> Reply:
    """Show the fields of a form of the draft, or of the rules in force."""
    event = router.current_event
    visitor = signed_in(event)
    view = view_trial(wiring().rule_desk(visitor), query(event).get("form", ""))
    return page(trial_page(view, visitor, now_of(event)))


@router.post("/hq/rules/try")
def tried() -> Reply:
    """Show what would come of what was typed; nothing of it is kept."""
    event = router.current_event
    visitor, now = acting(event), now_of(event)
    view = try_typed(wiring().rule_desk(visitor), form_values(event), now)
    return page(trial_page(view, visitor, now), 422 if view.problems else 200)

"""The page on which HQ enters an enquiry for its sender."""

import uuid

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.bodies import form_values
from routing_core.aws.http import Reply, Router, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput
from routing_core.present.hq_desk.new_lead import new_lead_page
from routing_core.service.hq_desk.new_lead import as_entered, enter_on_page, view_new_lead
from routing_core.service.intake.fill_form import typed
from routing_core.web import acted, page

router = Router()


@router.get("/hq/leads/new")
def show() -> Reply:
    """Show the form for a new enquiry; what the address says of its fields is filled in."""
    event, services = router.current_event, wiring().services
    visitor = signed_in(event)
    view = view_new_lead(services, visitor, query(event), str(uuid.uuid4()), now_of(event))
    return page(new_lead_page(view))


@router.post("/hq/leads/new")
def enter() -> Reply:
    """Store the enquiry and lead to its page, or show the form again with what is wrong."""
    event, services = router.current_event, wiring().services
    visitor, now = acting(event), now_of(event)
    values = form_values(event)
    key = str(uuid.uuid4())
    try:
        received = enter_on_page(services, visitor, values, now)
    except InvalidInput as error:
        form = str(values.get("form") or services.programme.forms[0].id)
        view = view_new_lead(services, visitor, typed(services, form, values), key, now)
        return page(new_lead_page(as_entered(view, error, key)), 422)
    return acted("entered", now, f"/hq/leads/{received.lead}")

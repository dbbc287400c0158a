"""Many leads or partners at once, for machines: one action, and what became of each."""

from functools import partial

from functions.hq.keys import require
from routing_core.aws.bodies import json_object
from routing_core.aws.http import Reply, Router, has_time, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.formats.press_document import read_press_document
from routing_core.service.hq_desk.full_partners import ask_for_more
from routing_core.service.hq_desk.lead_bulk import LeadsAction, LeadsPress, press_for_all

router = Router()


@router.post("/v1/leads/bulk")
def act() -> Reply:
    """Do one thing with up to 100 leads, each on its own, and tell what became of each.

    ``{"action": "assign", "partner": id, "leads": [{"lead": id, "version": 3}, …]}``; also
    ``retry``, ``release``, ``reject`` and ``note`` (``"text": …``). With a ``version`` only if
    nothing has happened since. Nothing is taken from an owner.
    """
    event = router.current_event
    caller, now = require(event, "leads:write"), now_of(event)
    said = read_press_document(json_object(event), [each.value for each in LeadsAction])
    press = LeadsPress(LeadsAction(said.action), said.leads, said.partner, said.text)
    in_time = partial(has_time, router.lambda_context)
    results = press_for_all(wiring().services, caller, press, now, in_time)
    told = [{"lead": lead, "result": done.name.lower()} for lead, done in results.items()]
    return json_reply({"results": told})


@router.post("/v1/partners/ask-more")
def ask_more() -> Reply:
    """Ask partners who have reached their limit to take two more for a week, each by one mail.

    ``{"partners": [id, …]}``, at most ten; who has no limit, has more already or cannot be reached
    is left out. Each is asked once a day.
    """
    event = router.current_event
    caller, partners = require(event, "leads:write"), json_object(event).get("partners")
    if not isinstance(partners, list) or not all(isinstance(each, str) for each in partners):
        raise InvalidInput([Problem("partners", "required", "is a list of partners' ids")])
    parts = wiring()
    asked = ask_for_more(parts.services, parts.bus, caller, partners, now_of(event))
    return json_reply({"asked": asked})

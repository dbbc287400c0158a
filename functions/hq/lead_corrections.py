"""The routes by which HQ puts right or takes away what a lead says."""

from functions.hq.keys import require
from functions.hq.leads_api import acting_on, shown, shown_to
from routing_core.aws.bodies import json_object
from routing_core.aws.http import Reply, Router, now_of
from routing_core.service.placing.move_lead import move_lead
from routing_core.service.upkeep.erase_lead import erase_on_request

router = Router()


@router.post("/v1/leads/<lead>/move")
def move(lead: str) -> Reply:
    """Put its place right: ``{"postcode": …, "town": …}``.

    A lead that nobody owns is routed anew; of another its owner is told. A key for regions that
    moves a lead out of them is answered 404 once it is moved: the lead is not there for it any more.
    """
    event = router.current_event
    caller = require(event, "leads:write")
    services = acting_on(caller, lead)
    move_lead(services, lead, json_object(event), caller.actor, now_of(event))
    return shown_to(caller, lead)


@router.post("/v1/leads/<lead>/erase")
def erase(lead: str) -> Reply:
    """Erase who asked and all they typed, at once; what can be counted stays."""
    event = router.current_event
    caller = require(event, "leads:write")
    erase_on_request(acting_on(caller, lead), lead, caller.actor, now_of(event))
    return shown(lead)

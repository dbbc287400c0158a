"""The routes by which HQ gives a lead to somebody: assign, grant a claim, release."""

from functions.hq.keys import require
from functions.hq.leads_api import acting_on, shown
from routing_core.aws.bodies import json_object
from routing_core.aws.http import Reply, Router, header, now_of
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.service.hq.handle_lead import Assignment, assign_lead, grant_claim
from routing_core.service.placing.release_lead import release_lead

router = Router()


@router.post("/v1/leads/<lead>/assign")
def assign(lead: str) -> Reply:
    """Offer the lead to ``{"partner": id}``, cap or no cap; whoever had it before is told.

    A lead that somebody has accepted is taken away only with ``If-Match``: its ETag, or ``*``
    whoever has it; else 428.
    """
    event = router.current_event
    caller = require(event, "leads:write")
    partner = json_object(event).get("partner")
    if not isinstance(partner, str):
        raise InvalidInput([Problem("partner", "required", "is the id of the partner")])
    services, now = acting_on(caller, lead), now_of(event)
    may_take_away = bool(header(event, "if-match"))
    assign_lead(services, lead, Assignment(partner, caller.actor, may_take_away), now)
    return shown(lead)


@router.post("/v1/leads/<lead>/grant")
def grant(lead: str) -> Reply:
    """Grant a claim that is right: the claimant owns the lead at once."""
    event = router.current_event
    caller = require(event, "leads:write")
    grant_claim(acting_on(caller, lead), lead, caller.actor, now_of(event))
    return shown(lead)


@router.post("/v1/leads/<lead>/release")
def release(lead: str) -> Reply:
    """Release a lead out of quarantine or review, or refuse a claim: it goes to partners."""
    event = router.current_event
    caller = require(event, "leads:write")
    release_lead(acting_on(caller, lead), lead, caller.actor, now_of(event))
    return shown(lead)

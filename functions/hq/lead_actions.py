"""Whose one lead is to be, by HQ: assign it, grant a claim, release it."""

from functions.hq.keys import require
from functions.hq.leads_api import acting_on, shown
from routing_core.aws.bodies import json_object
from routing_core.aws.http import Reply, Router, header, now_of
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.service.hq.handle_lead import assign_lead, grant_claim, release_lead

router = Router()


@router.post("/v1/leads/<lead>/assign")
def assign(lead: str) -> Reply:
    """``{"partner": id}``: offered to that partner, cap or no cap; whoever had it before is told.

    A lead that somebody has accepted is taken away only with ``If-Match``: its ETag, or ``*``
    whoever has it; else 428.
    """
    event = router.current_event
    name = require(event, "leads:write")
    partner = json_object(event).get("partner")
    if not isinstance(partner, str):
        raise InvalidInput([Problem("partner", "required", "is the id of the partner")])
    services = acting_on(event, lead)
    assign_lead(
        services, lead, partner, name, now_of(event), may_take_away=bool(header(event, "if-match"))
    )
    return shown(lead)


@router.post("/v1/leads/<lead>/grant")
def grant(lead: str) -> Reply:
    """A claim is right: the claimant owns the lead at once."""
    event = router.current_event
    grant_claim(acting_on(event, lead), lead, require(event, "leads:write"), now_of(event))
    return shown(lead)


@router.post("/v1/leads/<lead>/release")
def release(lead: str) -> Reply:
    """Out of quarantine or review, or a claim that is not granted: to partners."""
    event = router.current_event
    name = require(event, "leads:write")
    release_lead(acting_on(event, lead), lead, name, now_of(event))
    return shown(lead)

"""The routes by which HQ works on a lead: try again, withdraw, tell what its sender looked at."""

from functions.hq.keys import require
from functions.hq.leads_api import acting_on, shown
from routing_core.aws.bodies import json_object
from routing_core.aws.http import Reply, Router, now_of
from routing_core.formats.interest_document import read_interest
from routing_core.service.hq.handle_lead import reject_lead
from routing_core.service.hq.lead_by_hand import requeue_lead, withdraw_lead
from routing_core.service.hq.lead_interest import add_interest

router = Router()


@router.post("/v1/leads/<lead>/requeue")
def requeue(lead: str) -> Reply:
    """Try a lead again that nobody was left to be asked about, without any limit of partners.

    If still nobody is found, the lead is answered as it was.
    """
    event = router.current_event
    caller = require(event, "leads:write")
    requeue_lead(acting_on(caller, lead), lead, caller.actor, now_of(event))
    return shown(lead)


@router.post("/v1/leads/<lead>/withdraw")
def withdraw(lead: str) -> Reply:
    """End a lead that the customer no longer wants; whoever has it or is asked is told."""
    event = router.current_event
    caller = require(event, "leads:write")
    withdraw_lead(acting_on(caller, lead), lead, caller.actor, now_of(event))
    return shown(lead)


@router.post("/v1/leads/<lead>/reject")
def reject(lead: str) -> Reply:
    """Close an enquiry as spam or nonsense; whoever is asked about it is told that it is gone."""
    event = router.current_event
    caller = require(event, "leads:write")
    reject_lead(acting_on(caller, lead), lead, caller.actor, now_of(event))
    return shown(lead)


@router.post("/v1/leads/<lead>/activities")
def activities(lead: str) -> Reply:
    """Tell what the customer was interested in: ``{"activities": [{"kind", "at", "text", …}]}``.

    Whoever owns the lead reads it on its page, with time and source. The last forty are kept; what
    is told twice is kept once.
    """
    event = router.current_event
    caller, now = require(event, "leads:write"), now_of(event)
    told = read_interest(json_object(event), now)
    add_interest(acting_on(caller, lead), lead, told, caller.actor, now)
    return shown(lead)

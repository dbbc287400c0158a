"""The routes by which HQ writes down something of a lead, and asks its owner."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.hq.keys import require
from functions.hq.leads_api import acting_on, shown
from routing_core.aws.bodies import json_object
from routing_core.aws.http import Reply, Router, now_of
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.service.hq.ask_partner import ask_partner
from routing_core.service.hq.handle_lead import add_note

router = Router()


@router.post("/v1/leads/<lead>/notes")
def note(lead: str) -> Reply:
    """Add the note ``{"text": …}``, which HQ and the owner read."""
    event = router.current_event
    caller = require(event, "leads:write")
    text = _text(event, "is what is to be noted")
    add_note(acting_on(event, lead), lead, text, caller.actor, now_of(event))
    return shown(lead)


@router.post("/v1/leads/<lead>/ask")
def ask(lead: str) -> Reply:
    """Ask the owner ``{"text": …}``, who gets a mail with a button to answer it.

    What is asked already is not asked again.
    """
    event = router.current_event
    caller = require(event, "leads:write")
    text = _text(event, "is what the owner is asked")
    ask_partner(acting_on(event, lead), lead, text, caller, now_of(event))
    return shown(lead)


def _text(event: APIGatewayProxyEventV2, meant: str) -> str:
    text = json_object(event).get("text")
    if not isinstance(text, str):
        raise InvalidInput([Problem("text", "required", meant)])
    return text

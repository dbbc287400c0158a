"""What is said about a lead: the mails that left, HQ's notes, and what its owner is asked."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.hq.keys import require
from functions.hq.leads_api import acting_on, shown
from routing_core.aws.bodies import json_object
from routing_core.aws.http import Reply, Router, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.present.explain.mails_document import mails_document
from routing_core.service.hq.ask_partner import ask_partner
from routing_core.service.hq.handle_lead import add_note
from routing_core.service.hq_desk.desk_lead import view_lead_mails

router = Router()


@router.get("/v1/leads/<lead>/mails")
def mails(lead: str) -> Reply:
    """List the mails about a lead of the last 90 days, with what became of each."""
    caller = require(router.current_event, "leads:read")
    return json_reply(mails_document(view_lead_mails(wiring().lead_desk, caller, lead)))


@router.post("/v1/leads/<lead>/notes")
def note(lead: str) -> Reply:
    """Add the note ``{"text": …}``, which HQ and the owner read."""
    event = router.current_event
    caller = require(event, "leads:write")
    text = _text(event, "is what is to be noted")
    add_note(acting_on(caller, lead), lead, text, caller.actor, now_of(event))
    return shown(lead)


@router.post("/v1/leads/<lead>/ask")
def ask(lead: str) -> Reply:
    """Ask the owner ``{"text": …}``, who gets a mail with a button to answer it.

    What is asked already is not asked again.
    """
    event = router.current_event
    caller = require(event, "leads:write")
    text = _text(event, "is what the owner is asked")
    ask_partner(acting_on(caller, lead), lead, text, caller, now_of(event))
    return shown(lead)


def _text(event: APIGatewayProxyEventV2, meant: str) -> str:
    text = json_object(event).get("text")
    if not isinstance(text, str):
        raise InvalidInput([Problem("text", "required", meant)])
    return text

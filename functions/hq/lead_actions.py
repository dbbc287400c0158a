"""What HQ does with one lead: assign it, grant a claim, release it, put its place right, erase who asked."""

from functions.hq.keys import require
from routing_core.aws.http import Reply, Router, json_object, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.present.lead_document import lead_document
from routing_core.service.erase_lead import erase_on_request
from routing_core.service.handle_lead import assign_lead, grant_claim, release_lead, show_lead
from routing_core.service.move_lead import move_lead

router = Router()


@router.post("/v1/leads/<lead>/assign")
def assign(lead: str) -> Reply:
    """``{"partner": id}``: offered to that partner, cap or no cap; whoever had it before is told."""
    event = router.current_event
    name = require(event, "leads:write")
    partner = json_object(event).get("partner")
    if not isinstance(partner, str):
        raise InvalidInput([Problem("partner", "required", "is the id of the partner")])
    assign_lead(wiring().relay, lead, partner, name, now_of(event))
    return _shown(lead)


@router.post("/v1/leads/<lead>/grant")
def grant(lead: str) -> Reply:
    """A claim is right: the claimant owns the lead at once."""
    event = router.current_event
    grant_claim(wiring().relay, lead, require(event, "leads:write"), now_of(event))
    return _shown(lead)


@router.post("/v1/leads/<lead>/release")
def release(lead: str) -> Reply:
    """Out of quarantine or review, or a claim that is not granted: to partners."""
    event = router.current_event
    require(event, "leads:write")
    release_lead(wiring().relay, lead, now_of(event))
    return _shown(lead)


@router.post("/v1/leads/<lead>/move")
def move(lead: str) -> Reply:
    """``{"postcode": …, "town": …}``: its place was wrong. One that nobody owns is routed anew, of another its owner is
    told."""
    event = router.current_event
    name = require(event, "leads:write")
    move_lead(wiring().relay, lead, json_object(event), name, now_of(event))
    return _shown(lead)


@router.post("/v1/leads/<lead>/erase")
def erase(lead: str) -> Reply:
    """Who asked and all they typed, at once; what can be counted stays."""
    event = router.current_event
    name = require(event, "leads:write")
    erase_on_request(wiring().relay, lead, name, now_of(event))
    return _shown(lead)


def _shown(lead: str) -> Reply:
    return json_reply(lead_document(show_lead(wiring().relay, lead, now_of(router.current_event))))

"""The list of leads for machines."""

from functions.hq.keys import require
from routing_core.aws.http import Reply, Router, json_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.present.explain.lead_rows_document import lead_rows_document
from routing_core.service.hq_desk.listed_leads import list_leads

router = Router()


@router.get("/v1/leads", compress=True)
def listed() -> Reply:
    """Give a page of the leads that a filter keeps, the newest first; ``next`` goes on behind it.

    The list is a moment behind the leads (``behind_seconds``). A page may have few leads or none
    because much was looked through in vain: ``looked_back_to`` says how far, and ``next`` goes on.
    """
    event = router.current_event
    caller, parts = require(event, "leads:read"), wiring()
    found = list_leads(parts.services, parts.read_model, caller, query(event), now_of(event))
    return json_reply(lead_rows_document(found))

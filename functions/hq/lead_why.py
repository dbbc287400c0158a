"""Why a partner was asked about a lead or was not, for machines."""

from functions.hq.keys import require
from functions.hq.leads_api import check_sees
from routing_core.aws.http import Reply, Router, json_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.present.explain.why_words import why_document
from routing_core.service.hq.why_partner import why_partner

router = Router()


@router.get("/v1/leads/<lead>/why")
def why(lead: str) -> Reply:
    """Tell why a ``partner`` was asked or was not, in a sentence that is safe to show to them.

    It names nobody else and says nothing of the customer. It is in the partner's language, or in
    that of ``lang``.
    """
    event, services = router.current_event, wiring().services
    caller, asked = require(event, "leads:read"), query(event)
    check_sees(caller, lead)
    if not asked.get("partner"):
        raise InvalidInput([Problem("partner", "required", "is the id of the partner")])
    told = why_partner(services, lead, asked["partner"], now_of(event))
    return json_reply(why_document(told, asked.get("lang", "")))

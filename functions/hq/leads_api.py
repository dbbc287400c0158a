"""One lead for machines: its timeline and decisions."""

from functions.hq.keys import require
from routing_core.aws.http import Reply, Router, flag, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.present.lead_document import decisions_document, lead_document
from routing_core.service.hq_queue import show_lead
from routing_core.service.replay_decisions import replay_decisions

router = Router()


@router.get("/v1/leads/<lead>")
def show(lead: str) -> Reply:
    require(router.current_event, "leads:read")
    return shown(lead)


@router.get("/v1/leads/<lead>/decisions")
def decisions(lead: str) -> Reply:
    """Why each partner was asked, in sentences; ``?replay=true`` makes each decision again and compares."""
    event, relay = router.current_event, wiring().relay
    require(event, "leads:read")
    view = show_lead(relay, lead, now_of(event))
    again = replay_decisions(relay.leads, relay.rules, lead) if flag(event, "replay") else ()
    return json_reply({"lead": lead, "decisions": decisions_document(view, again)})


def shown(lead: str) -> Reply:
    """As it now stands; also the answer to what HQ did with it."""
    return json_reply(lead_document(show_lead(wiring().relay, lead, now_of(router.current_event))))

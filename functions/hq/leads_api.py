"""One lead for machines: its timeline and decisions."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.hq.keys import require
from routing_core.aws.http import Reply, Router, flag, header, json_reply, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.present.explain.lead_document import decisions_document, lead_document
from routing_core.service.hq.hq_queue import LONGEST_VERSION, show_lead
from routing_core.service.hq.replay_decisions import replay_decisions
from routing_core.service.kernel.services import Services

router = Router()


@router.get("/v1/leads/<lead>")
def show(lead: str) -> Reply:
    require(router.current_event, "leads:read")
    return shown(lead)


@router.get("/v1/leads/<lead>/decisions")
def decisions(lead: str) -> Reply:
    """Why each partner was asked, in sentences; ``?replay=true`` makes each decision again and
    compares.
    """
    event, services = router.current_event, wiring().services
    require(event, "leads:read")
    view = show_lead(services, lead, now_of(event))
    again = replay_decisions(services.leads, services.rules, lead) if flag(event, "replay") else ()
    return json_reply({"lead": lead, "decisions": decisions_document(view, again)})


def shown(lead: str) -> Reply:
    """As it now stands, its version as the ETag; also the answer to what HQ did with it."""
    view = show_lead(wiring().services, lead, now_of(router.current_event))
    reply = json_reply(lead_document(view))
    reply.headers["ETag"] = f'"{view.lead.version}"'
    return reply


def acting_on(event: APIGatewayProxyEventV2, lead: str) -> Services:
    """For a decision about a lead: with ``If-Match`` it is done only if nothing has happened since
    that version.
    """
    written = header(event, "if-match").removeprefix("W/").strip('"')
    if written in ("", "*"):
        return wiring().services
    if not (written.isascii() and written.isdigit() and len(written) < LONGEST_VERSION):
        raise InvalidInput(
            [Problem("If-Match", "invalid", 'is the ETag of the lead as you read it, like "7"')]
        )
    return wiring().services.having_seen(lead, int(written))

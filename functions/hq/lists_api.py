"""HQ's list of partners: the whole network imported at once."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.hq.keys import require
from routing_core.aws.bodies import LIST_BODY, body_text, json_object
from routing_core.aws.http import Reply, Router, flag, header, json_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.territory.countries import country_code
from routing_core.formats.partners_csv import Assumed
from routing_core.service.hq import import_partners as lists
from routing_core.service.hq_desk.partner_import import refuse_rows_outside

router = Router()


@router.post("/v1/partners/import")
def import_() -> Reply:
    """Replace the list of partners by a CSV file, or by ``{"partners": […]}``.

    ``?dry_run=true`` checks and saves nothing. Of a CSV file, ``?country=US`` says where
    territories are that name no country.
    """
    event, services = router.current_event, wiring().services
    caller, now = require(event, "partners:write"), now_of(event)
    if header(event, "content-type").startswith("text/csv"):
        text = body_text(event, LIST_BODY)
        plan = lists.plan_partners_csv(services, text, now, assumed(event))
    else:
        plan = lists.plan_partners(services, documents_in(event), now)
    refuse_rows_outside(services, caller, plan)
    if flag(event, "dry_run"):
        return json_reply(asdict(plan.told(dry_run=True, finished=True)))
    imported = lists.save_plan(services, plan, now, caller.actor)
    return json_reply(asdict(imported), 200 if imported.finished else 202)


def assumed(event: APIGatewayProxyEventV2) -> Assumed:
    """Give what the address says of a CSV file beside the file."""
    country = country_code(query(event).get("country", ""))
    return Assumed(country, flag(event, "zeros_are_right"))


def documents_in(event: APIGatewayProxyEventV2) -> list[Any]:
    """Give the partners of a JSON body. Raises InvalidInput if there is no list of them."""
    documents = json_object(event, LIST_BODY).get("partners")
    if not isinstance(documents, list):
        message = "is a list with one object for each partner"
        raise InvalidInput([Problem("partners", "required", message)])
    return documents

"""HQ's lists: the whole network imported at once, and read as a list that can be imported."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.hq.keys import require
from routing_core.aws.bodies import LIST_BODY, body_text, json_object
from routing_core.aws.http import Reply, Router, csv_reply, flag, header, json_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.territory.countries import country_code
from routing_core.formats.partner_document import partner_document
from routing_core.formats.partners_csv import Assumed
from routing_core.formats.partners_map import partners_map
from routing_core.formats.partners_sheet import partners_sheet
from routing_core.service.hq import import_partners as lists
from routing_core.service.hq.export_partners import exported_partners
from routing_core.service.hq.partner_list import list_page
from routing_core.service.hq.partner_query import PAGED, page_document, read_page

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


# Compressed, for of a large network it is more than Lambda may answer with.
@router.get("/v1/partners", compress=True)
def show_all() -> Reply:
    """Give the whole list, or a page of it.

    Without a parameter it is ``{"partners": […]}``, with ``Accept: text/csv`` a list for a
    spreadsheet, with ``?as=map`` a dealer map: each can be imported. With a filter, ``limit`` or
    ``cursor`` it is a page, each partner with how it stands now; ``next`` goes on. The whole list
    holds everybody's contacts: that it was taken is noted in the activity log.
    """
    event, services = router.current_event, wiring().services
    caller, now = require(event, "partners:read"), now_of(event)
    asked = query(event)
    if asked.keys() & PAGED:
        page = list_page(services, caller, read_page(asked, services.programme), now)
        return json_reply(page_document(page))
    if asked.get("as") == "map":
        partners = exported_partners(services, caller, "map", now)
        return csv_reply(partners_map(partners), "partners-map.csv")
    if "text/csv" in header(event, "accept"):
        partners = exported_partners(services, caller, "csv", now)
        return csv_reply(partners_sheet(partners), "partners.csv")
    partners = exported_partners(services, caller, "json", now)
    return json_reply({"partners": [partner_document(each) for each in partners]})

"""HQ's lists: the whole network imported at once, and read as a list that can be imported."""

from dataclasses import asdict

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2 as Event

from functions.hq.keys import require
from routing_core.aws import bodies, http
from routing_core.aws.bodies import LIST_BODY
from routing_core.aws.http import Reply, Router, csv_reply, flag, header, json_reply, query
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.territory.countries import country_code
from routing_core.formats.partners_csv import Assumed
from routing_core.service.hq import import_partners as lists

router = Router()


@router.post("/v1/partners/import")
def import_() -> Reply:
    """A CSV file, or ``{"partners": […]}``; ``?dry_run=true`` checks and saves nothing. Of a CSV
    file, ``?country=US`` says where territories are that name no country.
    """
    event = router.current_event
    require(event, "partners:write")
    now, dry_run = http.now_of(event), flag(event, "dry_run")
    if header(event, "content-type").startswith("text/csv"):
        text = bodies.body_text(event, LIST_BODY)
        imported = lists.import_partners_csv(
            wiring().services, text, now, dry_run=dry_run, assumed=assumed(event)
        )
    else:
        documents = bodies.json_object(event, LIST_BODY).get("partners")
        if not isinstance(documents, list):
            raise InvalidInput(
                [Problem("partners", "required", "is a list with one object for each partner")]
            )
        imported = lists.import_partners(wiring().services, documents, now, dry_run=dry_run)
    return json_reply(asdict(imported), 200 if imported.finished else 202)


def assumed(event: Event) -> Assumed:
    """Give what the address says of a CSV file beside the file."""
    country = country_code(query(event).get("country", ""))
    return Assumed(country, flag(event, "zeros_are_right"))


@router.get("/v1/partners", compress=True)  # of a large network it is more than Lambda may answer
def show_all() -> Reply:
    """``{"partners": […]}``, with ``Accept: text/csv`` a list for a spreadsheet, with ``?as=map`` a
    dealer map; all can
    be imported.
    """
    event = router.current_event
    require(event, "partners:read")
    if query(event).get("as") == "map":
        return csv_reply(lists.map_partners(wiring().services), "partners-map.csv")
    if "text/csv" in header(event, "accept"):
        return csv_reply(lists.list_partners(wiring().services), "partners.csv")
    return json_reply(lists.show_partners(wiring().services))

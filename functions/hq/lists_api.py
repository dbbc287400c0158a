"""HQ's lists: the whole network imported at once, and read as a list that can be imported."""

from dataclasses import asdict

from functions.hq.keys import require
from routing_core.aws.http import (
    LIST_BODY,
    Reply,
    Router,
    body_text,
    csv_reply,
    flag,
    header,
    json_object,
    json_reply,
    now_of,
    query,
)
from routing_core.aws.wiring import wiring
from routing_core.domain.countries import country_code
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.service.save_partner import import_partners, import_partners_csv, list_partners, show_partners

router = Router()


@router.post("/v1/partners/import")
def import_() -> Reply:
    """A CSV file, or ``{"partners": […]}``; ``?dry_run=true`` checks and saves nothing. Of a CSV file, ``?country=US``
    says where territories are that name no country."""
    event = router.current_event
    require(event, "partners:write")
    now, dry_run = now_of(event), flag(event, "dry_run")
    if header(event, "content-type").startswith("text/csv"):
        asked = query(event)
        imported = import_partners_csv(
            wiring().relay,
            body_text(event, LIST_BODY),
            now,
            dry_run=dry_run,
            country=country_code(asked.get("country", "")),
            zeros_are_right=flag(event, "zeros_are_right"),
        )
    else:
        documents = json_object(event, LIST_BODY).get("partners")
        if not isinstance(documents, list):
            raise InvalidInput([Problem("partners", "required", "is a list with one object for each partner")])
        imported = import_partners(wiring().relay, documents, now, dry_run=dry_run)
    return json_reply(asdict(imported), 200 if imported.finished else 202)


@router.get("/v1/partners", compress=True)  # of a large network it is more than Lambda may answer
def show_all() -> Reply:
    """``{"partners": […]}``, or with ``Accept: text/csv`` a list for a spreadsheet; both can be imported."""
    require(router.current_event, "partners:read")
    if "text/csv" in header(router.current_event, "accept"):
        return csv_reply(list_partners(wiring().relay), "partners.csv")
    return json_reply(show_partners(wiring().relay))

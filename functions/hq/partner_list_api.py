"""HQ's list of partners for machines: page by page, or whole, as it can be imported again."""

from functions.hq.keys import require
from routing_core.aws.http import Reply, Router, csv_reply, header, json_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.formats.partner_document import partner_document
from routing_core.formats.partners_map import partners_map
from routing_core.formats.partners_sheet import partners_sheet
from routing_core.service.hq.export_partners import exported_partners
from routing_core.service.hq.partner_list import list_page
from routing_core.service.hq.partner_query import PAGED, page_document, read_page

router = Router()


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

"""A list of partners imported on HQ's desk: shown as a table first, then saved just so."""

from functions.hq_desk.visitor import acting, signed_in
from routing_core.aws.bodies import LIST_BODY, form_fields, uploaded_file
from routing_core.aws.http import Reply, Router, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import InvalidInput
from routing_core.domain.hq_people import Right
from routing_core.formats.sheet_file import sheet_text
from routing_core.present.hq_desk.partners.importing import partner_import_page
from routing_core.service.hq_desk import partner_import as lists
from routing_core.service.hq_desk.partner_rights import PARTNERS_URL
from routing_core.web import acted, page

router = Router()


@router.get("/hq/partners/import")
def show() -> Reply:
    """Show the page on which a list is sent."""
    event = router.current_event
    view = lists.empty_import(wiring().services, signed_in(event), now_of(event))
    return page(partner_import_page(view))


@router.post("/hq/partners/import")
def act() -> Reply:
    """Show what a list would do, or save exactly what was shown (409 if it would do otherwise)."""
    event, services = router.current_event, wiring().services
    visitor, now = acting(event, Right.CHANGE_PARTNERS), now_of(event)
    form = form_fields(event, LIST_BODY)
    try:
        sent = _sent(form)
    except InvalidInput as error:
        view = lists.unreadable_import(services, visitor, error, now)
        return page(partner_import_page(view), 422)
    if not form.get("packed"):
        view = lists.view_partner_import(services, visitor, sent, now)
        return page(partner_import_page(view), 422 if view.wrong else 200)
    done = lists.save_import(services, visitor, sent, form.get("digest", ""), now)
    if isinstance(done, lists.PartnerImportView):
        return page(partner_import_page(done), 409)
    return acted("imported" if done.finished else "importing", now, PARTNERS_URL)


def _sent(form: dict[str, str]) -> lists.UploadedList:
    said = form.get("country", ""), form.get("zeros") == "yes"
    if form.get("packed"):
        return lists.UploadedList(lists.unpacked_list(form["packed"]), *said)
    typed = form.get("text", "").strip()
    text = typed or sheet_text(uploaded_file(router.current_event, "file"))
    return lists.UploadedList(text, *said)

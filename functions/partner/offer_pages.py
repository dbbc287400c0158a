"""One offer: look, answer, and after accepting the contact as a card and the deadline as a calendar entry."""

from dataclasses import replace

from aws_lambda_powertools.event_handler import Response

from routing_core.aws.http import Reply, Router, form_fields, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import Gone
from routing_core.present.calendar_file import contact_ics
from routing_core.present.pages import offer_page
from routing_core.present.vcard import contact_vcf
from routing_core.service.offer_page import view_offer
from routing_core.service.respond_to_offer import note_seen, respond_to_offer
from routing_core.service.views import OfferView
from routing_core.web import acted, news, page

router = Router()


@router.get("/o/<token>")
def offer(token: str) -> Reply:
    event = router.current_event
    return page(offer_page(replace(view_offer(wiring().relay, token, now_of(event)), notice=news(event))))


@router.post("/o/<token>")
def answer(token: str) -> Reply:
    event = router.current_event
    view = respond_to_offer(wiring().relay, token, form_fields(event), now_of(event))
    return page(offer_page(view), 422) if view.problems else acted(view.notice, view.now)


@router.post("/o/<token>/seen")
def seen(token: str) -> Reply:
    note_seen(wiring().relay, token, now_of(router.current_event))
    return Response(204, "text/plain", "")


@router.get("/o/<token>/contact.vcf")
def card(token: str) -> Response[bytes]:
    view = _owned(token)
    return _file("text/vcard; charset=utf-8", "contact.vcf", contact_vcf(view.lead))


@router.get("/o/<token>/contact.ics")
def entry(token: str) -> Response[bytes]:
    view = _owned(token)
    if view.contact_by is None:
        raise Gone("there is no call left to make")
    by = contact_ics(view.lead, view.partner, view.programme, view.contact_by, view.url, view.language)
    return _file("text/calendar; charset=utf-8", "contact.ics", by)


def _owned(token: str) -> OfferView:
    view = view_offer(wiring().relay, token, now_of(router.current_event))
    if view.context is None:
        raise Gone("accept the enquiry first")
    return view


def _file(kind: str, name: str, content: bytes) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(200, kind, content, headers)

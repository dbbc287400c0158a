"""After accepting: the contact as a card, and the deadline as a calendar entry."""

from aws_lambda_powertools.event_handler import Response

from routing_core.aws.http import Router, now_of
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import Erased, Gone
from routing_core.present.calendar_file import contact_ics
from routing_core.present.vcard import contact_vcf
from routing_core.service.offer_page import view_offer
from routing_core.service.views import OfferState, OfferView

router = Router()


@router.get("/o/<token>/contact.vcf")
def card(token: str) -> Response[bytes]:
    view = _owned(token)
    return _file("text/vcard; charset=utf-8", "contact.vcf", contact_vcf(view.lead))


@router.get("/o/<token>/contact.ics")
def entry(token: str) -> Response[bytes]:
    view = _owned(token)
    if view.contact_by is None:
        raise Gone("there is no call left to make")
    by = contact_ics(view.lead, view.partner, view.programme, view.contact_by, view.language)
    return _file("text/calendar; charset=utf-8; method=PUBLISH", "contact.ics", by)


def _owned(token: str) -> OfferView:
    view = view_offer(wiring().relay, token, now_of(router.current_event))
    if view.state is OfferState.ERASED:
        raise Erased("this enquiry was erased")
    if view.context is None:
        raise Gone("accept the enquiry first")
    return view


def _file(kind: str, name: str, content: bytes) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(200, kind, content, headers)

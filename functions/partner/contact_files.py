"""After accepting: the contact as a card, and the deadline as a calendar entry.

Where there is none any more, the page of the offer is shown, which says how things stand.
"""

from aws_lambda_powertools.event_handler import Response

from routing_core.aws.http import Reply, Router, now_of, see_other
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import Erased
from routing_core.present.mails.calendar_file import contact_ics
from routing_core.present.mails.vcard import contact_vcf
from routing_core.service.kernel.views import OfferState, OfferView
from routing_core.service.offers.offer_page import view_offer

router = Router()


@router.get("/o/<token>/contact.vcf")
def card(token: str) -> Response[bytes] | Reply:
    """Give the customer's contact for the address book."""
    view = _opened(token)
    if view.context is None:
        return see_other(view.url)
    return _file("text/vcard; charset=utf-8", "contact.vcf", contact_vcf(view.lead))


@router.get("/o/<token>/contact.ics")
def entry(token: str) -> Response[bytes] | Reply:
    """Give the deadline of the call for the calendar."""
    view = _opened(token)
    if view.context is None or view.contact_by is None:
        return see_other(view.url)
    file = contact_ics(view.lead, view.partner, view.programme, view.contact_by, view.language)
    return _file("text/calendar; charset=utf-8; method=PUBLISH", "contact.ics", file)


def _opened(token: str) -> OfferView:
    """Give the offer of a link. Raises Erased once nobody may know any more who asked."""
    view = view_offer(wiring().services, token, now_of(router.current_event))
    if view.state is OfferState.ERASED:
        raise Erased("this enquiry was erased")
    return view


def _file(kind: str, name: str, content: bytes) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(200, kind, content, headers)

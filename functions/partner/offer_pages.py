"""One offer: look, and answer."""

from dataclasses import replace

from aws_lambda_powertools.event_handler import Response

from routing_core.aws.bodies import form_fields
from routing_core.aws.http import Reply, Router, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.present.pages.hand_over import hand_over_page
from routing_core.present.pages.offer import offer_page
from routing_core.service.kernel.views import OfferView
from routing_core.service.offers.hand_over import view_hand_over
from routing_core.service.offers.offer_page import view_offer
from routing_core.service.offers.respond_to_offer import note_seen, respond_to_offer
from routing_core.web import acted, news, page

router = Router()


@router.get("/o/<token>")
def offer(token: str) -> Reply:
    """Show an offer as it stands now, or to whom its owner may give it."""
    event, services = router.current_event, wiring().services
    if query(event).get("show") == "hand-over":
        return page(_draw(view_hand_over(services, token, now_of(event))))
    view = view_offer(services, token, now_of(event))
    return page(offer_page(replace(view, notice=news(event))))


@router.post("/o/<token>")
def answer(token: str) -> Reply:
    """Accept, decline, or say what became of it."""
    event = router.current_event
    view = respond_to_offer(wiring().services, token, form_fields(event), now_of(event))
    if view.problems:
        return page(_draw(view), 422)
    return acted(view.notice, view.now)


def _draw(view: OfferView) -> str:
    return offer_page(view) if view.others is None else hand_over_page(view)


@router.post("/o/<token>/seen")
def seen(token: str) -> Reply:
    """Note that a person has looked: a touch or scroll, which no program that opens links makes."""
    note_seen(wiring().services, token, now_of(router.current_event))
    return Response(204, "text/plain", "")

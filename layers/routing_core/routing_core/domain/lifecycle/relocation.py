"""The place of an enquiry was not the right one: what that means for whoever was asked."""

from collections.abc import Container
from dataclasses import replace
from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.events import LeadMoved, OfferMoved
from routing_core.domain.lead import OWNED, DeadlineKind, LeadStatus, Moved
from routing_core.domain.lifecycle.offering import AT_REST, withdraw_offer
from routing_core.domain.offer import Offer, OfferKind
from routing_core.domain.reasons import WithdrawReason

S = LeadStatus


def move(draft: Draft, postcode: str, town: str, region: str, by: str) -> None:
    """``by``: prospect, or who at HQ."""
    lead = draft.lead
    before = Moved(lead.version, lead.postcode, lead.region, len(lead.offers) + len(lead.as_if))
    draft.set(
        postcode=postcode, town=town, located_by="", region=region, moves=(*lead.moves, before)
    )
    draft.add_event(LeadMoved(by=by, partner=lead.owner if lead.status in OWNED else None))


def withdraw_out_of_area(draft: Draft, near: Container[str], now: datetime) -> None:
    """Who was asked by routing and may not have the enquiry at the new place is asked no more, and
    may not accept late.
    """

    def stays(offer: Offer) -> bool:
        return offer.kind is not OfferKind.ROUTED or offer.partner in near

    for offer in draft.lead.live_offers:
        if stays(offer):
            draft.add_event(OfferMoved(offer=offer.number, partner=offer.partner))
        else:
            withdraw_offer(draft, offer, WithdrawReason.MOVED, now)
    draft.set(
        offers=tuple(
            replace(o, on_lapse="retract") if o.shared and not stays(o) else o
            for o in draft.lead.offers
        )
    )


def reset_routing(draft: Draft) -> None:
    """Nobody is asked yet at the new place: neither the time nor the partners it took so far count
    there.
    """
    draft.drop_deadlines(*AT_REST, DeadlineKind.FOLLOW_UP_END)
    draft.set(total_by=None, exhausted=False, reason="")


def waits_for_a_partner(draft: Draft) -> bool:
    """Routing has no answer yet: a lead that HQ looks at first, or that somebody owns, is not
    routed by its place.
    """
    lead = draft.lead
    if lead.status is S.OFFERED:
        return not lead.live_offers
    return lead.status is S.FOLLOW_UP or (
        lead.status is S.HQ_QUEUE and (lead.exhausted or lead.partner_opens_at is not None)
    )

"""The place of an enquiry was not the right one: what that means for whoever was asked."""

from collections.abc import Container
from dataclasses import replace
from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.events import LeadMoved, OfferMoved
from routing_core.domain.lead import OWNED, DeadlineKind, LeadStatus, Moved
from routing_core.domain.lifecycle.offering import WAITING_DEADLINES, withdraw_offer
from routing_core.domain.offer import Offer, OfferKind
from routing_core.domain.reasons import WithdrawReason


def move(draft: Draft, postcode: str, town: str, region: str, by: str) -> None:
    """Put the place right; ``by`` is ``prospect``, or names who at HQ did it."""
    lead = draft.lead
    offers_before = len(lead.offers) + len(lead.as_if)
    before = Moved(lead.version, lead.postcode, lead.region, offers_before)
    draft.set(
        postcode=postcode,
        town=town,
        located_by="",
        region=region,
        moves=(*lead.moves, before),
    )
    owner = lead.owner if lead.status in OWNED else None
    draft.add_event(LeadMoved(by=by, partner=owner))


def withdraw_out_of_area(draft: Draft, near: Container[str], now: datetime) -> None:
    """Ask those no more who may not have the enquiry at its new place, nor let them accept late.

    ``near`` are the partners who work there. Only whom routing asked has to: HQ may have chosen a
    partner for another reason than the place.
    """
    for offer in draft.lead.live_offers:
        if _stays(offer, near):
            draft.add_event(OfferMoved(offer=offer.number, partner=offer.partner))
        else:
            withdraw_offer(draft, offer, WithdrawReason.MOVED, now)
    for offer in draft.lead.offers:
        # An expired offer that was shared could still be accepted: it has ended already, so all
        # there is to withdraw is that.
        if offer.shared and not _stays(offer, near):
            draft.replace_offer(replace(offer, on_lapse="retract"))


def _stays(offer: Offer, near: Container[str]) -> bool:
    return offer.kind is not OfferKind.ROUTED or offer.partner in near


def reset_routing(draft: Draft) -> None:
    """Begin again at the new place: neither the time nor the partners taken so far count there."""
    draft.drop_deadlines(*WAITING_DEADLINES, DeadlineKind.FOLLOW_UP_END)
    draft.set(total_by=None, exhausted=False, reason="")


def waits_for_a_partner(draft: Draft) -> bool:
    """Tell whether routing has to find a partner at the new place.

    A lead that HQ looks at first, or that somebody owns, is not routed by its place.
    """
    lead = draft.lead
    if lead.status is LeadStatus.OFFERED:
        return not lead.live_offers
    if lead.status is LeadStatus.HQ_QUEUE:
        return lead.exhausted or lead.partner_opens_at is not None
    return lead.status is LeadStatus.FOLLOW_UP

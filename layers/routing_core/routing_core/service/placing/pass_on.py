"""Passes on what was offered to a partner whose mail comes back.

Their second contact gets it, or else the next partner. It happens at once. Nothing is counted
against them; what somebody there has looked at, and what they own, stays theirs.
"""

from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.events import OfferRedirected
from routing_core.domain.lead import Lead
from routing_core.domain.lifecycle import offering
from routing_core.domain.offer import Offer
from routing_core.domain.partner import Partner
from routing_core.domain.reasons import WithdrawReason
from routing_core.service.kernel.ports import MOST_HELD, Change, LoadChange
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services
from routing_core.service.placing.place_lead import offer_next


def pass_on(services: Services, partner_id: str, now: datetime) -> list[str]:
    """Pass on whatever waits for the partner's answer, and return the ids of those leads.

    Doing it again does nothing more.
    """
    partner = services.partners.get(partner_id)
    if partner is None or not partner.bounced:
        return []
    held = services.leads.held_by(partner_id, MOST_HELD)
    return [lead.id for lead in held if _pass_on(services, lead.id, partner, now)]


def _pass_on(services: Services, lead_id: str, partner: Partner, now: datetime) -> bool:
    """Pass one lead on, and tell whether there was anything to pass on."""

    def work(caps_only: bool) -> bool:
        lead = services.leads.get(lead_id)
        offer = _unread_offer(lead, partner, now) if lead else None
        if lead is None or offer is None:
            return False
        draft = Draft(lead)
        loads: dict[str, LoadChange] = {}
        if partner.second:
            if _was_redirected(services, lead_id, offer):
                return False
            offering.redirect_offer(draft, offer)
        else:
            offering.withdraw_offer(draft, offer, WithdrawReason.UNREACHABLE, now)
            if not draft.lead.live_offers:  # others of the wave may still answer
                loads = offer_next(draft, services, now, caps_only=caps_only)
        services.commit(Change(draft, loads=loads), now=now)
        return True

    return retry_on_conflict(work)


def _unread_offer(lead: Lead, partner: Partner, now: datetime) -> Offer | None:
    """Give the partner's offer whose window is still open, if nobody there has looked at it."""
    for offer in lead.live_offers:
        if offer.partner == partner.id and now < offer.expires_at:
            return None if offer.seen_at else offer
    return None


def _was_redirected(services: Services, lead_id: str, offer: Offer) -> bool:
    """Tell whether the second contact has the offer already."""
    for row in services.leads.events(lead_id):
        for event in row.events:
            if isinstance(event, OfferRedirected) and event.offer == offer.number:
                return True
    return False

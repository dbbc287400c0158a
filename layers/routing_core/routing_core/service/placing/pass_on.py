"""Mail to a partner comes back: what they were offered goes to their second contact at once, or
else to the next partner. Nothing is counted against them; what somebody there has looked at, and
what they own, stays theirs.
"""

from datetime import datetime

from routing_core.domain.lead import Draft
from routing_core.domain.lifecycle import offering
from routing_core.domain.offer import Offer
from routing_core.domain.partner import Partner
from routing_core.service.kernel.ports import Change
from routing_core.service.kernel.services import Services, retry_on_conflict
from routing_core.service.placing.place_lead import offer_next

MOST = 1_000
"""Leads of one partner looked at, the oldest first: far more than a firm has open."""


def pass_on(services: Services, partner_id: str, now: datetime) -> list[str]:
    """Ids of the leads for which something was done; doing it again does nothing more."""
    partner = services.partners.get(partner_id)
    if partner is None or not partner.bounced:
        return []
    held = services.leads.held_by(partner_id, MOST)
    return [lead.id for lead in held if _pass_on(services, lead.id, partner, now)]


def _pass_on(services: Services, lead_id: str, partner: Partner, now: datetime) -> bool:
    def work(caps_only: bool) -> bool:
        lead = services.leads.get(lead_id)
        theirs = (
            [o for o in lead.live_offers if o.partner == partner.id and now < o.expires_at]
            if lead
            else []
        )
        if lead is None or not theirs or theirs[0].seen_at:
            return False
        draft, loads = Draft(lead), {}
        if partner.second:
            if _was_redirected(services, lead_id, theirs[0]):
                return False
            offering.redirect_offer(draft, theirs[0])
        else:
            offering.withdraw_offer(draft, theirs[0], "unreachable", now)
            if not draft.lead.live_offers:  # others of the wave may still answer
                loads = offer_next(draft, services, now, caps_only=caps_only)
        services.commit(Change(draft, loads=loads), now=now)
        return True

    return retry_on_conflict(work)


def _was_redirected(services: Services, lead_id: str, offer: Offer) -> bool:
    facts = (fact for row in services.leads.events(lead_id) for fact in row.facts)
    return any(
        fact.kind == "offer.redirected" and fact.data["offer"] == offer.number for fact in facts
    )

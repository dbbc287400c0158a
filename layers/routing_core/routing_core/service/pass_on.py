"""Mail to a partner comes back: what they were offered goes to their second contact at once, or else to the next
partner. Nothing is counted against them; what somebody there has looked at, and what they own, stays theirs."""

from datetime import datetime

from ..domain.lead import Draft
from ..domain.offer import Offer
from ..domain.partner import Partner
from ..domain.steps import offering
from .place_lead import place
from .ports import Change
from .relay import Relay, until_committed

MOST = 1_000
"""Leads of one partner looked at, the oldest first: far more than a firm has open."""


def pass_on(relay: Relay, partner_id: str, now: datetime) -> list[str]:
    """Ids of the leads for which something was done; doing it again does nothing more."""
    partner = relay.partners.get(partner_id)
    if partner is None or not partner.bounced:
        return []
    held = relay.leads.held_by(partner_id, MOST)
    return [lead.id for lead in held if _pass_on(relay, lead.id, partner, now)]


def _pass_on(relay: Relay, lead_id: str, partner: Partner, now: datetime) -> bool:
    def work(contended: bool) -> bool:
        lead = relay.leads.get(lead_id)
        theirs = [o for o in lead.live_offers if o.partner == partner.id and now < o.expires_at] if lead else []
        if lead is None or not theirs or theirs[0].seen_at:
            return False
        draft, loads = Draft(lead), {}
        if partner.second:
            if _was_redirected(relay, lead_id, theirs[0]):
                return False
            offering.redirect_offer(draft, theirs[0])
        else:
            offering.withdraw_offer(draft, theirs[0], "unreachable", now)
            if not draft.lead.live_offers:  # others of the wave may still answer
                loads = place(draft, relay, now, contended=contended)
        relay.commit(Change(draft, loads=loads), now=now)
        return True

    return until_committed(work)


def _was_redirected(relay: Relay, lead_id: str, offer: Offer) -> bool:
    facts = (fact for row in relay.leads.events(lead_id) for fact in row.facts)
    return any(fact.kind == "offer.redirected" and fact.data["offer"] == offer.number for fact in facts)

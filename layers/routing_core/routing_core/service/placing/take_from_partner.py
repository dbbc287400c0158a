"""HQ takes a lead from a partner, and routing goes on with somebody else, as HQ asks for it."""

from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.events import OfferWithdrawn
from routing_core.domain.lead import OWNED, Lead
from routing_core.domain.lifecycle import offering, ownership
from routing_core.domain.offer import Offer
from routing_core.domain.reasons import WithdrawReason
from routing_core.service.kernel.ports import MOST_HELD, Change, LoadChange
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services
from routing_core.service.placing.place_lead import offer_next_by_hand


def leads_with(services: Services, partner_id: str) -> tuple[Lead, ...]:
    """Give the leads that a partner owns or is being asked about, the oldest first."""
    held = services.leads.held_by(partner_id, MOST_HELD)
    return tuple(lead for lead in held if owns(lead, partner_id) or live_offer(lead, partner_id))


def owns(lead: Lead, partner_id: str) -> bool:
    """Tell whether the partner owns the lead, and it is not over."""
    return lead.owner == partner_id and lead.status in OWNED


def live_offer(lead: Lead, partner_id: str) -> Offer | None:
    """Give the offer of the lead that waits for the partner's answer, if there is one."""
    return next((each for each in lead.live_offers if each.partner == partner_id), None)


def take_from_partner(
    services: Services, lead_id: str, partner_id: str, by: str, now: datetime
) -> bool:
    """Take a lead from the partner who owns it or is asked, and ask the next one.

    Gives False, and nothing has changed, if the partner has nothing to do with it any more: doing
    it again does nothing. It counts against nobody. Raises NotFound.
    """

    def work(caps_only: bool) -> bool:
        lead = services.lead(lead_id)
        draft = Draft(lead)
        offer = live_offer(lead, partner_id)
        if owns(lead, partner_id):
            former = ownership.take_back(draft, WithdrawReason.ASSIGNED, services.programme, now)
            draft.add_event(
                OfferWithdrawn(
                    offer=former.number, partner=partner_id, why=WithdrawReason.ASSIGNED, by=by
                )
            )
        elif offer:
            offering.withdraw_offer(draft, offer, WithdrawReason.ASSIGNED, now, by)
        else:
            return False
        loads: dict[str, LoadChange] = {}
        if not draft.lead.live_offers:  # others of the wave may still answer
            loads = offer_next_by_hand(draft, services, now, caps_only=caps_only)
        services.commit(Change(draft, loads=loads), now=now)
        return True

    return retry_on_conflict(work)

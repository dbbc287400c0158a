"""Offers a lead to the partner of HQ's choice, cap or no cap."""

from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.events import LeadAssigned
from routing_core.domain.lifecycle import offering, promises
from routing_core.domain.offer import OfferKind
from routing_core.domain.partner import Partner, counters
from routing_core.routing.decide.eligibility import local_day
from routing_core.service.kernel.ports import LoadChange
from routing_core.service.kernel.services import Services


def partner_to_assign(services: Services, partner_id: str) -> Partner:
    """Give the partner HQ chose, as saved.

    Raises InvalidInput where there is none, or no mail reaches it.
    """
    partner = services.partners.get(partner_id)
    if partner is None:
        raise InvalidInput(
            [Problem("partner", "unknown_option", f"there is no partner {partner_id}")]
        )
    if partner.deactivated:
        message = "this partner is deactivated"
        raise InvalidInput([Problem("partner", "deactivated", message)])
    if not partner.confirmed or partner.bounced:
        message = "the email address of this partner is not confirmed"
        raise InvalidInput([Problem("partner", "unconfirmed", message)])
    return partner


def offer_by_hq(
    draft: Draft, services: Services, partner: Partner, now: datetime
) -> dict[str, LoadChange]:
    """Open HQ's offer and promise the sender to hear; give what it does to the partner's load."""
    lead = draft.lead
    programme = services.programme
    km = services.rules.network().km(partner, lead.country, lead.postcode)
    occasion = offering.Occasion(OfferKind.ASSIGNED, km=km)
    offering.open_offer(draft, partner, occasion, programme, now)
    if draft.lead.promised_by is None:
        promised_by = promises.promised_by(programme, lead.product, lead.urgency, now)
        promises.promise(draft, promised_by, now)
    # HQ's offer counts in the caps of the period but is not limited by them.
    counts = dict.fromkeys(counters(partner.caps, local_day(partner, now), lead.product))
    return {partner.id: LoadChange(counts=counts, offered_at=now)}


def assign_new(
    draft: Draft, services: Services, partner: Partner, by: str, now: datetime
) -> dict[str, LoadChange]:
    """Offer a lead that has just come in to the partner for whom ``by`` entered it."""
    draft.add_event(LeadAssigned(partner=partner.id, by=by))
    return offer_by_hq(draft, services, partner, now)

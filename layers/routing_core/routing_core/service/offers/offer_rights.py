"""Tells how an offer stands, and what its partner may do about it now.

All of it is judged by the lead as it was just read: a link says who looks, and never what may be
done.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from routing_core.domain.absences import away
from routing_core.domain.lead import OWNED, Lead, LeadStatus
from routing_core.domain.lifecycle import ownership
from routing_core.domain.offer import Offer, OfferStatus
from routing_core.domain.partner import Load, Partner, with_auto_pause
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.reasons import ReturnReason
from routing_core.routing.decide.eligibility import local_day
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import OfferState
from routing_core.service.offers.offer_link import OpenedOffer

FRESH = timedelta(days=1)
"""So long after a decline its page suggests what would make the next enquiry fit better."""
BY_MISTAKE = "accepted by mistake"
"""The reason for the early return, beside those of the programme.

No reason of a programme can be called so, for their names have no spaces.
"""
HAD_ITS_TURN = frozenset({OfferStatus.PENDING, OfferStatus.ACCEPTED, OfferStatus.RETURNED})
"""States of an offer whose partner need not wait for the lead.

They have it, had it, or are asked now.
"""
WHEN_LEAD_ENDED: Mapping[LeadStatus, OfferState] = {
    LeadStatus.ERASED: OfferState.ERASED,
    LeadStatus.WITHDRAWN: OfferState.CLOSED,
    LeadStatus.REJECTED: OfferState.CLOSED,
}
"""Says how every offer of a lead stands that ended without any partner."""
WHEN_ANSWERED: Mapping[OfferStatus, OfferState] = {
    OfferStatus.DECLINED: OfferState.DECLINED,
    OfferStatus.EXISTING_CUSTOMER: OfferState.EXISTING_CUSTOMER,
    OfferStatus.RETURNED: OfferState.RETURNED,
}
"""Says how an offer stands whose partner has answered it, whatever became of the lead."""


def offer_state(lead: Lead, offer: Offer, now: datetime) -> OfferState:
    """Tell how an offer stands: a partner's action is judged by this and by nothing else."""
    if lead.status in WHEN_LEAD_ENDED:
        return WHEN_LEAD_ENDED[lead.status]
    if offer.status in WHEN_ANSWERED:
        return WHEN_ANSWERED[offer.status]
    if offer.status is OfferStatus.ACCEPTED:
        return OfferState.MINE if lead.status in OWNED else OfferState.DONE
    if offer.status is OfferStatus.WITHDRAWN:
        return OfferState.RETURNED if offer.accepted_at else OfferState.TAKEN
    return _unanswered_state(lead, offer, now)


def _unanswered_state(lead: Lead, offer: Offer, now: datetime) -> OfferState:
    """Tell how an offer stands that its partner has not answered.

    It does not matter whether the timer of its window has come yet.
    """
    if offer.status is OfferStatus.PENDING and now < offer.expires_at:
        return OfferState.OPEN
    if lead.owner:
        return OfferState.TAKEN
    if lead.finished:
        return OfferState.CLOSED
    if offer.on_lapse == "share" and not lead.claimed:
        return OfferState.SHARED
    return OfferState.MISSED


def may_wait(lead: Lead, offer: Offer, now: datetime) -> bool:
    """Tell whether the partner may ask for the lead in case it comes free.

    Who missed it may; who had it and gave it back for a reason may not, nor who has it or is being
    asked again now.
    """
    missed = offer_state(lead, offer, now) in (
        OfferState.DECLINED,
        OfferState.MISSED,
        OfferState.TAKEN,
    )
    theirs = {other.status for other in lead.offers if other.partner == offer.partner}
    return missed and not lead.finished and theirs.isdisjoint(HAD_ITS_TURN)


def is_free(lead: Lead) -> bool:
    """Tell whether nobody has the lead or is asked.

    Then whoever joins the waiting list may be asked at once.
    """
    is_idle = lead.status in (LeadStatus.HQ_QUEUE, LeadStatus.FOLLOW_UP)
    return lead.exhausted and is_idle and not lead.undecided


def early_return_until(
    lead: Lead, load: Load, programme: Programme, now: datetime
) -> datetime | None:
    """Give the instant until which it may be given back as "accepted by mistake".

    It is None once that is over, or where it was used too often this month.
    """
    if lead.status is not LeadStatus.ACCEPTED or lead.accepted_at is None:
        return None
    until = lead.accepted_at + timedelta(minutes=programme.early_return.minutes)
    used = load.made.get(returns_key(now), 0)
    if now >= until or used >= programme.early_return.per_month:
        return None
    return until


def returns_key(now: datetime) -> str:
    """Name the counter of early returns in this month.

    The month is UTC's: it limits a habit and is no deadline.
    """
    return f"r{now:%Y-%m}"


def release_ground(services: Services, opened: OpenedOffer, now: datetime) -> str:
    """Say why this open offer may be released uncounted: ``away`` or ``paused``.

    It is empty if the offer may not be released. ``away`` means that a holiday meets the offer's
    window.
    """
    # Judged by the profile as saved: the network hears of a holiday a little later.
    profile = services.partners.get(opened.partner.id) or opened.partner
    partner = with_auto_pause(profile, opened.load)
    if away(partner.absences, local_day(partner, now), local_day(partner, opened.offer.expires_at)):
        return "away"
    return "paused" if partner.paused else ""


def after_declining(opened: OpenedOffer, programme: Programme, now: datetime) -> str:
    """Say what the reason of a fresh decline suggests: ``pause``, ``territory``, or nothing."""
    offer = opened.offer
    if offer.answered_at is None or now - offer.answered_at > FRESH:
        return ""
    suggests = {reason.id: reason.then for reason in programme.decline_reasons}
    then = suggests.get(offer.reason, "")
    if then == "pause" and with_auto_pause(opened.partner, opened.load).paused:
        return ""
    return then if then in ("pause", "territory") else ""


def return_reasons(
    lead: Lead, partner: Partner, programme: Programme, now: datetime
) -> tuple[ReturnReason, ...]:
    """List the reasons for which the owner may give the lead back now."""
    until = ownership.return_until(lead, partner, programme)
    if until is None or now >= until:
        return ()
    if lead.contacted_at is None:
        return tuple(programme.return_reasons)
    # Who has spoken with them cannot say that nobody answers.
    return tuple(reason for reason in programme.return_reasons if not reason.needs)


def claim_reasons(lead: Lead, offer: Offer, programme: Programme) -> frozenset[str]:
    """List the decline reasons that say "already my customer", so that HQ decides.

    There are none in an emergency, which waits for nobody, and none while others have an open offer
    too: there the first to accept has it, and such a reason is a decline that counts against
    nobody.
    """
    if programme.is_emergency(lead.urgency):
        return frozenset()
    if any(other.number != offer.number for other in lead.live_offers):
        return frozenset()
    return frozenset(reason.id for reason in programme.decline_reasons if reason.then == "claim")

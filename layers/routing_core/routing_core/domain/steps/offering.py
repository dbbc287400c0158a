"""A partner is asked: the offer is made, reminded of, turned down, lapses or is withdrawn."""

from datetime import datetime, timedelta

from ..business_time import deadline
from ..lead import Deadline, DeadlineKind, Draft, LeadStatus
from ..offer import Offer, OfferKind, OfferStatus
from ..offer_terms import ends_in_all, offer_terms, window_ends
from ..partner import Partner
from ..programme import Programme

STORED = timedelta(milliseconds=2)
"""Instants are stored to the millisecond."""

K = DeadlineKind
AT_REST = (K.HQ_HOLD, K.RETRY, K.NURTURE_ASK, K.NURTURE_END)
"""What ends once a lead goes to partners (again)."""


def open_offer(
    draft: Draft,
    partner: Partner,
    kind: OfferKind,
    programme: Programme,
    now: datetime,
    *,
    wave: int = 0,
    holds: bool = True,
    km: int | None = None,
) -> Offer:
    """Offers the lead to a partner, ``km`` away: window, reminders and what a lapse means are frozen here.

    A routed offer never outlives the time that all offers together may take. Each partner of a wave has the window of
    their own office hours.
    """
    lead = draft.lead
    window, on_lapse, total = offer_terms(programme, partner, kind, lead.product, lead.urgency)
    expires = deadline(now, window.duration, partner.calendar(programme.hq_calendar))
    if kind is OfferKind.ROUTED:
        total_by = ends_in_all(lead, total, programme, now)
        draft.set(total_by=total_by)
        expires = window_ends(expires, total_by, now)
    offer = Offer(len(lead.offers) + 1, partner.id, kind, now, expires, on_lapse, wave=wave, holds=holds, km=km)
    draft.drop_deadlines(*AT_REST)
    waiting = tuple(w for w in lead.waiting if w != partner.id)
    draft.move(LeadStatus.OFFERED, offers=(*lead.offers, offer), waiting=waiting, reason="")
    draft.add_deadlines(Deadline(expires, K.EXPIRE, offer.number), *_reminders(offer, programme))
    told = {"offer": offer.number, "partner": partner.id, "kind": kind.value, "until": expires, "wave": wave or None}
    draft.tell("offer.made", **told)
    return offer


def _reminders(offer: Offer, programme: Programme) -> list[Deadline]:
    """At the stated fractions of the window, each at least the gap after the one before and before the end."""
    gap = timedelta(minutes=programme.reminders.min_gap_minutes)
    window = offer.expires_at - offer.made_at
    chosen: list[Deadline] = []
    last = offer.made_at
    for fraction in sorted(programme.reminders.at):
        at = offer.made_at + window * fraction
        if at - last >= gap and offer.expires_at - at >= gap:
            chosen.append(Deadline(at, K.REMIND, offer.number))
            last = at
    return chosen


def remind(draft: Draft, due: Deadline, programme: Programme) -> None:
    """Reminds the partner, and the second contact too from the stated fraction of the window on."""
    offer = draft.lead.offer(due.offer)
    if offer is None:
        raise ValueError(f"lead {draft.lead.id} has no offer {due.offer}")
    from_then_on = offer.made_at + (offer.expires_at - offer.made_at) * programme.reminders.second_contact_from
    second = due.at >= from_then_on - STORED
    draft.tell("offer.reminded", offer=offer.number, partner=offer.partner, second=second)


def decline(draft: Draft, number: int, reason: str, now: datetime) -> None:
    offer = draft.answer_offer(number, OfferStatus.DECLINED, now, reason)
    draft.tell("offer.declined", offer=number, partner=offer.partner, reason=reason)


def lapse(draft: Draft, number: int, now: datetime) -> Offer:
    """The window ended. Shared: the partner may still accept until somebody does."""
    offer = draft.answer_offer(number, OfferStatus.EXPIRED, now)
    draft.tell("offer.expired", offer=number, partner=offer.partner, shared=offer.shared)
    return offer


def redirect_offer(draft: Draft, offer: Offer) -> None:
    """Mail to the partner comes back: the second contact gets the offer, the window stays as it was."""
    draft.tell("offer.redirected", offer=offer.number, partner=offer.partner)


def withdraw_offer(draft: Draft, offer: Offer, why: str, now: datetime) -> None:
    draft.answer_offer(offer.number, OfferStatus.WITHDRAWN, now, why)
    draft.tell("offer.withdrawn", offer=offer.number, partner=offer.partner, why=why)


def end_claim(draft: Draft, why: str, now: datetime) -> None:
    """Not granted, or no longer of interest: the claimant is told. Nothing if there is no claim."""
    if offer := draft.lead.claimed:
        withdraw_offer(draft, offer, why, now)

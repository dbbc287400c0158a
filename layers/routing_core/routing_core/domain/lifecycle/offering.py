"""A partner is asked: the offer is made, reminded of, turned down, lapses or is withdrawn."""

from dataclasses import replace
from datetime import datetime, timedelta

from routing_core.domain.calendar.business_time import Calendar
from routing_core.domain.calendar.reminders import RemindedTime, reminder_times
from routing_core.domain.draft import Draft
from routing_core.domain.events import (
    OfferDeclined,
    OfferExpired,
    OfferMade,
    OfferRedirected,
    OfferReminded,
    OfferShortened,
    OfferWithdrawn,
)
from routing_core.domain.lead import Deadline, DeadlineKind, LeadStatus
from routing_core.domain.offer import RELEASE, RELEASED, Offer, OfferKind, OfferStatus
from routing_core.domain.offer_terms import offer_end, offer_terms, total_deadline
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.reasons import WithdrawReason

STORED = timedelta(milliseconds=2)
"""Instants are stored to the millisecond."""

K = DeadlineKind
AT_REST = (K.HQ_HOLD, K.RETRY, K.NURTURE_ASK, K.NURTURE_END, K.FIRST)
"""What ends once a lead goes to partners (again)."""


def open_offer(
    draft: Draft,
    partner: Partner,
    kind: OfferKind,
    programme: Programme,
    now: datetime,
    *,
    wave: int = 0,
    reserves_slot: bool = True,
    km: int | None = None,
    until: datetime | None = None,
) -> Offer:
    """Offers the lead to a partner, ``km`` away: window, reminders and what a lapse means are
    frozen here.

    No offer outlives the time that all offers together may take, nor ``until``, which leaves time
    for the next partner. Each partner of a wave has the window of their own office hours.
    """
    lead = draft.lead
    _, on_lapse, total = offer_terms(programme, partner, kind, lead.product, lead.urgency)
    calendar = partner.calendar(programme.hq_calendar)
    expires = offer_end(programme, partner, kind, lead, now, until)
    if kind is OfferKind.ROUTED:
        draft.set(total_by=total_deadline(lead, total, programme, now))
    offer = Offer(
        len(lead.offers) + 1,
        partner.id,
        kind,
        now,
        expires,
        on_lapse,
        wave=wave,
        reserves_slot=reserves_slot,
        km=km,
    )
    draft.drop_deadlines(*AT_REST)
    waiting = tuple(w for w in lead.waiting if w != partner.id)
    draft.move(LeadStatus.OFFERED, offers=(*lead.offers, offer), waiting=waiting, reason="")
    reminders, why_none = _reminders(offer, draft.lead.urgency, calendar, programme)
    draft.add_deadlines(Deadline(expires, K.EXPIRE, offer.number), *reminders)
    draft.add_event(
        OfferMade(
            offer=offer.number,
            partner=partner.id,
            offer_kind=kind,
            until=expires,
            wave=wave or None,
            no_reminder=why_none or None,
            holidays_through=_beyond(expires, calendar),
            shortened=True if until and expires == until else None,
        )
    )
    return offer


def _beyond(expires: datetime, calendar: Calendar) -> int | None:
    """The last year with known holidays, where the window reaches beyond it: what lies there is a
    guess.
    """
    through = calendar.holidays_through
    return through if through and expires.year > through else None


def _reminders(
    offer: Offer, urgency: str, calendar: Calendar, programme: Programme
) -> tuple[list[Deadline], str]:
    """The deadlines; and where there is none though the programme wants some, why."""
    gap = timedelta(minutes=programme.reminders.min_gap_minutes)
    times, why_none = reminder_times(
        _span(offer, urgency, calendar, programme), programme.reminders.at, gap
    )
    return [
        Deadline(at, K.REMIND, offer.number) for at in times
    ], why_none if programme.reminders.at else ""


def _span(offer: Offer, urgency: str, calendar: Calendar, programme: Programme) -> RemindedTime:
    return RemindedTime(offer.made_at, offer.expires_at, calendar, programme.is_emergency(urgency))


def remind(draft: Draft, due: Deadline, partner: Partner, programme: Programme) -> None:
    """Reminds the partner; from the stated fraction of the window's open time on the second contact
    too, if any.
    """
    offer = draft.lead.offer(due.offer)
    if offer is None:
        raise ValueError(f"lead {draft.lead.id} has no offer {due.offer}")
    span = _span(offer, draft.lead.urgency, partner.calendar(programme.hq_calendar), programme)
    from_then_on = span.at(programme.reminders.second_contact_from)
    late = from_then_on is not None and due.at >= from_then_on - STORED
    second = late and partner.has_both_contacts
    draft.add_event(OfferReminded(offer=offer.number, partner=offer.partner, second=second))


def decline(draft: Draft, number: int, reason: str, now: datetime) -> None:
    offer = draft.answer_offer(number, OfferStatus.DECLINED, now, reason)
    draft.add_event(OfferDeclined(offer=number, partner=offer.partner, reason=reason))


def shorten(
    draft: Draft,
    offer: Offer,
    until: datetime,
    partner: Partner,
    programme: Programme,
    now: datetime,
) -> None:
    """The partner goes away before the window ends: answered or released by then, and the next one
    is asked.
    """
    shorter = replace(offer, expires_at=until, on_lapse=RELEASE)
    others = tuple(deadline for deadline in draft.lead.deadlines if deadline.offer != offer.number)
    offers = tuple(shorter if each.number == offer.number else each for each in draft.lead.offers)
    draft.set(offers=offers, deadlines=others)
    calendar = partner.calendar(programme.hq_calendar)
    left = replace(shorter, made_at=now)
    reminders, _ = _reminders(left, draft.lead.urgency, calendar, programme)
    draft.add_deadlines(Deadline(until, K.EXPIRE, offer.number), *reminders)
    second = partner.has_both_contacts
    draft.add_event(
        OfferShortened(offer=offer.number, partner=offer.partner, until=until, second=second)
    )


def lapse(draft: Draft, number: int, now: datetime) -> Offer:
    """The window ended. Shared: the partner may still accept until somebody does. On holiday:
    released.
    """
    pending = draft.lead.offer(number)
    if pending is not None and pending.on_lapse == RELEASE:
        decline(draft, number, RELEASED, now)
        return pending
    offer = draft.answer_offer(number, OfferStatus.EXPIRED, now)
    draft.add_event(OfferExpired(offer=number, partner=offer.partner, shared=offer.shared))
    return offer


def redirect_offer(draft: Draft, offer: Offer) -> None:
    """Mail to the partner comes back: the second contact gets the offer, the window stays as it
    was.
    """
    draft.add_event(OfferRedirected(offer=offer.number, partner=offer.partner))


def withdraw_offer(draft: Draft, offer: Offer, why: WithdrawReason, now: datetime) -> None:
    draft.answer_offer(offer.number, OfferStatus.WITHDRAWN, now, why)
    draft.add_event(OfferWithdrawn(offer=offer.number, partner=offer.partner, why=why))


def end_claim(draft: Draft, why: WithdrawReason, now: datetime) -> None:
    """Not granted, or no longer of interest: the claimant is told. Nothing if there is no claim."""
    if offer := draft.lead.claimed:
        withdraw_offer(draft, offer, why, now)

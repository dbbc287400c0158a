"""A partner is asked: the offer is made, reminded of, turned down, lapses or is withdrawn."""

from dataclasses import dataclass, replace
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
from routing_core.domain.offer_terms import PlannedOffer, total_deadline
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.reasons import WithdrawReason

STORED_PRECISION = timedelta(milliseconds=2)
"""Instants are stored to the millisecond: two that differ by less are the same."""
WAITING_DEADLINES = (
    DeadlineKind.HQ_HOLD,
    DeadlineKind.RETRY,
    DeadlineKind.NURTURE_ASK,
    DeadlineKind.NURTURE_END,
    DeadlineKind.FIRST,
)
"""What ends once a lead goes to partners (again)."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """The occasion on which a partner is asked, and on what terms."""

    kind: OfferKind
    """The reason for which the partner is asked."""
    wave: int = 0
    """Counts the wave, if others are asked at the same time; 0 if nobody is."""
    reserves_slot: bool = True
    """Tells whether the offer keeps a place free at the partner until it is answered."""
    km: int | None = None
    """The distance from the partner's place to the lead's, where both are known."""
    until: datetime | None = None
    """Ends the window at the latest, so that there is time left for the next partner."""


def open_offer(
    draft: Draft, partner: Partner, occasion: Occasion, programme: Programme, now: datetime
) -> Offer:
    """Offer the lead to a partner: window, reminders and what a lapse means are frozen here.

    No offer outlives the time that all offers together may take. Each partner of a wave has the
    window of their own office hours.
    """
    lead = draft.lead
    planned = PlannedOffer(programme, partner, occasion.kind, lead)
    terms = planned.terms
    expires_at = planned.end(now, occasion.until)
    if occasion.kind is OfferKind.ROUTED:
        draft.set(total_by=total_deadline(lead, terms.total, programme, now))
    offer = Offer(
        number=len(lead.offers) + 1,
        partner=partner.id,
        kind=occasion.kind,
        made_at=now,
        expires_at=expires_at,
        on_lapse=terms.on_lapse,
        wave=occasion.wave,
        reserves_slot=occasion.reserves_slot,
        km=occasion.km,
    )
    draft.drop_deadlines(*WAITING_DEADLINES)
    draft.move(
        LeadStatus.OFFERED,
        offers=(*lead.offers, offer),
        waiting=tuple(name for name in lead.waiting if name != partner.id),
        reason="",
    )
    calendar = partner.calendar(programme.hq_calendar)
    reminders, why_none = _reminders(offer, lead.urgency, calendar, programme)
    draft.add_deadlines(Deadline(expires_at, DeadlineKind.EXPIRE, offer.number), *reminders)
    was_cut = occasion.until is not None and expires_at == occasion.until
    draft.add_event(
        OfferMade(
            offer=offer.number,
            partner=partner.id,
            offer_kind=occasion.kind,
            until=expires_at,
            wave=occasion.wave or None,
            no_reminder=why_none or None,
            holidays_through=_last_known_holidays(expires_at, calendar),
            shortened=True if was_cut else None,
        )
    )
    return offer


def _last_known_holidays(expires_at: datetime, calendar: Calendar) -> int | None:
    """Name the last year with known holidays, if the window reaches beyond it; else None.

    What lies beyond is a guess, and told as one.
    """
    through = calendar.holidays_through
    is_beyond = through and expires_at.year > through
    return through if is_beyond else None


def _reminders(
    offer: Offer, urgency: str, calendar: Calendar, programme: Programme
) -> tuple[list[Deadline], str]:
    """Give the deadlines of an offer's reminders.

    Where there is none though the programme wants some, the text beside it says why.
    """
    rule = programme.reminders
    gap = timedelta(minutes=rule.min_gap_minutes)
    window = _window(offer, urgency, calendar, programme)
    times, why_none = reminder_times(window, rule.at, gap)
    deadlines = [Deadline(at, DeadlineKind.REMIND, offer.number) for at in times]
    return deadlines, why_none if rule.at else ""


def offer_reminders(
    offer: Offer, urgency: str, partner: Partner, programme: Programme
) -> list[Deadline]:
    """Give the deadlines of an offer's reminders, spread over its window as it stands."""
    calendar = partner.calendar(programme.hq_calendar)
    return _reminders(offer, urgency, calendar, programme)[0]


def _window(offer: Offer, urgency: str, calendar: Calendar, programme: Programme) -> RemindedTime:
    by_the_clock = programme.is_emergency(urgency)
    return RemindedTime(offer.begins_at, offer.expires_at, calendar, by_the_clock)


def remind(draft: Draft, due: Deadline, partner: Partner, programme: Programme) -> None:
    """Remind the partner.

    From the stated fraction of the window's open time on the second contact is reminded too, if
    there is one. Raises ValueError if the lead has no such offer.
    """
    offer = draft.lead.offer(due.offer)
    if offer is None:
        raise ValueError(f"lead {draft.lead.id} has no offer {due.offer}")
    calendar = partner.calendar(programme.hq_calendar)
    window = _window(offer, draft.lead.urgency, calendar, programme)
    from_then_on = window.at(programme.reminders.second_contact_from)
    is_late = from_then_on is not None and due.at >= from_then_on - STORED_PRECISION
    second = is_late and partner.has_both_contacts
    draft.add_event(OfferReminded(offer=offer.number, partner=offer.partner, second=second))


def decline(draft: Draft, number: int, reason: str, now: datetime) -> None:
    """Turn the offer down, for a reason of the programme or as ``RELEASED``."""
    offer = draft.answer_offer(number, OfferStatus.DECLINED, now, reason)
    draft.add_event(OfferDeclined(offer=number, partner=offer.partner, reason=reason))


def shorten(
    draft: Draft, shorter: Offer, partner: Partner, programme: Programme, now: datetime
) -> None:
    """End an offer earlier, because its partner goes away: ``shorter`` says when.

    It is answered or released by then, and the next one is asked.
    """
    shorter = replace(shorter, on_lapse=RELEASE)
    until = shorter.expires_at
    draft.replace_offer(shorter)
    draft.drop_offer_deadlines(shorter.number)
    # Reminders are spread over the time that is left, not over the window as it once was.
    left = replace(shorter, made_at=now, window_from=None)
    calendar = partner.calendar(programme.hq_calendar)
    reminders, _ = _reminders(left, draft.lead.urgency, calendar, programme)
    draft.add_deadlines(Deadline(until, DeadlineKind.EXPIRE, shorter.number), *reminders)
    draft.add_event(
        OfferShortened(
            offer=shorter.number,
            partner=shorter.partner,
            until=until,
            second=partner.has_both_contacts,
        )
    )


def lapse(draft: Draft, number: int, now: datetime) -> Offer:
    """End the window of an offer that nobody answered, and return the offer.

    If it is shared, the partner may still accept until somebody does. Of a partner who went on
    holiday it is released, which counts against nobody.
    """
    pending = draft.lead.offer(number)
    if pending is not None and pending.on_lapse == RELEASE:
        decline(draft, number, RELEASED, now)
        return pending
    offer = draft.answer_offer(number, OfferStatus.EXPIRED, now)
    draft.add_event(OfferExpired(offer=number, partner=offer.partner, shared=offer.shared))
    return offer


def redirect_offer(draft: Draft, offer: Offer) -> None:
    """Give the offer to the second contact, because mail to the partner comes back."""
    # The window stays as it was: the prospect has been told when somebody answers.
    draft.add_event(OfferRedirected(offer=offer.number, partner=offer.partner))


def withdraw_offer(
    draft: Draft, offer: Offer, why: WithdrawReason, now: datetime, by: str | None = None
) -> None:
    """End an offer, or the claim that was made of it, without its partner's doing.

    ``by`` names who at HQ took it from the partner by hand.
    """
    draft.answer_offer(offer.number, OfferStatus.WITHDRAWN, now, why.value)
    draft.add_event(OfferWithdrawn(offer=offer.number, partner=offer.partner, why=why, by=by))


def end_claim(draft: Draft, why: WithdrawReason, now: datetime) -> None:
    """End a claim that is not granted or no longer of interest; do nothing if there is none."""
    offer = draft.lead.claimed
    if offer:
        withdraw_offer(draft, offer, why, now)

"""An offer whose mail leaves late: the partner's window counts from when it could be sent.

While no mail leaves, the window has not begun. It waits so long as the programme says (``LateMail``)
and is then withdrawn, which counts against nobody, so that the next partner or HQ gets the lead.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from routing_core.domain.draft import Draft
from routing_core.domain.events import OfferSentLate, OfferUnsent
from routing_core.domain.lead import Deadline, DeadlineKind, Lead
from routing_core.domain.lifecycle.offering import offer_reminders
from routing_core.domain.offer import RELEASE, Offer, OfferKind
from routing_core.domain.offer_terms import PlannedOffer
from routing_core.domain.programme.programme import Programme

IN_TIME = timedelta(minutes=2)
"""A mail that leaves within so long of its offer is in time: as a rule it takes seconds."""


def leaves_late(offer: Offer, now: datetime) -> bool:
    """Tell whether the window of an offer whose mail leaves now must count anew."""
    if offer.unsent:
        return True
    return offer.window_from is None and now - offer.made_at > IN_TIME


def note_unsent(draft: Draft, offer: Offer, programme: Programme, now: datetime) -> None:
    """Note that the mail of an offer cannot leave: its window waits for it, within a bound."""
    latest = max(_waits_until(draft.lead, offer, programme), now)
    if offer.on_lapse == RELEASE:  # its partner goes away then, mail or no mail
        latest = min(latest, offer.expires_at)
    draft.replace_offer(replace(offer, unsent=True, expires_at=latest))
    draft.drop_offer_deadlines(offer.number)
    draft.add_deadlines(Deadline(latest, DeadlineKind.EXPIRE, offer.number))
    draft.add_event(OfferUnsent(offer=offer.number, partner=offer.partner, until=latest))


def _waits_until(lead: Lead, offer: Offer, programme: Programme) -> datetime:
    rule = programme.late_mail
    is_emergency = programme.is_emergency(lead.urgency)
    hours = rule.emergency_wait_hours if is_emergency else rule.wait_hours
    return offer.made_at + timedelta(hours=hours)


@dataclass(frozen=True, slots=True)
class FirstWindow:
    """The window of an offer as it was when the offer was made."""

    until: datetime
    """Its end."""
    was_cut: bool = False
    """Tells whether it was cut to leave time for the next partner."""


def count_from_sending(
    draft: Draft,
    first: FirstWindow,
    offer: Offer,
    planned: PlannedOffer,
    now: datetime,
) -> None:
    """Let the window of an offer count from now, when its mail leaves.

    The time in all moves as much, once for all offers of a wave. Neither moves by more than the
    bound on which such an offer waits.
    """
    programme, lead = planned.programme, draft.lead
    begins = min(now, _waits_until(lead, offer, programme))
    late = begins - offer.made_at
    if offer.kind is OfferKind.ROUTED and lead.total_by and not _has_moved(lead, offer):
        draft.set(total_by=lead.total_by + late)
    cut = first.until + late if first.was_cut else None
    ends = max(replace(planned, lead=draft.lead).end(begins, cut), first.until)
    if offer.on_lapse == RELEASE:
        ends = min(ends, offer.expires_at)
    counted = replace(offer, unsent=False, window_from=begins, expires_at=ends)
    draft.replace_offer(counted)
    draft.drop_offer_deadlines(offer.number)
    reminders = offer_reminders(counted, lead.urgency, planned.partner, programme)
    ahead = [each for each in reminders if each.at > now]
    draft.add_deadlines(Deadline(ends, DeadlineKind.EXPIRE, offer.number), *ahead)
    draft.add_event(
        OfferSentLate(offer=offer.number, partner=offer.partner, begins=begins, until=ends)
    )


def _has_moved(lead: Lead, offer: Offer) -> bool:
    """Tell whether another offer of the same wave has moved the time in all."""
    others = (each for each in lead.offers if each.number != offer.number)
    return any(offer.wave and each.wave == offer.wave and each.window_from for each in others)

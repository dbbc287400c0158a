"""How a partner has done so far, counted from its offers and kept in LOAD by the commits that touch
it anyway.

``tally`` says what one lead counts for each partner; a commit adds the difference between after and
before. An
accept touches no LOAD, so an accepted offer counts once it has ended: nothing here ever costs a
write of its own.
Neutral endings (released on holiday, a neutral reason, taken by somebody else, withdrawn by the
prospect, given back
at once) count as if the offer had never been made.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime

from routing_core.domain.calendar.business_time import Calendar, open_time
from routing_core.domain.draft import Draft
from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.offer import RELEASED, Offer, OfferStatus

S = OfferStatus


@dataclass(frozen=True, slots=True)
class Figures:
    offers: int = 0
    """All that were made, those still open included."""
    declined: int = 0
    lapsed: int = 0
    answers: int = 0
    """Declined, or accepted and ended: whose time to answer is known."""
    used: int = 0
    """Of their accept windows, in thousandths, added up: counted in the partner's own response
    hours.
    """
    won: int = 0
    lost: int = 0
    value: int = 0
    """Of what was won, in whole units of the programme's currency."""
    returned: int = 0
    """Accepted, then taken back for want of contact."""


NONE_YET = Figures()
NAMES = tuple(field.name for field in fields(Figures))

RETURNED_FOR = "returned:"
"""Before a reason for returning: a programme may decline, lose and return for the same word."""


def tally(
    lead: Lead | None, neutral: Collection[str] = (), *, junk: bool = False
) -> Mapping[str, Counter[str]]:
    """Partner → what this lead counts for it. ``neutral``: reasons that leave the figures alone;
    ``junk``: the whole lead does.
    """
    told: dict[str, Counter[str]] = {}
    for offer in lead.offers if lead else ():
        counted = _of(offer, lead, neutral) if lead and not junk else Counter()
        told[offer.partner] = told.get(offer.partner, Counter()) + counted
    return told


def difference(before: Counter[str], after: Counter[str]) -> dict[str, int]:
    return {name: after[name] - before[name] for name in NAMES if after[name] != before[name]}


def _of(offer: Offer, lead: Lead, neutral: Collection[str]) -> Counter[str]:
    if (
        not offer.reserves_slot
        and offer.accepted_at is None
        and offer.status in (S.PENDING, S.EXPIRED, S.WITHDRAWN)
    ):
        return (
            Counter()
        )  # one of a whole wave: neither the offer nor its end touches the partner's LOAD
    match offer.status:
        case S.DECLINED if offer.reason != RELEASED and offer.reason not in neutral:
            return Counter(offers=1, declined=1, answers=1, used=_used(offer))
        case S.DECLINED | S.EXISTING_CUSTOMER:
            return Counter()
        case S.RETURNED if f"{RETURNED_FOR}{offer.reason}" in neutral:
            return Counter()
        case S.RETURNED:
            return Counter(offers=1, answers=1, used=_used(offer), returned=1)
        case S.EXPIRED:
            return Counter(offers=1, lapsed=1)
        case S.WITHDRAWN if offer.reason == "retracted":
            return Counter(offers=1, answers=1, used=_used(offer), returned=1)
        case S.WITHDRAWN:
            return Counter()
        case S.ACCEPTED if lead.owner == offer.partner and lead.status is LeadStatus.WON:
            won = Counter(offers=1, answers=1, used=_used(offer), won=1)
            return won + Counter(value=round(float(lead.value or 0)))
        case S.ACCEPTED if lead.owner == offer.partner and lead.status is LeadStatus.LOST:
            lost = 0 if lead.reason in neutral else 1
            return Counter(offers=1, answers=1, used=_used(offer), lost=lost)
    return Counter(offers=1)


def note_answers(draft: Draft, calendar_of: Callable[[str], Calendar | None]) -> None:
    """Of the offers answered in this draft, how much of the window that took by the partner's
    calendar of today: a night or a holiday in between is no time in which anybody could have
    answered.
    """
    open_before = (
        {o.number for o in draft.before.offers if _answered(o) is None} if draft.before else set()
    )
    for offer in draft.lead.offers:
        answered = _answered(offer)
        if offer.number not in open_before or answered is None:
            continue
        if calendar := calendar_of(offer.partner):
            noted = replace(offer, used=_used_of(offer, answered, calendar))
            draft.set(
                offers=tuple(noted if o.number == noted.number else o for o in draft.lead.offers)
            )


def _used_of(offer: Offer, answered: datetime, calendar: Calendar) -> int:
    """By the clock where the whole window lies outside the response hours, as in an emergency at
    night.
    """
    if answered >= offer.expires_at:
        return 1000
    window = open_time(offer.made_at, offer.expires_at, calendar)
    taken = open_time(offer.made_at, answered, calendar)
    return round(1000 * (taken / window)) if window else _used(offer)


def _answered(offer: Offer) -> datetime | None:
    """When the partner did; HQ may grant a claim days later."""
    return offer.accepted_at or (
        offer.answered_at if offer.status in (S.DECLINED, S.EXISTING_CUSTOMER) else None
    )


def _used(offer: Offer) -> int:
    """By the answer: what was given back a day later was accepted in a minute all the same."""
    if offer.used is not None:
        return offer.used
    window = offer.expires_at - offer.made_at
    answered = offer.accepted_at or offer.answered_at
    if answered is None or not window:
        return 0
    return round(1000 * min(max((answered - offer.made_at) / window, 0.0), 1.0))

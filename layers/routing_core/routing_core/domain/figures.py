"""How a partner has done so far: counted from its offers, kept in LOAD by commits that touch it.

``tally`` says what one lead counts for each partner; a commit adds the difference between after and
before. An accept touches no LOAD, so an accepted offer counts once it has ended: nothing here ever
costs a write of its own.

Neutral endings count as if the offer had never been made: released on holiday, a neutral reason,
taken by somebody else, withdrawn by the prospect, given back at once.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING

from routing_core.domain.calendar.business_time import Calendar, open_time
from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.offer import RELEASED, Offer, OfferStatus
from routing_core.domain.reasons import WithdrawReason

if TYPE_CHECKING:
    # A network is loaded without what happens to leads: their events cost a tenth of its imports.
    from routing_core.domain.draft import Draft


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of a partner's offers, counted."""

    offers: int = 0
    """Counts all that were made, those still open included."""
    declined: int = 0
    """Counts those that the partner turned down, unless for a neutral reason."""
    lapsed: int = 0
    """Counts those that nobody answered in time."""
    answers: int = 0
    """Counts those whose time to answer is known: declined, or accepted and ended."""
    used: int = 0
    """Adds up how much of their accept windows the answers took, each in thousandths.

    It is counted in the partner's own response hours.
    """
    won: int = 0
    """Counts the orders."""
    lost: int = 0
    """Counts the leads that were lost, unless for a neutral reason."""
    value: int = 0
    """Adds up what was won, in whole units of the programme's currency."""
    returned: int = 0
    """Counts those accepted and then given back, or taken back for want of contact."""


NONE_YET = Figures()
"""The figures of a partner of whom nothing was counted."""
NAMES = tuple(field.name for field in fields(Figures))
"""The names of the figures, in their order."""
RETURNED_FOR = "returned:"
"""This stands before a reason for returning among the neutral reasons.

A programme may decline, lose and return for the same word.
"""
WHOLE_WINDOW = 1000
"""A whole accept window, in thousandths."""


def tally(
    lead: Lead | None, neutral: Collection[str] = (), *, junk: bool = False
) -> Mapping[str, Counter[str]]:
    """Give by partner what this lead counts for it.

    Reasons that are ``neutral`` leave the figures alone; of ``junk`` the whole lead does.
    """
    counts: dict[str, Counter[str]] = {}
    if lead is None:
        return counts
    for offer in lead.offers:
        counted = Counter() if junk else _count(offer, lead, neutral)
        counts[offer.partner] = counts.get(offer.partner, Counter()) + counted
    return counts


def difference(before: Counter[str], after: Counter[str]) -> dict[str, int]:
    """Give what a commit has to add to a partner's figures."""
    return {name: after[name] - before[name] for name in NAMES if after[name] != before[name]}


def _count(offer: Offer, lead: Lead, neutral: Collection[str]) -> Counter[str]:
    if _leaves_load_alone(offer):
        return Counter()
    count = COUNTED.get(offer.status)
    return count(offer, lead, neutral) if count else Counter(offers=1)


def _leaves_load_alone(offer: Offer) -> bool:
    """Tell whether the offer was one of a whole wave and nobody accepted it.

    Neither such an offer nor its end touches the partner's LOAD.
    """
    if offer.reserves_slot or offer.accepted_at is not None:
        return False
    return offer.status in (OfferStatus.PENDING, OfferStatus.EXPIRED, OfferStatus.WITHDRAWN)


def _count_declined(offer: Offer, _: Lead, neutral: Collection[str]) -> Counter[str]:
    if offer.reason == RELEASED or offer.reason in neutral:
        return Counter()
    return _answered(offer, "declined")


def _count_neutral(_: Offer, __: Lead, ___: Collection[str]) -> Counter[str]:
    return Counter()


def _count_expired(_: Offer, __: Lead, ___: Collection[str]) -> Counter[str]:
    return Counter(offers=1, lapsed=1)


def _count_returned(offer: Offer, _: Lead, neutral: Collection[str]) -> Counter[str]:
    if f"{RETURNED_FOR}{offer.reason}" in neutral:
        return Counter()
    return _answered(offer, "returned")


def _count_withdrawn(offer: Offer, _: Lead, __: Collection[str]) -> Counter[str]:
    # Taken back because nobody called; any other withdrawal is nobody's fault.
    if offer.reason == WithdrawReason.RETRACTED:
        return _answered(offer, "returned")
    return Counter()


def _count_accepted(offer: Offer, lead: Lead, neutral: Collection[str]) -> Counter[str]:
    is_theirs = lead.owner == offer.partner
    if is_theirs and lead.status is LeadStatus.WON:
        won = _answered(offer, "won")
        won["value"] = round(float(lead.value or 0))
        return won
    if is_theirs and lead.status is LeadStatus.LOST:
        lost = _answered(offer, "lost")
        if lead.reason in neutral:
            del lost["lost"]
        return lost
    return Counter(offers=1)


COUNTED: Mapping[OfferStatus, Callable[[Offer, Lead, Collection[str]], Counter[str]]] = {
    OfferStatus.DECLINED: _count_declined,
    OfferStatus.EXISTING_CUSTOMER: _count_neutral,
    OfferStatus.EXPIRED: _count_expired,
    OfferStatus.RETURNED: _count_returned,
    OfferStatus.WITHDRAWN: _count_withdrawn,
    OfferStatus.ACCEPTED: _count_accepted,
}
"""Status of an offer → what it counts; one that is open counts as made."""


def _answered(offer: Offer, figure: str) -> Counter[str]:
    """Count an offer whose time to answer is known, and one figure more."""
    counted = Counter(offers=1, answers=1, used=_used(offer))
    counted[figure] = 1
    return counted


def note_answers(draft: "Draft", calendar_of: Callable[[str], Calendar | None]) -> None:
    """Note of the offers answered in this draft how much of the window that took.

    It is counted by the partner's calendar of today: a night or a holiday in between is no time in
    which anybody could have answered.
    """
    if draft.before is None:
        return
    open_before = {each.number for each in draft.before.offers if _answered_at(each) is None}
    for offer in draft.lead.offers:
        answered_at = _answered_at(offer)
        if offer.number not in open_before or answered_at is None:
            continue
        calendar = calendar_of(offer.partner)
        if calendar:
            used = _used_until(offer, answered_at, calendar)
            draft.replace_offer(replace(offer, used=used))


def _used_until(offer: Offer, answered_at: datetime, calendar: Calendar) -> int:
    """Give how much of the window had passed, in thousandths of its response hours."""
    if answered_at >= offer.expires_at:
        return WHOLE_WINDOW
    window = open_time(offer.begins_at, offer.expires_at, calendar)
    if not window:
        # The whole window lies outside the response hours, as in an emergency at night.
        return _used(offer)
    taken = open_time(offer.begins_at, answered_at, calendar)
    return round(WHOLE_WINDOW * (taken / window))


def _answered_at(offer: Offer) -> datetime | None:
    """Give the instant at which the partner answered; HQ may grant a claim days later."""
    if offer.accepted_at:
        return offer.accepted_at
    if offer.status in (OfferStatus.DECLINED, OfferStatus.EXISTING_CUSTOMER):
        return offer.answered_at
    return None


def _used(offer: Offer) -> int:
    """Give how much of the window the answer took, in thousandths.

    What was given back a day later was accepted in a minute all the same.
    """
    if offer.used is not None:
        return offer.used
    window = offer.expires_at - offer.begins_at
    answered_at = offer.accepted_at or offer.answered_at
    if answered_at is None or not window:
        return 0
    share = (answered_at - offer.begins_at) / window
    return round(WHOLE_WINDOW * min(max(share, 0.0), 1.0))

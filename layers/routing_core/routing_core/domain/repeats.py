"""When a second enquiry goes along with a first one of the same person, and in what the two differ.

Nobody's address is proven when a form is posted. So nothing is ever merged: a second enquiry stays
whole, and is at most *attached* to the first, whose partner then sees both. It goes its own way
once the first no longer serves it.
"""

import unicodedata
from dataclasses import replace
from datetime import timedelta

from routing_core.domain.lead import OPEN, OWNED, Contact, Lead, LeadStatus
from routing_core.domain.offer import OfferStatus
from routing_core.domain.programme.programme import Programme
from routing_core.domain.reasons import QueueReason

ALIVE = OPEN | {LeadStatus.HQ_QUEUE, LeadStatus.FOLLOW_UP}
"""States of a first enquiry in which somebody, a partner or HQ, sees to it."""

LOOK_AGAIN = timedelta(days=30)
"""An attached enquiry that nothing else would ever wake looks at its first this often."""


def belongs_to(second: Lead, first: Lead, programme: Programme) -> bool:
    """Tells whether the two may be one person's one wish, as far as what was typed says so.

    Whoever calls this knows that the email address is the same.
    """
    return (
        second.id != first.id
        and second.product == first.product
        and not presses_more(second, first, programme)
        and probably_one_person(second.contact, first.contact)
    )


def may_be_attached(second: Lead, first: Lead, programme: Programme) -> bool:
    """Tells whether a new enquiry may be attached: a partner is being asked about the first or owns
    it. That its place is looked after too, and that there is room beside it, is for the caller to
    find out.
    """
    if first.status not in OPEN or was_given_back_unreached(first, programme):
        return False
    return belongs_to(second, first, programme)


def was_given_back_unreached(first: Lead, programme: Programme) -> bool:
    """Tells whether the last owner of ``first`` gave it back without having spoken to anybody, and
    nobody has it since: with a wrong number in the first, the second may be the only one that
    reaches its sender.
    """
    accepted = [offer for offer in first.offers if offer.accepted_at]
    if first.status in OWNED or not accepted:
        return False
    last = max(accepted, key=lambda offer: (offer.accepted_at, offer.number))
    if last.status is not OfferStatus.RETURNED:
        return False
    return any(
        each.id == last.reason and each.says_nothing_of_others for each in programme.return_reasons
    )


def same_place(one: Lead, other: Lead) -> bool:
    return (one.country, one.postcode) == (other.country, other.postcode)


def presses_more(second: Lead, first: Lead, programme: Programme) -> bool:
    """An emergency is not answered by who has the plan for next year. Urgencies are listed the most
    urgent first; one that the programme no longer has counts as pressing.
    """
    if second.urgency == first.urgency:
        return False
    order = [urgency.id for urgency in programme.urgencies]
    if second.urgency not in order or first.urgency not in order:
        return True
    return order.index(second.urgency) < order.index(first.urgency)


def probably_one_person(one: Contact | None, other: Contact | None) -> bool:
    """Tells whether name or phone agree: two strangers may have typed ``keine@angabe.de``."""
    if one is None or other is None:
        return False
    return _same_name(one, other) or _same_phone(one, other)


def certainly_alike(one: Contact | None, other: Contact | None) -> bool:
    """Tells whether name and phone agree: as sure as it gets without a proof."""
    if one is None or other is None:
        return False
    return _same_name(one, other) and _same_phone(one, other)


def _same_name(one: Contact, other: Contact) -> bool:
    return _plain(one.name) == _plain(other.name)


def _same_phone(one: Contact, other: Contact) -> bool:
    return bool(one.phone) and one.phone == other.phone


def _plain(name: str) -> str:
    """Neither letter case nor accents nor spaces make another name."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(kept.split())


def differences(second: Lead, first: Lead) -> tuple[str, ...]:
    """Names the parts in which a second enquiry is not like the first, in the order a page shows
    them: ``name``,
    ``phone``, ``company``, ``street``, ``place``, ``urgency``, ``answers``.
    """
    found: list[str] = []
    if second.contact and first.contact:
        one, other = second.contact, first.contact
        if not _same_name(one, other):
            found.append("name")
        if one.phone != other.phone:
            found.append("phone")
        if _plain(one.company) != _plain(other.company):
            found.append("company")
        if _plain(one.street) != _plain(other.street):
            found.append("street")
    if not same_place(second, first) or _plain(second.town) != _plain(first.town):
        found.append("place")
    if second.urgency != first.urgency:
        found.append("urgency")
    if dict(second.answers) != dict(first.answers):
        found.append("answers")
    return tuple(found)


def as_if_alone(lead: Lead) -> Lead:
    """Gives an attached enquiry as it would stand if nothing else of its sender's were open and
    nobody had answered: all that anybody but HQ and the partner of the first may see of it. Any
    other lead as it is.
    """
    if not lead.is_attached:
        return lead
    with_hq = lead.reason in (QueueReason.CLOSED, QueueReason.EXHAUSTED)
    return replace(
        lead,
        status=LeadStatus.HQ_QUEUE if with_hq else LeadStatus.OFFERED,
        offers=(*lead.offers, *lead.as_if),
        exhausted=lead.reason == QueueReason.EXHAUSTED,
        attached_to=None,
    )


def holder_of(lead: Lead) -> str | None:
    """Names the partner who has the lead or had it last, or who alone is being asked: the one its
    customer may know.
    """
    if lead.owner:
        return lead.owner
    accepted = [offer.partner for offer in lead.offers if offer.accepted_at]
    if accepted:
        return accepted[-1]
    asked = {offer.partner for offer in lead.live_offers}
    return asked.pop() if len(asked) == 1 else None

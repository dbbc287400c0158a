"""The rules of deduplication: when a second enquiry goes along with a first of the same person.

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
"""The states of a first enquiry in which somebody, a partner or HQ, sees to it."""

LOOK_AGAIN = timedelta(days=30)
"""So often an attached enquiry looks at its first, if nothing else would ever wake it."""


def belongs_to(second: Lead, first: Lead, programme: Programme) -> bool:
    """Tell whether the two may be one person's one wish, as far as what was typed says so.

    Whoever calls this knows that the email address is the same.
    """
    return (
        second.id != first.id
        and second.product == first.product
        and not presses_more(second, first, programme)
        and probably_one_person(second.contact, first.contact)
    )


def may_be_attached(second: Lead, first: Lead, programme: Programme) -> bool:
    """Tell whether a new enquiry may be attached: a partner is asked about the first, or owns it.

    That its place is looked after too, and that there is room beside it, is for the caller to find
    out.
    """
    if first.status not in OPEN or was_given_back_unreached(first, programme):
        return False
    return belongs_to(second, first, programme)


def was_given_back_unreached(first: Lead, programme: Programme) -> bool:
    """Tell whether the last owner of ``first`` gave it back without having spoken to anybody.

    Nobody has it since: with a wrong number in the first, the second may be the only one that
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
    """Tell whether two enquiries are for the same postcode."""
    return (one.country, one.postcode) == (other.country, other.postcode)


def presses_more(second: Lead, first: Lead, programme: Programme) -> bool:
    """Tell whether the second enquiry is more urgent than the first.

    An emergency is not answered by who has the plan for next year. An urgency that the programme no
    longer has counts as pressing.
    """
    if second.urgency == first.urgency:
        return False
    order = [urgency.id for urgency in programme.urgencies]
    if second.urgency not in order or first.urgency not in order:
        return True
    return order.index(second.urgency) < order.index(first.urgency)


def probably_one_person(one: Contact | None, other: Contact | None) -> bool:
    """Tell whether name or phone agree: two strangers may have typed ``keine@angabe.de``."""
    if one is None or other is None:
        return False
    return _same_name(one, other) or _same_phone(one, other)


def certainly_alike(one: Contact | None, other: Contact | None) -> bool:
    """Tell whether name and phone agree: as sure as it gets without a proof."""
    if one is None or other is None:
        return False
    return _same_name(one, other) and _same_phone(one, other)


def _same_name(one: Contact, other: Contact) -> bool:
    return _plain(one.name) == _plain(other.name)


def _same_phone(one: Contact, other: Contact) -> bool:
    return bool(one.phone) and one.phone == other.phone


def _plain(name: str) -> str:
    """Spell a name so that letter case, accents and spaces make no other one."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(kept.split())


def differences(second: Lead, first: Lead) -> tuple[str, ...]:
    """Name the parts in which a second enquiry is not like the first, in the order of a page.

    They are ``name``, ``phone``, ``company``, ``street``, ``place``, ``urgency`` and ``answers``.
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
    """Give an attached enquiry as it would stand if nothing else of its sender's were open.

    Nobody has answered in it: that is all that anybody but HQ and the partner of the first may see
    of it. Any other lead is given as it is.
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
    """Name the partner whom its customer may know.

    That is who has the lead or had it last, or who alone is being asked.
    """
    if lead.owner:
        return lead.owner
    accepted = [offer.partner for offer in lead.offers if offer.accepted_at]
    if accepted:
        return accepted[-1]
    asked = {offer.partner for offer in lead.live_offers}
    return asked.pop() if len(asked) == 1 else None

"""The people of a partner, and how the links that each was sent come to an end.

A link names its reader by a short id. What the reader may do is looked up when the link is used:
whether the address still stands in the profile, and which link generation it has there.
``Partner.links`` only ever rises, so a generation given out once is never given out again: an
address that is taken out and comes back later needs new links.
"""

from dataclasses import replace

from routing_core.domain.partner import Partner, Person
from routing_core.domain.values.mailboxes import email_mark

ID_LENGTH = 8
MOST_ENDED = 100
"""Colleagues of one partner whose links were ended one by one.

Before more are kept, all links of the partner end.
"""


def person_id(email: str, lead: str = "") -> str:
    """Give the short id of whoever reads mail at that address, which does not name the address.

    With ``lead``: of a colleague who looks after that lead alone. The same address has other ids
    elsewhere.
    """
    address = email.casefold()
    named = f"{lead}:{address}" if lead else address
    return email_mark(named)[:ID_LENGTH]


def people(partner: Partner) -> dict[str, int]:
    """Give the link generation of everybody whose address stands in the profile, by their short id.

    Nobody else opens anything of the partner, but for the colleague of a single lead.
    """
    ids = [person_id(person.email) for person in _contacts(partner)]
    return {each: partner.generations.get(each, partner.links) for each in ids}


def _contacts(partner: Partner) -> list[Person]:
    second = partner.second_contact
    return [partner.contact, second] if second else [partner.contact]


def times_ended(partner: Partner, person: str) -> int:
    """Give a number that rises whenever a person's links are ended; of everybody if empty.

    HQ's page shows it, so that a press repeated ends no link sent since.
    """
    # That of a contact is their generation, that of a colleague how often it was done.
    if not person:
        return partner.revoked
    return people(partner).get(person, partner.ended.get(person, 0))


def address_of(partner: Partner, person: str) -> str:
    """Give the address of the person with that short id; empty if nobody there has it."""
    for contact in _contacts(partner):
        if person_id(contact.email) == person:
            return contact.email
    return ""


def end_links(partner: Partner, *persons: str) -> Partner:
    """End the links of these people, and those that name nobody; everybody else's go on."""
    links = partner.links + 1
    going_on = people(partner)
    for person in persons:
        going_on.pop(person, None)
    return replace(partner, links=links, generations=going_on)


def end_links_of(partner: Partner, person: str) -> Partner:
    """End whatever links one person was sent.

    They may have been sent to a contact, or to the colleague who looks after some enquiry.
    """
    if person not in partner.ended and len(partner.ended) >= MOST_ENDED:
        return end_all_links(partner)
    others = end_links(partner, person) if person in people(partner) else partner
    times = partner.ended.get(person, 0) + 1
    return replace(others, ended={**partner.ended, person: times})


def end_all_links(partner: Partner) -> Partner:
    """End every link that anybody of the partner was sent, the colleagues of its leads included."""
    return replace(partner, links=partner.links + 1, generations={}, revoked=partner.revoked + 1)


def with_links_of(partner: Partner, previous: Partner) -> Partner:
    """Carry the link generations over to a changed profile.

    Whoever has lost their address in it has lost their links. Whoever is new starts with the
    present generation.
    """
    before = people(previous)
    carried = replace(
        partner,
        links=previous.links,
        revoked=previous.revoked,
        ended=previous.ended,
        generations=previous.generations,
    )
    there = people(carried).keys()
    gone = before.keys() - there
    # Rises for whoever is gone: if that address comes back later, its old links stay ended.
    links = previous.links + 1 if gone else previous.links
    still_there = there & before.keys()
    going_on = {each: before[each] for each in sorted(still_there) if before[each] != links}
    return replace(carried, links=links, generations=going_on)

"""The people of a partner, and how the links that each was sent come to an end.

A link names its reader by a short id. What the reader may do is looked up when the link is used:
whether the address still stands in the profile, and which link generation it has there.
``Partner.links`` only ever rises, so a generation given out once is never given out again: an
address that is taken out and comes back later needs new links.
"""

from dataclasses import replace

from routing_core.domain.partner import Partner
from routing_core.domain.values.mailboxes import email_mark

ID_LENGTH = 8
MOST_ENDED = 100
"""Colleagues of one partner whose links were ended one by one; before more are kept, all links of
the partner end.
"""


def person_id(email: str, lead: str = "") -> str:
    """Gives the short id of whoever reads mail at that address, which does not name the address.

    With ``lead``: of a colleague who looks after that lead alone. The same address has other ids
    elsewhere.
    """
    address = email.casefold()
    return email_mark(f"{lead}:{address}" if lead else address)[:ID_LENGTH]


def people(partner: Partner) -> dict[str, int]:
    """Gives the link generation of everybody whose address stands in the profile, by their short
    id.

    Nobody else opens anything of the partner, but for the colleague of a single lead.
    """
    known = (partner.contact, partner.second_contact)
    ids = [person_id(person.email) for person in known if person]
    return {each: partner.generations.get(each, partner.links) for each in ids}


def times_ended(partner: Partner, person: str) -> int:
    """Gives what HQ's page shows of a person's links, so that a press repeated ends no link sent
    since: the generation of a contact's, how often a colleague's were ended, or everybody's, if
    ``person`` is empty.
    """
    if not person:
        return partner.revoked
    return people(partner).get(person, partner.ended.get(person, 0))


def address_of(partner: Partner, person: str) -> str:
    """Gives the address of the person with that short id; empty if nobody there has it."""
    known = (partner.contact, partner.second_contact)
    return next((each.email for each in known if each and person_id(each.email) == person), "")


def end_links(partner: Partner, *persons: str) -> Partner:
    """Ends the links of these people, and those that name nobody; everybody else's go on."""
    links = partner.links + 1
    going_on = {
        each: generation for each, generation in people(partner).items() if each not in persons
    }
    return replace(partner, links=links, generations=going_on)


def end_links_of(partner: Partner, person: str) -> Partner:
    """Ends whatever links one person was sent, be it as a contact or as the colleague who looks
    after some enquiry.
    """
    if person not in partner.ended and len(partner.ended) >= MOST_ENDED:
        return end_all_links(partner)
    others = end_links(partner, person) if person in people(partner) else partner
    return replace(others, ended={**partner.ended, person: partner.ended.get(person, 0) + 1})


def end_all_links(partner: Partner) -> Partner:
    """Ends every link that anybody of the partner was sent, the colleagues of its leads
    included.
    """
    return replace(partner, links=partner.links + 1, generations={}, revoked=partner.revoked + 1)


def with_links_of(partner: Partner, previous: Partner) -> Partner:
    """Carries the link generations over to a changed profile.

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
    gone = before.keys() - people(carried).keys()
    links = previous.links + 1 if gone else previous.links
    still_there = people(carried).keys() & before.keys()
    going_on = {each: before[each] for each in sorted(still_there) if before[each] != links}
    return replace(carried, links=links, generations=going_on)

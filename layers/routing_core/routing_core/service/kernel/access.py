"""Find who opens a partner's link: looked up in what is so now, never in the link.

The link says who its reader is and of which generation it is. The partner's LOAD, which is read
with every offer anyway, says whether that person still has access and by which generation; of a
colleague the lead itself does.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from routing_core.domain.lead import Colleague, Lead
from routing_core.domain.partner import Load, Partner
from routing_core.domain.people import people, person_id
from routing_core.service.kernel.links import Links, Token


@dataclass(frozen=True, slots=True)
class LinkReader:
    """Somebody whose link is in force."""

    person: str
    """The reader's short id; empty for a link from before links named anybody."""
    generation: int
    """The number of times that this person's links were ended before."""
    one_lead: bool = False
    """Marks a colleague who looks after one lead: the firm's desk is not for them."""


def reader_of(
    token: Token, load: Load, partner: Partner, lead: Lead | None = None
) -> LinkReader | None:
    """Give whose link it is.

    It is None if the link opens nothing any more. ``lead`` is the one that the link is about.
    """
    if lead and lead.colleague and token.person == _id_of(lead.colleague, lead):
        generation = _generation_of(lead.colleague, load)
        if generation != token.generation:
            return None
        return LinkReader(token.person, generation, one_lead=True)
    if generation_of(token.person, load, partner) != token.generation:
        return None
    return LinkReader(token.person, token.generation)


def generation_of(person: str, load: Load, partner: Partner) -> int | None:
    """Give the generation by which a person's links are in force.

    It is None for whoever has no access.
    """
    if not person:
        return load.links
    if load.people is not None:
        return load.people.get(person)
    # A LOAD from before links named people does not say who they are; the profile does, which was
    # not saved since.
    return load.links if person in people(partner) else None


def links_for(
    email: str, links: Links, partner: Partner, lead: Lead | None = None, offer: int | None = None
) -> Mapping[str, str]:
    """Give the partner's links as they may be sent to an address, by name.

    They are ``desk``, and ``offer`` for an offer of the lead. An address that has no access gets
    none.
    """
    person = person_id(email)
    generation = people(partner).get(person)
    if generation is not None:
        desk = links.desk(partner.id, generation, person)
        return {
            "desk": desk,
            **_to_offer(links, partner, lead, offer, LinkReader(person, generation)),
        }
    if (
        lead is None
        or lead.colleague is None
        or lead.colleague.email.casefold() != email.casefold()
    ):
        return {}
    colleague = LinkReader(_id_of(lead.colleague, lead), _generation_of(lead.colleague, partner))
    return _to_offer(links, partner, lead, offer, colleague)


def _to_offer(
    links: Links, partner: Partner, lead: Lead | None, offer: int | None, reader: LinkReader
) -> Mapping[str, str]:
    """Give the reader's link to an offer of the lead, if it is about one."""
    if lead is None or offer is None:
        return {}
    link = links.offer(
        lead.id, offer, partner.id, generation=reader.generation, person=reader.person
    )
    return {"offer": link}


def _id_of(colleague: Colleague, lead: Lead) -> str:
    """Give the id under which a colleague reads one lead: another one for each lead."""
    return person_id(colleague.email, lead.id)


def _generation_of(colleague: Colleague, partner: Load | Partner) -> int:
    """Give the generation by which a colleague's links are in force.

    All parts only rise, so their sum is never the same again once any of them has risen.
    """
    ended = partner.ended.get(person_id(colleague.email), 0)
    return colleague.since + partner.revoked + ended

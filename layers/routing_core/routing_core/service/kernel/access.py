"""Who opens a partner's link: looked up in what is so now, never in the link.

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
class Reader:
    """Somebody whose link is in force; ``person`` is empty for a link from before links named
    anybody.
    """

    person: str
    generation: int
    one_lead: bool = False
    """A colleague who looks after one lead: the firm's desk is not for them."""


def reader_of(
    token: Token, load: Load, partner: Partner, lead: Lead | None = None
) -> Reader | None:
    """Gives whose link it is; None if it opens nothing any more. ``lead``: the one that the link is
    about.
    """
    if lead and lead.colleague and token.person == _id_of(lead.colleague, lead):
        generation = _generation_of(lead.colleague, load)
        return (
            Reader(token.person, generation, one_lead=True)
            if generation == token.generation
            else None
        )
    if generation_of(token.person, load, partner) != token.generation:
        return None
    return Reader(token.person, token.generation)


def generation_of(person: str, load: Load, partner: Partner) -> int | None:
    """Gives the generation by which a person's links are in force; None for whoever has no access.

    A LOAD from before links named people does not say who they are; the profile does, which was not
    saved since.
    """
    if not person:
        return load.links
    if load.people is None:
        return load.links if person in people(partner) else None
    return load.people.get(person)


def links_for(
    email: str, links: Links, partner: Partner, lead: Lead | None = None, offer: int | None = None
) -> Mapping[str, str]:
    """Gives the partner's links as they may be sent to that address: ``desk``, and ``offer`` for an
    offer of the lead.

    Nothing for an address that has no access.
    """
    person = person_id(email)
    generation = people(partner).get(person)
    if generation is not None:
        desk = links.desk(partner.id, generation, person)
        return {"desk": desk, **_to_offer(links, partner, lead, offer, Reader(person, generation))}
    if (
        lead is None
        or lead.colleague is None
        or lead.colleague.email.casefold() != email.casefold()
    ):
        return {}
    colleague = Reader(_id_of(lead.colleague, lead), _generation_of(lead.colleague, partner))
    return _to_offer(links, partner, lead, offer, colleague)


def _to_offer(
    links: Links, partner: Partner, lead: Lead | None, offer: int | None, reader: Reader
) -> Mapping[str, str]:
    if lead is None or offer is None:
        return {}
    return {"offer": links.offer(lead.id, offer, partner.id, reader.generation, reader.person)}


def _id_of(colleague: Colleague, lead: Lead) -> str:
    return person_id(colleague.email, lead.id)


def _generation_of(colleague: Colleague, partner: Load | Partner) -> int:
    """All parts only rise, so their sum is never the same again once any of them has risen."""
    return colleague.since + partner.revoked + partner.ended.get(person_id(colleague.email), 0)

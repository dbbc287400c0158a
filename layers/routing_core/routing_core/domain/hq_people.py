"""Tell who works at headquarters: whose links open its pages, and what they see and may do."""

from dataclasses import dataclass
from enum import StrEnum

from routing_core.domain.lead import Lead
from routing_core.domain.people import person_id
from routing_core.domain.programme.headquarters import Manager
from routing_core.domain.programme.programme import Programme


class Right(StrEnum):
    """Somebody may do this besides looking, releasing, rejecting, moving and noting."""

    ASSIGN = "assign"
    """This person may give a lead to a partner by hand."""
    ERASE = "erase"
    """This person may erase who asked."""
    EXPORT = "export"
    """This person may take lists of leads away."""


BY_LINK = "link"
"""Events begin like this to say that it was done on HQ's pages, and not with an API key."""


@dataclass(frozen=True, slots=True)
class HqPerson:
    """A person at HQ has an address, rights, and regions whose leads they see."""

    id: str
    """The short id; empty for the holder of a link that names nobody."""
    email: str
    """Mails and links go to this address."""
    rights: frozenset[Right]
    """This person may do these things besides what everybody may."""
    regions: frozenset[str] | None = None
    """Leads of these regions are shown; None = all leads."""

    @property
    def actor(self) -> str:
        """Say who acts, as events have it: by the short id, which does not name the address."""
        return f"{BY_LINK}:{self.id}" if self.id else BY_LINK

    def sees(self, lead: Lead) -> bool:
        """Tell whether the lead is shown to this person."""
        return self.regions is None or lead.region in self.regions

    def may(self, right: Right) -> bool:
        """Tell whether this person has the right."""
        return right in self.rights


ANYBODY = HqPerson(id="", email="", rights=frozenset({Right.ASSIGN}))
"""Whoever holds a link from before links named people is this person.

Nobody is locked out of placing a lead, but nothing can be destroyed or taken away with a link that
everybody has.
"""


def hq_people(programme: Programme) -> tuple[HqPerson, ...]:
    """Give everybody who gets HQ's mail, each once.

    The addresses of HQ have every right, managers what the programme says.
    """
    people = [_central(email) for email in programme.hq.emails]
    people += [_manager(manager) for manager in programme.hq.managers]
    # Reversed: of two entries with one address the first counts, so HQ's own before a manager's.
    known = {person.id: person for person in reversed(people)}
    return tuple(known.values())


def _central(email: str) -> HqPerson:
    return HqPerson(person_id(email), email, rights=frozenset(Right))


def _manager(manager: Manager) -> HqPerson:
    return HqPerson(
        id=person_id(manager.email),
        email=manager.email,
        rights=frozenset(map(Right, manager.may)),
        regions=frozenset(manager.regions) or None,
    )


def hq_person(programme: Programme, person: str) -> HqPerson | None:
    """Give the person with that short id, as the programme in force has them; None = nobody."""
    return next((each for each in hq_people(programme) if each.id == person), None)

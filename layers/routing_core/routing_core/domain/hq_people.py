"""The people at headquarters: whose links open its pages, of which regions' leads, and what they
may do.
"""

from dataclasses import dataclass
from enum import StrEnum

from routing_core.domain.lead import Lead
from routing_core.domain.people import person_id
from routing_core.domain.programme.programme import Programme


class Right(StrEnum):
    """What somebody may do besides looking, releasing, rejecting, moving and noting."""

    ASSIGN = "assign"
    ERASE = "erase"
    EXPORT = "export"


BY_LINK = "link"
"""How facts begin to say that it was done on HQ's pages, and not with an API key."""


@dataclass(frozen=True, slots=True)
class HqPerson:
    """``regions``: of whose leads; None = of all. ``id`` is empty for the holder of a link that
    names nobody.
    """

    id: str
    email: str
    rights: frozenset[Right]
    regions: frozenset[str] | None = None

    @property
    def named(self) -> str:
        """Who it was, as facts have it: the short id, which does not name the address."""
        return f"{BY_LINK}:{self.id}" if self.id else BY_LINK

    def sees(self, lead: Lead) -> bool:
        return self.regions is None or lead.region in self.regions

    def may(self, right: Right) -> bool:
        return right in self.rights


ANYBODY = HqPerson("", "", frozenset({Right.ASSIGN}))
"""Whoever holds a link from before links named people. Nobody is locked out of placing a lead, but
nothing can be destroyed or taken away with a link that everybody has.
"""


def hq_people(programme: Programme) -> tuple[HqPerson, ...]:
    """Gives everybody who gets HQ's mail: the addresses of HQ with every right, managers with what
    the rules say.
    """
    everything = frozenset(Right)
    central = [HqPerson(person_id(email), email, everything) for email in programme.hq.emails]
    managers = [
        HqPerson(
            person_id(manager.email),
            manager.email,
            frozenset(map(Right, manager.may)),
            frozenset(manager.regions) if manager.regions else None,
        )
        for manager in programme.hq.managers
    ]
    known = {person.id: person for person in reversed((*central, *managers))}
    return tuple(known.values())


def hq_person(programme: Programme, person: str) -> HqPerson | None:
    """Gives the person with that short id, as the rules in force have them."""
    return next((each for each in hq_people(programme) if each.id == person), None)

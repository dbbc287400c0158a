"""Tell who works at headquarters: whose links open its pages, and what they see and may do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from routing_core.domain.errors import NotAllowed
from routing_core.domain.lead import Lead
from routing_core.domain.people import person_id
from routing_core.domain.programme.headquarters import Headquarters, HqPersonEntry
from routing_core.domain.programme.programme import Programme


class HqRole(StrEnum):
    """What somebody at HQ is there for."""

    VIEWER = "viewer"
    """Looks at everything of their regions, and changes nothing."""
    MANAGER = "manager"
    """Acts on the leads and partners of their regions."""
    ADMIN = "admin"
    """Acts on everything, and changes rules, people and API keys."""


class Right(StrEnum):
    """Something that not everybody at HQ may do."""

    LOOK = "look"
    """This person may open HQ's pages."""
    ACT_ON_LEADS = "act_on_leads"
    """This person may release, reject, move, enter and note leads, and route them again."""
    ASSIGN = "assign"
    """This person may give a lead to a partner by hand."""
    ERASE = "erase"
    """This person may erase who asked."""
    EXPORT = "export"
    """This person may take lists of leads and of partners away."""
    CHANGE_PARTNERS = "change_partners"
    """This person may change profiles of partners, pause them, and end their links."""
    MAKE_REPORTS = "make_reports"
    """This person may have reports made, which are mailed to HQ and all partners."""
    CHANGE_RULES = "change_rules"
    """This person may change the programme."""
    MANAGE_PEOPLE = "manage_people"
    """This person may say who works at HQ, and end their access."""
    MANAGE_KEYS = "manage_keys"
    """This person may make and revoke API keys."""


BY_LINK = "link"
"""Events begin like this to say that it was done on HQ's pages, and not with an API key."""
OF_EVERY_MANAGER = frozenset(
    {Right.LOOK, Right.ACT_ON_LEADS, Right.CHANGE_PARTNERS, Right.MAKE_REPORTS}
)
RIGHTS: Mapping[HqRole, frozenset[Right]] = {
    HqRole.VIEWER: frozenset({Right.LOOK}),
    HqRole.MANAGER: OF_EVERY_MANAGER,
    HqRole.ADMIN: frozenset(Right),
}
"""What a role may do; a manager also does what their entry in the programme says (``may``)."""


@dataclass(frozen=True, slots=True)
class HqPerson:
    """A person at HQ has an address, a role, and regions whose leads they see.

    A machine with an API key is one, too: it may do what its scopes say.
    """

    id: str
    """The short id; empty for the holder of a link that names nobody."""
    email: str
    """Mails and links go to this address."""
    role: HqRole
    rights: frozenset[Right]
    """This person may do these things."""
    regions: frozenset[str] | None = None
    """Leads and partners of these regions are shown; None = all of them."""
    name: str = ""
    """The name that the programme says; empty where it says none."""
    language: str = ""
    """Mails and pages are in this language; empty = in HQ's."""
    api_key: str = ""
    """The name of the API key of a machine; empty for people."""

    @property
    def actor(self) -> str:
        """Say who acts, as events have it: a machine by the name of its key.

        People are named by the short id, which does not tell the address.
        """
        if self.api_key:
            return self.api_key
        return f"{BY_LINK}:{self.id}" if self.id else BY_LINK

    @property
    def called(self) -> str:
        """Give the name that colleagues read: the address where the programme says none."""
        return self.name or self.email

    def sees(self, lead: Lead) -> bool:
        """Tell whether the lead is shown to this person."""
        return self.sees_region(lead.region)

    def sees_region(self, region: str) -> bool:
        """Tell whether what lies in a region is shown; an empty one is that of no region."""
        return self.regions is None or region in self.regions

    def sees_any_of(self, regions: Iterable[str]) -> bool:
        """Tell whether what belongs to all of these regions, as a partner may, is shown."""
        return self.regions is None or not self.regions.isdisjoint(regions)

    def may(self, right: Right) -> bool:
        """Tell whether this person has the right."""
        return right in self.rights

    def need(self, right: Right) -> None:
        """Raise NotAllowed for a right that this person does not have."""
        if self.may(right):
            return
        if self.api_key:
            raise NotAllowed(f"this API key has no right to {right.value}")
        raise NotAllowed(f"{self.role.value}s have no right to {right.value}")


ANYBODY = HqPerson(
    id="",
    email="",
    role=HqRole.MANAGER,
    rights=OF_EVERY_MANAGER | {Right.ASSIGN},
)
"""Whoever holds a link from before links named people is this person.

Nobody is locked out of placing a lead, but nothing can be destroyed or taken away with a link that
everybody has.
"""


def hq_people(programme: Programme) -> tuple[HqPerson, ...]:
    """Give everybody who works at HQ, each once.

    Of two entries with one address the first counts: of ``people``, then ``emails``, then
    ``managers``.
    """
    known: dict[str, HqPerson] = {}
    for entry in hq_entries(programme.hq):
        person = _person(entry, programme.hq.language)
        known.setdefault(person.id, person)
    return tuple(known.values())


def hq_entries(hq: Headquarters) -> tuple[HqPersonEntry, ...]:
    """Give the entries of everybody at HQ as they are written today, those of old among them."""
    admins = [HqPersonEntry(email=email, role="admin") for email in hq.emails]
    managers = [HqPersonEntry(role="manager", **dict(manager)) for manager in hq.managers]
    return (*hq.people, *admins, *managers)


def _person(entry: HqPersonEntry, language: str) -> HqPerson:
    role = HqRole(entry.role)
    rights = RIGHTS[role]
    if role is HqRole.MANAGER:
        rights |= frozenset(map(Right, entry.may))
    return HqPerson(
        id=person_id(entry.email),
        email=entry.email,
        role=role,
        rights=rights,
        regions=frozenset(entry.regions) or None,
        name=entry.name,
        language=entry.language or language,
    )


def hq_person(programme: Programme, person: str) -> HqPerson | None:
    """Give the person with that short id, as the programme in force has them; None = nobody."""
    return next((each for each in hq_people(programme) if each.id == person), None)


def hq_address(programme: Programme) -> str:
    """Give the address to which partners write when they need HQ's help."""
    people = hq_people(programme)
    admins = [person for person in people if person.role is HqRole.ADMIN]
    first = next(iter(admins or people), None)
    return programme.brand.reply_to or (first.email if first else "")

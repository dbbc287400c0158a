"""Define the API keys of machines: what a key may do, and what is kept of it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.hq_people import HqPerson, HqRole, Right

KEY_PREFIX = "pr_"
"""Every key begins like this, so that scanners of code know it for a secret."""
RESERVED_KEY_NAMES = ("link", "hq", "prospect", "partner")
"""Events name others so who did something: a key of that name would be taken for them."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")


class KeyScope(StrEnum):
    """Something that a key may do; the values are stored and written in the contract."""

    PARTNERS_READ = "partners:read"
    PARTNERS_WRITE = "partners:write"
    PROGRAMME_READ = "programme:read"
    PROGRAMME_WRITE = "programme:write"
    LEADS_READ = "leads:read"
    LEADS_WRITE = "leads:write"
    LOG_READ = "log:read"
    REPORTS_READ = "reports:read"
    REPORTS_WRITE = "reports:write"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    KEYS_READ = "keys:read"
    KEYS_WRITE = "keys:write"


RIGHTS_OF_SCOPES: Mapping[str, frozenset[Right]] = {
    KeyScope.LEADS_READ: frozenset({Right.EXPORT}),
    KeyScope.PARTNERS_READ: frozenset({Right.EXPORT}),
    KeyScope.LEADS_WRITE: frozenset({Right.ACT_ON_LEADS, Right.ASSIGN, Right.ERASE}),
    KeyScope.PARTNERS_WRITE: frozenset({Right.CHANGE_PARTNERS}),
    KeyScope.PROGRAMME_WRITE: frozenset({Right.CHANGE_RULES}),
    KeyScope.REPORTS_WRITE: frozenset({Right.MAKE_REPORTS}),
    KeyScope.PEOPLE_READ: frozenset({Right.MANAGE_PEOPLE}),
    KeyScope.PEOPLE_WRITE: frozenset({Right.MANAGE_PEOPLE}),
    KeyScope.KEYS_READ: frozenset({Right.MANAGE_KEYS}),
    KeyScope.KEYS_WRITE: frozenset({Right.MANAGE_KEYS}),
}
"""What a key may do on HQ's desk by each of its scopes; which of them, its route asks first."""


@dataclass(frozen=True, slots=True)
class ApiKeyNote:
    """What is kept of a key beside its hash; the key itself is kept nowhere."""

    id: str
    """The beginning of the hash, by which the key is listed and revoked."""
    name: str
    """Events and the log name the key so."""
    scopes: frozenset[str]
    created: datetime
    by: str = ""
    """Who made it, as events have it; empty for a key made from a console."""
    last_used: datetime | None = None
    """The hour in which it was used last; None if it was not since keys are listed."""
    revoked: datetime | None = None
    """The instant since which it opens nothing; None while it does."""
    regions: frozenset[str] | None = None
    """It sees and changes only leads and partners of these regions; None = of all."""


OF_WHOLE_NETWORK = frozenset(
    {
        KeyScope.PROGRAMME_WRITE,
        KeyScope.REPORTS_WRITE,
        KeyScope.PEOPLE_READ,
        KeyScope.PEOPLE_WRITE,
        KeyScope.KEYS_READ,
        KeyScope.KEYS_WRITE,
    }
)
"""A key for regions has none of these: what they are about lies in no region."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a key is to be called, what it is to do, and where."""

    name: str
    scopes: frozenset[str]
    regions: frozenset[str] | None = None
    """It sees and changes only what lies in these regions; None = everything."""


def machine_of(key: ApiKeyNote) -> HqPerson:
    """Give the machine that comes with a key, as one of those who act at HQ."""
    rights = {Right.LOOK}
    for scope in key.scopes:
        rights |= RIGHTS_OF_SCOPES.get(scope, frozenset())
    return HqPerson(
        id="",
        email="",
        role=HqRole.MANAGER,
        rights=frozenset(rights),
        regions=key.regions,
        api_key=key.name,
    )


def checked_key(
    wanted: NewKey, known: Collection[ApiKeyNote], regions: Collection[str] = ()
) -> None:
    """Raise InvalidInput for a key that cannot be made, naming each field.

    ``regions`` are those that the programme has.
    """
    name, scopes = wanted.name, wanted.scopes
    problems = []
    if not _NAME.fullmatch(name) or name in RESERVED_KEY_NAMES:
        message = "use letters, digits, spaces, dots, - and _, at most 60, as in crm-import"
        problems.append(Problem("name", "not_a_key_name", message))
    elif any(each.name == name for each in known):
        # One that was revoked keeps its name: the log goes on naming it.
        problems.append(Problem("name", "taken", "is the name of another key: choose another one"))
    unknown = sorted(set(scopes) - set(KeyScope))
    if unknown or not scopes:
        options = ", ".join(KeyScope)
        problems.append(Problem("scopes", "no_scope", f"choose at least one of {options}"))
    problems += _of_regions(wanted, regions)
    if problems:
        raise InvalidInput(problems)


def _of_regions(wanted: NewKey, regions: Collection[str]) -> list[Problem]:
    """Say what is wrong with the regions of a key, or with its scopes because of them."""
    if wanted.regions is None:
        return []
    problems = []
    if not wanted.regions or not wanted.regions <= set(regions):
        options = ", ".join(regions) or "none: the programme has no regions"
        problems.append(Problem("regions", "unknown_option", f"use one of {options}"))
    whole = sorted(wanted.scopes & OF_WHOLE_NETWORK)
    if whole:
        message = f"a key for regions cannot have {', '.join(whole)}"
        problems.append(Problem("scopes", "not_for_regions", message))
    return problems

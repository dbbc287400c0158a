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


RIGHTS_OF_SCOPES: Mapping[str, frozenset[Right]] = {
    KeyScope.LEADS_READ: frozenset({Right.EXPORT}),
    KeyScope.PARTNERS_READ: frozenset({Right.EXPORT}),
    KeyScope.LEADS_WRITE: frozenset({Right.ACT_ON_LEADS, Right.ASSIGN, Right.ERASE}),
    KeyScope.PARTNERS_WRITE: frozenset({Right.CHANGE_PARTNERS}),
    KeyScope.PROGRAMME_WRITE: frozenset({Right.CHANGE_RULES}),
    KeyScope.REPORTS_WRITE: frozenset({Right.MAKE_REPORTS}),
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


def checked_key(name: str, scopes: Collection[str], known: Collection[ApiKeyNote]) -> None:
    """Raise InvalidInput for a key that cannot be made, naming each field."""
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
    if problems:
        raise InvalidInput(problems)

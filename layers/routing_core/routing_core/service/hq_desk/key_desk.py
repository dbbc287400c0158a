"""The API keys on HQ's desk: made and shown once, listed with their last use, revoked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from routing_core.domain.activity import ActivityKind
from routing_core.domain.api_key import KEY_PREFIX, ApiKeyNote, KeyScope, NewKey, checked_key
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.programme.programme import Programme
from routing_core.service.kernel.api_key_book import ApiKeyBook
from routing_core.service.kernel.read_model import LogEntry
from routing_core.service.kernel.services import Services

SCOPE, OF_REGION = "scope.", "region."
"""Boxes of the form are named so, with the scope or the region behind it."""


@dataclass(frozen=True, slots=True)
class KeyDesk:
    """What the page of API keys works with, for one person at HQ."""

    services: Services
    book: ApiKeyBook
    person: HqPerson
    scopes: Collection[str] = frozenset(KeyScope)
    """Keys that are made here have no other scopes: a machine's only those of its own key."""


@dataclass(frozen=True, slots=True)
class KeysView:
    """The page of API keys."""

    programme: Programme
    keys: tuple[ApiKeyNote, ...]
    made: str = ""
    """The key that was just made: it is shown this once."""
    name: str = ""
    """The name that was typed."""
    scopes: frozenset[str] = frozenset()
    """The scopes that were ticked."""
    regions: frozenset[str] = frozenset()
    """The regions that were ticked."""
    problems: Sequence[Problem] = field(default_factory=tuple)


def view_keys(desk: KeyDesk) -> KeysView:
    """List the keys. Raises NotAllowed."""
    desk.person.need(Right.MANAGE_KEYS)
    return KeysView(desk.services.programme, desk.book.all())


def make_key(desk: KeyDesk, form: Mapping[str, str], secret: str, now: datetime) -> KeysView:
    """Make a key out of a fresh ``secret``, and show it once. Raises NotAllowed."""
    desk.person.need(Right.MANAGE_KEYS)
    programme = desk.services.programme
    name, scopes = form.get("name", "").strip(), _ticked(form, SCOPE)
    regions = _ticked(form, OF_REGION)
    try:
        key, _ = add_key(desk, NewKey(name, scopes, regions or None), secret, now)
    except InvalidInput as error:
        return KeysView(programme, desk.book.all(), "", name, scopes, regions, error.problems)
    return KeysView(programme, desk.book.all(), made=key)


def _ticked(form: Mapping[str, str], prefix: str) -> frozenset[str]:
    return frozenset(each.removeprefix(prefix) for each in form if each.startswith(prefix))


def add_key(desk: KeyDesk, wanted: NewKey, secret: str, now: datetime) -> tuple[str, ApiKeyNote]:
    """Make a key out of a fresh ``secret``, and give it with what is kept of it.

    Raises NotAllowed, and InvalidInput.
    """
    desk.person.need(Right.MANAGE_KEYS)
    checked_key(wanted, desk.book.all(), desk.services.programme.regions)
    more = sorted(wanted.scopes.difference(desk.scopes))
    if more:
        message = f"no key makes one that may more than itself: {', '.join(more)}"
        raise InvalidInput([Problem("scopes", "more_than_own", message)])
    key = f"{KEY_PREFIX}{secret}"
    noted = _line(desk, ActivityKind.KEY_MADE, wanted, now)
    return key, desk.book.add(key, wanted, desk.person.actor, now, [noted])


def revoke_key(desk: KeyDesk, key_id: str, now: datetime) -> ApiKeyNote:
    """End a key at once. Raises NotAllowed and NotFound."""
    desk.person.need(Right.MANAGE_KEYS)
    known = [each for each in desk.book.all() if each.id == key_id]
    noted = [_line(desk, ActivityKind.KEY_REVOKED, each, now) for each in known]
    return desk.book.revoke(key_id, now, noted)


def _line(desk: KeyDesk, kind: ActivityKind, key: ApiKeyNote | NewKey, now: datetime) -> LogEntry:
    """Give what the log tells of a key."""
    scopes = " ".join(sorted(key.scopes & set(KeyScope)))
    return LogEntry(at=now, by=desk.person.actor, kind=kind, about=key.name, detail=scopes)

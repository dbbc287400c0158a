"""The API keys on HQ's desk: made and shown once, listed with their last use, revoked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from routing_core.domain.activity import ActivityKind
from routing_core.domain.api_key import KEY_PREFIX, ApiKeyNote, KeyScope, checked_key
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.programme.programme import Programme
from routing_core.service.kernel.api_key_book import ApiKeyBook
from routing_core.service.kernel.read_model import LogEntry
from routing_core.service.kernel.services import Services

SCOPE = "scope."
"""Boxes of the form are named so, with the scope behind it."""


@dataclass(frozen=True, slots=True)
class KeyDesk:
    """What the page of API keys works with, for one person at HQ."""

    services: Services
    book: ApiKeyBook
    person: HqPerson


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
    problems: Sequence[Problem] = field(default_factory=tuple)


def view_keys(desk: KeyDesk) -> KeysView:
    """List the keys. Raises NotAllowed."""
    desk.person.need(Right.MANAGE_KEYS)
    return KeysView(desk.services.programme, desk.book.all())


def make_key(desk: KeyDesk, form: Mapping[str, str], secret: str, now: datetime) -> KeysView:
    """Make a key out of a fresh ``secret``, and show it once. Raises NotAllowed."""
    desk.person.need(Right.MANAGE_KEYS)
    programme, known = desk.services.programme, desk.book.all()
    name = form.get("name", "").strip()
    ticked = [each for each in form if each.startswith(SCOPE)]
    scopes = frozenset(each.removeprefix(SCOPE) for each in ticked)
    try:
        checked_key(name, scopes, known)
    except InvalidInput as error:
        return KeysView(programme, known, "", name, scopes, error.problems)
    key = f"{KEY_PREFIX}{secret}"
    made = desk.book.add(key, name, scopes, desk.person.actor, now)
    _note(desk, ActivityKind.KEY_MADE, made, now)
    return KeysView(programme, desk.book.all(), made=key)


def revoke_key(desk: KeyDesk, key_id: str, now: datetime) -> None:
    """End a key at once. Raises NotAllowed and NotFound."""
    desk.person.need(Right.MANAGE_KEYS)
    _note(desk, ActivityKind.KEY_REVOKED, desk.book.revoke(key_id, now), now)


def _note(desk: KeyDesk, kind: ActivityKind, key: ApiKeyNote, now: datetime) -> None:
    scopes = " ".join(sorted(key.scopes & set(KeyScope)))
    done = LogEntry(at=now, by=desk.person.actor, kind=kind, about=key.name, detail=scopes)
    desk.services.activity.note(done)

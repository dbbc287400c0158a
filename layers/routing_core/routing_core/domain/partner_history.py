"""What changed in a partner's profile, field by field, as its history keeps it.

Two profiles are compared as plain data, so a new field of a known type needs nothing here. Fields
are named as the document names them: ``contact.email``, ``caps.open``, ``territories``. Of a list
only what came and what went is kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from routing_core.domain.partner import Partner
from routing_core.domain.partner_plain import partner_to_plain

MOST_OF_A_LIST = 40
"""Entries of a list that came or went are kept up to so many."""
LONGEST_KEPT = 300
"""A text is kept up to so many characters."""
BY_PARTNER = "partner:"
"""Names, as the author of a change, the partner's own people: on their desk, or by their mail."""
LINKS = "links"
"""The name of the change that ended somebody's links."""
CONFIRMED = "confirmed"
"""The name of the change that confirmed an address, or asked for it again."""
_WITH_PARTS = ("contact", "second_contact", "caps")
_PARTS_OF_LINKS = ("revoked", "ended", "links")
_NOT_TOLD = frozenset(
    {"schema", "version", "listed", "occasion", "generations", "holidays", "unreachable"}
) | {"paused_by", *_PARTS_OF_LINKS}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a profile that became another one."""

    field: str
    """The path in the partner's document: ``contact.email``."""
    before: Any = None
    """The value before, as plain data; of a list, the entries that went."""
    after: Any = None
    """The value since, as plain data; of a list, the entries that came."""


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """One save of a profile: when it was, who did it, and what it changed."""

    version: int
    """The version that it made; 1 made the partner."""
    at: datetime
    """The instant of the save."""
    by: str
    """Who did it, as events name actors; empty for the product itself."""
    fields: tuple[FieldChange, ...]
    """What it changed."""


def profile_changes(before: Partner | None, after: Partner) -> tuple[FieldChange, ...]:
    """Give each field that differs; nothing for a partner who is new."""
    if before is None:
        return ()
    was, becomes = dict(_values(before)), dict(_values(after))
    names = dict.fromkeys((*was, *becomes))
    differing = [name for name in names if was.get(name) != becomes.get(name)]
    return tuple(_change(name, was.get(name), becomes.get(name)) for name in differing)


def with_pauser(partner: Partner, before: Partner | None, by: str) -> Partner:
    """Give the profile with who paused it: whoever saved the first version that is paused."""
    pauser = by
    if not partner.paused:
        pauser = ""
    elif before is not None and before.paused:
        pauser = before.paused_by
    return partner if partner.paused_by == pauser else replace(partner, paused_by=pauser)


def _values(partner: Partner) -> Iterator[tuple[str, Any]]:
    plain = partner_to_plain(partner)
    yield LINKS, [plain.get(name) for name in _PARTS_OF_LINKS]
    yield CONFIRMED, partner.confirmed
    for name, value in plain.items():
        if name in _NOT_TOLD or name == "confirmed_email":
            continue
        if name in _WITH_PARTS:
            for part, of_part in value.items():
                yield f"{name}.{part}", of_part
        else:
            yield name, value


def _change(field: str, before: Any, after: Any) -> FieldChange:
    if field == LINKS:
        # Numbers that only count say nothing to people.
        return FieldChange(field)
    if isinstance(before or after, list):
        went = [each for each in before or () if each not in (after or ())]
        came = [each for each in after or () if each not in (before or ())]
        return FieldChange(field, _first(went), _first(came))
    return FieldChange(field, _short(before), _short(after))


def _first(entries: list[Any]) -> list[Any]:
    shown = [_short(each) for each in entries[:MOST_OF_A_LIST]]
    more = len(entries) - len(shown)
    return [*shown, f"… +{more}"] if more else shown


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value[:LONGEST_KEPT]
    if isinstance(value, Mapping):
        return {name: _short(each) for name, each in value.items()}
    return value

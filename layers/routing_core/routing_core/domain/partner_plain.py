"""Write a partner as plain data and read it back, for stored profiles and network snapshots.

Plain data are dicts, lists, text, whole numbers, booleans and None: ready for JSON and DynamoDB.
Days are ISO text, territories as people write them. What is empty is left out; every other value is
written even where it is today's default, so that a later default changes no stored partner.

How a field is stored follows from its type in ``partner.py`` alone, so a new field of a known type
needs nothing here. A change of shape raises ``PARTNER_SCHEMA``; ``partner_from_plain`` then reads
the older shapes too. Fields it does not know are carried along, so that a function still running
the old code reads what a new one wrote, and loses nothing of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Generic, TypeVar

from routing_core.domain.calendar.business_time import ResponseHours
from routing_core.domain.errors import NewerData
from routing_core.domain.partner import Absence, Caps, ExtraOpen, Partner, Person
from routing_core.domain.programme.rules import Condition
from routing_core.domain.territory.territory import Territory
from routing_core.domain.values.extensible import CARRIED, Extensible

PARTNER_SCHEMA = 1
_SCHEMA = "schema"
_Stored = TypeVar("_Stored", Partner, Caps, Person)


@dataclass(frozen=True, slots=True)
class StoredType:
    """How values of one type are written as plain data, and read from it."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _as_it_is(value: Any) -> Any:
    return value


def _write_texts(values: Any) -> list[str]:
    return [str(each) for each in values]


def _read_territories(texts: list[str]) -> tuple[Territory, ...]:
    return tuple(Territory.parse(text) for text in texts)


def _read_conditions(texts: list[str]) -> tuple[Condition, ...]:
    return tuple(Condition.parse(text) for text in texts)


def _write_days(days: tuple[date, ...]) -> list[str]:
    return [day.isoformat() for day in days]


def _read_days(texts: list[str]) -> tuple[date, ...]:
    return tuple(date.fromisoformat(text) for text in texts)


def _write_absences(absences: tuple[Absence, ...]) -> list[list[str]]:
    return [[absence.first.isoformat(), absence.last.isoformat()] for absence in absences]


def _read_absences(pairs: list[list[str]]) -> tuple[Absence, ...]:
    return tuple(
        Absence(date.fromisoformat(first), date.fromisoformat(last)) for first, last in pairs
    )


def _write_last_days(certificates: Mapping[str, date | None]) -> dict[str, str | None]:
    return {name: last.isoformat() if last else None for name, last in sorted(certificates.items())}


def _read_last_days(certificates: Mapping[str, str | None]) -> dict[str, date | None]:
    return {name: date.fromisoformat(last) if last else None for name, last in certificates.items()}


def extra_to_plain(extra: ExtraOpen | None) -> dict[str, Any] | None:
    """Give what a partner takes beyond its cap as plain data; None where that is nothing."""
    return {"more": extra.more, "until": extra.until.isoformat()} if extra else None


def extra_from_plain(plain: Mapping[str, Any] | None) -> ExtraOpen | None:
    """Read what a partner takes beyond its cap."""
    return ExtraOpen(int(plain["more"]), date.fromisoformat(plain["until"])) if plain else None


def _write_hours(hours: ResponseHours | None) -> dict[str, list[str]] | None:
    return None if hours is None else hours.week()


def _read_hours(week: Mapping[str, list[str]] | None) -> ResponseHours | None:
    return None if week is None else ResponseHours.parse(week)


def _write_sorted(values: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(values.items()))


def _read_numbers(numbers: Mapping[str, Any]) -> dict[str, int]:
    return {name: int(number) for name, number in numbers.items()}


def _write_nested(numbers: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    return {name: dict(inner) for name, inner in sorted(numbers.items())}


def _read_nested(numbers: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    return {name: _read_numbers(inner) for name, inner in numbers.items()}


STORED_TYPES: dict[Any, StoredType] = {
    str: StoredType(_as_it_is, _as_it_is),
    bool: StoredType(_as_it_is, bool),
    int: StoredType(_as_it_is, int),  # DynamoDB gives Decimals
    int | None: StoredType(_as_it_is, int),
    frozenset[str]: StoredType(sorted, frozenset),
    tuple[str, ...]: StoredType(list, tuple),
    tuple[date, ...]: StoredType(_write_days, _read_days),
    tuple[Absence, ...]: StoredType(_write_absences, _read_absences),
    tuple[Territory, ...]: StoredType(_write_texts, _read_territories),
    tuple[Condition, ...]: StoredType(_write_texts, _read_conditions),
    Mapping[str, str]: StoredType(_write_sorted, _as_it_is),
    Mapping[str, int]: StoredType(_write_sorted, _read_numbers),
    Mapping[str, date | None]: StoredType(_write_last_days, _read_last_days),
    Mapping[str, Mapping[str, int]]: StoredType(_write_nested, _read_nested),
    ResponseHours | None: StoredType(_write_hours, _read_hours),
    ExtraOpen | None: StoredType(extra_to_plain, extra_from_plain),
}
"""The type of a field in ``partner.py`` → how such values are stored."""

_EMPTY: tuple[Any, ...] = (None, "", [], {})
"""Values that are left out of what is stored."""


@dataclass(frozen=True, slots=True)
class Special:
    """What of a field does not follow from its type."""

    called: str = ""
    """The stored name, where it is not the field's."""
    left_out: tuple[Any, ...] = _EMPTY
    """The values with which the field is not written."""
    read: Callable[[Any], Any] | None = None
    """Another reader than that of the type."""
    absent: Any = None
    """The value of a field without a default that is not there."""


_ORDINARY = Special()


class PlainCodec(Generic[_Stored]):
    """Writes values of one dataclass as plain data, each field as its type says, and reads them."""

    def __init__(
        self,
        kind: type[_Stored],
        special: Mapping[str, Special] | None = None,
        always_there: frozenset[str] = frozenset(),
    ):
        """Take what is special of single fields, and those without which nothing can be read."""
        self._kind: Callable[..., _Stored] = kind
        self._always_there = always_there
        self._absent: dict[str, Any] = {}
        self._write: list[tuple[str, str, tuple[Any, ...], Callable[[Any], Any]]] = []
        """Of each field its name, its stored name, when it is left out, and how it is written."""
        self._read: dict[str, tuple[str, Callable[[Any], Any]]] = {}
        """Stored name → the field, and how it is read."""
        self._carries = issubclass(kind, Extensible)
        for field in fields(kind):
            if field.name == CARRIED:
                continue
            about = (special or {}).get(field.name, _ORDINARY)
            stored = STORED_TYPES[field.type]
            called = about.called or field.name
            self._write.append((field.name, called, about.left_out, stored.write))
            self._read[called] = field.name, about.read or stored.read
            if about.absent is not None:
                self._absent[field.name] = about.absent

    def to_plain(self, value: _Stored) -> dict[str, Any]:
        """Give the value as plain data, without what is empty."""
        plain: dict[str, Any] = {}
        for name, called, left_out, write in self._write:
            written = write(getattr(value, name))
            if written not in left_out:
                plain[called] = written
        if isinstance(value, Extensible) and value.extra:
            plain = {**value.extra, **plain}
        return plain

    def from_plain(self, plain: Mapping[str, Any]) -> _Stored:
        """Give the value that was written; what is not there has the default of its field.

        Raises KeyError for a missing field that is always there, or what reading a wrong type
        raises.
        """
        if not self._always_there <= plain.keys():
            raise KeyError(*sorted(self._always_there - plain.keys()))
        parts = dict(self._absent)
        unknown: dict[str, Any] = {}
        for called, written in plain.items():
            field = self._read.get(called)
            if field is not None:
                name, read = field
                parts[name] = read(written)
            elif self._carries and called != _SCHEMA:
                unknown[called] = written
        if unknown:
            parts[CARRIED] = unknown
        return self._kind(**parts)


def _backup_id(backup: Any) -> str:
    """Give the id of the backup.

    Profiles saved before a backup was somebody have yes or no there, which meant nothing.
    """
    return backup if isinstance(backup, str) else ""


_PERSON = PlainCodec(Person, always_there=frozenset({"email"}))
# Caps that are no limit are left out, but 0 is one.
_CAPS = PlainCodec(Caps, {"paced": Special(left_out=(False,))})


def _write_person(person: Person | None) -> dict[str, Any] | None:
    return None if person is None else _PERSON.to_plain(person)


def _read_person(plain: Mapping[str, Any] | None) -> Person | None:
    return _PERSON.from_plain(plain) if plain else None


STORED_TYPES |= {
    Person: StoredType(_PERSON.to_plain, _PERSON.from_plain),
    Person | None: StoredType(_write_person, _read_person),
    Caps: StoredType(_CAPS.to_plain, _CAPS.from_plain),
}

_PARTNER = PlainCodec(
    Partner,
    {
        "lead_filters": Special(called="takes"),
        "address_generation": Special(called="occasion"),
        # No hours at all is not the same as the programme's hours.
        "response_hours": Special(left_out=(None,)),
        "revoked": Special(left_out=(0,)),
        "deactivated": Special(left_out=(False,)),
        "territories": Special(absent=()),
        "products": Special(absent=frozenset()),
        "backup": Special(read=_backup_id),
    },
    # What the first stored profiles had already: one without any of it was not written by us.
    always_there=frozenset({
        "id", "version", "name", "type", "tier", "contact", "country", "time_zone", "language", "paused", "bounced",
        "links",
    }),
)  # fmt: skip


def partner_to_plain(partner: Partner) -> dict[str, Any]:
    """Give a partner as plain data, with the schema it is written in."""
    return {_SCHEMA: PARTNER_SCHEMA} | _PARTNER.to_plain(partner)


def partner_from_plain(plain: Mapping[str, Any]) -> Partner:
    """Read a partner that was stored.

    Raises NewerData, KeyError for a missing field that every partner has, or what reading a wrong
    type raises.
    """
    if int(plain[_SCHEMA]) > PARTNER_SCHEMA:
        written = f"partner {plain.get('id')} is written in schema {plain[_SCHEMA]}"
        raise NewerData(f"{written}, this code reads {PARTNER_SCHEMA}")
    return _PARTNER.from_plain(plain)


def caps_to_plain(caps: Caps) -> dict[str, Any]:
    """Give the caps as plain data: those that are no limit are left out."""
    return _CAPS.to_plain(caps)


def caps_from_plain(plain: Mapping[str, Any]) -> Caps:
    """Read caps that were stored."""
    return _CAPS.from_plain(plain)

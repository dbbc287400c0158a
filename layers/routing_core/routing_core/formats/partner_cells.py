"""The short notations of a partner file: a week, absences, certificates.

Each also fits one CSV cell.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from routing_core.domain.calendar.business_time import MOST_BLOCKS, WEEKDAYS, ResponseHours
from routing_core.domain.partner import Absence, ExtraOpen

_DAYS = re.compile(
    r"(?P<first>[a-z]{3,5})(?:\s*[-\u2013]\s*(?P<last>[a-z]{3}))?\s+(?P<blocks>\S.*)"
)
_BETWEEN_BLOCKS = re.compile(r"\s*,\s*|\s+(?=\d)")
_BETWEEN_DAYS = re.compile(r"\s*(?:\bto\b|\.\.|/|\u2013)\s*")
_ISO_DATE = re.compile(r"\s{0,9}[0-9]{4}-[0-9]{2}-[0-9]{2}\s{0,9}")
MOST_CERTIFICATES = 200
LONGEST_CERTIFICATE = 60
"""A certificate's name has so many characters at most."""
LONGEST_WEEK = 2_000
"""A week is read up to so many characters; one in full has a few hundred."""
LONGEST_ABSENCE = 100
_HOW_HOURS = "write mon-fri 08:00-17:00; sat 09:00-12:00, or daily 00:00-24:00"
_HOW_ABSENCE = "write 2026-12-24 to 2027-01-06, one day 2027-02-01, or none"


def response_hours(value: Any) -> ResponseHours | None:
    """Read ``mon-fri 08:00-12:00, 13:00-17:00; sat 09:00-12:00``, or days with lists of blocks.

    It is None if empty. Raises ValueError saying what would be right.
    """
    if value is None or isinstance(value, ResponseHours):
        return value
    if isinstance(value, str):
        if len(value) > LONGEST_WEEK:
            raise ValueError(f"are too long: {_HOW_HOURS}")
        value = _week(value)
    if not isinstance(value, Mapping):
        raise ValueError(f"are not readable: {_HOW_HOURS}")
    if len(value) > len(WEEKDAYS):
        raise ValueError(f"name more days than a week has: {_HOW_HOURS}")
    for day, blocks in value.items():
        _check_blocks(str(day)[:20], blocks)
    return ResponseHours.parse(value) if any(value.values()) else None


def _check_blocks(day: str, blocks: Any) -> None:
    if not isinstance(blocks, list) or not all(isinstance(block, str) for block in blocks):
        raise ValueError(f'{day!r} needs a list of blocks like ["08:00-17:00"]')
    if len(blocks) > MOST_BLOCKS:
        raise ValueError(f"{day!r} has {len(blocks):,} blocks: write at most {MOST_BLOCKS}")


def _week(text: str) -> dict[str, list[str]]:
    """Read the days of a week and the blocks of each."""
    week: dict[str, list[str]] = {}
    for written in re.split(r"[;|\n]", text.lower()):
        part = written.strip()
        if not part:
            continue
        found = _DAYS.fullmatch(part)
        if not found:
            raise ValueError(f"{part[:60]!r} is not readable: {_HOW_HOURS}")
        blocks = [block for block in _BETWEEN_BLOCKS.split(found["blocks"]) if block]
        for day in _days(found["first"], found["last"], part):
            week.setdefault(day, []).extend(blocks)
    return week


def _days(first: str, last: str | None, part: str) -> tuple[str, ...]:
    """Give the days of ``mon-fri``, ``sat`` or ``daily``."""
    if first == "daily" and last is None:
        return WEEKDAYS
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
        raise ValueError(f"{part[:60]!r} names no days: {_HOW_HOURS}")
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    if end < start:
        raise ValueError(f"{part[:60]!r} runs backwards: the week starts on mon")
    return WEEKDAYS[start : end + 1]


def iso_date(value: Any) -> date:
    """Read ``2027-05-31`` and nothing else; raises ValueError."""
    if type(value) is date:
        return value
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            pass
    raise ValueError(f"{str(value)[:40]!r} is not a date: use one like 2027-05-31")


def absence(value: Any) -> Absence:
    """Read ``2026-12-24 to 2027-01-06``, one day, or ``{"first": …, "last": …}``.

    Raises ValueError saying what would be right.
    """
    if isinstance(value, Absence):
        return value
    if isinstance(value, str):
        if len(value) > LONGEST_ABSENCE:
            raise ValueError(f"is too long: {_HOW_ABSENCE}")
        days = _BETWEEN_DAYS.split(value.strip())
        if len(days) > 2:
            raise ValueError(f"{value[:60]!r} is not readable: {_HOW_ABSENCE}")
        value = {"first": days[0], "last": days[-1]}
    if not isinstance(value, Mapping) or set(value) != {"first", "last"}:
        raise ValueError(f"is not readable: {_HOW_ABSENCE}")
    first, last = iso_date(value["first"]), iso_date(value["last"])
    if last < first:
        raise ValueError(f"{first} to {last} ends before it starts")
    return Absence(first, last)


_EXTRA_OPEN = re.compile(r"(?P<more>[0-9]{1,3})\s+(?:until|bis)\s+(?P<until>\S+)", re.IGNORECASE)
MOST_EXTRA = 100
"""A partner takes so many enquiries beyond its cap at most."""
FURTHEST_EXTRA = timedelta(days=366)
"""It does so at most this long after today."""
_HOW_EXTRA = "write 2 until 2026-12-31, or none"


def read_extra_open(value: Any, today: date) -> ExtraOpen | None:
    """Read ``2 until 2026-12-31``, or ``{"more": 2, "until": "2026-12-31"}``; None if empty.

    Raises ValueError saying what would be right.
    """
    if isinstance(value, str):
        value = _extra_parts(value.strip())
    if value is None:
        return None
    if not isinstance(value, Mapping) or value.keys() != {"more", "until"}:
        raise ValueError(f"is not readable: {_HOW_EXTRA}")
    more = value["more"]
    if type(more) is not int or not 1 <= more <= MOST_EXTRA:
        raise ValueError(f"is from 1 to {MOST_EXTRA}: {_HOW_EXTRA}")
    until = iso_date(value["until"])
    if until > today + FURTHEST_EXTRA:
        raise ValueError("must end within a year from today")
    return ExtraOpen(more, until)


def _extra_parts(text: str) -> Mapping[str, Any] | None:
    if text.lower() in ("", *NO_ABSENCES):
        return None
    found = _EXTRA_OPEN.fullmatch(text[:LONGEST_ABSENCE])
    if not found:
        raise ValueError(f"{text[:40]!r} is not readable: {_HOW_EXTRA}")
    return {"more": int(found["more"]), "until": found["until"]}


def write_extra_open(value: Mapping[str, Any]) -> str:
    """Give ``2 until 2026-12-31``."""
    return f"{value['more']} until {value['until']}"


NO_ABSENCES = frozenset({"none", "keine"})
ONLY = "only "


def absence_list(value: Any) -> Any:
    """Give the absences without the words that say what becomes of others.

    These are ``none``, and ``only`` before the first.
    """
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list) or not parts or not isinstance(parts[0], str):
        return parts
    first = parts[0].strip()
    if len(parts) == 1 and first.lower() in NO_ABSENCES:
        return []
    if first.lower().startswith(ONLY):
        first = first[len(ONLY) :]
    rest = parts[1:]
    return [first, *rest] if first else rest


def replaces_absences(value: Any) -> bool:
    """Tell whether one of those words stands there."""
    parts = [value] if isinstance(value, str) else value
    return bool(absence_list(value) != parts)


def certificates(value: Any) -> dict[str, date | None]:
    """Read ``["gas", "f-gas:2027-05-31"]`` or ``{"gas": null, "f-gas": "2027-05-31"}``.

    Raises ValueError saying what would be right.
    """
    if isinstance(value, (list, Mapping)) and len(value) > MOST_CERTIFICATES:
        raise ValueError(f"are {len(value):,}: write at most {MOST_CERTIFICATES}")
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        pairs = [item.partition(":")[::2] for item in value]
        if len({name.strip() for name, _ in pairs}) < len(pairs):
            raise ValueError("name a certificate twice: write each once")
        value = {name: day.strip() or None for name, day in pairs}
    if not isinstance(value, Mapping):
        raise ValueError("are not readable: write name, or name:2027-05-31")
    read: dict[str, date | None] = {}
    for name, day in value.items():
        if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_CERTIFICATE:
            raise ValueError("need names of at most 60 characters: write name, or name:2027-05-31")
        read[name.strip()] = None if day is None else iso_date(day)
    return read

"""The short notations of a partner file: a week, absences, certificates.

Each also fits one CSV cell.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from routing_core.domain.calendar.business_time import MOST_BLOCKS, WEEKDAYS, ResponseHours
from routing_core.domain.partner import Absence, ExtraOpen
from routing_core.domain.values.sentence import worded

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
_NO_HOURS = worded("hours.unreadable", f"are not readable: {_HOW_HOURS}")
_HOW_ABSENCE = "write 2026-12-24 to 2027-01-06, one day 2027-02-01, or none"
_NO_ABSENCE = worded("absence.unreadable", f"is not readable: {_HOW_ABSENCE}")


def response_hours(value: Any) -> ResponseHours | None:
    """Read ``mon-fri 08:00-12:00, 13:00-17:00; sat 09:00-12:00``, or days with lists of blocks.

    It is None if empty. Raises ValueError saying what would be right.
    """
    if value is None or isinstance(value, ResponseHours):
        return value
    if isinstance(value, str):
        if len(value) > LONGEST_WEEK:
            raise ValueError(worded("hours.long", f"are too long: {_HOW_HOURS}"))
        value = _week(value)
    if not isinstance(value, Mapping):
        raise ValueError(_NO_HOURS)
    if len(value) > len(WEEKDAYS):
        english = f"name more days than a week has: {_HOW_HOURS}"
        raise ValueError(worded("hours.many_days", english))
    for day, blocks in value.items():
        _check_blocks(str(day)[:20], blocks)
    return ResponseHours.parse(value) if any(value.values()) else None


def _check_blocks(day: str, blocks: Any) -> None:
    if not isinstance(blocks, list) or not all(isinstance(block, str) for block in blocks):
        english = '{day!r} needs a list of blocks like ["08:00-17:00"]'
        raise ValueError(worded("hours.list", english, day=day))
    if len(blocks) > MOST_BLOCKS:
        english = "{day!r} has {count} blocks: write at most {most}"
        count = f"{len(blocks):,}"
        raise ValueError(
            worded("hours.many_blocks", english, day=day, count=count, most=MOST_BLOCKS)
        )


def _week(text: str) -> dict[str, list[str]]:
    """Read the days of a week and the blocks of each."""
    week: dict[str, list[str]] = {}
    for written in re.split(r"[;|\n]", text.lower()):
        part = written.strip()
        if not part:
            continue
        found = _DAYS.fullmatch(part)
        if not found:
            english = f"{{value!r}} is not readable: {_HOW_HOURS}"
            raise ValueError(worded("hours.part", english, value=part[:60]))
        blocks = [block for block in _BETWEEN_BLOCKS.split(found["blocks"]) if block]
        for day in _days(found["first"], found["last"], part):
            week.setdefault(day, []).extend(blocks)
    return week


def _days(first: str, last: str | None, part: str) -> tuple[str, ...]:
    """Give the days of ``mon-fri``, ``sat`` or ``daily``."""
    if first == "daily" and last is None:
        return WEEKDAYS
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
        english = f"{{value!r}} names no days: {_HOW_HOURS}"
        raise ValueError(worded("hours.no_days", english, value=part[:60]))
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    if end < start:
        english = "{value!r} runs backwards: the week starts on mon"
        raise ValueError(worded("hours.backwards", english, value=part[:60]))
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
    english = "{value!r} is not a date: use one like 2027-05-31"
    raise ValueError(worded("no_date", english, value=str(value)[:40]))


def absence(value: Any) -> Absence:
    """Read ``2026-12-24 to 2027-01-06``, one day, or ``{"first": …, "last": …}``.

    Raises ValueError saying what would be right.
    """
    if isinstance(value, Absence):
        return value
    if isinstance(value, str):
        if len(value) > LONGEST_ABSENCE:
            raise ValueError(_NO_ABSENCE)
        days = _BETWEEN_DAYS.split(value.strip())
        if len(days) > 2:
            english = f"{{value!r}} is not readable: {_HOW_ABSENCE}"
            raise ValueError(worded("absence.part", english, value=value[:60]))
        value = {"first": days[0], "last": days[-1]}
    if not isinstance(value, Mapping) or set(value) != {"first", "last"}:
        raise ValueError(_NO_ABSENCE)
    first, last = iso_date(value["first"]), iso_date(value["last"])
    if last < first:
        english = "{first} to {last} ends before it starts"
        raise ValueError(worded("absence.backwards", english, first=str(first), last=str(last)))
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
        raise ValueError(worded("extra.unreadable", f"is not readable: {_HOW_EXTRA}"))
    more = value["more"]
    if type(more) is not int or not 1 <= more <= MOST_EXTRA:
        english = f"is from 1 to {{most}}: {_HOW_EXTRA}"
        raise ValueError(worded("extra.number", english, most=MOST_EXTRA))
    until = iso_date(value["until"])
    if until > today + FURTHEST_EXTRA:
        raise ValueError(worded("extra.far", "must end within a year from today"))
    return ExtraOpen(more, until)


def _extra_parts(text: str) -> Mapping[str, Any] | None:
    if text.lower() in ("", *NO_ABSENCES):
        return None
    found = _EXTRA_OPEN.fullmatch(text[:LONGEST_ABSENCE])
    if not found:
        english = f"{{value!r}} is not readable: {_HOW_EXTRA}"
        raise ValueError(worded("extra.part", english, value=text[:40]))
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
        english = "are {count}: write at most {most}"
        count = f"{len(value):,}"
        raise ValueError(worded("certificates.many", english, count=count, most=MOST_CERTIFICATES))
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        pairs = [item.partition(":")[::2] for item in value]
        if len({name.strip() for name, _ in pairs}) < len(pairs):
            english = "name a certificate twice: write each once"
            raise ValueError(worded("certificates.twice", english))
        value = {name: day.strip() or None for name, day in pairs}
    if not isinstance(value, Mapping):
        english = "are not readable: write name, or name:2027-05-31"
        raise ValueError(worded("certificates.unreadable", english))
    read: dict[str, date | None] = {}
    for name, day in value.items():
        if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_CERTIFICATE:
            english = "need names of at most 60 characters: write name, or name:2027-05-31"
            raise ValueError(worded("certificates.name", english))
        read[name.strip()] = None if day is None else iso_date(day)
    return read

"""Deadlines that people mean: response hours, working days, holidays, absences, daylight saving.

All of it goes by the clock on the partner's wall: an instant is inside a block if a local clock
shows a time inside it. So an hour that daylight saving skips is nobody's response time, one that it
repeats counts twice, and a block that starts inside a skipped hour starts where the clock goes on.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise
from typing import Self
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON_DAYS = 366
"""A calendar that does not open for long enough within this many days is read as the wall clock."""
OPENING_DAYS = 60
MOST_BLOCKS = 12
"""Blocks of one day that a document may state: a deadline looks through those of a year."""
_BLOCK = re.compile(r"\s*([01]?\d|2[0-3]):([0-5]\d)\s*[-\u2013]\s*([01]?\d|2[0-4]):([0-5]\d)\s*")
_INSTANT = timedelta(microseconds=1)
_MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class ResponseHours:
    """Blocks of local time by weekday (0 = Monday), in order, half-open; an end 00:00 is
    midnight.
    """

    blocks: tuple[tuple[tuple[time, time], ...], ...]

    @classmethod
    def parse(cls, week: Mapping[str, list[str]]) -> Self:
        """``{"mon": ["08:00-12:00", "13:00-17:00"]}``; a day left out is closed, ``00:00-24:00`` is
        all day.

        Raises ValueError naming the day and what would be right.
        """
        unknown = [day for day in week if day not in WEEKDAYS]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not a day: use one of {', '.join(WEEKDAYS)}")
        return cls(tuple(_blocks(day, week.get(day) or []) for day in WEEKDAYS))

    def week(self) -> dict[str, list[str]]:
        """What ``parse`` reads; closed days are left out."""
        return {
            day: [
                f"{start:%H:%M}-{'24:00' if end == _MIDNIGHT else f'{end:%H:%M}'}"
                for start, end in blocks
            ]
            for day, blocks in zip(WEEKDAYS, self.blocks, strict=True)
            if blocks
        }


def _blocks(day: str, texts: list[str]) -> tuple[tuple[time, time], ...]:
    blocks = []
    for text in texts:
        found = _BLOCK.fullmatch(text)
        if not found:
            raise ValueError(f"{day}: {text!r} is not a block of time: use one like 08:00-17:00")
        start, end = time(int(found[1]), int(found[2])), time(int(found[3]) % 24, int(found[4]))
        if found[3] == "24" and end != _MIDNIGHT:
            raise ValueError(f"{day}: {text!r} ends after midnight: the latest end is 24:00")
        if end <= start and end != _MIDNIGHT:
            raise ValueError(f"{day}: {text!r} ends before it starts: split a night at 24:00")
        blocks.append((start, end))
    blocks.sort()
    for (_, end), (start, _) in pairwise(blocks):
        if end == _MIDNIGHT or start < end:
            raise ValueError(f"{day}: blocks overlap at {start:%H:%M}: write each hour once")
    return tuple(blocks)


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in exactly one of the units."""

    minutes: float | None = None
    response_hours: float | None = None
    working_days: int | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """``working_days`` are names like ``mon``; ``absences`` are first and last day, both
    included.
    """

    time_zone: str
    hours: ResponseHours
    working_days: frozenset[str]
    closed: frozenset[date]
    absences: tuple[tuple[date, date], ...]
    round_up_minutes: float
    closed_for_all: frozenset[date] = frozenset()
    """Of a programme's calendar: the closing days that every partner keeps too."""
    closed_without_region: frozenset[date] = frozenset()
    """Of a programme's calendar: the holidays that partners keep who have no region of their
    own.
    """
    holidays_through: int = 0
    """The last year whose public holidays are among ``closed``; 0 = no public holidays are kept.

    In later years a day counts as closed if it was closed in each of the last two years that are
    known: so New Year stays closed, and only movable feasts are missed until the holidays are
    renewed.
    """


def deadline(start: datetime, duration: Duration, calendar: Calendar) -> datetime:
    """The instant (UTC) at which the duration from ``start`` has passed, rounded up on the local
    clock.

    ``minutes`` are the wall clock; ``response_hours`` count only while the calendar is open;
    ``working_days`` end at the same local time on the n-th next working day. A deadline always
    comes: a
    calendar that stays closed counts response hours and working days as plain hours and days.
    """
    start = start.astimezone(UTC)
    if duration.response_hours is not None:
        exact = _after_response_hours(start, timedelta(hours=duration.response_hours), calendar)
    elif duration.working_days is not None:
        exact = _after_working_days(start, duration.working_days, calendar)
    else:
        exact = start + timedelta(minutes=duration.minutes or 0)
    return rounded_up(exact, calendar)


@lru_cache(maxsize=512)
def zone_of(name: str) -> tzinfo:
    """UTC for a zone nobody knows: profiles may be older than the list of zones."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, malformed, or the name of a folder of zones
        return UTC


def months_after(start: datetime, months: int) -> datetime:
    """The same day and time of a later month, in UTC; the last day of a month that is too short."""
    start = start.astimezone(UTC)
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return start.replace(
        year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1])
    )


def is_open(at: datetime, calendar: Calendar) -> bool:
    """Whether the partner is expected to read mail at that instant."""
    local = at.astimezone(zone_of(calendar.time_zone))
    blocks = _open_blocks(local.date(), calendar)
    return any(
        start <= local.time() and (local.time() < end or end == _MIDNIGHT) for start, end in blocks
    )


def next_opening(at: datetime, calendar: Calendar) -> datetime | None:
    """``at`` itself if open, else when it opens next (UTC); None if not within 60 days."""
    at = at.astimezone(UTC)
    return next((max(at, start) for start, _ in open_spans(at, calendar, OPENING_DAYS)), None)


def in_hours(at: datetime, calendar: Calendar) -> datetime:
    """That instant, or the next one at which somebody reads mail; the instant itself if nobody does
    for two months.
    """
    return next_opening(at, calendar) or at


def open_time(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """How much of the response hours lies between two instants."""
    spans = open_spans(start, calendar, max((end - start).days, 0) + 2)
    return sum(
        (min(closes, end) - max(opens, start) for opens, closes in spans if opens < end),
        timedelta(),
    )


def open_time_passed(
    start: datetime, length: timedelta, calendar: Calendar, until: datetime
) -> datetime | None:
    """The instant, inside the response hours, before which so much open time has passed since
    ``start``.

    None if that is not before ``until``. Never the very end of a block: whoever is reminded as the
    office closes reads it in the morning, so the next block's beginning is meant.
    """
    left = length
    for opens, closes in open_spans(start, calendar, max((until - start).days, 0) + 2):
        opens = max(opens, start)
        if opens >= until:
            return None
        if left < closes - opens:
            return opens + left if opens + left < until else None
        left -= closes - opens
    return None


def without_absences(calendar: Calendar) -> Calendar:
    """The firm's hours and holidays: where somebody's absence must not keep a customer waiting."""
    return replace(calendar, absences=()) if calendar.absences else calendar


def is_absent(day: date, calendar: Calendar) -> bool:
    return bool(calendar.absences) and any(
        first <= day <= last for first, last in calendar.absences
    )


def is_working_day(day: date, calendar: Calendar) -> bool:
    named = WEEKDAYS[day.weekday()] in calendar.working_days
    return named and not is_closed_day(day, calendar) and not is_absent(day, calendar)


def is_closed_day(day: date, calendar: Calendar) -> bool:
    """Whether the day is a holiday or closing day, or probably is one, in a year whose holidays are
    not known yet.
    """
    if day in calendar.closed:
        return True
    if not calendar.holidays_through or day.year <= calendar.holidays_through:
        return False
    known = {each.year for each in calendar.closed if each.year <= calendar.holidays_through}
    return bool(known) and all(
        _same_day(day, year) in calendar.closed for year in sorted(known)[-2:]
    )


def _same_day(day: date, year: int) -> date | None:
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return None


def _open_blocks(day: date, calendar: Calendar) -> tuple[tuple[time, time], ...]:
    if is_closed_day(day, calendar) or is_absent(day, calendar):
        return ()
    return calendar.hours.blocks[day.weekday()]


def _after_response_hours(start: datetime, length: timedelta, calendar: Calendar) -> datetime:
    left = length
    for opens, closes in open_spans(start, calendar, HORIZON_DAYS):
        opens = max(opens, start)
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    return start + length


def _after_working_days(start: datetime, days: int, calendar: Calendar) -> datetime:
    local = start.astimezone(zone_of(calendar.time_zone))
    left = days
    for ahead in range(1, HORIZON_DAYS + 1):
        day = local + timedelta(days=ahead)
        left -= is_working_day(day.date(), calendar)
        if left <= 0:
            return day.astimezone(UTC)
    return start + timedelta(days=days)


def open_spans(
    start: datetime, calendar: Calendar, days: int
) -> Iterator[tuple[datetime, datetime]]:
    """The open spans (UTC, in order, not empty) that end after ``start``, over that many days."""
    zone = zone_of(calendar.time_zone)
    today = start.astimezone(zone).date()
    for ahead in range(days + 1):
        day = today + timedelta(days=ahead)
        blocks = _open_blocks(day, calendar)
        if not blocks:
            continue
        for begins, ends, offset in _stretches(day, zone):
            for opens, closes in blocks:
                first = datetime.combine(day, opens, UTC) - offset
                last = (
                    datetime.combine(day + timedelta(days=closes == _MIDNIGHT), closes, UTC)
                    - offset
                )
                first, last = max(first, begins), min(last, ends)
                if first < last and last > start:
                    yield first, last


@lru_cache(maxsize=8_192)
def _stretches(day: date, zone: tzinfo) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """The local day as spans of one UTC offset each: one, or two on the day the clocks change."""
    begins = datetime.combine(day, _MIDNIGHT, zone).astimezone(UTC)
    ends = datetime.combine(day + timedelta(days=1), _MIDNIGHT, zone).astimezone(UTC)
    before, after = _offset(begins, zone), _offset(ends - _INSTANT, zone)
    if before == after:
        return ((begins, ends, before),)
    low, high = 0, int((ends - begins).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(begins + timedelta(seconds=middle), zone) == before:
            low = middle
        else:
            high = middle
    change = begins + timedelta(seconds=high)
    return (begins, change, before), (change, ends, after)


def _offset(at: datetime, zone: tzinfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def rounded_up(at: datetime, calendar: Calendar) -> datetime:
    step = round(calendar.round_up_minutes * 60_000_000)
    if step <= 0:
        return at
    zone = zone_of(calendar.time_zone)
    for _ in range(3):  # again if the clocks change between an instant and its boundary
        local = at.astimezone(zone)
        past = (local.replace(tzinfo=None) - datetime.combine(local.date(), _MIDNIGHT)) // _INSTANT
        boundary = min(-(-past // step) * step, 24 * 3_600_000_000)
        if boundary == past:
            break
        at += timedelta(microseconds=boundary - past)
    return at

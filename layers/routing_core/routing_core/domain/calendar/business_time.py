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

from routing_core.domain.values.sentence import worded

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON_DAYS = 366
"""A calendar that does not open for long enough within this many days is read as the wall clock."""
OPENING_DAYS = 60
"""The days within which the next opening is looked for."""
MOST_BLOCKS = 12
"""The most blocks of one day that a document may state: a deadline looks through a year of them."""
_BLOCK = re.compile(r"\s*([01]?\d|2[0-3]):([0-5]\d)\s*[-\u2013]\s*([01]?\d|2[0-4]):([0-5]\d)\s*")
_INSTANT = timedelta(microseconds=1)
_A_DAY = timedelta(days=1)
_MICROSECONDS_A_MINUTE = 60_000_000
_MICROSECONDS_A_DAY = 86_400_000_000
_MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class ResponseHours:
    """The hours in which a partner reads mail, week by week."""

    blocks: tuple[tuple[tuple[time, time], ...], ...]
    """Blocks of local time by weekday (0 is Monday), in order and half-open.

    An end of 00:00 is midnight.
    """

    @classmethod
    def parse(cls, week: Mapping[str, list[str]]) -> Self:
        """Read a week like ``{"mon": ["08:00-12:00", "13:00-17:00"]}``.

        A day left out is closed, ``00:00-24:00`` is all day. Raises ValueError naming the day and
        what would be right.
        """
        unknown = [day for day in week if day not in WEEKDAYS]
        if unknown:
            english = "{value!r} is not a day: use one of {days}"
            said = worded("no_weekday", english, value=unknown[0], days=", ".join(WEEKDAYS))
            raise ValueError(said)
        return cls(tuple(_blocks(day, week.get(day) or []) for day in WEEKDAYS))

    def week(self) -> dict[str, list[str]]:
        """Write what ``parse`` reads; closed days are left out."""
        by_day = zip(WEEKDAYS, self.blocks, strict=True)
        return {day: list(map(_block_text, blocks)) for day, blocks in by_day if blocks}


def _block_text(block: tuple[time, time]) -> str:
    start, end = block
    closes = "24:00" if end == _MIDNIGHT else f"{end:%H:%M}"
    return f"{start:%H:%M}-{closes}"


def _blocks(day: str, texts: list[str]) -> tuple[tuple[time, time], ...]:
    """Read the blocks of one day, in order; raises ValueError for one that is wrong or overlaps."""
    blocks = sorted(_block(day, text) for text in texts)
    for (_, end), (start, _) in pairwise(blocks):
        if end == _MIDNIGHT or start < end:
            english = "{day}: blocks overlap at {time}: write each hour once"
            raise ValueError(worded("blocks_overlap", english, day=day, time=f"{start:%H:%M}"))
    return tuple(blocks)


def _block(day: str, text: str) -> tuple[time, time]:
    found = _BLOCK.fullmatch(text)
    if not found:
        english = "{day}: {value!r} is not a block of time: use one like 08:00-17:00"
        raise ValueError(worded("no_block", english, day=day, value=text))
    start = time(int(found[1]), int(found[2]))
    end = time(int(found[3]) % 24, int(found[4]))
    if found[3] == "24" and end != _MIDNIGHT:
        english = "{day}: {value!r} ends after midnight: the latest end is 24:00"
        raise ValueError(worded("block_after_midnight", english, day=day, value=text))
    if end <= start and end != _MIDNIGHT:
        english = "{day}: {value!r} ends before it starts: split a night at 24:00"
        raise ValueError(worded("block_backwards", english, day=day, value=text))
    return start, end


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in exactly one of the units."""

    minutes: float | None = None
    response_hours: float | None = None
    working_days: int | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """When somebody works: a partner, or HQ."""

    time_zone: str
    """The zone in which all of it is meant, like ``Europe/Berlin``."""
    hours: ResponseHours
    """The hours in which mail is read."""
    working_days: frozenset[str]
    """The days that count as working days, by names like ``mon``."""
    closed: frozenset[date]
    """Public holidays and closing days."""
    absences: tuple[tuple[date, date], ...]
    """First and last day of each absence, both included."""
    round_up_minutes: float
    """Deadlines are rounded up to a multiple of this on the local clock; 0 leaves them exact."""
    closed_for_all: frozenset[date] = frozenset()
    """The closing days of a programme's calendar that every partner keeps too."""
    closed_without_region: frozenset[date] = frozenset()
    """The holidays of a programme's calendar for partners who have no region of their own."""
    holidays_through: int = 0
    """The last year whose public holidays are among ``closed``; 0 if no public holidays are kept.

    In later years a day counts as closed if it was closed in each of the last two years that are
    known: so New Year stays closed, and only movable feasts are missed until the holidays are
    renewed.
    """


def deadline(start: datetime, duration: Duration, calendar: Calendar) -> datetime:
    """Give the instant (UTC) at which the duration from ``start`` has passed, rounded up.

    ``minutes`` are the wall clock; ``response_hours`` count only while the calendar is open;
    ``working_days`` end at the same local time on the n-th next working day. A deadline always
    comes: a calendar that stays closed counts response hours and working days as plain hours and
    days.
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
    """Look up a zone; UTC for one nobody knows: profiles may be older than the list of zones."""
    try:
        return ZoneInfo(name)
    # An unknown name, a malformed one, or the name of a folder of zones.
    except (KeyError, ValueError, OSError):
        return UTC


def months_after(start: datetime, months: int) -> datetime:
    """Give the same day and time (UTC) of a later month; the last day of one that is too short."""
    start = start.astimezone(UTC)
    years, months_before = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, months_before + 1
    _, last_day = monthrange(year, month)
    return start.replace(year=year, month=month, day=min(start.day, last_day))


def is_open(at: datetime, calendar: Calendar) -> bool:
    """Tell whether the partner is expected to read mail at that instant."""
    local = at.astimezone(zone_of(calendar.time_zone))
    clock = local.time()
    for start, end in _open_blocks(local.date(), calendar):
        if start <= clock and (clock < end or end == _MIDNIGHT):
            return True
    return False


def next_opening(at: datetime, calendar: Calendar) -> datetime | None:
    """Give ``at`` itself if open, else when it opens next (UTC); None if not within 60 days."""
    at = at.astimezone(UTC)
    for start, _ in open_spans(at, calendar, OPENING_DAYS):
        return max(at, start)
    return None


def in_hours(at: datetime, calendar: Calendar) -> datetime:
    """Give that instant, or the next one at which somebody reads mail.

    It is the instant itself if nobody does for two months.
    """
    return next_opening(at, calendar) or at


def open_time(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """Measure the response hours that lie between two instants."""
    total = timedelta()
    for opens, closes in open_spans(start, calendar, _days_between(start, end)):
        if opens >= end:
            break
        total += min(closes, end) - max(opens, start)
    return total


def _days_between(start: datetime, end: datetime) -> int:
    """Count the local days that two instants may touch: two more, for the parts at both ends."""
    return max((end - start).days, 0) + 2


def open_time_passed(
    start: datetime, length: timedelta, calendar: Calendar, until: datetime
) -> datetime | None:
    """Give the instant before which so much open time has passed since ``start``.

    It lies inside the response hours; None if that is not before ``until``. It is never the very
    end of a block: whoever is reminded as the office closes reads it in the morning, so the next
    block's beginning is meant.
    """
    left = length
    for opens, closes in open_spans(start, calendar, _days_between(start, until)):
        opens = max(opens, start)
        if opens >= until:
            return None
        if left < closes - opens:
            at = opens + left
            return at if at < until else None
        left -= closes - opens
    return None


def without_absences(calendar: Calendar) -> Calendar:
    """Keep the firm's hours and holidays only: an absence must not keep a customer waiting."""
    return replace(calendar, absences=()) if calendar.absences else calendar


def is_absent(day: date, calendar: Calendar) -> bool:
    """Tell whether the day lies in an absence."""
    return any(first <= day <= last for first, last in calendar.absences)


def is_working_day(day: date, calendar: Calendar) -> bool:
    """Tell whether the day is a working day, no holiday and in no absence."""
    if WEEKDAYS[day.weekday()] not in calendar.working_days:
        return False
    return not is_closed_day(day, calendar) and not is_absent(day, calendar)


def is_closed_day(day: date, calendar: Calendar) -> bool:
    """Tell whether the day is a holiday or closing day.

    In a year whose holidays are not known yet, it is one that probably will be.
    """
    if day in calendar.closed:
        return True
    if not calendar.holidays_through or day.year <= calendar.holidays_through:
        return False
    known = {each.year for each in calendar.closed if each.year <= calendar.holidays_through}
    last_two = sorted(known)[-2:]
    return bool(known) and all(_same_day(day, year) in calendar.closed for year in last_two)


def _same_day(day: date, year: int) -> date | None:
    try:
        return day.replace(year=year)
    except ValueError:
        # The year has no 29 February.
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
        if is_working_day(day.date(), calendar):
            left -= 1
        # Of no working days at all, the next day ends the wait.
        if left <= 0:
            return day.astimezone(UTC)
    return start + timedelta(days=days)


def open_spans(
    start: datetime, calendar: Calendar, days: int
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the open spans (UTC, in order, not empty) that end after ``start``.

    They are those of so many days.
    """
    zone = zone_of(calendar.time_zone)
    today = start.astimezone(zone).date()
    for ahead in range(days + 1):
        day = today + timedelta(days=ahead)
        blocks = _open_blocks(day, calendar)
        if not blocks:
            continue
        for begins, ends, offset in _stretches(day, zone):
            for opens, closes in blocks:
                last_day = day + _A_DAY if closes == _MIDNIGHT else day
                # A block that reaches over a change of the clocks is cut into its two parts.
                first = max(datetime.combine(day, opens, UTC) - offset, begins)
                last = min(datetime.combine(last_day, closes, UTC) - offset, ends)
                if first < last and last > start:
                    yield first, last


@lru_cache(maxsize=8_192)
def _stretches(day: date, zone: tzinfo) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """Cut the local day into spans of one UTC offset: one, or two when the clocks change."""
    begins = datetime.combine(day, _MIDNIGHT, zone).astimezone(UTC)
    ends = datetime.combine(day + _A_DAY, _MIDNIGHT, zone).astimezone(UTC)
    before = _offset(begins, zone)
    after = _offset(ends - _INSTANT, zone)
    if before == after:
        return ((begins, ends, before),)
    # The second of the change is found by bisection: zones do not tell it.
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
    """Round an instant up to the calendar's next boundary on the local clock."""
    step = round(calendar.round_up_minutes * _MICROSECONDS_A_MINUTE)
    if step <= 0:
        return at
    zone = zone_of(calendar.time_zone)
    # Again if the clocks change between an instant and its boundary.
    for _ in range(3):
        local = at.astimezone(zone)
        midnight = datetime.combine(local.date(), _MIDNIGHT)
        past = (local.replace(tzinfo=None) - midnight) // _INSTANT
        steps = -(-past // step)
        boundary = min(steps * step, _MICROSECONDS_A_DAY)
        if boundary == past:
            break
        at += timedelta(microseconds=boundary - past)
    return at

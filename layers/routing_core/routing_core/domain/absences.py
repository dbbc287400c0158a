"""A partner's own holidays: whole days in the partner's zone, set and ended on the desk."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from routing_core.domain.calendar.business_time import (
    Calendar,
    open_time,
    without_absences,
    zone_of,
)
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.partner import Absence

FURTHEST = timedelta(days=365)
"""A holiday ends at most this long after today."""

TOO_LITTLE = 0.5
"""The part of the open time before a deadline that an absence must leave for it to be kept."""

Absences = tuple[Absence, ...]


def read_absence(first: str, last: str, today: date) -> Absence:
    """Read two ISO days as posted.

    Raises InvalidInput with what is wrong at ``first`` and at ``last``.
    """
    problems: list[Problem] = []
    begins = _day("first", first, problems)
    ends = _day("last", last, problems)
    if begins and begins < today:
        problems.append(Problem("first", "past_day", "must be today or later"))
    if ends and begins and ends < begins:
        problems.append(Problem("last", "before_first", "must not come before the first day"))
    elif ends and ends > today + FURTHEST:
        problems.append(Problem("last", "too_far_ahead", "must be within a year from today"))
    if problems or begins is None or ends is None:
        raise InvalidInput(problems)
    return Absence(begins, ends)


def _day(field: str, text: str, problems: list[Problem]) -> date | None:
    """Read a day; None with the problem noted."""
    if not text.strip():
        problems.append(Problem(field, "required", "is required"))
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        problems.append(Problem(field, "invalid_date", "is not a date: use the form 2026-12-24"))
        return None


def with_absence(absences: Iterable[Absence], new: Absence) -> Absences:
    """Add an absence, in order of days; what overlaps or follows on becomes one."""
    joined: list[Absence] = []
    for each in sorted((*absences, new), key=_by_days):
        if joined and each.first <= joined[-1].last + timedelta(days=1):
            joined[-1] = Absence(joined[-1].first, max(joined[-1].last, each.last))
        else:
            joined.append(each)
    return tuple(joined)


def without_absence(absences: Iterable[Absence], gone: Absence, today: date) -> Absences:
    """Take an absence out, as if it had not been planned."""
    kept = tuple(each for each in absences if each != gone)
    if gone.first >= today:
        return kept
    # Of one that has begun, the days before today stay true.
    return (*kept, Absence(gone.first, today - timedelta(days=1)))


def ahead(absences: Iterable[Absence], today: date) -> Absences:
    """Give the absences that run or are still to come, in order."""
    left = [absence for absence in absences if absence.last >= today]
    return tuple(sorted(left, key=lambda absence: absence.first))


def _by_days(absence: Absence) -> tuple[date, date]:
    return absence.first, absence.last


def back_after(absences: Iterable[Absence], today: date) -> date | None:
    """Give the last day away of somebody who is away today; None for who is there.

    What follows on counts as one absence.
    """
    joined: Absences = ()
    for each in ahead(absences, today):
        joined = with_absence(joined, each)
    running = away(joined, today, today)
    return running.last if running else None


def away(absences: Iterable[Absence], first: date, last: date) -> Absence | None:
    """Give the first absence that covers any of these days."""
    for absence in ahead(absences, first):
        if absence.first <= last:
            return absence
    return None


def eaten_up(
    absences: Iterable[Absence], calendar: Calendar, now: datetime, end: datetime
) -> Absence | None:
    """Give the absence that leaves too little of the open time until ``end``, if one does."""
    zone = zone_of(calendar.time_zone)
    absence = away(absences, now.astimezone(zone).date(), end.astimezone(zone).date())
    if absence is None:
        return None
    there = open_time(now, end, calendar)
    otherwise = open_time(now, end, without_absences(calendar))
    return absence if there < otherwise * TOO_LITTLE else None

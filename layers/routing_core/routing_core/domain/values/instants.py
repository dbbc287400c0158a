"""Points in time as other people's systems write them: ISO, 1/7/2026 9:14 AM, 07.01.2026 09:14.

Whether 1/7 is the first of July or the seventh of January is seen from all of a file's dates
together: one with a number above 12 tells of the others too. Where none does, the country's habit
decides.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo

YEARS = range(2000, 2100)
"""The years in which a past enquiry may lie: anything else is a misread cell."""
MONTH_FIRST = frozenset({"US", "PH", "PR", "GU", "FM", "MH", "PW"})
"""The countries where 1/7 is the seventh of January."""
_LAST_MONTH = 12
_SLASHED = re.compile(
    r"(?P<one>[0-9]{1,2})(?P<sign>[/.-])(?P<two>[0-9]{1,2})(?P=sign)(?P<year>[0-9]{4}|[0-9]{2})(?![0-9])"
)
_CLOCK = re.compile(
    r"(?:[ T,]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?(?:\s*Uhr)?)?"
)


def month_comes_first(cells: Iterable[str], country: str) -> bool:
    """Tell whether a file writes 1/7 for the seventh of January."""
    for cell in cells:
        found = _SLASHED.match(cell.strip())
        # Dots are written with the day first everywhere.
        if not found or found["sign"] == ".":
            continue
        if int(found["one"]) > _LAST_MONTH:
            return False
        if int(found["two"]) > _LAST_MONTH:
            return True
    return country in MONTH_FIRST


def read_instant(cell: str, zone: tzinfo, month_first: bool) -> datetime:
    """Read a point in time, in UTC; without an offset it is on the clock of ``zone``.

    Raises ValueError saying what would be right.
    """
    text = cell.strip()
    year_first = re.match("[0-9]{4}/", text) is not None
    try:
        at = datetime.fromisoformat(text.replace("/", "-") if year_first else text)
    except ValueError:
        at = _as_written(text, month_first)
    if at.year not in YEARS:
        raise ValueError(f"lies not between {YEARS[0]} and {YEARS[-1]}")
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone)
    return at.astimezone(UTC)


def _as_written(text: str, month_first: bool) -> datetime:
    """Read a date with slashes, dots or hyphens, and a clock of 12 or 24 hours behind it."""
    day = _SLASHED.match(text)
    clock = _CLOCK.fullmatch(text[day.end() :]) if day else None
    if day is None or clock is None:
        raise ValueError("is not a date and time: use the form 2026-01-07 09:14")
    day_of_month, month = int(day["one"]), int(day["two"])
    if month_first and day["sign"] != ".":
        day_of_month, month = month, day_of_month
    year = int(day["year"])
    if len(day["year"]) == len("26"):
        year += 2000
    minute, second = int(clock["minute"] or 0), int(clock["second"] or 0)
    try:
        return datetime(year, month, day_of_month, _hour(clock), minute, second)
    except ValueError as error:
        raise ValueError(f"{text[:40]!r} is not a date: use the form 2026-01-07 09:14") from error


def _hour(clock: re.Match[str]) -> int:
    """Give the hour of 24; 12 AM is midnight, 12 PM is noon."""
    hour = int(clock["hour"] or 0)
    if not clock["half"]:
        return hour
    after_noon = clock["half"] in "pP"
    return hour % 12 + (12 if after_noon else 0)

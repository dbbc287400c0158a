"""Points in time as other people's systems write them: ISO, 1/7/2026 9:14 AM, 07.01.2026 09:14.

Whether 1/7 is the first of July or the seventh of January is seen from all of a file's dates
together: one with a number above 12 tells of the others too. Where none does, the country's habit
decides.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo

YEARS = range(2000, 2100)
MONTH_FIRST = frozenset({"US", "PH", "PR", "GU", "FM", "MH", "PW"})
"""Where 1/7 is the seventh of January."""
_SLASHED = re.compile(
    r"(?P<one>[0-9]{1,2})(?P<sign>[/.-])(?P<two>[0-9]{1,2})(?P=sign)(?P<year>[0-9]{4}|[0-9]{2})(?![0-9])"
)
_CLOCK = re.compile(
    r"(?:[ T,]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?(?:\s*Uhr)?)?"
)


def month_comes_first(cells: Iterable[str], country: str) -> bool:
    """Whether a file writes 1/7 for the seventh of January."""
    for cell in cells:
        found = _SLASHED.match(cell.strip())
        if found and found["sign"] != ".":
            if int(found["one"]) > 12:
                return False
            if int(found["two"]) > 12:
                return True
    return country in MONTH_FIRST


def read_instant(cell: str, zone: tzinfo, month_first: bool) -> datetime:
    """In UTC; without an offset it is on the clock of ``zone``. Raises ValueError saying what would
    be right.
    """
    text = cell.strip()
    try:
        at = datetime.fromisoformat(text.replace("/", "-") if re.match("[0-9]{4}/", text) else text)
    except ValueError:
        at = _as_written(text, month_first)
    if at.year not in YEARS:
        raise ValueError(f"lies not between {YEARS[0]} and {YEARS[-1]}")
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _as_written(text: str, month_first: bool) -> datetime:
    day = _SLASHED.match(text)
    clock = _CLOCK.fullmatch(text[day.end() :]) if day else None
    if day is None or clock is None:
        raise ValueError("is not a date and time: use the form 2026-01-07 09:14")
    one, two = int(day["one"]), int(day["two"])
    if month_first and day["sign"] != ".":
        one, two = two, one
    year = int(day["year"]) + (2000 if len(day["year"]) == 2 else 0)
    hour = int(clock["hour"] or 0)
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"] in "pP" else 0)
    try:
        return datetime(year, two, one, hour, int(clock["minute"] or 0), int(clock["second"] or 0))
    except ValueError as error:
        raise ValueError(f"{text[:40]!r} is not a date: use the form 2026-01-07 09:14") from error

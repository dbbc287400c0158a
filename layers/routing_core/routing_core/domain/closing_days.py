"""Public holidays as dates, expanded when a programme or partner is saved.

Saved dates keep a replayed decision independent of the library's data. Nothing else calls this: the
library is large, and is imported only here.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.programme.programme import Programme

YEARS = 3
"""This year and the next two."""
AHEAD = timedelta(days=548)
"""Holidays are renewed once less than so much of the future is known: well before any deadline
reaches beyond it.
"""


def closing_days(region: str, today: date) -> tuple[date, ...]:
    """The public holidays of a country ``DE`` or subdivision ``DE-BY``; none for an empty region.

    Raises ValueError for a region that is not known, naming those that are nearest.
    """
    return _expanded(region, today.year) if region else ()


def run_out(days: Sequence[date], today: date) -> bool:
    """Whether they reach less than ``AHEAD`` into the future; whole years are known."""
    if not days:
        return True
    last = date(max(days).year, 12, 31)
    # Not by the next year's first day: who writes 9999 means for ever, and there is no day after
    # it.
    return last - today + timedelta(days=1) < AHEAD


def are_stale(days: Sequence[date], region: str, today: date) -> bool:
    """Whether they run out, or are not (any more) those of the region. Raises ValueError for an
    unknown region.
    """
    if run_out(days, today):
        return True
    last = max(days).year
    now_known = {day for day in closing_days(region, today) if day.year <= last}
    return now_known != {
        day for day in days if day.year >= today.year and day.year <= max(now_known).year
    }


def with_closing_days(programme: Programme, today: date) -> Programme:
    """The programme with ``calendar.holidays`` anew from its region; its own ``closing_days`` stay.

    Unchanged if it names no region. Raises InvalidInput.
    """
    if not programme.calendar.holiday_region:
        return programme
    try:
        days = closing_days(programme.calendar.holiday_region, today)
    except ValueError as error:
        raise InvalidInput(
            [Problem("calendar.holiday_region", "unknown_region", str(error))]
        ) from error
    calendar = programme.calendar.model_copy(update={"holidays": list(days)})
    return programme.model_copy(update={"calendar": calendar})


@lru_cache(maxsize=500)
def _expanded(region: str, year: int) -> tuple[date, ...]:
    import holidays

    country, _, part = region.partition("-")
    known = holidays.list_supported_countries()
    if country not in known:
        raise ValueError(
            f"{region!r} is not a region with known holidays: write DE, DE-BY or US-CO"
        )
    if part and part not in known[country]:
        parts = ", ".join(f"{country}-{p}" for p in known[country]) or "no parts"
        raise ValueError(f"{region!r} has no holidays of its own in {country}: use one of {parts}")
    days = holidays.country_holidays(country, subdiv=part or None, years=range(year, year + YEARS))
    return tuple(sorted(days))

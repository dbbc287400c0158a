"""Expand public holidays into dates when a programme or partner is saved.

Saved dates keep a replayed decision independent of the library's data. Nothing else calls this: the
library is large, and is imported only here.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.programme.programme import Programme
from routing_core.domain.values.sentence import said_by, worded

HOLIDAY_YEARS = 3
"""Holidays are known for this year and the next two."""
AHEAD = timedelta(days=548)
"""Holidays are renewed once less than so much of the future is known.

That is well before any deadline reaches beyond it.
"""


def public_holidays(region: str, today: date) -> tuple[date, ...]:
    """Give the public holidays of a country ``DE`` or subdivision ``DE-BY``; none without a region.

    Raises ValueError for a region that is not known, naming those that are nearest.
    """
    return _expanded(region, today.year) if region else ()


def run_out(days: Sequence[date], today: date) -> bool:
    """Tell whether days reach less than ``AHEAD`` into the future; whole years are known."""
    if not days:
        return True
    last = date(max(days).year, 12, 31)
    # Not by the next year's first day: who writes 9999 means for ever, and no day is after it.
    return last - today + timedelta(days=1) < AHEAD


def are_stale(days: Sequence[date], region: str, today: date) -> bool:
    """Tell whether days run out, or are not (any more) those of the region.

    Raises ValueError for an unknown region.
    """
    if run_out(days, today):
        return True
    last = max(days).year
    now_known = {day for day in public_holidays(region, today) if day.year <= last}
    last_known = max(now_known).year
    # Only years that both know are compared: a list written by hand may reach further.
    saved = {day for day in days if today.year <= day.year <= last_known}
    return now_known != saved


def with_public_holidays(programme: Programme, today: date) -> Programme:
    """Give the programme with ``calendar.holidays`` anew from its region.

    Its own ``closing_days`` stay. It is the same programme if it names no region. Raises
    InvalidInput.
    """
    if not programme.calendar.holiday_region:
        return programme
    try:
        days = public_holidays(programme.calendar.holiday_region, today)
    except ValueError as error:
        problem = Problem("calendar.holiday_region", "unknown_region", said_by(error))
        raise InvalidInput([problem]) from error
    calendar = programme.calendar.model_copy(update={"holidays": list(days)})
    return programme.model_copy(update={"calendar": calendar})


@lru_cache(maxsize=500)
def _expanded(region: str, year: int) -> tuple[date, ...]:
    # Imported here: it takes longer to load than all else, and few requests save a calendar.
    import holidays

    country, _, part = region.partition("-")
    known = holidays.list_supported_countries()
    if country not in known:
        english = "{value!r} is not a region with known holidays: write DE, DE-BY or US-CO"
        raise ValueError(worded("no_holiday_region", english, value=region))
    if part and part not in known[country]:
        parts = ", ".join(f"{country}-{each}" for each in known[country])
        if not parts:
            english = "{value!r} has no holidays of its own: write {country}"
            raise ValueError(worded("no_parts", english, value=region, country=country))
        english = "{value!r} has no holidays of its own in {country}: use one of {options}"
        raise ValueError(
            worded("no_holiday_part", english, value=region, country=country, options=parts)
        )
    years = range(year, year + HOLIDAY_YEARS)
    return tuple(sorted(holidays.country_holidays(country, subdiv=part or None, years=years)))

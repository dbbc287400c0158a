"""The time that a report is about: half-open, by the programme's clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Self

from routing_core.domain.calendar.business_time import zone_of

MONTHS_IN_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of local days: what happens at ``start`` is in it, what happens at ``end`` not."""

    first_day: date
    """The first day of it, on the clock of the zone."""
    next_day: date
    """The first day after it."""
    zone: str
    """The zone by whose clock the days begin."""

    @classmethod
    def month(cls, year: int, month: int, zone: str) -> Self:
        """Give a calendar month."""
        years, month_before = divmod(month, MONTHS_IN_A_YEAR)
        return cls(date(year, month, 1), date(year + years, month_before + 1, 1), zone)

    @classmethod
    def month_of(cls, at: datetime, zone: str) -> Self:
        """Give the month that lies around an instant on that zone's clock."""
        local = at.astimezone(zone_of(zone))
        return cls.month(local.year, local.month, zone)

    def month_before(self) -> "Period":
        """Give the calendar month before the one in which this period begins."""
        months = self.first_day.year * MONTHS_IN_A_YEAR + self.first_day.month - 2
        year, month_before = divmod(months, MONTHS_IN_A_YEAR)
        return Period.month(year, month_before + 1, self.zone)

    @property
    def start(self) -> datetime:
        """Give the instant at which it begins, in UTC."""
        return self._midnight(self.first_day)

    @property
    def end(self) -> datetime:
        """Give the instant at which it is over, in UTC."""
        return self._midnight(self.next_day)

    def holds(self, at: datetime) -> bool:
        """Tell whether the instant lies in it."""
        return self.start <= at < self.end

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(0), zone_of(self.zone)).astimezone(UTC)

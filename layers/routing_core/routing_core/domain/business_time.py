"""Deadlines that people mean: response hours, working days, holidays, absences, daylight saving."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Mapping, Self


@dataclass(frozen=True, slots=True)
class ResponseHours:
    """Blocks of local time by weekday (0 = Monday); each block half-open."""

    blocks: tuple[tuple[tuple[time, time], ...], ...]

    @classmethod
    def parse(cls, week: Mapping[str, list[str]]) -> Self: ...
    """``{"mon": ["08:00-12:00", "13:00-17:00"]}``; raises ValueError naming the day and what would be right."""


@dataclass(frozen=True, slots=True)
class Duration:
    minutes: float | None = None
    response_hours: float | None = None
    working_days: int | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    time_zone: str
    hours: ResponseHours
    working_days: frozenset[str]
    closed: frozenset[date]
    absences: tuple[tuple[date, date], ...]
    round_up_minutes: float


def deadline(start: datetime, duration: Duration, calendar: Calendar) -> datetime: ...
def is_open(at: datetime, calendar: Calendar) -> bool: ...
def next_opening(at: datetime, calendar: Calendar) -> datetime | None: ...
def is_absent(day: date, calendar: Calendar) -> bool: ...

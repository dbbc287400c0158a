"""Define when HQ works: the response hours, working days and holidays of the programme."""
# ruff: noqa: RUF012 - pydantic copies a default for each document

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, PrivateAttr, model_validator

from routing_core.domain.calendar.business_time import MOST_BLOCKS, ResponseHours
from routing_core.domain.programme.document import Doc, OneLine

BlocksOfDay = Annotated[
    list[Annotated[str, Field(max_length=40)]],
    Field(max_length=MOST_BLOCKS),
]
"""A day has a few blocks of hours: ``["08:00-12:00", "13:00-17:00"]``."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Hours(Doc):
    """Response hours are stated by the day of the week; a day that is left out is closed.

    ``mon: ["08:00-12:00", "13:00-17:00"]``
    """

    mon: BlocksOfDay = []
    tue: BlocksOfDay = []
    wed: BlocksOfDay = []
    thu: BlocksOfDay = []
    fri: BlocksOfDay = []
    sat: BlocksOfDay = []
    sun: BlocksOfDay = []
    _parsed: ResponseHours = PrivateAttr()

    @model_validator(mode="after")
    def _readable(self) -> Self:
        # Kept, so that a calendar that is asked for with every lead does not read the texts again.
        self._parsed = ResponseHours.parse(self.model_dump())
        return self

    @property
    def response_hours(self) -> ResponseHours:
        """Give the hours as a calendar computes with them."""
        return self._parsed


class CalendarRules(Doc):
    """These rules make HQ's calendar; its closing days are every partner's too."""

    response_hours: Hours
    """HQ answers in these hours."""
    working_days: list[Weekday] = Field(["mon", "tue", "wed", "thu", "fri"], max_length=7)
    """Durations in working days count these days of the week, but for holidays."""
    holiday_region: OneLine = ""
    """Public holidays are those of this ISO country or subdivision, ``DE-BY``; empty = none."""
    holidays: list[date] = Field([], max_length=1_000)
    """Public holidays are filled in from ``holiday_region`` whenever the programme is saved.

    They are written on by themselves before they run out.
    """
    closing_days: list[date] = Field([], max_length=1_000)
    """HQ's own closing days stand beside public holidays; they hold for every partner too."""
    round_up_minutes: float = Field(30, ge=0, le=1440)
    """Deadlines are rounded up to this many minutes on the local clock; 0 = not at all.

    A day is the most.
    """

"""Define when HQ's and the partners' reports are made."""

from typing import Annotated

from pydantic import Field

from routing_core.domain.programme.document import Doc


class ReportRules(Doc):
    """A report on the month that is over is made and sent by the programme's clock."""

    day: int = Field(1, ge=1, le=28)
    """The report is made on this day of the next month; every month has twenty-eight."""
    hour: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "04:00"
    """It is made from this time of that day on, within the hour."""
    weekly: bool = False
    """A report on each week is made too, on the Monday after it at the same time."""

"""Says what keeping the read model needs: rows, lists of partners, marks of days, and the log.

Everything may be written again: the same write twice is one. A lead's row is written last, so that
a row in a version says that all that belongs to that version is there.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Protocol

from routing_core.domain.lead_row import LeadRow
from routing_core.service.kernel.read_model import DayFigures, LogEntry, Speed

RECEIVED = "received"
"""Marks a lead that came in, or was let through, on the day."""
PLACED_ALONE = "placed"
"""Marks a lead that routing offered to its first partner without a person's doing."""
ACCEPTED = "accepted"
"""Marks an acceptance, with the number of the offer behind it."""
CONTACTED = "contacted"
"""Marks a first contact, with its ``Speed`` behind it."""


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A lead's row with what is kept beside it, and what no list shows."""

    row: LeadRow
    contact: Mapping[str, str] = field(default_factory=dict)
    """Holds the names by which an address or a number finds it (``contact_search``)."""
    listed: frozenset[str] = frozenset()
    """Names all lists of partners on which it was found to stand (``lead_row.lists_of``)."""


@dataclass(frozen=True, slots=True)
class MarkedLead:
    """What one lead did on a day."""

    region: str
    """The region that it lies in; empty if in none."""
    marks: Sequence[str]


class RowStore(Protocol):
    """Keeps the read model."""

    def kept(self, positions: Iterable[tuple[datetime, str]]) -> Mapping[str, KeptRow]:
        """Read rows by when their leads were received, and the lead; they are given by lead."""

    def keep(self, kept: KeptRow) -> None:
        """Write a lead's row, unless it is there in that version or a higher one."""

    def list_under(self, name: str, row: LeadRow, asked: frozenset[str] = frozenset()) -> None:
        """Put a lead on a partner's list, unless it is there in a higher version.

        On the list of waves it says who is being ``asked``.
        """

    def unlist(self, name: str, row: LeadRow) -> None:
        """Take a lead off a partner's list, unless it is there in that version or a higher one."""

    def mark(self, day: date, lead: str, region: str, marks: Collection[str]) -> None:
        """Mark what a lead of a region did on a day; a mark that is there stays one."""

    def unmark(self, day: date, lead: str, marks: Collection[str]) -> None:
        """Take marks back: what they said was undone."""

    def close_days(self, today: date, changed: Collection[date]) -> None:
        """Write the totals of days that are over: of those that changed, and of those without."""

    def note(self, entry_id: str, entry: LogEntry) -> None:
        """Write a line of the log; the same id is the same line."""

    def beat(self, at: datetime, now: datetime) -> None:
        """Note that everything is kept that was committed until an instant."""


def figures_of_day(day: date, marked: Iterable[MarkedLead]) -> DayFigures:
    """Give the totals of a day, and those of each region, by the marks of its leads."""
    marks: dict[str, Counter[str]] = defaultdict(Counter)
    for lead in marked:
        marks[lead.region].update(lead.marks)
    whole: Counter[str] = Counter()
    for of_region in marks.values():
        whole.update(of_region)
    regions = {name: _totals(day, counted) for name, counted in marks.items() if name}
    return replace(_totals(day, whole), regions=regions)


def _totals(day: date, marks: Mapping[str, int]) -> DayFigures:
    speeds = {speed: marks.get(f"{CONTACTED}:{speed.value}", 0) for speed in Speed}
    return DayFigures(
        day,
        marks.get(RECEIVED, 0),
        marks.get(PLACED_ALONE, 0),
        sum(count for mark, count in marks.items() if mark.startswith(ACCEPTED)),
        {speed: count for speed, count in speeds.items() if count},
    )

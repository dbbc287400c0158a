"""Says what pages ask of the read model: lists, searches, HQ's log and the figures of days.

The read model lags a moment behind the leads, and ``lag`` tells when that is worth a word. Whatever
is decided about a lead is decided by the lead itself.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from routing_core.domain.lead import LeadStatus
from routing_core.domain.lead_row import LeadFilter, LeadRow, LeadSort

MOST_ON_PAGE = 200
"""A page has so many rows at most."""
WORTH_A_WORD = timedelta(seconds=10)
"""Pages say so when the read model is farther behind than this."""


@dataclass(frozen=True, slots=True)
class LeadPage:
    """A page of a list."""

    rows: tuple[LeadRow, ...]
    cursor: str = ""
    """Goes on where this page ends; empty if nothing is left."""
    looked_back_to: datetime | None = None
    """The instant of receipt until which was looked, where there may be more behind it.

    A page may have fewer rows than were asked for, or none, because much was looked through in
    vain: whoever goes on by the cursor looks through the rest.
    """
    in_parts: bool = False
    """Tells that more leads match than are sorted at once: this page is of one part of them.

    Where another part follows, ``looked_back_to`` says until when the leads of this one came in.
    """


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many leads are in a state."""

    count: int
    more: bool = False
    """There are more, and counting stopped."""


class Speed(StrEnum):
    """How soon after an enquiry its first contact was; the values are stored."""

    HOUR = "1h"
    DAY = "24h"
    TWO_DAYS = "48h"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What happened on one day of the programme's time zone."""

    day: date
    received: int = 0
    """Counts enquiries that came in, those held at the door aside until they are let through."""
    placed_alone: int = 0
    """Counts enquiries that routing offered to somebody without a person's doing, the first time.

    It is the day of the first offer that counts.
    """
    accepted: int = 0
    """Counts leads that a partner accepted."""
    contacted: Mapping[Speed, int] = field(default_factory=dict)
    """Counts leads whose owner spoke with the prospect, by how soon after the enquiry it was."""
    regions: Mapping[str, "DayFigures"] = field(default_factory=dict)
    """The same of each region alone; a day from before regions were told apart has none."""

    def of(self, regions: Collection[str]) -> "DayFigures":
        """Give the figures of some regions together."""
        theirs = [self.regions[region] for region in regions if region in self.regions]
        contacted: Counter[Speed] = Counter()
        for each in theirs:
            contacted.update(each.contacted)
        return DayFigures(
            self.day,
            sum(each.received for each in theirs),
            sum(each.placed_alone for each in theirs),
            sum(each.accepted for each in theirs),
            contacted,
        )


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of HQ's activity log: who did what, and when. It holds no personal data."""

    at: datetime
    by: str
    """Names who did it: ``link:`` and a person's short id, or the name of an API key."""
    kind: str
    """Says what was done: the kind of an event of a lead, or an activity's."""
    lead: str = ""
    """Names the lead it was done to; empty for what is about no lead."""
    version: int = 0
    """The version of the lead, the programme or the profile that it made."""
    partner: str = ""
    """Names the partner it was done to, or about."""
    about: str = ""
    """Names what else it was done to: a person or a device by its short id, a key, a country."""
    detail: str = ""
    """Says more, in ids and numbers alone, such as what an import changed."""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What of the log is to be shown: everything that is not empty has to apply."""

    by: str = ""
    kinds: frozenset[str] = frozenset()
    lead: str = ""
    partner: str = ""
    since: datetime | None = None
    """At this instant or later."""
    until: datetime | None = None
    """Before this instant."""

    def matches(self, entry: LogEntry) -> bool:
        """Tell whether the entry is to be shown."""
        if self.kinds and entry.kind not in self.kinds:
            return False
        asked_and_is = ((self.by, entry.by), (self.lead, entry.lead), (self.partner, entry.partner))
        if not all(asked in ("", found) for asked, found in asked_and_is):
            return False
        if self.since is not None and entry.at < self.since:
            return False
        return self.until is None or entry.at < self.until


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the log, the newest entry first."""

    entries: tuple[LogEntry, ...]
    cursor: str = ""
    """Goes on where this page ends; empty if nothing is left."""
    looked_back_to: datetime | None = None
    """The instant until which was looked, where there may be more behind it."""


class ReadModel(Protocol):
    """Answers lists and searches without the leads table."""

    def page(
        self,
        wanted: LeadFilter,
        now: datetime,
        sort: LeadSort = LeadSort.NEWEST,
        cursor: str = "",
        limit: int = 50,
    ) -> LeadPage:
        """Give a page of the leads that match, in the order that is wanted.

        Raises InvalidInput for a cursor that no page gave.
        """

    def by_contact(self, key: str) -> Sequence[LeadRow]:
        """Give the leads of an exact e-mail address or phone number, the newest first.

        ``key`` is one of ``contact_search.search_keys``.
        """

    def by_reference(self, reference: str) -> Sequence[LeadRow]:
        """Give the leads with that reference, as it is read out on the phone."""

    def states(
        self, states: Collection[LeadStatus], wanted: LeadFilter, most: int = 1_000
    ) -> Mapping[LeadStatus, StateCount]:
        """Count the leads of a filter in each of these states, up to about ``most``.

        Nothing is given for a filter that cannot be counted without reading every row.
        """

    def days(self, first: date, last: date) -> Sequence[DayFigures]:
        """Give the figures of the days from ``first`` to ``last``, one for each."""

    def log(self, wanted: LogFilter, cursor: str = "", limit: int = 100) -> LogPage:
        """Give a page of the log. Raises InvalidInput for a cursor that no page gave."""

    def lag(self, now: datetime) -> timedelta:
        """Tell how far behind the leads it is, as far as can be known; zero is up to date."""

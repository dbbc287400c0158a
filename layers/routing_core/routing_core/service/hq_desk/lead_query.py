"""What the address of HQ's list of leads asks for, as it was typed, and what it means.

The address is the filter: whoever keeps it, or sends it to a colleague, has saved the filter. Empty
fields, and those that nobody knows, ask for nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.hq_people import HqPerson
from routing_core.domain.lead import LeadStatus
from routing_core.domain.lead_row import LeadFilter, LeadNeed, LeadSort
from routing_core.domain.partner import Partner
from routing_core.domain.values.clean import one_line

SEARCH_FIELD = "q"
"""The field that finds a reference, an address, a phone number or a name."""
FILTER_FIELDS = (
    "need",
    "mine",
    "state",
    "partner",
    "product",
    "region",
    "postcode",
    "urgency",
    "source",
    "campaign",
    "score_from",
    "score_to",
    "from",
    "to",
)
"""The fields that narrow the list, in the order in which the page has them."""
COUNTED_FIELD = "counted"
"""The field by which somebody asks how many there are in each state: counting is no part of
looking, for it reads far more than a page shows."""
QUERY_FIELDS = (SEARCH_FIELD, *FILTER_FIELDS, "sort")
"""All that an address may say of a list; the page within the list is not part of it."""
LONGEST_TYPED = 200
"""Characters of a field that are looked at."""
SCORE_DIGITS = 6
"""Digits of a score: no programme gives more points."""


@dataclass(frozen=True, slots=True)
class LeadQuery:
    """What the address of the list says."""

    values: Mapping[str, str]
    """What was typed, by field; only what is not empty."""
    wanted: LeadFilter
    """What it means, without the search."""
    sort: LeadSort
    problems: tuple[Problem, ...] = ()
    """What cannot be meant. Nothing is listed then: a list of everything would mislead."""

    @property
    def search(self) -> str:
        """Give what is looked for."""
        return self.values.get(SEARCH_FIELD, "")

    @property
    def is_narrowed(self) -> bool:
        """Tell whether anything but the order is asked for."""
        return any(name != "sort" for name in self.values)


def read_lead_query(
    asked: Mapping[str, str],
    person: HqPerson,
    partners: Mapping[str, Partner],
    time_zone: str,
    now: datetime,
) -> LeadQuery:
    """Read what an address asks for; ``partners`` are all that can be named in it, by id.

    Days are those of ``time_zone``; what needs a person needs one ``now``.
    """
    values = {}
    for name in QUERY_FIELDS:
        typed = one_line(asked.get(name, "")[:LONGEST_TYPED])
        if typed:
            values[name] = typed
    reader = _QueryReader(values)
    need = reader.need()
    wanted = LeadFilter(
        states=reader.states() or (need.states if need else frozenset()),
        need=(need, now) if need else None,
        partner=reader.partner(partners),
        product=values.get("product", ""),
        region=values.get("region", ""),
        postcode=values.get("postcode", ""),
        source=values.get("source", ""),
        campaign=values.get("campaign", ""),
        urgency=values.get("urgency", ""),
        score_from=reader.number("score_from"),
        score_to=reader.number("score_to"),
        received_from=reader.instant("from", time_zone),
        received_to=reader.instant("to", time_zone, days_later=1),
        handled_by=person.actor if "mine" in values else "",
        allowed=person.regions,
    )
    return LeadQuery(values, wanted, reader.sort(), tuple(reader.problems))


class _QueryReader:
    """Reads one field after the other, and collects what cannot be meant."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.problems: list[Problem] = []

    def states(self) -> frozenset[LeadStatus]:
        """Give the states that are named, several with commas between them."""
        named = [each for each in self.values.get("state", "").split(",") if each]
        try:
            return frozenset(map(LeadStatus, named))
        except ValueError:
            message = "is no state of a lead"
            self.problems.append(Problem("state", "unknown_option", message))
            return frozenset()

    def need(self) -> LeadNeed | None:
        """Give the reason for which leads are to need a person; None where none is named."""
        named = self.values.get("need", "")
        if not named:
            return None
        try:
            return LeadNeed(named)
        except ValueError:
            message = "is no reason for which a lead needs somebody"
            self.problems.append(Problem("need", "unknown_option", message))
            return None

    def partner(self, partners: Mapping[str, Partner]) -> str:
        """Give the id of the partner that is named; empty where none is."""
        try:
            return partner_named(self.values.get("partner", ""), partners)
        except InvalidInput as error:
            self.problems += error.problems
            return ""

    def number(self, name: str) -> int | None:
        """Give a whole number; None where none is typed."""
        typed = self.values.get(name, "")
        if not typed:
            return None
        digits = typed.removeprefix("-")
        if digits.isascii() and digits.isdigit() and len(digits) <= SCORE_DIGITS:
            return int(typed)
        self.problems.append(Problem(name, "invalid_number", "is a whole number"))
        return None

    def instant(self, name: str, time_zone: str, days_later: int = 0) -> datetime | None:
        """Give the beginning of a day, or of the day that comes after it."""
        typed = self.values.get(name, "")
        if not typed:
            return None
        try:
            day = date.fromisoformat(typed) + timedelta(days=days_later)
            return datetime.combine(day, time(), ZoneInfo(time_zone))
        except (ValueError, OverflowError):
            self.problems.append(Problem(name, "invalid_date", "is a day like 2026-12-24"))
            return None

    def sort(self) -> LeadSort:
        """Give the order; the newest first where none is typed."""
        try:
            return LeadSort(self.values.get("sort", LeadSort.NEWEST))
        except ValueError:
            return LeadSort.NEWEST


def partner_named(typed: str, partners: Mapping[str, Partner]) -> str:
    """Give the id of the partner that somebody named by id or by name; empty for none.

    Raises InvalidInput (partner) where it is nobody's name, or that of several.
    """
    if not typed or typed in partners:
        return typed
    called_so = [each.id for each in partners.values() if _same_name(each.name, typed)]
    if len(called_so) == 1:
        return called_so[0]
    code = "several_partners" if called_so else "no_partner"
    raise InvalidInput([Problem("partner", code, "is the name or the id of one partner")])


def _same_name(name: str, typed: str) -> bool:
    return name.casefold() == typed.casefold()

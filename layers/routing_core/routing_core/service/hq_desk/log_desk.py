"""HQ's activity log on the desk and in the API: who did what, when, with filters."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from routing_core.domain.activity import ActivityKind
from routing_core.domain.checks.partner_regions import regions_of
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.events import CLASS_OF
from routing_core.domain.hq_people import HqPerson, Right, hq_people
from routing_core.domain.programme.programme import Programme
from routing_core.service.kernel.read_model import LogEntry, LogFilter, LogPage, ReadModel
from routing_core.service.kernel.services import Services

LOG_ROWS = 50
"""Entries of one page of the desk."""
LONGEST_DATE = 10
"""Letters of a date as it is written in addresses: ``2026-11-30``."""


def _done_by_hq() -> Iterator[str]:
    """Yield the kinds of events of a lead that say who at HQ did it."""
    for kind, event in CLASS_OF.items():
        if any(each.name == "by" for each in fields(event)):
            yield kind


LEAD_KINDS = frozenset(_done_by_hq())
"""Kinds of entries that are about a lead."""
KIND_GROUPS: Mapping[str, frozenset[str]] = {
    "leads": LEAD_KINDS | {ActivityKind.LEADS_IMPORTED},
    "partners": frozenset(
        {
            ActivityKind.PARTNER_SAVED,
            ActivityKind.PARTNER_LINKS_ENDED,
            ActivityKind.PARTNER_DEACTIVATED,
            ActivityKind.PARTNER_REACTIVATED,
            ActivityKind.PARTNERS_IMPORTED,
            ActivityKind.PLACES_SAVED,
        }
    ),
    "rules": frozenset({ActivityKind.RULES_SAVED, ActivityKind.RULES_CALLED_OFF}),
    "exports": frozenset(
        {
            ActivityKind.LEADS_EXPORTED,
            ActivityKind.PARTNERS_EXPORTED,
            ActivityKind.COVERAGE_EXPORTED,
            ActivityKind.REPORT_ASKED,
            ActivityKind.REPORT_MAILED,
            ActivityKind.COSTS_SAVED,
        }
    ),
    "access": frozenset(
        {
            ActivityKind.PERSON_ADDED,
            ActivityKind.PERSON_CHANGED,
            ActivityKind.PERSON_REMOVED,
            ActivityKind.ACCESS_ENDED,
            ActivityKind.KEY_MADE,
            ActivityKind.KEY_REVOKED,
            ActivityKind.SIGNED_IN,
            ActivityKind.DEVICE_REMOVED,
        }
    ),
}
"""What the filter offers → the kinds of entries that it shows."""


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What somebody wants to see of the log, as the address says it."""

    by: str = ""
    """Who did it, as events have it."""
    group: str = ""
    """One of ``KIND_GROUPS``; empty = everything."""
    since: str = ""
    """The first day, ``2026-11-30``."""
    until: str = ""
    """The last day."""
    lead: str = ""
    partner: str = ""
    cursor: str = ""
    """Where the page before ended."""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "LogQuery":
        """Read it from the parameters of an address; what is unknown is left out."""
        return cls(
            by=query.get("by", "").strip(),
            group=query.get("kind", "").strip(),
            since=query.get("since", "").strip(),
            until=query.get("until", "").strip(),
            lead=query.get("lead", "").strip(),
            partner=query.get("partner", "").strip(),
            cursor=query.get("cursor", ""),
        )

    def wanted(self, zone: ZoneInfo) -> LogFilter:
        """Give the filter; days are those of the programme's clock. Raises InvalidInput."""
        first, last = _day("since", self.since), _day("until", self.until)
        if self.group and self.group not in KIND_GROUPS:
            options = ", ".join(KIND_GROUPS)
            raise InvalidInput([Problem("kind", "unknown_option", f"use one of {options}")])
        return LogFilter(
            by=self.by,
            kinds=KIND_GROUPS.get(self.group, frozenset()),
            lead=self.lead,
            partner=self.partner,
            since=_midnight(first, zone) if first else None,
            until=_midnight(last + timedelta(days=1), zone) if last else None,
        )


def _day(field: str, written: str) -> date | None:
    if not written:
        return None
    try:
        if len(written) != LONGEST_DATE:
            raise ValueError(written[:LONGEST_DATE])
        return date.fromisoformat(written)
    except ValueError as error:
        problem = Problem(field, "invalid_date", "write a day as in 2026-11-30")
        raise InvalidInput([problem]) from error


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


@dataclass(frozen=True, slots=True)
class LogView:
    """A page of the log."""

    programme: Programme
    query: LogQuery
    page: LogPage
    people: tuple[HqPerson, ...]
    """Everybody at HQ today, to choose from."""
    partner_names: Mapping[str, str]
    """The names of the partners that entries name, by their ids."""
    problems: tuple[Problem, ...] = ()


def view_log(
    services: Services, read_model: ReadModel, visitor: HqPerson, query: LogQuery
) -> LogView:
    """Show a page of what the visitor may see of the log; what is asked wrongly shows nothing."""
    programme = services.programme
    problems: tuple[Problem, ...] = ()
    found = LogPage(())
    try:
        found = read_log(services, read_model, query, LOG_ROWS)
    except InvalidInput as error:
        problems = error.problems
    page = log_for(services, visitor, found)
    partners = services.rules.network().partners
    named = {each.partner for each in page.entries if each.partner}
    names = {name: partners[name].name for name in named if name in partners}
    return LogView(programme, query, page, hq_people(programme), names, problems)


def read_log(services: Services, read_model: ReadModel, query: LogQuery, limit: int) -> LogPage:
    """Read a page of the whole log. Raises InvalidInput for what cannot be asked so."""
    wanted = query.wanted(ZoneInfo(services.programme.time_zone))
    return read_model.log(wanted, query.cursor, limit)


def log_for(services: Services, visitor: HqPerson, page: LogPage) -> LogPage:
    """Leave out of a page of the log what is not the visitor's to see."""
    return replace(page, entries=tuple(_shown(services, visitor, page.entries)))


def _shown(
    services: Services, visitor: HqPerson, entries: Iterable[LogEntry]
) -> Iterator[LogEntry]:
    """Yield the entries that the visitor may see.

    Everybody sees what they did. Who came in where, and what became of people and keys, is for
    admins; leads and partners are for whoever sees their region, as they are today.
    """
    entries = tuple(entries)
    leads = {each.lead for each in entries if each.lead} if visitor.regions is not None else set()
    theirs = {lead.id for lead in services.leads.several(sorted(leads)) if visitor.sees(lead)}
    for entry in entries:
        if entry.by == visitor.actor or _is_theirs(services, visitor, entry, theirs):
            yield entry


def _is_theirs(services: Services, visitor: HqPerson, entry: LogEntry, theirs: set[str]) -> bool:
    if entry.kind in KIND_GROUPS["access"] and not visitor.may(Right.MANAGE_PEOPLE):
        return False
    if visitor.regions is None:
        return True
    if entry.lead:
        return entry.lead in theirs
    if entry.partner:
        partner = services.rules.network().partners.get(entry.partner)
        known = regions_of(partner, services.programme) if partner else frozenset()
        return visitor.sees_any_of(known)
    # Lists of the whole network are not of a region; the rules are everybody's.
    return entry.kind in KIND_GROUPS["rules"]

"""Gives figures of any stretch of days and any part of the leads.

Months that have a report are read from its snapshot. Days behind them, such as the running month,
are gathered anew, over several requests where there are many leads.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from routing_core.domain.errors import InvalidInput, NotAllowed, Problem
from routing_core.domain.hq_people import HqPerson
from routing_core.reporting.figures import hq_report
from routing_core.reporting.hq_report import HqReport
from routing_core.reporting.joined_snapshots import joined_snapshots
from routing_core.reporting.period import Period
from routing_core.reporting.report_schedule import named_period, period_name
from routing_core.reporting.scope import ReportScope
from routing_core.service.reports.gather_days import (
    CountingGoesOn,
    UnreportedDays,
    gather_days,
)
from routing_core.service.reports.gather_leads import Gathering
from routing_core.service.reports.report_files import latest_run
from routing_core.service.reports.report_ports import ReportServices
from routing_core.service.reports.report_run import ReportRun
from routing_core.service.reports.stored_snapshots import read_snapshot

MOST_MONTHS = 12
"""Figures are of so many months at most."""
MOST_LEADS_JOINED = 50_000
"""So many leads of several months are put together in a request: it has half a minute."""
FIGURE_FILTERS = {
    "product": "products",
    "urgency": "urgencies",
    "region": "regions",
    "source": "sources",
    "campaign": "campaigns",
    "partner": "partners",
}
"""Parameter of the address → field of the scope; several values stand with commas between."""
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WantedFigures:
    """What figures are asked for."""

    period: Period
    scope: ReportScope
    as_of: datetime
    """The instant at which counting began: what comes later is not counted."""


def of_their_regions(query: Mapping[str, str], person: HqPerson) -> Mapping[str, str]:
    """Ask for the leads of somebody's regions alone, or those of them that they name.

    Raises NotAllowed where they name others.
    """
    if person.regions is None:
        return query
    named = set(filter(None, query.get("region", "").split(",")))
    if not named <= person.regions:
        raise NotAllowed("these are figures of other regions")
    return {**query, "region": ",".join(sorted(named or person.regions))}


def wanted_figures(query: Mapping[str, str], zone: str, now: datetime) -> WantedFigures:
    """Read the parameters of an address.

    They are ``period`` (a month or week), or ``first`` and ``last`` day, filters, and ``as_of``
    where counting goes on. Raises InvalidInput.
    """
    period = _period(query, zone)
    as_of = _as_of(query, now)
    if period.start > as_of:
        message = f"begins on {period.first_day.isoformat()}: nothing has happened by now"
        raise InvalidInput([Problem(_begins_in(query), "not_begun", message)])
    chosen = {}
    for name, field in FIGURE_FILTERS.items():
        values = [value.strip() for value in query.get(name, "").split(",")]
        chosen[field] = frozenset(value for value in values if value)
    return WantedFigures(period, ReportScope(period=period, **chosen), as_of)


def _period(query: Mapping[str, str], zone: str) -> Period:
    if "first" not in query and "last" not in query:
        return named_period(query.get("period", ""), zone)
    first, last = _day(query, "first"), _day(query, "last")
    if last < first:
        raise InvalidInput([Problem("last", "before_first", "is not before the first day")])
    return Period(first, last + A_DAY, zone)


def _begins_in(query: Mapping[str, str]) -> str:
    return "first" if "first" in query else "period"


def _day(query: Mapping[str, str], name: str) -> date:
    try:
        day = date.fromisoformat(query.get(name, ""))
    except ValueError as error:
        message = "is a day like 2026-10-05"
        raise InvalidInput([Problem(name, "invalid_date", message)]) from error
    if day.year in (date.min.year, date.max.year):
        raise InvalidInput([Problem(name, "invalid_date", "is a day of this century")])
    return day


def _as_of(query: Mapping[str, str], now: datetime) -> datetime:
    """Give the instant at which counting began: now, unless it goes on from an earlier request."""
    if "as_of" not in query:
        return now.replace(microsecond=0)
    try:
        as_of = datetime.fromisoformat(query["as_of"])
    except ValueError:
        as_of = None
    if as_of is None or as_of.tzinfo is None or not now - A_DAY < as_of <= now:
        message = "is taken unchanged from the answer that says how counting goes on, within a day"
        raise InvalidInput([Problem("as_of", "invalid", message)])
    return as_of.astimezone(UTC).replace(microsecond=0)


def figures_of(gathering: Gathering, wanted: WantedFigures) -> HqReport | CountingGoesOn:
    """Give the figures that are asked for, or say how counting goes on.

    Raises InvalidInput for more months or leads than fit a request.
    """
    reports = gathering.reports
    runs, missing = _months_with_report(reports, wanted)
    _check_leads(runs, missing)
    snapshots = []
    for run in runs:
        snapshot = read_snapshot(reports, run.id)
        if snapshot is not None:
            snapshots.append(snapshot)
    if missing is not None:
        gathered = gather_days(gathering, missing)
        if isinstance(gathered, CountingGoesOn):
            return gathered
        snapshots += gathered
    whole = snapshots[0] if len(snapshots) == 1 else joined_snapshots(snapshots)
    return hq_report(whole, wanted.scope, currency=reports.services.programme.currency)


def _months_with_report(
    reports: ReportServices, wanted: WantedFigures
) -> tuple[list[ReportRun], UnreportedDays | None]:
    """Give the reports on the first months, and the days behind them that have none."""
    period = wanted.period
    months = list(_months(period))
    if len(months) > MOST_MONTHS:
        message = f"lies in the twelve months from {months[0].first_day:%Y-%m} on"
        raise InvalidInput([Problem("last", "too_far_ahead", message)])
    runs: list[ReportRun] = []
    for month in months:
        run = latest_run(reports, period_name(month))
        if run is None:
            first_day = max(month.first_day, period.first_day)
            missing = Period(first_day, period.next_day, period.zone)
            return runs, UnreportedDays(missing, wanted.as_of)
        runs.append(run)
    return runs, None


def _check_leads(runs: list[ReportRun], missing: UnreportedDays | None) -> None:
    are_joined = len(runs) > 1 or missing is not None
    leads = sum(run.leads for run in runs)
    if are_joined and leads > MOST_LEADS_JOINED:
        message = (
            f"leads to {leads} leads, more than the {MOST_LEADS_JOINED} that fit a request: "
            "ask for one month at a time"
        )
        raise InvalidInput([Problem("last", "too_many", message)])


def _months(period: Period) -> Iterator[Period]:
    month = Period.month(period.first_day.year, period.first_day.month, period.zone)
    while month.first_day < period.next_day:
        yield month
        month = Period.month(month.next_day.year, month.next_day.month, period.zone)

"""Gives figures of any stretch of days and any part of the leads, from the snapshots there are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from routing_core.domain.errors import InvalidInput, NotFound, Problem
from routing_core.reporting.figures import hq_report
from routing_core.reporting.hq_report import HqReport
from routing_core.reporting.period import Period
from routing_core.reporting.report_schedule import named_period, period_name
from routing_core.reporting.scope import ReportScope
from routing_core.reporting.snapshot import Snapshot
from routing_core.service.reports.report_files import latest_run, read_snapshot
from routing_core.service.reports.report_ports import ReportServices

MOST_MONTHS = 3
"""Figures of a request are made of so many snapshots at most: it has half a minute."""
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


def wanted_figures(query: Mapping[str, str], zone: str) -> WantedFigures:
    """Read the parameters of an address.

    They are ``period`` (a month or week), or ``first`` and ``last`` day, and filters. Raises
    InvalidInput.
    """
    period = _period(query, zone)
    chosen = {}
    for name, field in FIGURE_FILTERS.items():
        values = [value.strip() for value in query.get(name, "").split(",")]
        chosen[field] = frozenset(value for value in values if value)
    return WantedFigures(period, ReportScope(period=period, **chosen))


def _period(query: Mapping[str, str], zone: str) -> Period:
    if "first" not in query and "last" not in query:
        return named_period(query.get("period", ""), zone)
    first, last = _day(query, "first"), _day(query, "last")
    if last < first:
        raise InvalidInput([Problem("last", "before_first", "is not before the first day")])
    return Period(first, last + A_DAY, zone)


def _day(query: Mapping[str, str], name: str) -> date:
    try:
        day = date.fromisoformat(query.get(name, ""))
    except ValueError as error:
        message = "is a day like 2026-10-05"
        raise InvalidInput([Problem(name, "invalid_date", message)]) from error
    if day.year in (date.min.year, date.max.year):
        raise InvalidInput([Problem(name, "invalid_date", "is a day of this century")])
    return day


def figures_of(reports: ReportServices, wanted: WantedFigures) -> HqReport:
    """Give the figures that are asked for.

    Raises NotFound where a month has no snapshot yet: it is there once its report is made. Raises
    InvalidInput for more months than fit a request.
    """
    months = list(_months(wanted.period))
    if len(months) > MOST_MONTHS:
        message = f"is at most {MOST_MONTHS - 1} months after the first"
        raise InvalidInput([Problem("last", "too_far_ahead", message)])
    snapshots = [_snapshot(reports, month) for month in months]
    whole = snapshots[0] if len(snapshots) == 1 else Snapshot.joined(snapshots)
    return hq_report(whole, wanted.scope, currency=reports.services.programme.currency)


def _months(period: Period) -> Iterator[Period]:
    month = Period.month(period.first_day.year, period.first_day.month, period.zone)
    while month.first_day < period.next_day:
        yield month
        month = Period.month(month.next_day.year, month.next_day.month, period.zone)


def _snapshot(reports: ReportServices, month: Period) -> Snapshot:
    run = latest_run(reports, period_name(month))
    snapshot = read_snapshot(reports, run.id) if run else None
    if snapshot is None:
        raise NotFound(f"there is no report on {period_name(month)} yet: POST /v1/reports makes it")
    return snapshot

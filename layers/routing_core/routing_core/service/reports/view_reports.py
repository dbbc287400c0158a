"""Shows reports to whoever may read them: HQ all of it, a manager of regions theirs, a partner own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from routing_core.domain.checks.partner_regions import regions_of
from routing_core.domain.errors import NotFound
from routing_core.domain.hq_people import HqPerson, Right, hq_people
from routing_core.domain.programme.programme import Programme
from routing_core.reporting.hq_report import HqReport
from routing_core.reporting.period import Period
from routing_core.reporting.report_schedule import (
    last_complete_period,
    period_before,
    period_name,
)
from routing_core.service.kernel.services import Services
from routing_core.service.reports.free_places import with_places_of
from routing_core.service.reports.own_report import PartnerReportView, present_run
from routing_core.service.reports.report_files import (
    read_hq_report,
    read_partner_report,
)
from routing_core.service.reports.report_ports import ReportServices
from routing_core.service.reports.report_run import ReportRun

MOST_LISTED_REPORTS = 60
"""So many of the latest reports are listed: a year with a report on each week and month."""
MONTHS_OFFERED, WEEKS_OFFERED = 12, 4
"""A report can be chosen on so many of the last months and weeks; the API makes any."""


@dataclass(frozen=True, slots=True)
class ReportListView:
    """The reports that there are, and what somebody may have made."""

    programme: Programme
    runs: Sequence[ReportRun]
    """The reports, the latest period first."""
    choices: Sequence[tuple[str, Period]]
    """Names of periods that a report can be made on, the latest first."""
    people: Mapping[str, str]
    """Names of people at HQ by their short ids."""
    may_make: bool
    now: datetime
    mailed_people: int = 0
    """Counts the people at HQ whom a report that is mailed reaches."""
    mailed_partners: int = 0
    """Counts the partners whom it can reach: those with confirmed and living addresses."""


@dataclass(frozen=True, slots=True)
class HqReportView:
    """HQ's report as somebody may read it."""

    run: ReportRun
    programme: Programme
    report: HqReport | None
    """None while it is being made, or where there was nothing to report."""
    partner_names: Mapping[str, str]
    """Partner's id → name."""
    now: datetime
    may_make: bool = False
    """Tells whether the reader may have reports made."""
    failed: tuple[str, ...] = ()
    """Names the partners whose report could not be sent, of those whom the reader sees."""
    mailed_people: int = 0
    """Counts the people at HQ whom it reaches once it is mailed."""


def view_reports(reports: ReportServices, person: HqPerson, now: datetime) -> ReportListView:
    """List the latest reports for somebody at HQ, and the periods that one can be made on."""
    programme = reports.services.programme
    people = hq_people(programme)
    partners = reports.services.rules.network().partners.values()
    return ReportListView(
        programme=programme,
        runs=reports.runs.newest(MOST_LISTED_REPORTS),
        choices=tuple(_choices(programme, now)),
        people={each.id: each.called for each in people},
        may_make=may_make_reports(person),
        now=now,
        mailed_people=len(people),
        mailed_partners=sum(each.confirmed and not each.bounced for each in partners),
    )


def may_make_reports(person: HqPerson) -> bool:
    """Tell whether somebody may have a report made: it is mailed to the whole network."""
    return person.may(Right.MAKE_REPORTS) and person.regions is None


def _choices(programme: Programme, now: datetime) -> Iterator[tuple[str, Period]]:
    zone = programme.time_zone
    for is_week, count in ((False, MONTHS_OFFERED), (True, WEEKS_OFFERED)):
        period = last_complete_period(now, zone, week=is_week)
        for _ in range(count):
            yield period_name(period), period
            period = period_before(period)


def hq_report_for(
    reports: ReportServices, run: ReportRun, regions: frozenset[str] | None
) -> HqReport | None:
    """Give HQ's report; for a manager of regions that of the leads of these alone.

    A trend and what was corrected since are told of the whole network only.
    """
    if not run.is_there:
        return None
    if regions is None:
        return read_hq_report(reports, run.id)
    # Here, for they bring numpy: whoever reads all of a report does not wait for that.
    from routing_core.reporting.figures import hq_report
    from routing_core.reporting.scope import ReportScope
    from routing_core.service.reports.stored_snapshots import read_snapshot

    snapshot = read_snapshot(reports, run.id)
    if snapshot is None:
        return None
    currency = reports.services.programme.currency
    made = hq_report(snapshot, ReportScope(regions=regions), currency=currency)
    whole = read_hq_report(reports, run.id)
    return replace(made, gaps=with_places_of(made.gaps, whole.gaps)) if whole else made


def view_hq_report(
    reports: ReportServices, run: str, person: HqPerson | None, now: datetime
) -> HqReportView:
    """Show HQ's report to somebody at HQ, or to a program (None). Raises NotFound."""
    found = present_run(reports, run)
    services = reports.services
    failed = tuple(_failed_for(services, person, found))
    report = hq_report_for(reports, found, person.regions if person else None)
    told = [each.partner for each in report.partners] if report else []
    names = names_of(services, [*told, *failed])
    may_make = person is not None and may_make_reports(person)
    people = len(hq_people(services.programme))
    return HqReportView(found, services.programme, report, names, now, may_make, failed, people)


def _failed_for(services: Services, person: HqPerson | None, run: ReportRun) -> Iterator[str]:
    """Yield the partners whose report failed, as far as the reader sees them."""
    if person is None or person.regions is None:
        yield from run.failed_partners
        return
    known = services.rules.network().partners
    for name in run.failed_partners:
        regions = regions_of(known[name], services.programme) if name in known else ()
        if person.sees_any_of(regions):
            yield name


def view_partner_report(
    reports: ReportServices, run: str, partner: str, person: HqPerson | None, now: datetime
) -> PartnerReportView:
    """Show a partner's report to HQ. Raises NotFound, also for a partner of another's regions."""
    found = present_run(reports, run)
    services = reports.services
    known = services.partner(partner)
    programme = services.programme
    if person and not person.sees_any_of(regions_of(known, programme)):
        raise NotFound(f"there is no partner {partner}")
    report = read_partner_report(reports, found, partner) if found.is_there else None
    language = (person.language if person else "") or programme.hq.language
    return PartnerReportView(found, programme, known, report, language, now, {})


def names_of(services: Services, partners: Iterable[str]) -> Mapping[str, str]:
    """Give the names of partners by their ids; those who are gone are left out."""
    known = services.rules.network().partners
    return {each: known[each].name for each in partners if each in known}

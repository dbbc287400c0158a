"""Makes of the gathered parts one snapshot, and of the snapshot all figures."""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from routing_core.domain.campaign_cost import CampaignCost
from routing_core.reporting.figures import EarlierReports, Remembered, hq_report, remembered
from routing_core.reporting.joined_snapshots import joined_snapshots
from routing_core.reporting.partner_counts import PartnerFigures
from routing_core.reporting.partner_report import PartnerReport
from routing_core.reporting.partner_reports import PartnerReports
from routing_core.reporting.period import Period
from routing_core.reporting.report_schedule import is_week, named_period
from routing_core.reporting.scope import EVERYTHING
from routing_core.reporting.snapshot import Snapshot
from routing_core.service.reports.free_places import with_free_places
from routing_core.service.reports.gather_leads import part_name
from routing_core.service.reports.report_files import (
    keep_hq_report,
    keep_partner_reports,
    read_partner_batch,
    run_before,
    snapshot_file,
)
from routing_core.service.reports.report_ports import ReportServices
from routing_core.service.reports.report_run import PARTNERS_A_BATCH, ReportRun, RunState
from routing_core.service.reports.stored_snapshots import read_snapshot

MONTHS_OF_A_TREND = 11
"""So many earlier periods stand beside this one."""
SNAPSHOTS_FOR_COHORTS = 3
"""Cohorts are shown until 90 days after their period."""

PartnerTrend = tuple[tuple[Period, PartnerFigures], ...]
"""Earlier periods of one partner as they were sent, the oldest first."""


def make_reports(
    reports: ReportServices, run: ReportRun, parts: Sequence[int], now: datetime
) -> list[int]:
    """Make the snapshot and all figures, and give the numbers of the batches to be sent.

    ``parts`` says how many parts each slice has. To do it again changes nothing: what is stored
    first stays, and every figure comes of it.
    """
    snapshot = _snapshot(reports, run, parts)
    if not len(snapshot):
        reports.runs.note(run.id, RunState.EMPTY, finished_at=now)
        return []
    currency = reports.services.rules.programme_version(run.programme).currency
    made = hq_report(snapshot, EVERYTHING, earlier_reports(reports, run), currency)
    made = with_free_places(reports.services, made, now)
    report = keep_hq_report(reports, run.id, made)
    _keep_remembered(reports, run.id, remembered(report, snapshot))
    batches = -(-len(report.partners) // PARTNERS_A_BATCH)
    made_of = PartnerReports(snapshot, report)
    trends = _trends(reports, run)

    def report_of(figures: PartnerFigures) -> PartnerReport:
        trend = trends.get(figures.partner, ())
        return replace(made_of.of(figures), trend=trend)

    keep_partner_reports(reports, run.id, report.partners, report_of, batches)
    reports.runs.note(
        run.id,
        RunState.MAKING,
        leads=len(snapshot),
        received=report.activity.received,
        partners=len(report.partners),
        batches=batches,
    )
    return list(range(batches))


def _snapshot(reports: ReportServices, run: ReportRun, parts: Sequence[int]) -> Snapshot:
    there = read_snapshot(reports, run.id)
    if there is not None:
        return there
    joined = joined_snapshots(_parts(reports, run, parts))
    if not len(joined):
        return joined
    stored = joined.to_bytes()
    del joined  # what was stored is read, in fewer bytes: never are both held
    return Snapshot.from_bytes(reports.files.keep(snapshot_file(run.id), stored))


def _parts(reports: ReportServices, run: ReportRun, parts: Sequence[int]) -> Iterator[Snapshot]:
    for number, count in enumerate(parts):
        for part in range(count):
            yield Snapshot.from_bytes(reports.files.part(part_name(run, number, part)))


# ── the reports before it ─────────────────────────────────────────────────────────────────────────


def earlier_reports(reports: ReportServices, run: ReportRun) -> EarlierReports:
    """Give what is known before a report is made: earlier ones, and what campaigns cost."""
    months: list[Remembered] = []
    snapshots: list[Snapshot] = []
    for back in range(1, MONTHS_OF_A_TREND + 1):
        before = run_before(reports, run, back)
        told = _read_remembered(reports, before.id) if before else None
        if before is None or told is None:
            break  # a trend has no gaps
        months.insert(0, told)
        snapshot = read_snapshot(reports, before.id) if back <= SNAPSHOTS_FOR_COHORTS else None
        if snapshot is not None:
            snapshots.insert(0, snapshot)
    return EarlierReports(months, snapshots, _costs(reports, run))


def _costs(reports: ReportServices, run: ReportRun) -> Sequence[CampaignCost]:
    """Give what campaigns cost: by the month, so that a week has none."""
    if is_week(named_period(run.period_name, run.zone)):
        return ()
    return reports.costs.read().costs


def _trends(reports: ReportServices, run: ReportRun) -> Mapping[str, PartnerTrend]:
    """Give what the partners' last reports said of each, by the partner's id."""
    before = run_before(reports, run)
    trends: dict[str, PartnerTrend] = {}
    for batch in range(before.batches if before else 0):
        for partner, told in read_partner_batch(
            reports, before.id if before else "", batch
        ).items():
            months = (*told.trend, (told.period, told.figures))
            trends[partner] = months[-MONTHS_OF_A_TREND:]
    return trends


def _remembered_file(run: str) -> str:
    return f"{run}/remembered.json.gz"


def _keep_remembered(reports: ReportServices, run: str, told: Remembered) -> None:
    text = json.dumps(told.to_data(), separators=(",", ":"))
    reports.files.keep(_remembered_file(run), gzip.compress(text.encode(), 6, mtime=0))


def _read_remembered(reports: ReportServices, run: str) -> Remembered | None:
    content = reports.files.read(_remembered_file(run))
    return Remembered.from_data(json.loads(gzip.decompress(content))) if content else None

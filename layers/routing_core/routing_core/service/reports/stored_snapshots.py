"""Reads the snapshots of earlier reports; whoever shows a report that was made needs none."""

from collections.abc import Collection, Sequence

from routing_core.reporting.report_lead import ReportLead
from routing_core.reporting.snapshot import Snapshot
from routing_core.service.reports.report_files import run_before, snapshot_file
from routing_core.service.reports.report_ports import ReportServices
from routing_core.service.reports.report_run import ReportRun


def read_snapshot(reports: ReportServices, run: str) -> Snapshot | None:
    """Read a report's snapshot; None if there is none."""
    content = reports.files.read(snapshot_file(run))
    return Snapshot.from_bytes(content) if content else None


def as_last_known(snapshot: Snapshot | None, ids: Collection[str]) -> list[ReportLead]:
    """Give leads as an earlier report knew them.

    A lead of that report that cannot be read any more is still open where it was: without it, the
    next report would begin with fewer open leads than that one ended with.
    """
    if snapshot is None or not ids:
        return []
    return [lead for lead in snapshot.report_leads() if lead.id in ids]


def snapshot_before(reports: ReportServices, run: ReportRun) -> Snapshot | None:
    """Read the snapshot of the report on the period before; None where there is none."""
    before = run_before(reports, run)
    return read_snapshot(reports, before.id) if before else None


def leads_before(reports: ReportServices, run: ReportRun) -> Sequence[str] | None:
    """Read whose leads the report on the period before knew; None where there is none."""
    before = run_before(reports, run)
    content = reports.files.read(snapshot_file(before.id)) if before else None
    return Snapshot.ids_in(content) if content else None

"""What is kept of a report: its snapshot, HQ's figures, and the partners' in batches.

Figures are kept as JSON that says what the classes of ``reporting`` do, field by field.
"""

import gzip
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

from routing_core.reporting.hq_report import HqReport
from routing_core.reporting.partner_counts import PartnerFigures
from routing_core.reporting.partner_report import PartnerReport
from routing_core.reporting.report_schedule import named_period, period_before, period_name
from routing_core.service.reports.report_ports import ReportServices
from routing_core.service.reports.report_run import ReportRun, batch_of, run_id

T = TypeVar("T")
LATEST_VERSION = 20
"""So many versions of one period's report are looked through for the last one."""


def snapshot_file(run: str) -> str:
    """Name the file of a report's snapshot."""
    return f"{run}/snapshot.json.gz"


def hq_file(run: str) -> str:
    """Name the file of HQ's figures."""
    return f"{run}/hq.json.gz"


def partners_file(run: str, batch: int) -> str:
    """Name the file of a batch of partners' figures."""
    return f"{run}/partners-{batch:04}.json.gz"


# ── written ───────────────────────────────────────────────────────────────────────────────────────


def keep_hq_report(reports: ReportServices, run: str, report: HqReport) -> HqReport:
    """Store HQ's figures, and give those that are there: the first ones stay."""
    kept = reports.files.keep(hq_file(run), packed_figures(HqReport, report))
    there: HqReport = unpacked_figures(HqReport, kept)
    return there


def keep_partner_reports(
    reports: ReportServices,
    run: str,
    partners: Iterable[PartnerFigures],
    report_of: Callable[[PartnerFigures], PartnerReport],
    batches: int,
) -> None:
    """Make and store the partners' reports, batch by batch; those that are there stay."""
    by_batch: list[list[PartnerFigures]] = [[] for _ in range(batches)]
    for each in partners:
        by_batch[batch_of(each.partner, batches)].append(each)
    for number, of_batch in enumerate(by_batch):
        made = {each.partner: report_of(each) for each in of_batch}
        content = packed_figures(dict[str, PartnerReport], made)
        reports.files.keep(partners_file(run, number), content)


def packed_figures(kind: Any, value: object) -> bytes:
    """Give a value as JSON in gzip, always the same for the same value."""
    return gzip.compress(_adapter(kind).dump_json(value), 6, mtime=0)


def plain_figures(kind: Any, value: object) -> Any:
    """Give a value as JSON has it: lists, texts, numbers."""
    return _adapter(kind).dump_python(value, mode="json")


def unpacked_figures(kind: Any, content: bytes) -> Any:
    """Read what ``packed_figures`` wrote."""
    return _adapter(kind).validate_json(gzip.decompress(content))


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


# ── read ──────────────────────────────────────────────────────────────────────────────────────────


def read_hq_report(reports: ReportServices, run: str) -> HqReport | None:
    """Read HQ's figures; None if there are none yet."""
    content = reports.files.read(hq_file(run))
    return unpacked_figures(HqReport, content) if content else None


def read_partner_batch(
    reports: ReportServices, run: str, batch: int
) -> Mapping[str, PartnerReport]:
    """Read the figures of a batch of partners, by the partner's id; none if there are none yet."""
    content = reports.files.read(partners_file(run, batch))
    found: Mapping[str, PartnerReport] = (
        unpacked_figures(dict[str, PartnerReport], content) if content else {}
    )
    return found


def read_partner_report(
    reports: ReportServices, run: ReportRun, partner: str
) -> PartnerReport | None:
    """Read a partner's figures; None if there was nothing to report about them."""
    return read_partner_batch(reports, run.id, batch_of(partner, run.batches)).get(partner)


# ── the reports before it ─────────────────────────────────────────────────────────────────────────


def run_before(reports: ReportServices, run: ReportRun, back: int = 1) -> ReportRun | None:
    """Give the report on the period before, in its last version that is there.

    With ``back`` it is the one so many periods before. It is None where there is none.
    """
    period = named_period(run.period_name, run.zone)
    for _ in range(back):
        period = period_before(period)
    return latest_run(reports, period_name(period))


def latest_run(reports: ReportServices, name: str) -> ReportRun | None:
    """Give the report on a period in its last version that is there; None where there is none."""
    found: ReportRun | None = None
    for version in range(1, LATEST_VERSION + 1):
        candidate = reports.runs.get(run_id(name, version))
        if candidate is None:
            break
        if candidate.is_there:
            found = candidate
    return found

"""What a month of a million leads and ten thousand partners takes: time and memory.

make bench-report-scale                                1,000,000 leads, 10,000 partners
make bench-report-scale LEADS=100000 PARTNERS=2000

The month is made up part after part, as it is gathered; the parts are stored in a folder, which is
not measured. A process of its own then does what the task ``make`` does of them: it joins them,
makes HQ's figures with three reports before, and the partners' reports batch after batch, each with
the eleven months before. How much is asked of AWS is what ``bench-report-run`` counts at smaller
sizes.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from routing_core.reporting.figures import EarlierReports, hq_report, remembered
from routing_core.reporting.hq_report import HqReport
from routing_core.reporting.joined_snapshots import joined_snapshots
from routing_core.reporting.partner_report import PartnerReport
from routing_core.reporting.partner_reports import PartnerReports
from routing_core.reporting.snapshot import Snapshot
from routing_core.service.reports.gather_leads import LEADS_A_PART
from routing_core.service.reports.make_reports import (
    MONTHS_OF_A_TREND,
    SNAPSHOTS_FOR_COHORTS,
    PartnerTrend,
)
from routing_core.service.reports.report_files import packed_figures, unpacked_figures
from routing_core.service.reports.report_run import PARTNERS_A_BATCH
from tests.benchmarks.report import CREATED, MONTH, MadeUpMonth


def put_parts(folder: Path, leads: int, partners: int) -> None:
    """Store a made-up month in parts."""
    made_up = MadeUpMonth(LEADS_A_PART, partners)
    for part in range(leads // LEADS_A_PART):
        named = (
            replace(lead, id=f"{part:06x}{number:010x}")
            for number, lead in enumerate(made_up.report_leads())
        )
        stored = Snapshot.of(MONTH, CREATED, 1, named).to_bytes()
        (folder / f"{part:06}").write_bytes(stored)


def parts_of(folder: Path) -> Iterator[Snapshot]:
    """Read the parts, one after the other."""
    for path in sorted(folder.iterdir()):
        yield Snapshot.from_bytes(path.read_bytes())


def most_memory() -> float:
    """Give the most megabytes that this process has had."""
    told = Path("/proc/self/status").read_text()
    return int(told.split("VmHWM:")[1].split()[0]) / 1024


class Told:
    """Prints what each step took, and how much memory there was until then."""

    def __init__(self) -> None:
        self.bare = most_memory()
        self.began = time.process_time()

    def step(self, what: str) -> None:
        """Print a step that is over."""
        took = time.process_time() - self.began
        memory = most_memory() - self.bare
        print(f"{what:44} {took:6.1f} s, {memory:6,.0f} MB until then", flush=True)
        self.began = time.process_time()


def batches_of(
    report: HqReport, made: PartnerReports, trends: Mapping[str, PartnerTrend]
) -> Iterator[bytes]:
    """Make the partners' reports, batch after batch, as they are stored."""
    for first in range(0, len(report.partners), PARTNERS_A_BATCH):
        batch = {
            figures.partner: replace(made.of(figures), trend=trends.get(figures.partner, ()))
            for figures in report.partners[first : first + PARTNERS_A_BATCH]
        }
        yield packed_figures(dict[str, PartnerReport], batch)


def put_month_before(parts: Path, batches: Path) -> None:
    """Store partners' reports that each know of eleven months before them."""
    snapshot = joined_snapshots(parts_of(parts))
    report = hq_report(snapshot)
    months = {
        figures.partner: ((snapshot.period, figures),) * MONTHS_OF_A_TREND
        for figures in report.partners
    }
    made = PartnerReports(snapshot, report)
    for number, content in enumerate(batches_of(report, made, months)):
        (batches / f"{number:04}").write_bytes(content)


def read_trends(batches: Path) -> dict[str, PartnerTrend]:
    """Read what the month before said of each partner."""
    trends: dict[str, PartnerTrend] = {}
    for path in batches.iterdir():
        told = unpacked_figures(dict[str, PartnerReport], path.read_bytes())
        trends |= {partner: each.trend for partner, each in told.items()}
    return trends


def make(parts: Path, batches: Path) -> None:
    """Do what the task ``make`` does, and say what it took."""
    told = Told()
    joined = joined_snapshots(parts_of(parts))
    told.step(f"{len(joined):,} leads joined of their parts")
    stored = joined.to_bytes()
    told.step(f"a snapshot of {len(stored) / 1e6:,.0f} MB in gzip")
    del joined
    snapshot = Snapshot.from_bytes(stored)
    told.step("read again, as the function does")
    earlier = [Snapshot.from_bytes(stored) for _ in range(SNAPSHOTS_FOR_COHORTS)]
    del stored
    told.step(f"{SNAPSHOTS_FOR_COHORTS} snapshots before, as large")
    report = hq_report(snapshot, earlier=EarlierReports([], earlier))
    del earlier
    remembered(report, snapshot)
    told.step("HQ's figures")
    trends = read_trends(batches)
    told.step(f"{MONTHS_OF_A_TREND} months before of each partner")
    made = PartnerReports(snapshot, report)
    sizes = [len(content) for content in batches_of(report, made, trends)]
    told.step(f"{len(report.partners):,} partners' reports")
    print(f"{len(sizes)} batches, of which the largest has {max(sizes) / 1e3:,.0f} kB in gzip")


def main(leads: int, partners: int) -> None:
    with TemporaryDirectory() as folder:
        parts, batches = Path(folder) / "parts", Path(folder) / "batches"
        parts.mkdir()
        batches.mkdir()
        put_parts(parts, leads, partners)
        for step in (put_month_before, make):
            # Of a process of its own: what one step took is not held against the next.
            process = get_context("spawn").Process(target=step, args=(parts, batches))
            process.start()
            process.join()
            if process.exitcode:
                sys.exit(process.exitcode)
    print(f"the function has {lambda_memory():,} MB")


def lambda_memory() -> int:
    """Give the megabytes that the template has for the function of reports."""
    template = Path("template.yaml").read_text()
    after = template.partition("Handler: functions.reports.app.handler")[2]
    return int(after.partition("MemorySize:")[2].split()[0])


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

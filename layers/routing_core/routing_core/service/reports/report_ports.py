"""Says what reports need from outside: where runs and files are kept, and what makes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from routing_core.domain.campaign_cost import CostList
from routing_core.domain.events import CommitRecord
from routing_core.domain.lead import Context, Lead
from routing_core.service.kernel.services import Services
from routing_core.service.reports.report_run import ReportRun, RunState, SentBatch


class ReportRuns(Protocol):
    """Keeps a row for each report: the truth about what was asked for and how far it is."""

    def ask(self, run: ReportRun) -> bool:
        """Note a report that is asked for; False if it was asked for before."""

    def again(self, run: ReportRun, attempt: int, now: datetime) -> bool:
        """Note that a failed report is begun again; False if somebody else has done so."""

    def mail(self, run: ReportRun) -> bool:
        """Note that a report that is there is mailed now; False if somebody else had it mailed."""

    def get(self, run: str) -> ReportRun | None:
        """Read a report's row; None if it was never asked for."""

    def newest(self, most: int) -> Sequence[ReportRun]:
        """Read the rows of the latest periods, the latest first."""

    def note(self, run: str, state: RunState, **fields: Any) -> None:
        """Note how far a report is, with fields of ``ReportRun`` that are known by now."""

    def note_batch(self, run: str, batch: int, sent: SentBatch) -> None:
        """Note what came of a batch; noting the same batch again replaces it."""


class ReportFiles(Protocol):
    """Keeps what reports are made of and what they say: never changed once it is there."""

    def keep(self, name: str, content: bytes) -> bytes:
        """Store a file unless there is one of that name, and give the content that is there."""

    def read(self, name: str) -> bytes | None:
        """Read a file; None if there is none."""

    def put_part(self, name: str, content: bytes) -> None:
        """Store a part of something, in place of whatever is there; it is gone after some days."""

    def part(self, name: str) -> bytes:
        """Read a part. Raises NotFound."""


class CostBook(Protocol):
    """Keeps what campaigns cost: one list, in its last version."""

    def read(self) -> CostList:
        """Read the list; an empty one in version 0 where none was ever saved."""

    def keep(self, told: CostList) -> None:
        """Write the list over the version before its own.

        Raises VersionConflict, and InvalidInput for a list that is too long to be kept.
        """


@dataclass(frozen=True, slots=True)
class LeadHistory:
    """A lead with all that was ever committed to it."""

    lead: Lead
    context: Context | None
    records: tuple[CommitRecord, ...]
    """The oldest first."""
    is_past: bool = False
    """Tells whether it never came through the product: HQ imported it as a lead of the past."""


@dataclass(frozen=True, slots=True)
class ScannedLeads:
    """Some leads that a scan came by."""

    histories: tuple[LeadHistory, ...]
    cursor: str
    """Goes on where this ends; empty if nothing is left."""


class LeadHistories(Protocol):
    """Reads leads with their histories, many at once; one that cannot be read is left out."""

    def of(self, ids: Sequence[str]) -> Iterable[LeadHistory]:
        """Read leads by their ids."""

    def scan(self, segment: int, segments: int, cursor: str, most: int) -> ScannedLeads:
        """Read leads of a part of the table, about ``most`` of them from ``cursor`` on."""


class ReportMachine(Protocol):
    """Starts what makes a report."""

    def start(self, run: ReportRun) -> None:
        """Begin to make a report; to begin the same attempt again changes nothing."""

    def start_mailing(self, run: ReportRun) -> None:
        """Begin to mail one that is there; to begin the same mailing again changes nothing."""


@dataclass(frozen=True, slots=True)
class ReportServices:
    """The first argument of the use cases of reports."""

    services: Services
    runs: ReportRuns
    files: ReportFiles
    costs: CostBook

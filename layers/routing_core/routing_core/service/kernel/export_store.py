"""Says what exports of leads need from outside: where their files are kept for a week."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from routing_core.domain.errors import Conflict


class ExportKind(StrEnum):
    """The kinds of file that leads are exported as; the values stand in addresses."""

    CSV = "csv"
    XLSX = "xlsx"


class ExportMoved(Conflict):
    """Somebody else went on with the export at the same time: what they wrote counts."""


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One of an export's files."""

    name: str
    """The name under which it is kept: each attempt to write one has its own."""
    leads: int
    """Counts the leads in it."""


@dataclass(frozen=True, slots=True)
class LeadExport:
    """A list of leads that somebody takes away, made in steps."""

    id: str
    """Begins with the instant at which it was asked for, so that ids sort by it."""
    by: str
    """Who asked for it (``HqPerson.actor``); nobody else sees it."""
    kind: ExportKind
    asked: Mapping[str, str]
    """The filter, as the list's address says it."""
    made_at: datetime
    cursor: str = ""
    """Where the next step goes on."""
    files: tuple[ExportFile, ...] = ()
    """Its files, in the order of the list."""
    looked_back_to: datetime | None = None
    """The instant of receipt until which leads were looked through."""
    is_done: bool = False
    revision: str = ""
    """Changes with whatever is saved; empty while nothing is."""

    @property
    def leads(self) -> int:
        """Count the leads in all files."""
        return sum(file.leads for file in self.files)


class ExportStore(Protocol):
    """Keeps exports and their files for a week."""

    def save(self, export: LeadExport) -> None:
        """Keep how far an export has come.

        Raises ExportMoved if something else was saved since it was read.
        """

    def get(self, export_id: str) -> LeadExport | None:
        """Read an export; None if there is none, or none any more."""

    def announce(self, export: LeadExport, file: str, leads: Collection[str]) -> None:
        """Keep of which leads a file will tell, by their ids: an erasure deletes it from here on."""

    def put_file(self, export: LeadExport, file: str, content: bytes) -> None:
        """Keep a file that was announced."""

    def discard(self, export: LeadExport, file: str) -> None:
        """Take back a file that nothing leads to."""

    def link(self, export: LeadExport, file: str, name: str) -> str:
        """Give an address that opens a file for a minute, under a name to save it as."""

    def forget(self, lead_id: str, since: datetime) -> None:
        """Delete every export, made at that instant or later, that tells of the lead."""

"""A list of leads that HQ imports: what was said of it, and how far it has come."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from routing_core.domain.on_behalf import ConsentWay, EntryWay
from routing_core.domain.values.extensible import Extensible

LIST_SCOPE = "list"
"""Submission keys of listed leads are scoped by this, whoever imports them by whichever form."""
LIST_SOURCE = "list:"
"""The source of a listed lead begins like this, and the list's name stands behind it."""


class ListMode(StrEnum):
    """What becomes of the leads of a list; the values are stored."""

    ROUTE = "route"
    """They are routed to partners, a few at a time."""
    PAST = "past"
    """They are kept as history, for back-tests and reports alone."""


class ListState(StrEnum):
    """How far an import has come; the values are stored."""

    DRAFT = "draft"
    """It was uploaded, and nothing was decided yet."""
    RUNNING = "running"
    """It was decided, and some of its leads wait for their turn."""
    DONE = "done"
    """All of its leads are in."""
    CANCELLED = "cancelled"
    """Somebody cancelled what still waited."""


class RowOutcome(StrEnum):
    """What became of a row; the values are stored, and counted by."""

    KNOWN = "known"
    """It was there already, from an earlier import of the same list."""
    TWICE = "twice"
    """It says the same as a row above it."""
    ROUTED = "routed"
    """Its lead went its way, to partners, to HQ or to be asked again later."""
    ATTACHED = "attached"
    """Its lead is a repeat of one that is open."""
    KEPT = "kept"
    """It is kept as history."""
    FAILED = "failed"
    """It no longer fits the rules, which have changed since the list was checked."""
    CANCELLED = "cancelled"
    """It still waited when somebody cancelled the rest."""


@dataclass(frozen=True, slots=True)
class ListSettings(Extensible):
    """What is said of a list as a whole, and counts where a row does not say it."""

    name: str
    """Names the list: the same name with the same row is the same lead."""
    form: str
    """The form by which its rows are read."""
    mode: ListMode = ListMode.ROUTE
    product: str = ""
    urgency: str = ""
    language: str = ""
    campaign: str = ""
    way: EntryWay = EntryWay.LIST
    """Says how the leads reached HQ."""
    all_agreed: bool = False
    """Somebody at HQ says that everybody on the list has agreed."""
    consent_way: ConsentWay = ConsentWay.PAPER
    consent_by: str = ""
    """Names who took the consent."""
    consent_at: str = ""
    """The instant of the consent, as it was typed."""

    @property
    def source(self) -> str:
        """Give the source of a lead whose row names none."""
        return f"{LIST_SOURCE}{self.name}"


@dataclass(frozen=True, slots=True)
class LeadList(Extensible):
    """An import, from its upload to its last lead."""

    id: str
    """Sorts by the time of upload."""
    by: str
    """Names who imports it, as events do."""
    created_at: datetime
    settings: ListSettings
    regions: frozenset[str] | None = None
    """The regions whose leads that person may import; None = all."""
    header: tuple[str, ...] = ()
    """The names of its columns, as written."""
    columns: tuple[str, ...] = ()
    """The field that each column is; empty for one that is left out."""
    state: ListState = ListState.DRAFT
    version: int = 1
    rows: int = 0
    chunks: int = 0
    """Counts the stored parts of what waits."""
    next_chunk: int = 0
    """The part at which the next run begins."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Counts the rows by ``RowOutcome``."""
    decided_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def settled(self) -> int:
        """Count the rows of which it is known what became of them."""
        return sum(self.counts.values())

    @property
    def waiting(self) -> int:
        """Count the rows that wait for their turn."""
        return self.rows - self.settled if self.state is ListState.RUNNING else 0


@dataclass(frozen=True, slots=True)
class SheetFile:
    """The cells of a list, each as text."""

    header: tuple[str, ...]
    """The names of the columns, as written."""
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    """The number of each row that is not empty, as a spreadsheet shows it, and its cells.

    Each row has as many cells as the header.
    """


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A row that was decided on and waits for its turn."""

    row: int
    key: str
    """Its submission key: the list's name, and its own id or its content."""
    fields: Mapping[str, str]
    """The fields of the form, and how it came."""


def waiting_row_key(name: str, own_id: str, cells: Sequence[str]) -> str:
    """Give the submission key of a row.

    That is the list's name with the row's own id, else with what stands in its cells: in whatever
    order, letter case and spacing.
    """
    listed_as = _plain(name)
    if own_id.strip():
        return f"{listed_as}\nid {_plain(own_id)}"
    said = sorted(filter(None, map(_plain, cells)))
    return "\n".join([listed_as, "row", *said])


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()

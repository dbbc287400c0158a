"""Says where lists of leads are kept while they are imported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from routing_core.domain.lead_list import LeadList, SheetFile, WaitingRow
from routing_core.domain.past_lead import PastLead


@dataclass(frozen=True, slots=True)
class WaitingPart:
    """A stored part of what waits, as it was read."""

    number: int
    version: int
    leads: tuple[WaitingRow, ...]


class LeadLists(Protocol):
    """Keeps imports: what was uploaded, what waits, and what HQ said of columns before."""

    def get(self, list_id: str) -> LeadList | None:
        """Read an import; None if there is none."""

    def recent(self, limit: int) -> Sequence[LeadList]:
        """Read the last imports, the newest first."""

    def running(self) -> Sequence[LeadList]:
        """Read the imports of which something waits or is left to be cleared, the oldest first."""

    def save(self, imported: LeadList, now: datetime) -> None:
        """Write an import over the version before its own. Raises VersionConflict."""

    def put_file(self, list_id: str, sheet: SheetFile, now: datetime) -> None:
        """Keep what was uploaded, for as long as a draft is kept."""

    def file(self, list_id: str) -> SheetFile | None:
        """Read what was uploaded; None once it was decided on, or forgotten."""

    def decide(self, imported: LeadList, leads: Sequence[WaitingRow], now: datetime) -> LeadList:
        """Let these leads wait for their turn: all of them or, if it fails, none.

        Gives the import as it then stands. Raises VersionConflict.
        """

    def part(self, list_id: str, number: int) -> WaitingPart | None:
        """Read a part of what waits; None if nothing of it waits any more."""

    def settle(
        self,
        imported: LeadList,
        part: WaitingPart,
        left: Sequence[WaitingRow],
        counts: Mapping[str, int],
    ) -> bool:
        """Note what became of leads of a part, and which of them are left to wait.

        False if somebody else was faster, and nothing has changed.
        """

    def finish(self, imported: LeadList, now: datetime) -> None:
        """Note that nothing waits any more, and clear it away. Raises VersionConflict."""

    def clear(self, list_id: str) -> None:
        """Forget what is left of an import that is over; doing it again goes on."""

    def existing(self, lead_ids: Sequence[str]) -> frozenset[str]:
        """Tell which leads there are already."""

    def keep_past(self, leads: Sequence[PastLead]) -> int:
        """Store leads of the past that are not there yet, and tell nobody; give how many were."""

    def said_of_columns(self) -> Mapping[str, str]:
        """Give what HQ has said of columns before, by their folded names."""

    def remember_columns(self, said: Mapping[str, str]) -> None:
        """Keep what HQ says of columns, over what it has said before."""

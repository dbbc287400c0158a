"""Keep what is done at HQ besides acting on leads, as lines of the log in the read model."""

from collections.abc import Callable, Iterable
from typing import Any

from routing_core.aws.tables.row_writes import RowWrites
from routing_core.service.kernel.read_model import LogEntry

LogWrites = Callable[[Iterable[LogEntry]], list[dict[str, Any]]]
"""Gives the writes that keep lines of the log, for a transaction."""


def nothing_to_note(entries: Iterable[LogEntry]) -> list[dict[str, Any]]:
    """Keep no line: for what does nothing in the name of HQ. Raises ValueError for any."""
    if entries := list(entries):
        raise ValueError(f"nobody keeps the log here: {entries[0].kind}")
    return []


class ActivityRows:
    """Keeps HQ's activity log: ``ActivityLog``."""

    def __init__(self, rows: RowWrites):
        self._rows = rows

    def note(self, entry: LogEntry) -> None:
        """Keep one entry."""
        self._rows.note(_entry_id(entry), entry)

    def writes(self, entries: Iterable[LogEntry]) -> list[dict[str, Any]]:
        """Give the writes that keep entries, for the transaction of what they tell of."""
        return [self._rows.note_write(_entry_id(each), each) for each in entries]


def _entry_id(entry: LogEntry) -> str:
    done_to = entry.about or entry.partner or entry.lead or str(entry.version)
    return f"{entry.kind}.{entry.by}.{done_to}"

"""Keep what is done at HQ besides acting on leads, as lines of the log in the read model."""

from routing_core.aws.tables.row_writes import RowWrites
from routing_core.service.kernel.read_model import LogEntry


class ActivityRows:
    """Keeps HQ's activity log: ``ActivityLog``."""

    def __init__(self, rows: RowWrites):
        self._rows = rows

    def note(self, entry: LogEntry) -> None:
        """Keep one entry."""
        done_to = entry.about or entry.partner or entry.lead or str(entry.version)
        self._rows.note(f"{entry.kind}.{entry.by}.{done_to}", entry)

"""Says where HQ's activity log is kept."""

from typing import Protocol

from routing_core.domain.activity import Activity


class ActivityLog(Protocol):
    """Keeps what was done at HQ, by month."""

    def note(self, activity: Activity) -> None:
        """Keep one entry; noting the very same one again changes nothing."""
        ...

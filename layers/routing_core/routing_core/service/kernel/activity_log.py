"""Says where it is noted what people and machines of HQ do besides acting on leads."""

from typing import Protocol

from routing_core.service.kernel.read_model import LogEntry


class ActivityLog(Protocol):
    """Keeps what was done at HQ, beside what commits say of leads: ``ReadModel.log`` shows both.

    An entry is noted when it is done. Should noting it fail, so does the request, and whoever
    repeats it finds it done.
    """

    def note(self, entry: LogEntry) -> None:
        """Keep one entry. Its ``kind`` is an ``ActivityKind``; the very same one stays one."""
        ...

"""Says what files of leads need from outside: where their content is kept."""

from typing import Protocol

from routing_core.domain.lead_file import LeadFile


class FileStore(Protocol):
    """Keeps the content of files of leads; which there are, the lead's context says."""

    def put(self, lead_id: str, file: LeadFile, content: bytes) -> None:
        """Keep a file's content, before the context tells of it."""

    def get(self, lead_id: str, file: LeadFile) -> bytes | None:
        """Read a file's content; None if it is gone."""

    def discard(self, lead_id: str, file: LeadFile) -> None:
        """Take back what was put and is not told of."""

    def forget(self, lead_id: str, file_id: str = "") -> None:
        """Delete a file with all that was ever kept of it; without an id, all files of the lead."""

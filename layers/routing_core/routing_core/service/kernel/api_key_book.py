"""Says where the API keys of machines are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from routing_core.domain.api_key import ApiKeyNote, NewKey
from routing_core.service.kernel.read_model import LogEntry


class ApiKeyBook(Protocol):
    """Keeps what is known of API keys, and of each only its hash."""

    def all(self) -> tuple[ApiKeyNote, ...]:
        """List the keys, those revoked too, the newest first."""
        ...

    def add(
        self,
        key: str,
        wanted: NewKey,
        by: str,
        now: datetime,
        noted: Sequence[LogEntry] = (),
    ) -> ApiKeyNote:
        """Keep a new key by its hash, and with it what is ``noted``: both or neither."""
        ...

    def revoke(self, key_id: str, now: datetime, noted: Sequence[LogEntry] = ()) -> ApiKeyNote:
        """End a key at once, and with it keep what is ``noted``: both or neither.

        Revoking it again changes nothing. Raises NotFound.
        """
        ...

"""Says where the API keys of machines are kept."""

from datetime import datetime
from typing import Protocol

from routing_core.domain.api_key import ApiKeyNote, NewKey


class ApiKeyBook(Protocol):
    """Keeps what is known of API keys, and of each only its hash."""

    def all(self) -> tuple[ApiKeyNote, ...]:
        """List the keys, those revoked too, the newest first."""
        ...

    def add(self, key: str, wanted: NewKey, by: str, now: datetime) -> ApiKeyNote:
        """Keep a new key by its hash."""
        ...

    def revoke(self, key_id: str, now: datetime) -> ApiKeyNote:
        """End a key at once; raises NotFound. Revoking it again changes nothing."""
        ...

"""An API key as the API tells of it; the key itself nobody keeps."""

from typing import Any

from routing_core.domain.api_key import ApiKeyNote


def key_document(key: ApiKeyNote) -> dict[str, Any]:
    """Give what is kept of a key, ready for JSON; ``regions`` is null for a key for everything."""
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "regions": None if key.regions is None else sorted(key.regions),
        "created": key.created.isoformat(),
        "by": key.by,
        "last_used": key.last_used.isoformat() if key.last_used else None,
        "revoked": key.revoked.isoformat() if key.revoked else None,
    }

"""What a form carries from being shown to being posted: when, and where the visitor came from. Signed, not secret."""

import json
from datetime import datetime
from typing import Any

from routing_core.aws.wiring import wiring
from routing_core.domain.errors import LinkRefused
from routing_core.service.links import Purpose, Token


def stamp(now: datetime, came_from: dict[str, Any] | None = None) -> str:
    told = json.dumps([now.isoformat(), came_from or {}], separators=(",", ":"))
    return wiring().links.token(Token(Purpose.FORM, extra=told))


def read_stamp(text: Any) -> tuple[datetime | None, dict[str, Any]]:
    """None for a post that carries no stamp of ours (a program, or a form on somebody's own page)."""
    try:
        at, came_from = json.loads(wiring().links.read(Purpose.FORM, str(text or "")).extra)
    except LinkRefused:
        return None, {}
    return datetime.fromisoformat(at), came_from

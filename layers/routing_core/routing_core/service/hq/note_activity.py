"""Note in HQ's activity log what somebody did to partners and places."""

from collections.abc import Mapping
from datetime import datetime

from routing_core.domain.activity import ActivityKind
from routing_core.service.kernel.read_model import LogEntry
from routing_core.service.kernel.services import Services


def note_partner(
    services: Services, kind: ActivityKind, partner: str, by: str, now: datetime
) -> None:
    """Note what somebody at HQ did to a partner; nothing where nobody is named."""
    if by:
        services.activity.note(LogEntry(at=now, by=by, kind=kind, partner=partner))


def note_list(
    services: Services, kind: ActivityKind, by: str, now: datetime, counts: Mapping[str, int]
) -> None:
    """Note that somebody at HQ took a whole list in or out, with what came of its rows."""
    for entry in list_entries(kind, by, now, counts):
        services.activity.note(entry)


def list_entries(
    kind: ActivityKind, by: str, now: datetime, counts: Mapping[str, int]
) -> tuple[LogEntry, ...]:
    """Give what ``note_list`` notes, for the transaction of what it tells of."""
    if not by:
        return ()
    detail = " ".join(f"{name}={count}" for name, count in counts.items())
    return (LogEntry(at=now, by=by, kind=kind, detail=detail),)

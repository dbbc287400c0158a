"""The auditor of the timers: wakes what is overdue, oldest first, and never lets one bad lead stop the rest."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from .relay import Relay
from .wake_lead import wake_lead

LATENESS = timedelta(seconds=90)
"""Schedules may fire a minute late; only what is later than this was lost."""

logger = logging.getLogger(__name__)


class Postponed(Protocol):
    """Leads that failed to wake: counted, and left alone for a while after the third time in a row."""

    def waits(self, lead: str, now: datetime) -> bool: ...

    def failed(self, lead: str, now: datetime) -> int:
        """Returns how many times in a row."""

    def succeeded(self, lead: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Swept:
    rescued: tuple[str, ...]
    failed: tuple[str, ...]


def sweep(relay: Relay, postponed: Postponed, now: datetime, most: int = 200) -> Swept:
    """Wakes every lead whose deadline passed ``LATENESS`` ago, as a timer would have: ``most`` a run, oldest first."""
    rescued: list[str] = []
    failed: list[str] = []
    for lead_id, due in relay.leads.overdue(now - LATENESS, most * 10):
        try:
            if postponed.waits(lead_id, now):
                continue
            lead = wake_lead(relay, lead_id, now)
            postponed.succeeded(lead_id)
            if lead and lead.due != due:  # else the index was behind: somebody else woke it meanwhile
                rescued.append(lead_id)
        except Exception:
            times = postponed.failed(lead_id, now)
            logger.exception("a lead could not be woken", extra={"lead": lead_id, "times": times})
            failed.append(lead_id)
        if len(rescued) + len(failed) >= most:
            break
    return Swept(tuple(rescued), tuple(failed))

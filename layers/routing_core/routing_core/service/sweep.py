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
    """Leads that failed to wake: counted, and left alone for a while after the third time."""

    def waits(self, lead: str, now: datetime) -> bool: ...

    def failed(self, lead: str, now: datetime) -> int:
        """Returns how many times in a row."""


@dataclass(frozen=True, slots=True)
class Swept:
    rescued: tuple[str, ...]
    failed: tuple[str, ...]
    postponed: tuple[str, ...]
    more: bool
    """The limit was reached: the next run goes on."""


def sweep(relay: Relay, postponed: Postponed, now: datetime, limit: int = 200) -> Swept:
    """Wakes every lead whose deadline passed ``LATENESS`` ago, as a timer would have."""
    overdue = relay.leads.overdue(now - LATENESS, limit)
    rescued: list[str] = []
    failed: list[str] = []
    waiting: list[str] = []
    for lead_id, _ in overdue:
        if postponed.waits(lead_id, now):
            waiting.append(lead_id)
            continue
        try:
            wake_lead(relay, lead_id, now)
            rescued.append(lead_id)
        except Exception:
            times = postponed.failed(lead_id, now)
            logger.exception("a lead could not be woken", extra={"lead": lead_id, "times": times})
            failed.append(lead_id)
    return Swept(tuple(rescued), tuple(failed), tuple(waiting), len(overdue) >= limit)

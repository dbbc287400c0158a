"""The auditor of the timers: wakes what is overdue, oldest first, and never lets one bad lead stop
the rest.

Erasing who asked has no timers at all: months away, and not a matter of minutes, it is done here.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from routing_core.service.kernel.services import Services
from routing_core.service.upkeep.erase_lead import erase_in_time
from routing_core.service.upkeep.wake_lead import wake_lead

LATENESS = timedelta(seconds=90)
"""Schedules may fire a minute late; only what is later than this was lost."""

logger = logging.getLogger(__name__)


class Postponed(Protocol):
    """Leads that failed to wake: counted, and left alone for a while after the third time in a
    row.
    """

    def waits(self, lead: str, now: datetime) -> bool: ...

    def failed(self, lead: str, now: datetime) -> int:
        """Returns how many times in a row."""

    def succeeded(self, lead: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Swept:
    rescued: tuple[str, ...]
    erased: tuple[str, ...]
    failed: tuple[str, ...]


def sweep(services: Services, postponed: Postponed, now: datetime, most: int = 200) -> Swept:
    """Wakes every lead whose deadline passed ``LATENESS`` ago, as a timer would have; then erases
    who asked where the time has come, which is nobody's rescue: ``most`` of each a run, oldest
    first.
    """

    def woken(lead_id: str, due: datetime) -> bool:
        lead = wake_lead(services, lead_id, now)
        return (
            lead is not None and lead.due != due
        )  # else the index was behind: somebody else woke it meanwhile

    def erased(lead_id: str, _: datetime) -> bool:
        return erase_in_time(services, lead_id, now)

    rescues = _each(services.leads.overdue(now - LATENESS, most * 10), woken, postponed, now, most)
    erasures = _each(services.leads.to_erase(now, most * 10), erased, postponed, now, most)
    return Swept(rescues[0], erasures[0], (*rescues[1], *erasures[1]))


def _each(
    rows: Sequence[tuple[str, datetime]],
    do: Callable[[str, datetime], bool],
    postponed: Postponed,
    now: datetime,
    most: int,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """For which leads it was done, and for which it failed."""
    done: list[str] = []
    failed: list[str] = []
    for lead_id, due in rows:
        try:
            if postponed.waits(lead_id, now):
                continue
            changed = do(lead_id, due)
            postponed.succeeded(lead_id)
            if changed:
                done.append(lead_id)
        except Exception:
            times = postponed.failed(lead_id, now)
            logger.exception("a lead could not be woken", extra={"lead": lead_id, "times": times})
            failed.append(lead_id)
        if len(done) + len(failed) >= most:
            break
    return tuple(done), tuple(failed)

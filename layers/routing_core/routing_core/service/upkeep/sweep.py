"""Audits the timers: wakes what is overdue, and never lets one bad lead stop the rest.

Erasing who asked has no timers at all: months away, and not a matter of minutes, it is done here.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from routing_core.service.kernel.services import Services
from routing_core.service.kernel.time_budget import HasTime, no_hurry
from routing_core.service.upkeep.erase_lead import erase_in_time
from routing_core.service.upkeep.wake_lead import wake_lead

LATENESS = timedelta(seconds=90)
"""Schedules may fire a minute late: a timer that is later than this was lost."""
MOST_SWEPT = 200
"""One run wakes so many leads, and erases as many.

It must be over before the next one begins.
"""
READ_FOR_EACH = 10
"""So many times as many leads are read as a run acts on.

Those that are left alone for a while come first in the index, and must not fill the run.
"""

logger = logging.getLogger(__name__)


class Postponed(Protocol):
    """Leads that failed to wake: counted, and left alone for a while after the third failure."""

    def waits(self, lead: str, now: datetime) -> bool:
        """Tell whether the lead is left alone for now."""

    def failed(self, lead: str, now: datetime) -> int:
        """Count a failure, and return how many there were in a row."""

    def succeeded(self, lead: str) -> None:
        """Forget the failures of a lead."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What one run did, by the ids of the leads."""

    rescued: tuple[str, ...]
    erased: tuple[str, ...]
    failed: tuple[str, ...]
    behind: timedelta
    """How long ago the deadline passed that was the oldest when it began; nothing if none had."""


@dataclass(frozen=True, slots=True)
class _Pass:
    """What came of doing one thing to many leads, by their ids."""

    done: tuple[str, ...]
    failed: tuple[str, ...]


def sweep(
    services: Services,
    postponed: Postponed,
    now: datetime,
    most: int = MOST_SWEPT,
    has_time: HasTime = no_hurry,
) -> Swept:
    """Wake every lead whose deadline passed ``LATENESS`` ago, then erase those whose time came.

    At most ``most`` of each are done in a run, the oldest first. What was erased does not count as
    rescued.
    """

    def wake(lead_id: str, due: datetime) -> bool:
        lead = wake_lead(services, lead_id, now)
        return (
            lead is not None and lead.due != due
        )  # else the index was behind: somebody else woke it meanwhile

    def erase(lead_id: str, _: datetime) -> bool:
        return erase_in_time(services, lead_id, now)

    one_by_one = _OneByOne(postponed, now, most, has_time)
    overdue = services.leads.overdue(now - LATENESS, most * READ_FOR_EACH)
    behind = max((now - due for _, due in overdue), default=timedelta(0))
    rescues = one_by_one.do(wake, overdue)
    erasures = one_by_one.do(erase, services.leads.to_erase(now, most * READ_FOR_EACH))
    return Swept(rescues.done, erasures.done, (*rescues.failed, *erasures.failed), behind)


@dataclass(frozen=True, slots=True)
class _OneByOne:
    """Does one thing to many leads, each by itself."""

    postponed: Postponed
    now: datetime
    most: int
    has_time: HasTime

    def do(
        self, act: Callable[[str, datetime], bool], rows: Sequence[tuple[str, datetime]]
    ) -> _Pass:
        """Act on leads, given with their instants, until ``most`` were changed or failed.

        It stops before that when time runs out.

        ``act`` tells whether it changed anything.
        """
        done: list[str] = []
        failed: list[str] = []
        for lead_id, due in rows:
            if not self.has_time():
                break
            try:
                if self.postponed.waits(lead_id, self.now):
                    continue
                changed = act(lead_id, due)
                self.postponed.succeeded(lead_id)
                if changed:
                    done.append(lead_id)
            except Exception:
                times = self.postponed.failed(lead_id, self.now)
                logger.exception(
                    "a lead could not be woken", extra={"lead": lead_id, "times": times}
                )
                failed.append(lead_id)
            if len(done) + len(failed) >= self.most:
                break
        return _Pass(tuple(done), tuple(failed))

"""Whether enough was tried before a lead is given back because nobody answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from routing_core.domain.programme.reasons import Tries


@dataclass(frozen=True, slots=True)
class Missing:
    """What still has to be tried; false if nothing is. ``after``: one attempt later than this is
    missing.
    """

    attempts: int = 0
    days: int = 0
    """On so many more days."""
    after: time | None = None

    def __bool__(self) -> bool:
        return bool(self.attempts or self.days or self.after is not None)


def missing(needs: Tries, attempts: Sequence[datetime], zone: str) -> Missing:
    """``zone``: where the days and the time of day count, the partner's."""
    local = [at.astimezone(ZoneInfo(zone)) for at in attempts]
    days = needs.days - len({at.date() for at in local})
    late = time.fromisoformat(needs.after) if needs.after else None
    tried_late = late is None or any(at.time() >= late for at in local)
    return Missing(max(0, needs.attempts - len(local)), max(0, days), None if tried_late else late)

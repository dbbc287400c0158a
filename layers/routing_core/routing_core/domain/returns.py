"""Whether enough was tried before a lead is given back because nobody answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from routing_core.domain.programme.reasons import Tries


@dataclass(frozen=True, slots=True)
class Missing:
    """What still has to be tried; it is false if nothing is."""

    attempts: int = 0
    """Counts the attempts that are missing."""
    days: int = 0
    """Counts the further days on which there has to be one."""
    after: time | None = None
    """Asks for one attempt later in the day than this; None if there was one, or need not be."""

    def __bool__(self) -> bool:
        """Tell whether anything is missing."""
        return bool(self.attempts or self.days or self.after is not None)


def missing(needs: Tries, attempts: Sequence[datetime], zone: str) -> Missing:
    """Give what is missing of the attempts that a reason for returning needs.

    Days and the time of day count in ``zone``, the partner's.
    """
    partners_zone = ZoneInfo(zone)
    local = [at.astimezone(partners_zone) for at in attempts]
    days = {at.date() for at in local}
    return Missing(
        attempts=max(0, needs.attempts - len(local)),
        days=max(0, needs.days - len(days)),
        after=_missing_hour(needs, local),
    )


def _missing_hour(needs: Tries, attempts: Sequence[datetime]) -> time | None:
    if not needs.after:
        return None
    after = time.fromisoformat(needs.after)
    was_tried = any(at.time() >= after for at in attempts)
    return None if was_tried else after

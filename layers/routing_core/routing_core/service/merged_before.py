"""Enquiries that were merged into another one for good, before repeats stayed whole: HQ looks at those that got lost.

Nothing old is routed by itself. Where the first enquiry ended without serving the other, or the two would not be
attached today, HQ has the other on its list, and hears of all of them in one alert. The sweeper looks through what has
ended a page at a time, and again a day later for as long as some hang on an enquiry that is still alive.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ..domain.enquiry import same_address
from ..domain.lead import MERGED, Deadline, DeadlineKind, Draft, Lead, LeadStatus
from ..domain.repeats import ALIVE, belongs_to
from ..domain.steps import resting
from ..routing.policy import Policy
from .attachments import reaches
from .ports import Change
from .relay import Relay, until_committed

logger = logging.getLogger(__name__)
AGAIN = timedelta(days=1)
HQ_AGAIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what has ended, and where the walk goes on; None = that was the last."""

    leads: Sequence[str]
    then: str | None


class Walk(Protocol):
    """A slow walk through everything that has ended; where it stands is stored."""

    def page(self, now: datetime, most: int) -> Page | None:
        """None while there is nothing to do: it is over, or rests until tomorrow."""

    def turn(self, page: Page, again: datetime | None, some_left: bool) -> None:
        """Notes that a page is done. At its end the walk begins anew ``again``, if any page had ``some_left``."""


def look_through(relay: Relay, walk: Walk, now: datetime, most: int = 200) -> tuple[str, ...]:
    """Looks at one page; returns the ids of those that HQ now has."""
    page = walk.page(now, most)
    if page is None:
        return ()
    merged = [lead for lead in relay.leads.several(page.leads) if lead.joined_of_old]
    told = [lead.id for lead in merged if _goes_to_hq(relay, lead.id, now)]
    walk.turn(page, now + AGAIN, some_left=len(told) < len(merged))
    return tuple(told)


def _goes_to_hq(relay: Relay, lead_id: str, now: datetime) -> bool:
    """One that fails does not keep the others: it is looked at again with the next walk."""
    try:
        return _to_hq(relay, lead_id, now)
    except Exception:
        logger.exception("a merged lead could not be looked at", extra={"lead": lead_id})
        return False


def _to_hq(relay: Relay, lead_id: str, now: datetime) -> bool:
    def work(_: bool) -> bool:
        lead = relay.leads.get(lead_id)
        if lead is None or not lead.joined_of_old:
            return False
        first = relay.leads.get(lead.joined_to) if lead.joined_to else None
        if first is not None and _is_looked_after(relay, lead, first, now):
            return False
        draft = Draft(lead)
        draft.set(joined_to=None, alike=lead.joined_to)
        resting.queue(draft, MERGED, relay.programme, now)
        draft.add_deadlines(Deadline(now + HQ_AGAIN, DeadlineKind.FIRST))
        relay.commit(Change(draft), now=now)
        return True

    return until_committed(work)


def _is_looked_after(relay: Relay, lead: Lead, first: Lead, now: datetime) -> bool:
    """The first is alive or was served, and the two would be attached today."""
    served = first.status is LeadStatus.WON or (first.status is LeadStatus.LOST and first.contacted_at is not None)
    if first.status not in ALIVE and not served:
        return False
    version, programme = relay.rules.programme()
    if not same_address(lead.contact, first.contact) or not belongs_to(lead, first, programme):
        return False
    return reaches(first, lead, relay.rules.network(), Policy.of(programme, version), now)

"""Enquiries that were merged into another one for good, before repeats stayed whole: HQ looks at
those that got lost.

Nothing old is routed by itself. Where the first enquiry ended without serving the other, or the two
would not be attached today, HQ has the other on its list, and hears of all of them in one alert.
The sweeper looks through what has ended a page at a time, and again a day later for as long as some
hang on an enquiry that is still alive.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from routing_core.domain.enquiry.enquiry import same_address
from routing_core.domain.lead import MERGED, Deadline, DeadlineKind, Draft, Lead, LeadStatus
from routing_core.domain.lifecycle import queueing as resting
from routing_core.domain.repeats import ALIVE, belongs_to
from routing_core.routing.policy import Policy
from routing_core.service.kernel.attachments import reaches
from routing_core.service.kernel.ports import Change
from routing_core.service.kernel.services import Services, retry_on_conflict

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
        """Notes that a page is done. At its end the walk begins anew ``again``, if any page had
        ``some_left``.
        """


def look_through(services: Services, walk: Walk, now: datetime, most: int = 200) -> tuple[str, ...]:
    """Looks at one page; returns the ids of those that HQ now has."""
    page = walk.page(now, most)
    if page is None:
        return ()
    merged = [lead for lead in services.leads.several(page.leads) if lead.joined_of_old]
    told = [lead.id for lead in merged if _goes_to_hq(services, lead.id, now)]
    walk.turn(page, now + AGAIN, some_left=len(told) < len(merged))
    return tuple(told)


def _goes_to_hq(services: Services, lead_id: str, now: datetime) -> bool:
    """One that fails does not keep the others: it is looked at again with the next walk."""
    try:
        return _to_hq(services, lead_id, now)
    except Exception:
        logger.exception("a merged lead could not be looked at", extra={"lead": lead_id})
        return False


def _to_hq(services: Services, lead_id: str, now: datetime) -> bool:
    def work(_: bool) -> bool:
        lead = services.leads.get(lead_id)
        if lead is None or not lead.joined_of_old:
            return False
        first = services.leads.get(lead.attached_to) if lead.attached_to else None
        if first is not None and _is_looked_after(services, lead, first, now):
            return False
        draft = Draft(lead)
        draft.set(attached_to=None, alike=lead.attached_to)
        resting.queue(draft, MERGED, services.programme, now)
        draft.add_deadlines(Deadline(now + HQ_AGAIN, DeadlineKind.FIRST))
        services.commit(Change(draft), now=now)
        return True

    return retry_on_conflict(work)


def _is_looked_after(services: Services, lead: Lead, first: Lead, now: datetime) -> bool:
    """The first is alive or was served, and the two would be attached today."""
    served = first.status is LeadStatus.WON or (
        first.status is LeadStatus.LOST and first.contacted_at is not None
    )
    if first.status not in ALIVE and not served:
        return False
    version, programme = services.rules.programme()
    if not same_address(lead.contact, first.contact) or not belongs_to(lead, first, programme):
        return False
    return reaches(first, lead, services.rules.network(), Policy.of(programme, version), now)

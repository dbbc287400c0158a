"""Enquiries that were merged into another one for good, before repeats stayed whole.

HQ looks at those that got lost. Nothing old is routed by itself. Where the first enquiry ended
without serving the other, or the two would not be attached today, HQ has the other on its list, and
hears of all of them in one alert. The sweeper looks through what has ended a page at a time, and
again a day later for as long as some hang on an enquiry that is still alive.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from routing_core.domain.draft import Draft
from routing_core.domain.enquiry.contact_keys import same_address
from routing_core.domain.lead import Deadline, DeadlineKind, Lead, LeadStatus
from routing_core.domain.lifecycle import queueing
from routing_core.domain.reasons import QueueReason
from routing_core.domain.repeats import ALIVE, belongs_to
from routing_core.service.kernel.attachments import reaches
from routing_core.service.kernel.ports import Change
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.situations import situation_of

logger = logging.getLogger(__name__)
AGAIN = timedelta(days=1)
"""The walk begins anew so long after its end.

It does so while some of what it found hang on an enquiry that is still alive.
"""
HQ_AGAIN = timedelta(days=30)
"""HQ is reminded so long after it had one of them on its list."""
PAGE = 200
"""So many of those that have ended are looked at in one go."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of what has ended, and where the walk goes on."""

    leads: Sequence[str]
    """Names the leads of the page."""
    then: str | None
    """Says where the walk goes on; None: that was the last page."""


class Walk(Protocol):
    """Walks slowly through everything that has ended; where it stands is stored."""

    def page(self, now: datetime, most: int) -> Page | None:
        """Give the next page.

        It is None while there is nothing to do: it is over, or rests until tomorrow.
        """

    def turn(self, page: Page, again: datetime | None, some_left: bool) -> None:
        """Note that a page is done.

        At its end the walk begins anew ``again``, if any page had ``some_left``.
        """


def look_through(
    services: Services, walk: Walk, now: datetime, most: int = PAGE
) -> tuple[str, ...]:
    """Look at one page, and give the ids of those that HQ now has."""
    page = walk.page(now, most)
    if page is None:
        return ()
    merged = [lead for lead in services.leads.several(page.leads) if lead.joined_of_old]
    with_hq = [lead.id for lead in merged if _goes_to_hq(services, lead.id, now)]
    walk.turn(page, now + AGAIN, some_left=len(with_hq) < len(merged))
    return tuple(with_hq)


def _goes_to_hq(services: Services, lead_id: str, now: datetime) -> bool:
    """Put one on HQ's list if it got lost, and tell whether it did.

    One that fails does not keep the others: it has its turn with the next walk.
    """
    try:
        return _to_hq(services, lead_id, now)
    except Exception:
        logger.exception("a merged lead could not be looked at", extra={"lead": lead_id})
        return False


def _to_hq(services: Services, lead_id: str, now: datetime) -> bool:
    def work(_: bool) -> bool:
        # Read again: since the page was made somebody may have acted on it.
        lead = services.leads.get(lead_id)
        if lead is None or not lead.joined_of_old:
            return False
        first = services.leads.get(lead.attached_to) if lead.attached_to else None
        if first is not None and _is_looked_after(services, lead, first, now):
            return False
        draft = Draft(lead)
        draft.set(attached_to=None, alike=lead.attached_to)
        queueing.queue(draft, QueueReason.MERGED, services.programme, now)
        draft.add_deadlines(Deadline(now + HQ_AGAIN, DeadlineKind.FIRST))
        services.commit(Change(draft), now=now)
        return True

    return retry_on_conflict(work)


def _is_looked_after(services: Services, lead: Lead, first: Lead, now: datetime) -> bool:
    """Tell whether the first is alive or was served, and the two would be attached today."""
    if first.status not in ALIVE and not _was_served(first):
        return False
    if not same_address(lead.contact, first.contact) or not belongs_to(
        lead, first, services.programme
    ):
        return False
    return reaches(first, lead, situation_of(lead, services.rules, now))


def _was_served(first: Lead) -> bool:
    if first.status is LeadStatus.WON:
        return True
    return first.status is LeadStatus.LOST and first.contacted_at is not None

"""Keeps what other systems tell of a sender's interest: webinars, downloads, pages, scores, calls."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.errors import Gone, NotFound
from routing_core.domain.events import InterestShown
from routing_core.domain.lead import MOST_INTEREST, Interest, Lead, LeadStatus
from routing_core.service.kernel.ports import Change
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services


def add_interest(
    services: Services, lead_id: str, told: Sequence[Interest], by: str, now: datetime
) -> Lead:
    """Keep signs of interest with the lead, and return it; what is known already changes nothing.

    The last ``MOST_INTEREST`` are kept, by when they were. Raises NotFound, or Gone for a lead that
    was erased.
    """

    def work(_: bool) -> Lead:
        lead = services.lead(lead_id)
        # Read after the lead: who writes in between has a higher version, and this is tried again.
        context = services.leads.context(lead_id)
        if context is None:
            raise NotFound(f"there is no lead {lead_id}")
        if lead.status is LeadStatus.ERASED:
            raise Gone("of a lead that was erased nothing more is kept")
        new = [each for each in dict.fromkeys(told) if each not in context.interest]
        in_order = sorted((*context.interest, *new), key=lambda sign: sign.at)
        kept = tuple(in_order[-MOST_INTEREST:])
        if kept == context.interest:
            return lead
        draft = Draft(lead)
        draft.add_event(InterestShown(by=by, count=len(new)))
        services.commit(Change(draft, context=replace(context, interest=kept)), now=now)
        return draft.lead

    return retry_on_conflict(work)

"""Gives what an operator watches: how enquiries pass, how soon they have an owner, what stands still.

An event may be told twice, and is counted twice then: these are signs of life, and no figures of a
report.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from routing_core.domain.events import (
    LeadEvent,
    LeadQueued,
    LeadReceived,
    LeadWon,
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferMade,
)
from routing_core.domain.lead import Lead, LeadStatus, state_list
from routing_core.domain.lead_row import LeadRow
from routing_core.service.kernel.ports import Leads

FUNNEL: Mapping[type[LeadEvent], str] = {
    LeadReceived: "LeadsReceived",
    OfferMade: "OffersMade",
    OfferAccepted: "OffersAccepted",
    OfferDeclined: "OffersDeclined",
    OfferExpired: "OffersExpired",
    LeadQueued: "LeadsToHq",
    LeadWon: "LeadsWon",
}
"""Class of an event → the metric that counts it."""
UNOWNED = (LeadStatus.HQ_QUEUE, LeadStatus.FOLLOW_UP)
"""The states of a lead whom nobody owns and nobody is asked about."""


def steps_counted(events: Iterable[LeadEvent]) -> Mapping[str, int]:
    """Count events by the metric that each adds to; those that no metric is about are left out."""
    return Counter(FUNNEL[type(event)] for event in events if type(event) in FUNNEL)


def time_to_owner(
    lead: Lead, before: LeadRow | None, events: Iterable[LeadEvent]
) -> timedelta | None:
    """Give the time from the enquiry to its first owner; None unless these events gave it one."""
    accepted = any(isinstance(event, OfferAccepted) for event in events)
    owned_before = before is not None and before.accepted_at is not None
    if not accepted or owned_before or lead.accepted_at is None:
        return None
    return lead.accepted_at - lead.received_at


def longest_unowned(leads: Leads, now: datetime) -> timedelta:
    """Tell how long the oldest enquiry has waited that nobody owns and nobody is asked about.

    It is no time at all when there is none.
    """
    waited = timedelta(0)
    for status in UNOWNED:
        for oldest in leads.held_by(state_list(status), 1):
            waited = max(waited, now - oldest.received_at)
    return waited

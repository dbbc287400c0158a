"""Gives what an operator watches: how enquiries pass, how soon they have an owner, what stands still.

An event may be told twice, and is counted twice then: these are signs of life, and no figures of a
report.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from routing_core.domain.enquiry.gatekeeping import HoldReason
from routing_core.domain.events import (
    AttachmentEnded,
    CommitRecord,
    LeadConfirmed,
    LeadEvent,
    LeadQueued,
    LeadReceived,
    LeadReleased,
    LeadWon,
    NurtureReady,
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
HELD_AT_THE_DOOR = frozenset(reason.value for reason in HoldReason)
MOST_UNOWNED_READ = 50
"""So many leads of each state are read for the one that waits longest."""


def steps_counted(events: Iterable[LeadEvent]) -> Mapping[str, int]:
    """Count events by the metric that each adds to; those that no metric is about are left out."""
    return Counter(FUNNEL[type(event)] for event in events if type(event) in FUNNEL)


def time_to_owner(
    lead: Lead, before: LeadRow | None, events: Iterable[LeadEvent]
) -> timedelta | None:
    """Give the time from the enquiry to its first owner; None unless these events gave it one.

    ``before`` is what was known of the lead: what it has seen already is not measured again.
    """
    owned = [(offer.accepted_at, offer.number) for offer in lead.offers if offer.accepted_at]
    if not owned or (before is not None and before.version >= lead.version):
        return None
    accepted_at, first = min(owned)
    gave_it_one = any(isinstance(event, OfferAccepted) and event.offer == first for event in events)
    return accepted_at - lead.received_at if gave_it_one else None


def longest_unowned(leads: Leads, now: datetime) -> timedelta:
    """Tell how long an enquiry has lacked an owner that nobody owns and nobody is asked about.

    It is no time at all when there is none. Of each state those received first are looked at, at
    most ``MOST_UNOWNED_READ``.
    """
    earliest = now
    for status in UNOWNED:
        for lead in _by_last_owner(leads.held_by(state_list(status), MOST_UNOWNED_READ)):
            if _last_owner_until(lead) >= earliest:
                break
            earliest = min(earliest, _unowned_since(lead, leads.events(lead.id)))
    return now - earliest


def _by_last_owner(leads: Iterable[Lead]) -> list[Lead]:
    """Sort leads by how long they can have lacked an owner at most, the longest first."""
    return sorted(leads, key=_last_owner_until)


def _last_owner_until(lead: Lead) -> datetime:
    """Give the instant at which the last owner lost a lead, or it was received."""
    lost = (each.answered_at for each in lead.offers if each.accepted_at and each.answered_at)
    return max(lost, default=lead.received_at)


def _unowned_since(lead: Lead, commits: Iterable[CommitRecord]) -> datetime:
    """Give the instant from which on somebody was to be found for a lead that has no owner."""
    begun = [commit.at for commit in commits if any(map(_lets_it_in, commit.events))]
    return max(_last_owner_until(lead), *begun, lead.received_at)


def _lets_it_in(event: LeadEvent) -> bool:
    """Tell whether by an event somebody is to be found for a lead that waited for something else.

    What HQ looks at lacks an owner meanwhile; what is held at the door is no enquiry yet.
    """
    if isinstance(event, LeadReleased):
        return event.reason in HELD_AT_THE_DOOR
    return isinstance(event, (LeadConfirmed, NurtureReady, AttachmentEnded))

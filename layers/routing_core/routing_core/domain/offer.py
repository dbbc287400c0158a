"""An offer: one partner, one lead, one accept window; frozen when made.

A wave is several of them, made in one commit: whoever accepts first has the lead.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class OfferStatus(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    EXISTING_CUSTOMER = "claimed"
    """The partner says: already my customer. Neutral; HQ decides."""
    RETURNED = "returned"
    """Given back after accepting, for a reason of the programme."""


class OfferKind(StrEnum):
    ROUTED = "routed"
    BACKUP = "backup"
    ASSIGNED = "assigned"
    """HQ chose the partner by hand; may exceed a cap."""
    WAITING = "waiting"
    """The partner had asked to get the lead if it came free."""
    HANDED = "handed"
    """The owner handed it over to this partner."""


OFFER_TRANSITIONS = {
    OfferStatus.PENDING: {
        OfferStatus.ACCEPTED,
        OfferStatus.DECLINED,
        OfferStatus.EXPIRED,
        OfferStatus.WITHDRAWN,
        OfferStatus.EXISTING_CUSTOMER,
    },
    OfferStatus.EXPIRED: {OfferStatus.ACCEPTED},  # shared after a lapse: the late acceptor
    OfferStatus.RETURNED: set(),
    OfferStatus.ACCEPTED: {
        OfferStatus.WITHDRAWN,
        OfferStatus.RETURNED,
    },  # taken back, given back early, handed over
    OfferStatus.EXISTING_CUSTOMER: {
        OfferStatus.ACCEPTED,
        OfferStatus.WITHDRAWN,
    },  # HQ grants it, or routing goes on
    OfferStatus.DECLINED: set(),
    OfferStatus.WITHDRAWN: set(),
}


RELEASED = "released"
"""The reason of a decline by a partner on holiday or paused: neutral, it counts against nobody."""


RELEASE = "release"
"""What a lapse means for a partner who went on holiday with the offer open: released, uncounted."""


@dataclass(frozen=True, slots=True)
class Offer:
    """``number`` counts from 1 within the lead. A pending offer holds one of the partner's places,
    unless so many were
    asked at once that it holds none (``reserves_slot``): it then takes one when it is accepted, if
    there is one.

    ``on_lapse`` is ``share`` or ``retract``, frozen from the rule, or ``RELEASE``. An expired offer
    that was shared may
    still be accepted while nobody owns the lead.
    """

    number: int
    partner: str
    kind: OfferKind
    made_at: datetime
    expires_at: datetime
    on_lapse: str = "retract"
    status: OfferStatus = OfferStatus.PENDING
    answered_at: datetime | None = None
    """Or when it ended: of one that was accepted and then taken or given back, when that
    happened.
    """
    reason: str = ""
    """Decline, claim or return reason, or why it was withdrawn."""
    seen_at: datetime | None = None
    wave: int = 0
    """Counts the waves of the lead from 1; 0 = asked alone, one after the other."""
    reserves_slot: bool = True
    km: int | None = None
    """From the partner's place to the lead's, where both are known."""
    accepted_at: datetime | None = None
    """Stays, however it ended."""
    used: int | None = None
    """Of the window until the partner answered, in thousandths: counted in their response hours as
    they were then. None: not answered, or answered before this was noted.
    """

    @property
    def shared(self) -> bool:
        return self.status is OfferStatus.EXPIRED and self.on_lapse == "share"

    @property
    def granted(self) -> bool:
        """HQ decided that a claim is right: the partner did not press accept."""
        return self.status is OfferStatus.ACCEPTED and bool(self.reason)

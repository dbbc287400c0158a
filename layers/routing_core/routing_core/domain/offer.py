"""An offer: one partner, one lead, one accept window; frozen when made.

A wave is several of them, made in one commit: whoever accepts first has the lead.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from routing_core.domain.values.extensible import Extensible


class OfferStatus(StrEnum):
    """How an offer stands; the values are stored."""

    PENDING = "pending"
    """It waits for the partner's answer."""
    ACCEPTED = "accepted"
    """The partner owns the lead by it."""
    DECLINED = "declined"
    """The partner turned it down, or was away and released it."""
    EXPIRED = "expired"
    """Its window ended without an answer; if it is shared, it may still be accepted."""
    WITHDRAWN = "withdrawn"
    """It ended without the partner's doing."""
    EXISTING_CUSTOMER = "claimed"
    """The partner says "already my customer": it counts against nobody, and HQ decides."""
    RETURNED = "returned"
    """It was given back after accepting, for a reason of the programme."""


class OfferKind(StrEnum):
    """Says on what occasion a partner is asked; the values are stored."""

    ROUTED = "routed"
    """Routing chose the partner."""
    BACKUP = "backup"
    """Nobody else is left, and the partner stands in."""
    ASSIGNED = "assigned"
    """HQ chose the partner by hand, and may exceed a cap."""
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
    # Shared after its window ended: whoever is late may still accept.
    OfferStatus.EXPIRED: {OfferStatus.ACCEPTED},
    OfferStatus.RETURNED: set(),
    # Taken back, given back early, or handed over.
    OfferStatus.ACCEPTED: {OfferStatus.WITHDRAWN, OfferStatus.RETURNED},
    # HQ grants the claim, or routing goes on.
    OfferStatus.EXISTING_CUSTOMER: {OfferStatus.ACCEPTED, OfferStatus.WITHDRAWN},
    OfferStatus.DECLINED: set(),
    OfferStatus.WITHDRAWN: set(),
}
"""Status → those to which an offer may move from it."""


RELEASED = "released"
"""The reason of a decline by a partner on holiday or paused: it counts against nobody."""


RELEASE = "release"
"""What a lapse means for a partner who went on holiday with the offer open: it is released."""


@dataclass(frozen=True, slots=True)
class Offer(Extensible):
    """An offer: what one partner was asked, and how they answered.

    An expired offer that was shared may still be accepted while nobody owns the lead.
    """

    number: int
    """Counts from 1 within the lead."""
    partner: str
    kind: OfferKind
    made_at: datetime
    expires_at: datetime
    on_lapse: str = "retract"
    """Says what the end of the window means, frozen when it is made.

    It is ``share`` or ``retract`` from the programme's rule, or ``RELEASE``.
    """
    status: OfferStatus = OfferStatus.PENDING
    answered_at: datetime | None = None
    """The instant at which it was answered or ended.

    Of one that was accepted and then taken or given back it is when that happened.
    """
    reason: str = ""
    """The reason to decline, claim or return, or why it was withdrawn."""
    seen_at: datetime | None = None
    wave: int = 0
    """Counts the waves of the lead from 1; 0 is for a partner who was asked alone."""
    reserves_slot: bool = True
    """Tells whether a pending offer keeps one of the partner's slots free.

    Where so many are asked at once that none does, the one that is accepted takes a slot then, if
    there is one.
    """
    km: int | None = None
    """The distance from the partner's place to the lead's, where both are known."""
    accepted_at: datetime | None = None
    """The instant at which it was accepted, which stays however it ended."""
    used: int | None = None
    """How much of the window the answer took, in thousandths of its response hours.

    None: it was not answered, or before this was noted.
    """
    unsent: bool = False
    """Tells whether its mail cannot leave yet: the window has not begun."""
    window_from: datetime | None = None
    """The instant from which the window counts, where its mail left late.

    None: it counts from when the offer was made.
    """

    @property
    def begins_at(self) -> datetime:
        """Give the instant from which the window counts."""
        return self.window_from or self.made_at

    @property
    def shared(self) -> bool:
        """Tell whether the partner may still accept it though its window ended."""
        return self.status is OfferStatus.EXPIRED and self.on_lapse == "share"

    @property
    def granted(self) -> bool:
        """Tell whether HQ granted a claim, so that the partner did not press accept."""
        return self.status is OfferStatus.ACCEPTED and bool(self.reason)

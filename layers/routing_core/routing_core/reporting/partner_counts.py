"""What is counted of one partner's period, each figure with its exact meaning."""

from dataclasses import dataclass

from routing_core.reporting.money import Money
from routing_core.reporting.share import Share, Typical


@dataclass(frozen=True, slots=True)
class OfferCounts:
    """How offers ended, by the date of that; those still pending at the end of the period too."""

    made: int = 0
    """Counts those made in the period."""
    accepted: int = 0
    declined: int = 0
    lapsed_seen: int = 0
    lapsed_unseen: int = 0
    """Counts those that ended unanswered though nobody had looked at them."""
    pending: int = 0
    withdrawn: int = 0
    released: int = 0
    taken: int = 0
    existing_customer: int = 0
    mistaken: int = 0

    @property
    def lapsed(self) -> int:
        """Give all that ended without an answer."""
        return self.lapsed_seen + self.lapsed_unseen

    @property
    def acceptance(self) -> Share:
        """Give accepted of accepted, declined and lapsed; what else ended says nothing."""
        return Share(self.accepted, self.accepted + self.declined + self.lapsed)


@dataclass(frozen=True, slots=True)
class PartnerFigures:
    """One partner's period; its leads' further way counts for the partner who has them then."""

    partner: str
    offers: OfferCounts
    response_hours: Typical
    """Hours from offer to answer in the partner's own response hours.

    What lapsed is censored at the end of its window: ignoring an offer never improves it.
    """
    contact_hours: Typical
    """Hours by the clock from acceptance to the first call, of what was accepted in the period."""
    contacted: int
    quoted: int
    won: int
    lost: int
    value: Money
    returned: int
    """Counts the leads given back or taken back in the period, if HQ did not give them again."""
    return_rate: Share
    """Upheld returns of the leads accepted in the period."""
    sla: Share
    """Calls in time of the deadlines that fall in the period."""
    conversion: Share
    """Won of the leads accepted in the period; what left through no fault of theirs leaves it."""
    entitled: float
    """The offers that weights alone would have given, of the leads for which they could be asked.

    Beside it stands ``routed``.
    """
    routed: int
    """Counts the offers that routing gave, which is what ``entitled`` is compared with."""
    open: int
    """Counts the leads that they have at the end of the period."""
    overdue: int
    """Counts those of them whose time to call has passed."""

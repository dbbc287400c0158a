"""What is known of a lead while its event rows are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from routing_core.domain.lead import LeadStatus
from routing_core.domain.offer import OfferKind
from routing_core.reporting.report_lead import AfterAccept, LeadStage, OfferEnd, Step

STAGE_OF: Mapping[LeadStatus, LeadStage] = {
    LeadStatus.QUARANTINED: LeadStage.HELD,
    LeadStatus.NURTURE: LeadStage.NURTURE,
    LeadStatus.OFFERED: LeadStage.OFFERED,
    LeadStatus.ACCEPTED: LeadStage.ACCEPTED,
    LeadStatus.CONTACTED: LeadStage.CONTACTED,
    LeadStatus.QUOTED: LeadStage.QUOTED,
    LeadStatus.WON: LeadStage.WON,
    LeadStatus.LOST: LeadStage.LOST,
    LeadStatus.HQ_QUEUE: LeadStage.WAITING,
    LeadStatus.FOLLOW_UP: LeadStage.WAITING,
    LeadStatus.ATTACHED: LeadStage.REPEAT,
    LeadStatus.REJECTED: LeadStage.REJECTED,
    LeadStatus.WITHDRAWN: LeadStage.WITHDRAWN,
}
"""Status → the stage that reports see in it; an erased lead is in the stage it had before."""


@dataclass(slots=True)
class OfferStory:
    """What events tell of one offer."""

    number: int
    partner: str
    kind: OfferKind
    made_at: datetime
    until: datetime
    end: OfferEnd = OfferEnd.PENDING
    decided_at: datetime | None = None
    answered_at: datetime | None = None
    """The instant at which the partner answered; None if only the clock or somebody else did."""
    accepted_at: datetime | None = None
    seen: bool = False
    reason: str = ""
    after: AfterAccept | None = None
    let_go_at: datetime | None = None
    contact_by: datetime | None = None
    window_from: datetime | None = None
    """The instant from which the window counts, where its mail left late."""

    @property
    def begins_at(self) -> datetime:
        """Give the instant from which the window counts."""
        return self.window_from or self.made_at


@dataclass(frozen=True, slots=True)
class RoutedOffers:
    """Offers that routing made in one commit, and who could have been asked."""

    at: datetime
    offers: int
    ranked: tuple[str, ...]


@dataclass(slots=True)
class OwnersStep:
    """What stood before a step of the owner, so that it can be undone."""

    steps: list[Step]
    value: Decimal | None
    quote: Decimal | None
    reason: str


@dataclass(slots=True)
class LeadStory:
    """What the events of one lead tell, read so far."""

    neutral_returns: frozenset[str]
    """The programme's reasons for giving back that are not the partner's fault."""
    steps: list[Step] = field(default_factory=list)
    stage: LeadStage = LeadStage.WAITING
    owner: str = ""
    offers: dict[int, OfferStory] = field(default_factory=dict)
    value: Decimal | None = None
    quote: Decimal | None = None
    currency: str = ""
    reason: str = ""
    by_hand: bool = False
    was_placed: bool = False
    nobody_left: int | None = None
    not_called: bool = False
    call_confirmed: bool = False
    renewed: list[tuple[datetime, datetime]] = field(default_factory=list)
    """The instants at which the prospect was put off, and until when."""
    routed: list[RoutedOffers] = field(default_factory=list)
    before: OwnersStep | None = None

    def come_to_rest(self, at: datetime) -> None:
        """Note the stage in which a commit left the lead."""
        if self.stage is LeadStage.OFFERED and not self.is_asking:
            self.stage = LeadStage.WAITING
        step = Step(at, self.stage, self.owner)
        last = self.steps[-1] if self.steps else None
        if last is None or (last.stage, last.partner) != (step.stage, step.partner):
            self.steps.append(step)

    @property
    def is_asking(self) -> bool:
        """Tell whether any offer waits for an answer."""
        return any(each.end is OfferEnd.PENDING for each in self.offers.values())

    @property
    def owners_offer(self) -> OfferStory | None:
        """Give the offer by which the owner has the lead."""
        held = (each for each in self.offers.values() if each.after is AfterAccept.KEPT)
        return next(held, None)

    def let_go(self, offer: OfferStory, after: AfterAccept, at: datetime) -> None:
        """Note that the owner no longer has the lead."""
        offer.after = after
        offer.let_go_at = at
        self.owner = ""
        self.quote = None
        self.stage = LeadStage.WAITING

    def decide(self, number: int, end: OfferEnd, at: datetime) -> OfferStory | None:
        """Note how an offer ended; None if it is not known."""
        offer = self.offers.get(number)
        if offer is not None:
            offer.end = end
            offer.decided_at = at
        return offer

    def remember(self) -> None:
        """Keep how it stands, for the owner may take back what comes now."""
        self.before = OwnersStep(list(self.steps), self.value, self.quote, self.reason)

    def touched_by_hq(self) -> None:
        """Note that a person at HQ had a hand in who gets it first."""
        if not self.was_placed:
            self.by_hand = True

"""What HQ's report shows: every figure, each with its exact meaning.

*PeriodActivity* counts what happened in the period; a *cohort* follows the leads that came in it. An
offer is one partner asked about one lead, so offers add up to more than leads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from routing_core.reporting.money import Money
from routing_core.reporting.outlook import Forecast, ForecastCheck, Velocity
from routing_core.reporting.partner_counts import OfferCounts, PartnerFigures
from routing_core.reporting.period import Period
from routing_core.reporting.report_lead import LeadStage
from routing_core.reporting.share import NO_CASES, NO_TYPICAL, Share, Typical

ANSWER_BINS = (1, 2, 4, 8, 12, 16, 24, 40)
"""Response hours by which answers are counted; what takes longer is under ``LONGER``."""
LONGER = 0
"""Stands for answers that took longer than all bins."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The line that adds up: what was open and what came is what ended and what is open."""

    open_at_start: int
    received: int
    """Counts leads from the instant at which they count: received, let through, or on their own.

    What is held at the door and what is attached to another enquiry counts when that ends.
    """
    reopened: int
    won: int
    lost: int
    """Counts those that a partner had."""
    rejected: int
    withdrawn: int
    closed_unplaced: int
    became_repeats: int
    """Counts those that turned out to be another enquiry of the same person."""
    open_at_end: int
    spam: int
    """Counts, apart from the line, what was rejected at the door in the period."""
    held: int
    """Counts, apart from the line, what is held at the door at the end."""
    repeats: int
    """Counts, apart from the line, what came in the period as a repeat."""
    past_untold: int = 0
    """Counts enquiries of an imported past of which the list does not say how they ended or who
    had them: whether anybody took them is not known."""

    @property
    def coming(self) -> int:
        """Give the left side of the line."""
        return self.open_at_start + self.received + self.reopened

    @property
    def going(self) -> int:
        """Give the right side of the line, which is the same number."""
        ended = self.won + self.lost + self.rejected + self.withdrawn + self.closed_unplaced
        return ended + self.past_untold + self.became_repeats + self.open_at_end


@dataclass(frozen=True, slots=True)
class PeriodActivity:
    """What happened in the period, by the date of each event."""

    received: int
    offers: OfferCounts
    contacted: int
    """Counts leads that came to be contacted, also by a quote or an order at once."""
    quoted: int
    won: int
    lost: int
    returned: int
    value: Money
    """Adds up what was won in the period, net."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """What became, so many days after its end, of the leads that came in a period."""

    period: Period
    days: int
    """Counts the days from the period's end to the day that is shown: 0, 30, 60 or 90."""
    received: int
    offered: int
    """Counts those that any partner was asked about."""
    accepted: int
    contacted: int
    quoted: int
    won: int
    lost: int
    unplaced: int
    rejected: int
    withdrawn: int
    open: int
    value: Money


@dataclass(frozen=True, slots=True)
class SpeedToLead:
    """How soon somebody spoke with the prospect, by the clock on the wall, over all partners."""

    within: Mapping[int, Share]
    """Hours → leads contacted within them, of the period's leads that are older than that."""
    hours: Typical
    disputed: Share
    """Contacted leads whose prospect says that nobody had called."""
    confirmed: Share = field(default=NO_CASES)
    """Contacted leads whose prospect says that the partner was in touch."""


@dataclass(frozen=True, slots=True)
class Gap:
    """How demand was met in one part of the country, for one product."""

    country: str
    area: str
    """The region's id; where there are no regions, the first two characters of the postcode."""
    product: str
    demand: int
    """Counts the leads that came in the period."""
    nobody: int
    """Counts those for which there was nobody to ask."""
    refused: int
    """Counts those for which everybody was asked and nobody was left."""
    free: int | None = None
    """Counts the free places of partners who cover any part of it, when the report was made.

    None where that is not known, as of figures that no report is about.
    """
    unlimited: int = 0
    """Counts the partners who cover it and take as many as come; ``free`` leaves them out."""


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How often a reason was given."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """How many of the period's leads came as far as a stage, or further."""

    stage: str
    """It is ``received``, ``offered``, ``accepted``, ``contacted``, ``quoted`` or ``won``."""
    leads: int


@dataclass(frozen=True, slots=True)
class StageAge:
    """The leads that stand in a stage at the end of the period."""

    stage: LeadStage
    open: int
    median_days: float | None
    """The days since they came to the stage, half of them; None of fewer than five."""
    overdue: int
    """Counts those past the deadline of that stage: to be called."""


@dataclass(frozen=True, slots=True)
class CampaignReturn:
    """What a campaign brought: all leads of the period that name it as their last touch."""

    source: str
    campaign: str
    leads: int
    accepted: int
    won: int
    value: Money
    cost: Money
    """Adds up what HQ entered for months of the period; empty if nothing is known."""

    def cost_per(self, count: int) -> Money:
        """Give the cost of each of so many leads, acceptances or orders."""
        if not count:
            return {}
        cents = Decimal("0.01")
        return {name: (cost / count).quantize(cents) for name, cost in self.cost.items()}

    @property
    def returned(self) -> Mapping[str, Decimal]:
        """Give value ÷ cost by currency, of the currencies in which both are known."""
        return {
            name: (self.value[name] / cost).quantize(Decimal("0.01"))
            for name, cost in self.cost.items()
            if cost and name in self.value
        }


@dataclass(frozen=True, slots=True)
class EndedLead:
    """A lead that was won or lost since the last report."""

    lead: str
    area: str
    product: str
    partner: str
    at: datetime
    value: Decimal | None
    currency: str
    reason: str


class NotableKind(StrEnum):
    """What may need a person first."""

    GAP = "gap"
    """There is nobody to ask for a product in a part of the country."""
    UNSEEN = "unseen"
    """Nobody at a partner looks at their offers."""
    LAPSES = "lapses"
    """A partner leaves offers unanswered though they saw them."""
    SLA = "sla"
    """A partner calls late, far more often than others."""
    OVERDUE = "overdue"
    """A partner has leads whose time to call has passed."""
    WAITING = "waiting"
    """Leads wait for somebody at HQ."""
    PROMISES = "promises"
    """Prospects were put off instead of hearing from a partner."""
    DECLINES = "declines"
    """A partner declines most of what they are offered."""
    RETURNS = "returns"
    """A partner gives back much of what they accept."""
    DISPUTED = "disputed"
    """Prospects say that nobody called though a partner said so."""
    UNFAIR = "unfair"
    """A partner gets far less than weights would give."""


@dataclass(frozen=True, slots=True)
class Notable:
    """One of the exceptions with which a report begins."""

    kind: NotableKind
    subject: str
    """Names the partner, or the part of the country and the product; empty: it is everybody."""
    count: int
    """Counts the leads or offers concerned, by which notable are ordered."""
    of: int
    product: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Headline:
    """The few numbers of a period that trends and later corrections compare."""

    period: Period
    received: int
    offers: int
    accepted: int
    declined: int
    lapsed: int
    contacted: int
    quoted: int
    won: int
    lost: int
    open_at_end: int
    value: Money
    acceptance: Share
    sla: Share
    contacted_in_a_day: Share
    automatic: Share
    promises: Share = NO_CASES
    response_hours: Typical = NO_TYPICAL
    """Of one period's report alone: typical values of two parts cannot be added up."""


@dataclass(frozen=True, slots=True)
class Restated:
    """A figure of a report that was sent, and what is known of it now."""

    figure: str
    """Names it as ``Headline`` does, and for money with the currency: ``value EUR``."""
    sent: Decimal
    now: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class HqReport:
    """All figures of a period, for HQ."""

    period: Period
    created: datetime
    programme: int
    headline: Headline
    notable: tuple[Notable, ...]
    """The five exceptions that concern most leads."""
    reconciliation: Reconciliation
    activity: PeriodActivity
    cohorts: tuple[Cohort, ...]
    """The period's own at its end, and earlier ones reprinted after 30, 60 and 90 days."""
    funnel: tuple[FunnelStep, ...]
    partners: tuple[PartnerFigures, ...]
    """Each partner of whom there is anything to tell, by id."""
    response_hours: Typical
    """Over all partners, like each partner's."""
    answered_after: Mapping[int, int]
    """Response hours → answers that took up to so many, but longer than the next lower ones."""
    speed: SpeedToLead
    automatic: Share
    """Leads first accepted in the period without a hand of HQ, of all such."""
    promises: Share
    """Promises that fell in the period and were kept."""
    sla: Share
    gaps: tuple[Gap, ...]
    """Product by part of the country, the worst first."""
    decline_reasons: tuple[ReasonCount, ...]
    lost_reasons: tuple[ReasonCount, ...]
    return_reasons: tuple[ReasonCount, ...]
    unfair: Share
    """Routed offers that weights alone would have given to somebody else; rounded to whole ones."""
    ages: tuple[StageAge, ...]
    velocity: Velocity
    forecast: Forecast
    last_forecast: ForecastCheck | None
    campaigns: tuple[CampaignReturn, ...]
    won_since: tuple[EndedLead, ...]
    """The largest orders first, a hundred at most; ``activity`` counts all."""
    lost_since: tuple[EndedLead, ...]
    """The latest first, a hundred at most."""
    trend: tuple[Headline, ...]
    """Earlier periods as they were sent, the oldest first, and this one last."""
    restated: tuple[Restated, ...]
    """What the last report would say otherwise today."""

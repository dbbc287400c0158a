"""What one partner's report shows: their own figures beside the anonymous quartiles of others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from routing_core.reporting.hq_report import FunnelStep
from routing_core.reporting.money import Money
from routing_core.reporting.partner_counts import PartnerFigures
from routing_core.reporting.period import Period
from routing_core.reporting.report_lead import LeadStage, OfferEnd

LEAST_PEERS = 5
"""Of fewer others there are no quartiles: they would not be anonymous."""


class Compared(StrEnum):
    """What partners are compared by."""

    ACCEPTANCE = "acceptance"
    RESPONSE = "response"
    """The median of response hours."""
    CONTACT = "contact"
    """The median of hours from acceptance to the first call."""
    SLA = "sla"
    CONVERSION = "conversion"


LESS_IS_BETTER = frozenset({Compared.RESPONSE, Compared.CONTACT})
"""What is a time; of the others more is better."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A partner's own figure beside those of others, of whom there are five with five cases."""

    measure: Compared
    own: float | None
    """None if the partner has too few cases."""
    lower: float
    """A quarter of the others have less."""
    middle: float
    upper: float
    """A quarter of the others have more."""
    peers: int


@dataclass(frozen=True, slots=True)
class MissedLead:
    """A lead that the partner was offered in the period and did not take."""

    lead: str
    area: str
    product: str
    urgency: str
    offered_at: datetime
    ended_at: datetime
    why: OfferEnd
    """It is declined, lapsed, released or taken."""
    seen: bool
    reason: str
    """The reason to decline it; empty if there was none."""


@dataclass(frozen=True, slots=True)
class ToDo:
    """Something that the partner has open at the end of the period."""

    lead: str
    offer: int
    """Gives the number of the offer, for the link."""
    area: str
    product: str
    stage: LeadStage
    """It is offered (to be answered), accepted (to be called), contacted or quoted."""
    since: datetime
    """The instant at which it came to the stage."""
    by: datetime | None
    """Ends the time for it: of the window, or for the first call; None if there is none."""
    overdue: bool


class TipKind(StrEnum):
    """The one thing that would help the partner most."""

    LOOK_SOONER = "look_sooner"
    """Offers lapse that nobody looked at: a second contact would help."""
    ANSWER = "answer"
    """Offers lapse that somebody looked at: declining is fine, and frees them."""
    CALL_SOONER = "call_sooner"
    """Calls come late."""
    SAY_HOW_IT_STANDS = "say_how_it_stands"
    """Leads stand where nothing was said about them for long."""
    NARROW = "narrow"
    """Most declines are for one reason: the territory or filters could say so."""
    ANSWER_FASTER = "answer_faster"
    """Others are faster, and leads of a wave go to them."""
    KEEP_ON = "keep_on"
    """Nothing of it applies."""


@dataclass(frozen=True, slots=True)
class Tip:
    """One piece of advice, with the number it comes of."""

    kind: TipKind
    count: int = 0
    of: int = 0
    reason: str = ""
    """Names the decline reason that it is about, if it is about one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerReport:
    """All figures of a period, for one partner."""

    period: Period
    created: datetime
    partner: str
    figures: PartnerFigures
    funnel: tuple[FunnelStep, ...]
    """Offers of the period: offered, accepted, contacted, quoted, won."""
    benchmarks: tuple[Benchmark, ...]
    missed: tuple[MissedLead, ...]
    """The latest first."""
    missed_reasons: Mapping[str, int]
    """Why → how many: ``declined``, ``lapsed_seen``, ``lapsed_unseen``, ``released``, ``taken``."""
    todos: tuple[ToDo, ...]
    """What is overdue first, then what has least time left."""
    value: Money
    tip: Tip
    trend: tuple[tuple[Period, PartnerFigures], ...] = ()
    """Earlier periods as they were sent, the oldest first."""

"""What HQ spent on a campaign in a month."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class CampaignCost:
    """The cost of one campaign of one source in one month."""

    source: str
    campaign: str
    """Names it like the campaign's tag in addresses; empty: the source as a whole."""
    month: date
    """The first day of the month."""
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class CostList:
    """All costs that HQ told, in one of its versions."""

    costs: tuple[CampaignCost, ...] = ()
    version: int = 0
    """Counts how often it was saved; 0: never."""
    saved_at: datetime | None = None
    by: str = ""
    """Names who saved it, as the activity log does."""

"""What HQ spent on a campaign in a month."""

from dataclasses import dataclass
from datetime import date
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

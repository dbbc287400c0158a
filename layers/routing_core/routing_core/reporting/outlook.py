"""What is told of what comes: how fast leads go on, and what the open ones will bring."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from routing_core.reporting.share import Typical


@dataclass(frozen=True, slots=True)
class Velocity:
    """How fast leads go on, and what that makes a day."""

    days: Mapping[str, Typical]
    """Days in a stage until the next step: ``accepted``, ``contacted``, ``quoted``, ``won``.

    By Kaplan and Meier (1958): leads that still stand there, or were lost, are censored.
    """
    opportunities: int
    """Counts the open leads that a partner owns."""
    win_rate: float | None
    """Won of the leads that ended with an owner; None of fewer than five."""
    value: Decimal | None
    """What an order is worth on average, in ``currency``; None of fewer than five."""
    currency: str
    cycle_days: float | None
    """Days from acceptance to the order, half of the orders."""

    @property
    def per_day(self) -> Decimal | None:
        """Give opportunities × win rate × value ÷ days of the cycle."""
        if self.win_rate is None or self.value is None or not self.cycle_days:
            return None
        orders_a_day = self.opportunities * self.win_rate / self.cycle_days
        return (Decimal(orders_a_day) * self.value).quantize(Decimal("0.01"))


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the open leads are expected to bring, with the interval in which 80 in 100 lie."""

    open: int
    """Counts the leads that partners own at the end of the period."""
    won: float
    won_low: float
    won_high: float
    currency: str
    value: Decimal
    value_low: Decimal
    value_high: Decimal
    based_on: int
    """Counts the ended leads from which the chances come; 0: too few, and nothing is expected."""


@dataclass(frozen=True, slots=True)
class ForecastCheck:
    """How the last forecast turned out so far, for the very leads that it was made of."""

    expected: Forecast
    won: int
    lost: int
    """Counts those that ended without an order, however."""
    still_open: int
    value: Decimal

    @property
    def within(self) -> bool | None:
        """Tell whether the orders lie in the interval; None while open leads can change that."""
        if self.won > self.expected.won_high:
            return False
        if self.won + self.still_open < self.expected.won_low:
            return False
        if self.won >= self.expected.won_low and not self.still_open:
            return True
        return None

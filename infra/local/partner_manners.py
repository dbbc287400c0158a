"""How made-up partners deal with offers and leads: most of them, a strong one, a weak one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PartnerManner:
    """How one partner deals with offers and leads; shares from 0 to 1."""

    accepts: float = 0.72
    declines: float = 0.16
    """What is neither accepted nor declined lapses."""
    looks: float = 0.6
    """The share of lapsed offers that somebody looked at."""
    answer_hours: float = 1.2
    """The mean of response hours to an answer."""
    calls_late: float = 0.12
    call_hours: float = 5.0
    """The mean of response hours from acceptance to the first call."""
    quotes: float = 0.7
    wins: float = 0.45
    """The share of quotes that become orders."""
    order: float = 14_000.0
    """The mean of an order."""
    returns: float = 0.04


STRONG = PartnerManner(
    accepts=0.9,
    declines=0.07,
    answer_hours=0.4,
    calls_late=0.02,
    call_hours=1.5,
    quotes=0.85,
    wins=0.62,
    order=16_500.0,
    returns=0.01,
)
"""The manner of a partner whom everybody would like to have more of."""
WEAK = PartnerManner(
    accepts=0.38,
    declines=0.12,
    looks=0.2,
    answer_hours=3.5,
    calls_late=0.5,
    call_hours=18.0,
    quotes=0.45,
    wins=0.22,
    order=11_000.0,
    returns=0.12,
)
"""The manner of one with whom somebody should talk."""

"""The decision and its record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..domain.partner import Load
from .network import Network
from .policy import Enquiry, Policy


@dataclass(frozen=True, slots=True)
class Candidate:
    """One eligible partner with the keys that rank it, in order, as (name, value) pairs people can read."""

    partner: str
    keys: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Decision:
    ranked: tuple[Candidate, ...]
    """Eligible partners, best first."""
    excluded: Mapping[str, tuple[str, ...]]
    """Reason code → partners (in territory but not eligible)."""
    network_version: str
    policy_version: int
    loads: Mapping[str, tuple[int, int]]
    """Partner → (places, seq) seen."""
    at: datetime

    @property
    def chosen(self) -> str | None:
        return self.ranked[0].partner if self.ranked else None

    def record(self) -> dict[str, Any]:
        """JSON-ready; bounded (at most 20 candidates and 5 examples a reason, with counts)."""
        raise LookupError


def shortlist(enquiry: Enquiry, network: Network, policy: Policy, limit: int = 90) -> tuple[str, ...]:
    """Partner ids worth reading the load of, by static keys: specificity, rank, tier, id."""
    raise LookupError


def decide(enquiry: Enquiry, network: Network, policy: Policy, loads: Mapping[str, Load], now: datetime) -> Decision:
    raise LookupError

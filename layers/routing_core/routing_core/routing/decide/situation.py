"""The situation in which it is decided who is offered an enquiry.

It is one value, so that all look at the same.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from routing_core.domain.partner import Load
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry, Policy

LoadsByPartner = Mapping[str, Load]
"""Partner → what that one holds right now; who is missing takes no offers."""
ReadLoads = Callable[[Sequence[str]], LoadsByPartner]
"""Reads the loads of these partners; each call costs a read of the store."""


class Situation(NamedTuple):
    """Everything that a decision hangs on.

    The same situation always gives the same decision.
    """

    # A tuple: making a frozen dataclass costs a tenth of the whole shortlist.
    enquiry: Enquiry
    """Says what is asked for, and where."""
    network: Network
    """Knows the partners there are."""
    policy: Policy
    """Holds the programme's routing rules."""
    now: datetime
    """Gives the instant of the decision, in UTC."""
    loads: LoadsByPartner = MappingProxyType({})
    """Gives the loads that were read so far; a shortlist needs none."""

    def with_loads(self, loads: LoadsByPartner) -> "Situation":
        """Give the same situation with these loads beside those it has."""
        return self._replace(loads={**self.loads, **loads})

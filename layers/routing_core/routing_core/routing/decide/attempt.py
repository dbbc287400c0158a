"""One attempt to find whom a lead is offered next: what all who look for somebody look at."""

from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.lead import Lead
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.routing.decide.answering import ClockOf
from routing_core.routing.decide.decision import Decision
from routing_core.routing.decide.situation import ReadLoads, Situation


@dataclass(frozen=True, slots=True)
class PlacementAttempt:
    """A lead, what routing decided about it, and the means to look further."""

    lead: Lead
    """The lead that is to be offered."""
    programme: Programme
    """The programme, which sets the limits: how many partners, for how long."""
    situation: Situation
    """The situation of the decision.

    Its loads are those of the ranked and of who waits for the lead.
    """
    decision: Decision
    """The decision: whom routing would ask."""
    read_loads: ReadLoads
    """Reads the loads of backup partners: only who comes to them pays for it."""
    clock_of: ClockOf
    """Counts response hours."""
    by_hand: bool = False
    """Tells whether HQ asks for it, so that no limit holds."""

    @property
    def now(self) -> datetime:
        """Give the instant of the attempt."""
        return self.situation.now

    @property
    def ranked(self) -> list[Partner]:
        """List the partners whom routing would ask, best first."""
        return [each.standing.partner for each in self.decision.ranked]

"""What one instance remembers of the posts that came in lately."""

from dataclasses import dataclass, field

from routing_core.domain.enquiry.rate_limits import HourlyCounts
from routing_core.service.kernel.ports import GateBook


@dataclass(frozen=True, slots=True)
class Gate:
    """The door of one instance: it lives as long as the instance does."""

    book: GateBook
    counts: HourlyCounts = field(default_factory=HourlyCounts)
    """Counts what this instance alone has let through."""

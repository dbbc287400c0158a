"""What one instance remembers of the posts that came in lately, and where it tells the others."""

from dataclasses import dataclass, field

from routing_core.domain.enquiry.rate_limits import HourlyCounts
from routing_core.service.kernel.ports import GateBook


@dataclass(frozen=True, slots=True)
class Gate:
    """Lives as long as the instance; ``counts`` are its own."""

    book: GateBook
    counts: HourlyCounts = field(default_factory=HourlyCounts)

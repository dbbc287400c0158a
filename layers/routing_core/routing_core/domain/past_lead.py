"""A lead of the past: it ended before it came here, and nothing comes of it."""

from dataclasses import dataclass

from routing_core.domain.events import CommitRecord
from routing_core.domain.lead import Context, Lead


@dataclass(frozen=True, slots=True)
class PastLead:
    """A lead of the past as it is stored: finished, with the commits that it would have had."""

    lead: Lead
    context: Context
    commits: tuple[CommitRecord, ...]
    """They are told to nobody: no mail, timer or event comes of them."""

"""Adds up over all instances what came through unproven, off the stream of what was stored.

One instance at the door sees only its own share of a flood. Here each new enquiry comes by once;
who has had more than a ceiling is reported to all doors. What comes once an hour costs no write.
"""

from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.enquiry.rate_limits import Batches
from routing_core.domain.events import CommitRecord, LeadQuarantined
from routing_core.service.intake.examine_post import MARK_OF_ALL_POSTS, ceiling_of, report_pressure
from routing_core.service.kernel.gate import Gate
from routing_core.service.kernel.ports import Leads, RuleBook


@dataclass(frozen=True, slots=True)
class PostWatch:
    """Counts what comes by on the stream, for as long as the instance lives that reads it."""

    leads: Leads
    rules: RuleBook
    gate: Gate
    batches: Batches
    """What this instance has counted and not written yet."""

    def watch(self, row: CommitRecord, now: datetime) -> None:
        """Count the enquiry of this row, if it is new and came through unproven."""
        is_held = any(isinstance(event, LeadQuarantined) for event in row.events)
        if row.version != 1 or is_held or self.batches.has_seen(row.lead):
            return
        context = self.leads.context(row.lead)
        if context is None or not context.marks:
            return
        full = [mark for mark in (*context.marks, MARK_OF_ALL_POSTS) if self._is_full(mark, now)]
        # Noted only now: a record whose counting failed comes again, and is counted then.
        self.batches.note(row.lead)
        if full:
            report_pressure(self.rules, self.gate, full, now)

    def _is_full(self, mark: str, now: datetime) -> bool:
        """Count one more post with a mark, and tell whether it has had its share in this hour.

        The larger the ceiling, the fewer writes: the count falls short of it by one batch an
        instance.
        """
        ceiling = ceiling_of(self.rules.programme()[1].ceilings, mark)
        size = max(2, ceiling // 10)
        batch_is_full = self.batches.add(mark, size, now)
        return batch_is_full and self.gate.book.count(mark, size, now) >= ceiling

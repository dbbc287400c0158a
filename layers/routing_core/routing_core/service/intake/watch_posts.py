"""Adds up over all instances what came through unproven, off the stream of what was stored.

One instance at the door sees only its own share of a flood. Here each new enquiry comes by once;
who has had more than a ceiling is reported to all doors. What comes once an hour costs no write.
"""

from datetime import datetime

from routing_core.domain.enquiry.rate_limits import Batches
from routing_core.domain.events import CommitRecord
from routing_core.service.intake.examine_post import EVERYBODY, ceiling_of, report_pressure
from routing_core.service.kernel.gate import Gate
from routing_core.service.kernel.ports import Leads, Rules


def watch_posts(
    leads: Leads, rules: Rules, gate: Gate, batches: Batches, row: CommitRecord, now: datetime
) -> None:
    """Counts the enquiry that this row tells of, if it is a new one that came through though nobody
    vouched for it.
    """
    is_held = any(fact.kind == "lead.quarantined" for fact in row.facts)
    if row.version != 1 or is_held or batches.has_seen(row.lead):
        return
    context = leads.context(row.lead)
    if context is None or not context.marks:
        return
    ceilings = rules.programme()[1].ceilings
    full = []
    for mark in (*context.marks, EVERYBODY):
        ceiling = ceiling_of(ceilings, mark)
        size = max(
            2, ceiling // 10
        )  # the larger the ceiling, the fewer writes; short of it by one batch an instance
        if batches.add(mark, size, now) and gate.book.count(mark, size, now) >= ceiling:
            full.append(mark)
    batches.note(row.lead)
    if full:
        report_pressure(rules, gate, full, now)

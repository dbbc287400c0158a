"""How fast leads go from stage to stage, over the leads that stood there in the period."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from routing_core.reporting.columns import Numbers, rows_with, signed
from routing_core.reporting.forecast import TrackRecord
from routing_core.reporting.outlook import Velocity
from routing_core.reporting.period_view import PeriodView
from routing_core.reporting.report_lead import OWNED_STAGES, LeadStage
from routing_core.reporting.share import LEAST_CASES, Typical
from routing_core.reporting.survival import typical_of_spells

HOURS_A_DAY = 24
STEPS = ("accepted", "contacted", "quoted", "won")
"""The milestones after the first, by the names that reports give the way to them."""
_HOUR = 3600


def velocity(view: PeriodView, record: TrackRecord, currency: str) -> Velocity:
    """Give the days from stage to stage, and what they make a day."""
    won = np.where(view.standing(LeadStage.WON), view.ended, 0)
    milestones = (view.entered, view.accepted, view.contacted, view.quoted, won)
    days = {
        name: _days(view, milestones[place], milestones[place + 1], (place + 1,))
        for place, name in enumerate(STEPS)
    }
    cycle = _days(view, view.accepted, won, (2, 3, 4))
    ended, orders = _totals(record)
    count, total, _ = record.orders.get(currency, (0, 0.0, 0.0))
    worth = Decimal(total / count).quantize(Decimal("0.01")) if count >= LEAST_CASES else None
    return Velocity(
        days=days,
        opportunities=view.count(*OWNED_STAGES),
        win_rate=orders / ended if ended >= LEAST_CASES else None,
        value=worth,
        currency=currency,
        cycle_days=cycle.median,
    )


def _totals(record: TrackRecord) -> tuple[int, int]:
    """Count the leads that ended with an owner, and the orders among them."""
    ended = sum(n for (_, stage), n in record.ended.items() if stage == LeadStage.ACCEPTED)
    won = sum(n for (_, stage), n in record.won.items() if stage == LeadStage.ACCEPTED)
    return ended, won


def _days(view: PeriodView, begun: Numbers, done: Numbers, between: Sequence[int]) -> Typical:
    """Give the days from one milestone to a later one, of leads between them in the period.

    Leads that have passed so many as ``between`` says are still there or ended there, and are
    censored.
    """
    start, ended = view.start, view.ended
    is_done = rows_with(view.passed, *range(max(between) + 1, len(STEPS) + 2)) & (done >= start)
    is_left = rows_with(view.passed, *between) & ((ended == 0) | (ended >= start))
    until = np.where(ended > 0, ended, view.end)
    lengths = (signed(done[is_done]) - signed(begun[is_done])) // _HOUR
    left = (signed(until[is_left]) - signed(begun[is_left])) // _HOUR
    return typical_of_spells(lengths, left, _ages_at_start(view, begun, done), HOURS_A_DAY)


def _ages_at_start(view: PeriodView, begun: Numbers, done: Numbers) -> Numbers:
    """Give the hours that leads had been there when the period began."""
    start, old = view.start, view.old
    came, went, ended = begun[old], done[old], view.ended[old]
    was_there = (went >= start) | ((went == 0) & ((ended >= start) | (ended == 0)))
    is_old = (came > 0) & (came < start)
    ages: Numbers = (start - came[is_old & was_there]) // _HOUR
    return ages

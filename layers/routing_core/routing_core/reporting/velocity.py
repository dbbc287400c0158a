"""How fast leads go from stage to stage, over the leads that stood there in the period."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from routing_core.reporting.forecast import TrackRecord
from routing_core.reporting.hq_report import Velocity
from routing_core.reporting.period_view import PeriodView
from routing_core.reporting.report_lead import OWNED_STAGES, LeadStage
from routing_core.reporting.share import LEAST_CASES, Typical
from routing_core.reporting.survival import typical_of_spells

HOURS_A_DAY = 24
_HOUR = 3600


def velocity(view: PeriodView, record: TrackRecord, currency: str) -> Velocity:
    """Give the days from stage to stage, and what they make a day."""
    won = [
        ended if stage == LeadStage.WON else 0
        for ended, stage in zip(view.ended, view.stages, strict=True)
    ]
    days = {
        "accepted": _days(view, view.entered, view.accepted),
        "contacted": _days(view, view.accepted, view.contacted),
        "quoted": _days(view, view.contacted, view.quoted),
        "won": _days(view, view.quoted, won),
    }
    cycle = _days(view, view.accepted, won)
    ended, orders = _totals(record)
    count, total, _ = record.orders.get(currency, (0, 0.0, 0.0))
    worth = Decimal(total / count).quantize(Decimal("0.01")) if count >= LEAST_CASES else None
    return Velocity(
        days=days,
        opportunities=sum(view.stages.count(stage) for stage in OWNED_STAGES),
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


def _days(view: PeriodView, begun: Sequence[int], done: Sequence[int]) -> Typical:
    """Give the days from one milestone to the next, of leads that were between them in the period.

    A lead that ended, or is still there, is censored.
    """
    start, end, hour = view.start, view.end, _HOUR
    lengths = [
        (went - came) // hour for came, went in zip(begun, done, strict=True) if went >= start
    ]
    left = [
        ((ended or end) - came) // hour
        for came, went, ended in zip(begun, done, view.ended, strict=True)
        if came and not went and (not ended or ended >= start)
    ]
    return typical_of_spells(lengths, left, _ages_at_start(view, begun, done), HOURS_A_DAY)


def _ages_at_start(view: PeriodView, begun: Sequence[int], done: Sequence[int]) -> Iterator[int]:
    """Yield the hours that leads had been there when the period began."""
    start = view.start
    for lead in view.old:
        came, went, ended = begun[lead], done[lead], view.ended[lead]
        if 0 < came < start and (went or ended or start) >= start:
            yield (start - came) // _HOUR

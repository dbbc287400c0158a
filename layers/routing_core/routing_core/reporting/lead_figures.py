"""Figures over leads: the line that adds up, activity, cohorts, funnel, speed, ages."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import chain

import numpy as np

from routing_core.reporting.coded_values import NO_AMOUNT, amount_of, instant_of
from routing_core.reporting.columns import (
    IntColumn,
    Selectors,
    as_numbers,
    coded_times,
    counts_of,
    how_many,
    rows_with,
    seconds_between,
)
from routing_core.reporting.flow import turn_of
from routing_core.reporting.hq_report import (
    Cohort,
    EndedLead,
    FunnelStep,
    PeriodActivity,
    Reconciliation,
    SpeedToLead,
    StageAge,
)
from routing_core.reporting.money import Money, added_up
from routing_core.reporting.partner_tally import SECONDS_AN_HOUR, OwnerTally, PartnerTally, hours_of
from routing_core.reporting.period import Period
from routing_core.reporting.period_view import PeriodView
from routing_core.reporting.report_lead import (
    ENDED_STAGES,
    OPEN_STAGES,
    Flow,
    Kept,
    LeadStage,
)
from routing_core.reporting.share import LEAST_CASES, Share
from routing_core.reporting.snapshot import Snapshot
from routing_core.reporting.texts import Texts

SPEED_HOURS = (1, 24, 48)
"""Hours within which somebody should have spoken with the prospect."""
MOST_LISTED_ENDS = 100
"""So many won leads, and so many lost ones, are listed; all are counted."""
_CALLED = frozenset(LeadStage) - {LeadStage.NURTURE, LeadStage.REJECTED, LeadStage.REPEAT}
"""The stages in which a prospect waits for a call, or has waited for one."""
SECONDS_A_DAY = 24 * SECONDS_AN_HOUR


def reconciliation(view: PeriodView) -> Reconciliation:
    """Give the line that adds up: coming by the steps, open at the end by where each lead is."""
    steps = view.snapshot.steps
    first, last = bisect_left(steps.at, view.start), bisect_left(steps.at, view.end)
    turns = as_numbers(steps.turn)
    before, inside = counts_of(turns[:first]), counts_of(turns[first:last])
    ends = {stage: inside[turn_of(Flow.ENDED, stage)] for stage in ENDED_STAGES}
    untold = how_many(view.ended_inside & view.untold)
    return Reconciliation(
        open_at_start=_flowed(before, Flow.RECEIVED)
        + _flowed(before, Flow.REOPENED)
        - _flowed(before, Flow.ENDED)
        - _flowed(before, Flow.JOINED),
        received=_flowed(inside, Flow.RECEIVED),
        reopened=_flowed(inside, Flow.REOPENED),
        won=ends[LeadStage.WON],
        lost=ends[LeadStage.LOST],
        rejected=ends[LeadStage.REJECTED],
        withdrawn=ends[LeadStage.WITHDRAWN],
        closed_unplaced=ends[LeadStage.UNPLACED] - untold,
        became_repeats=_flowed(inside, Flow.JOINED),
        open_at_end=open_leads(view),
        spam=inside[turn_of(Flow.WITHIN, LeadStage.SPAM)],
        held=view.count(LeadStage.HELD),
        repeats=inside[turn_of(Flow.WITHIN, LeadStage.REPEAT)],
        past_untold=untold,
    )


def _flowed(turns: Mapping[int, int], flow: Flow) -> int:
    """Count the steps that do this to the count, whatever stage they lead to."""
    return sum(turns[turn_of(flow, stage)] for stage in LeadStage)


def open_leads(view: PeriodView) -> int:
    """Count the leads that are counted and have not ended at the end of the period."""
    return view.count(*OPEN_STAGES)


def activity(view: PeriodView, tally: PartnerTally, owners: OwnerTally) -> PeriodActivity:
    """Count what happened in the period, by the date of each event."""
    orders = chain.from_iterable(owners.value.values())
    return PeriodActivity(
        received=len(view.stages[view.came]),
        offers=tally.all_offers,
        contacted=how_many(view.happened(view.contacted)),
        quoted=how_many(view.happened(view.quoted)),
        won=owners.won.total(),
        lost=owners.lost.total(),
        returned=tally.given_back,
        value=added_up(orders, view.snapshot.texts),
    )


# ── cohorts ───────────────────────────────────────────────────────────────────────────────────────


def own_cohort(view: PeriodView) -> Cohort:
    """Follow the leads that came in the period to the end of it."""
    everyone = np.ones(len(view.stages[view.came]), np.bool_)
    value = added_up(_orders(view, everyone), view.snapshot.texts)
    return _cohort(view.period, 0, Counter(_progress(view, everyone)), value)


def cohort(snapshots: Sequence[Snapshot], period: Period, days: int) -> Cohort:
    """Follow the leads that came in a period so many days beyond its end.

    ``snapshots`` are that of the period and those after it, the oldest first. A lead that was open
    at the end of one stands in the next, so each is counted where it ended, or in the last.
    """
    until = period.end + timedelta(days=days)
    counts: Counter[str] = Counter()
    orders: list[tuple[int, int]] = []
    texts = Texts()
    for snapshot in snapshots:
        known_until = min(until, snapshot.period.end)
        view = PeriodView.of(snapshot, period, known_until)
        is_open = rows_with(view.stages[view.came], *OPEN_STAGES)
        is_last = snapshot is snapshots[-1]
        chosen = np.ones_like(is_open) if is_last else ~is_open
        counts.update(_progress(view, chosen))
        for cents, currency in _orders(view, chosen):
            orders.append((cents, texts.number(snapshot.texts[currency])))
    return _cohort(period, days, counts, added_up(orders, texts))


def _cohort(period: Period, days: int, counts: Counter[str], value: Money) -> Cohort:
    return Cohort(
        period=period,
        days=days,
        received=counts["received"],
        offered=counts["offered"],
        accepted=counts["accepted"],
        contacted=counts["contacted"],
        quoted=counts["quoted"],
        won=counts["won"],
        lost=counts["lost"],
        unplaced=counts["unplaced"],
        rejected=counts["rejected"],
        withdrawn=counts["withdrawn"],
        open=counts["open"],
        value=value,
    )


def _progress(view: PeriodView, chosen: Selectors) -> dict[str, int]:
    """Count how far the chosen ones of the leads got that came in the period."""
    came = view.came
    stages = counts_of(view.stages[came][chosen])
    return {
        "received": stages.total(),
        "offered": how_many(view.offered[came][chosen]),
        "accepted": how_many(view.accepted[came][chosen]),
        "contacted": how_many(view.contacted[came][chosen]),
        "quoted": how_many(view.quoted[came][chosen]),
        "won": stages[LeadStage.WON],
        "lost": stages[LeadStage.LOST],
        "unplaced": stages[LeadStage.UNPLACED] - how_many(view.untold[came][chosen]),
        "rejected": stages[LeadStage.REJECTED],
        "withdrawn": stages[LeadStage.WITHDRAWN],
        "open": sum(stages[stage] for stage in OPEN_STAGES),
    }


def _orders(view: PeriodView, chosen: Selectors) -> Iterator[tuple[int, int]]:
    """Yield what those of them that were won are worth: cents and currency."""
    leads, came = view.snapshot.leads, view.came
    is_won = chosen & rows_with(view.stages[came], LeadStage.WON)
    cents, currencies = as_numbers(leads.value)[came], as_numbers(leads.currency)[came]
    return zip(cents[is_won].tolist(), currencies[is_won].tolist(), strict=True)


def funnel(of: Cohort) -> tuple[FunnelStep, ...]:
    """Give how many leads came as far as each stage or further."""
    names = ("received", "offered", "accepted", "contacted", "quoted", "won")
    return tuple(FunnelStep(name, getattr(of, name)) for name in names)


# ── how soon, how long ────────────────────────────────────────────────────────────────────────────


def speed_to_lead(view: PeriodView) -> SpeedToLead:
    """Measure how soon somebody spoke with the prospects who came in the period.

    Who scored below the bar, was rejected or is a repeat waits for no call.
    """
    came, end, leads = view.came, view.end, view.snapshot.leads
    is_called = rows_with(view.stages[came], *_CALLED) & ~view.untold[came]
    received = as_numbers(leads.received)[came][is_called]
    contacted = view.contacted[came][is_called]
    has_spoken = contacted > 0
    until = np.where(has_spoken, contacted, view.until_ended(view.ended[came][is_called]))
    waited = seconds_between(received, until)
    within: dict[int, Share] = {}
    for hours in SPEED_HOURS:
        limit = hours * SECONDS_AN_HOUR
        is_old = received < end - limit
        in_time = has_spoken & is_old & (waited <= limit)
        within[hours] = Share(how_many(in_time), how_many(is_old))
    disputed = _said_by_prospects(view, leads.not_called)
    confirmed = _said_by_prospects(view, leads.call_confirmed)
    took = hours_of(coded_times(waited, has_spoken))
    return SpeedToLead(within, took, disputed, confirmed)


def _said_by_prospects(view: PeriodView, said: IntColumn) -> Share:
    """Give the leads contacted in the period of which that was said, of all contacted in it."""
    contacted = view.happened(view.contacted)
    return Share(how_many(as_numbers(said)[contacted]), how_many(contacted))


def automatic_share(view: PeriodView) -> Share:
    """Give the leads first accepted in the period that went there without a person at HQ."""
    accepted = view.happened(view.accepted)
    by_hand = as_numbers(view.snapshot.leads.by_hand)[accepted]
    return Share(how_many(accepted) - how_many(by_hand), how_many(accepted))


def promises_kept(view: PeriodView) -> Share:
    """Give the promises kept of those that fell in the period."""
    promises = view.snapshot.promises
    kept = counts_of(as_numbers(promises.kept)[view.happened(promises.until)])
    return Share(kept[Kept.MET], kept[Kept.MET] + kept[Kept.MISSED])


def stage_ages(view: PeriodView, overdue: int) -> tuple[StageAge, ...]:
    """Give how long open leads stand where they stand; ``overdue`` of them should be called."""
    found: list[StageAge] = []
    for stage in OPEN_STAGES:
        since = view.since[view.standing(stage)]
        median = view.end - float(np.median(since)) if len(since) >= LEAST_CASES else None
        found.append(
            StageAge(
                stage,
                len(since),
                None if median is None else median / SECONDS_A_DAY,
                overdue if stage is LeadStage.ACCEPTED else 0,
            )
        )
    return tuple(found)


# ── won and lost since ────────────────────────────────────────────────────────────────────────────


def ended_leads(view: PeriodView, stage: LeadStage) -> tuple[EndedLead, ...]:
    """List leads that came to that end in the period: the largest orders, or the latest losses."""
    leads = view.snapshot.leads
    rows = np.flatnonzero(view.ended_inside & view.standing(stage))
    order = np.lexsort((rows, as_numbers(leads.ended)[rows], as_numbers(leads.value)[rows]))
    found = rows[order[::-1][:MOST_LISTED_ENDS]]
    return tuple(_ended_lead(view, lead) for lead in found.tolist())


def _ended_lead(view: PeriodView, lead: int) -> EndedLead:
    leads, texts = view.snapshot.leads, view.snapshot.texts
    at = instant_of(leads.ended[lead])
    if at is None:
        raise ValueError("a lead that ended has no end")
    cents = leads.value[lead]
    return EndedLead(
        lead=view.snapshot.ids[lead],
        area=texts[leads.area[lead]],
        product=texts[leads.product[lead]],
        partner=texts[int(view.owners[lead])],
        at=at,
        value=amount_of(cents),
        currency=texts[leads.currency[lead]] if cents != NO_AMOUNT else "",
        reason=texts[leads.reason[lead]],
    )

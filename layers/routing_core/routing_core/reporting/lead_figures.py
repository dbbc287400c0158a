"""Figures over leads: the line that adds up, activity, cohorts, funnel, speed, ages."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from heapq import nlargest
from itertools import chain, compress
from operator import and_, not_
from statistics import median

from routing_core.reporting.columns import (
    CENSORED_CODE,
    DONE_CODE,
    NO_AMOUNT,
    Texts,
    amount_of,
    instant_of,
)
from routing_core.reporting.flow import turn_of
from routing_core.reporting.hq_report import (
    Cohort,
    EndedLead,
    FunnelStep,
    Money,
    PeriodActivity,
    Reconciliation,
    SpeedToLead,
    StageAge,
)
from routing_core.reporting.money import added_up
from routing_core.reporting.partner_tally import SECONDS_AN_HOUR, OwnerTally, PartnerTally, hours_of
from routing_core.reporting.period import Period
from routing_core.reporting.period_view import PeriodView, Selectors, rows_with
from routing_core.reporting.report_lead import (
    ENDED_STAGES,
    OPEN_STAGES,
    Flow,
    Kept,
    LeadStage,
)
from routing_core.reporting.share import LEAST_CASES, Share
from routing_core.reporting.snapshot import Snapshot

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
    before, inside = bytes(steps.turn[:first]), bytes(steps.turn[first:last])
    ends = {stage: inside.count(turn_of(Flow.ENDED, stage)) for stage in ENDED_STAGES}
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
        closed_unplaced=ends[LeadStage.UNPLACED],
        became_repeats=_flowed(inside, Flow.JOINED),
        open_at_end=open_leads(view),
        spam=inside.count(turn_of(Flow.WITHIN, LeadStage.SPAM)),
        held=view.stages.count(LeadStage.HELD),
        repeats=inside.count(turn_of(Flow.WITHIN, LeadStage.REPEAT)),
    )


def _flowed(turns: bytes, flow: Flow) -> int:
    """Count the steps that do this to the count, whatever stage they lead to."""
    return sum(turns.count(turn_of(flow, stage)) for stage in LeadStage)


def open_leads(view: PeriodView) -> int:
    """Count the leads that are counted and have not ended at the end of the period."""
    return sum(view.stages.count(stage) for stage in OPEN_STAGES)


def activity(view: PeriodView, tally: PartnerTally, owners: OwnerTally) -> PeriodActivity:
    """Count what happened in the period, by the date of each event."""
    orders = chain.from_iterable(owners.orders.values())
    return PeriodActivity(
        received=view.cohort.count(True),
        offers=tally.all_offers,
        contacted=view.happened(view.contacted).count(True),
        quoted=view.happened(view.quoted).count(True),
        won=owners.won.total(),
        lost=owners.lost.total(),
        returned=tally.given_back,
        value=added_up(orders, view.snapshot.texts),
    )


# ── cohorts ───────────────────────────────────────────────────────────────────────────────────────


def own_cohort(view: PeriodView) -> Cohort:
    """Follow the leads that came in the period to the end of it."""
    everyone = b"\1" * len(view.stages[view.came])
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
        chosen = b"\1" * len(is_open) if is_last else bytes(map(not_, is_open))
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
    stages = bytes(compress(view.stages[came], chosen))
    return {
        "received": len(stages),
        "offered": _reached(view.offered[came], chosen),
        "accepted": _reached(view.accepted[came], chosen),
        "contacted": _reached(view.contacted[came], chosen),
        "quoted": _reached(view.quoted[came], chosen),
        "won": stages.count(LeadStage.WON),
        "lost": stages.count(LeadStage.LOST),
        "unplaced": stages.count(LeadStage.UNPLACED),
        "rejected": stages.count(LeadStage.REJECTED),
        "withdrawn": stages.count(LeadStage.WITHDRAWN),
        "open": sum(stages.count(stage) for stage in OPEN_STAGES),
    }


def _reached(instants: Sequence[int], chosen: Selectors) -> int:
    """Count the chosen leads that have an instant there."""
    of_chosen = list(compress(instants, chosen))
    return len(of_chosen) - of_chosen.count(0)


def _orders(view: PeriodView, chosen: Selectors) -> Iterator[tuple[int, int]]:
    """Yield what those of them that were won are worth: cents and currency."""
    leads, came = view.snapshot.leads, view.came
    rows = zip(leads.value[came], leads.currency[came], strict=True)
    return compress(rows, map(and_, chosen, rows_with(view.stages[came], LeadStage.WON)))


def funnel(of: Cohort) -> tuple[FunnelStep, ...]:
    """Give how many leads came as far as each stage or further."""
    names = ("received", "offered", "accepted", "contacted", "quoted", "won")
    return tuple(FunnelStep(name, getattr(of, name)) for name in names)


# ── how soon, how long ────────────────────────────────────────────────────────────────────────────


def speed_to_lead(view: PeriodView) -> SpeedToLead:
    """Measure how soon somebody spoke with the prospects who came in the period.

    Who scored below the bar, was rejected or is a repeat waits for no call.
    """
    came, end = view.came, view.end
    is_called = rows_with(view.stages[came], *_CALLED)
    received = list(compress(view.snapshot.leads.received[came], is_called))
    contacted = list(compress(view.contacted[came], is_called))
    ends = compress(view.ended[came], is_called)
    spoken = [
        (at - came) * 2 + DONE_CODE for came, at in zip(received, contacted, strict=True) if at
    ]
    spoken.sort()
    silent = [
        ((ended or end) - came) * 2 + CENSORED_CODE
        for came, at, ended in zip(received, contacted, ends, strict=True)
        if not at
    ]
    pairs = zip(received, contacted, strict=True)
    youngest = end - max(SPEED_HOURS) * SECONDS_AN_HOUR
    young = [(came, at) for came, at in pairs if came >= youngest]
    within: dict[int, Share] = {}
    for hours in SPEED_HOURS:
        limit = hours * SECONDS_AN_HOUR
        too_young = [(came, at) for came, at in young if came >= end - limit]
        young_in_time = sum(bool(at) and at - came <= limit for came, at in too_young)
        in_time = bisect_right(spoken, limit * 2 + DONE_CODE) - young_in_time
        within[hours] = Share(in_time, len(received) - len(too_young))
    leads = view.snapshot.leads
    disputed = _said_by_prospects(view, leads.not_called)
    confirmed = _said_by_prospects(view, leads.call_confirmed)
    return SpeedToLead(within, hours_of(spoken + silent), disputed, confirmed)


def _said_by_prospects(view: PeriodView, said: Sequence[int]) -> Share:
    """Give the leads contacted in the period of which that was said, of all contacted in it."""
    contacted = view.happened(view.contacted)
    return Share(sum(compress(said, contacted)), contacted.count(True))


def automatic_share(view: PeriodView) -> Share:
    """Give the leads first accepted in the period that went there without a person at HQ."""
    by_hand = view.snapshot.leads.by_hand
    accepted = view.happened(view.accepted)
    count = accepted.count(True)
    return Share(count - sum(compress(by_hand, accepted)), count)


def promises_kept(view: PeriodView) -> Share:
    """Give the promises kept of those that fell in the period."""
    promises = view.snapshot.promises
    kept = bytes(compress(promises.kept, view.happened(promises.until)))
    met = kept.count(Kept.MET)
    return Share(met, met + kept.count(Kept.MISSED))


def stage_ages(view: PeriodView, overdue: int) -> tuple[StageAge, ...]:
    """Give how long open leads stand where they stand; ``overdue`` of them should be called."""
    end = view.end
    days: dict[int, list[float]] = {stage: [] for stage in OPEN_STAGES}
    open_rows = compress(zip(view.stages, view.since, strict=True), view.standing(*OPEN_STAGES))
    for stage, at in open_rows:
        days[stage].append((end - at) / SECONDS_A_DAY)
    return tuple(
        StageAge(
            stage,
            len(days[stage]),
            median(days[stage]) if len(days[stage]) >= LEAST_CASES else None,
            overdue if stage is LeadStage.ACCEPTED else 0,
        )
        for stage in OPEN_STAGES
    )


# ── won and lost since ────────────────────────────────────────────────────────────────────────────


def ended_leads(view: PeriodView, stage: LeadStage) -> tuple[EndedLead, ...]:
    """List leads that came to that end in the period: the largest orders, or the latest losses."""
    leads = view.snapshot.leads
    rows = zip(leads.value, leads.ended, range(len(leads)), strict=True)
    meant = compress(rows, map(and_, view.ended_inside, view.standing(stage)))
    found = nlargest(MOST_LISTED_ENDS, meant)
    return tuple(_ended_lead(view, lead) for _, _, lead in found)


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
        partner=texts[view.owners[lead]],
        at=at,
        value=amount_of(cents),
        currency=texts[leads.currency[lead]] if cents != NO_AMOUNT else "",
        reason=texts[leads.reason[lead]],
    )

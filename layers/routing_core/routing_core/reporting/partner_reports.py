"""Each partner's report, from the same snapshot and figures as HQ's."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from routing_core.reporting.benchmarks import Peers
from routing_core.reporting.coded_values import instant_of
from routing_core.reporting.columns import as_numbers
from routing_core.reporting.hq_report import FunnelStep, HqReport
from routing_core.reporting.partner_counts import PartnerFigures
from routing_core.reporting.partner_report import (
    Benchmark,
    Compared,
    MissedLead,
    PartnerReport,
    Tip,
    TipKind,
    ToDo,
)
from routing_core.reporting.period_view import PeriodView
from routing_core.reporting.report_lead import LeadStage, OfferEnd
from routing_core.reporting.snapshot import Snapshot

QUIET_FOR = timedelta(days=21)
"""Of a lead that stands in its stage for longer, its owner should say how it stands."""
_MISSED = bytes([OfferEnd.DECLINED, OfferEnd.LAPSED, OfferEnd.RELEASED, OfferEnd.TAKEN])
_OWNED = bytes([LeadStage.ACCEPTED, LeadStage.CONTACTED, LeadStage.QUOTED])


def partner_reports(snapshot: Snapshot, report: HqReport) -> Iterator[PartnerReport]:
    """Yield a report for each partner that HQ's report has figures of, in its order."""
    yield from map(PartnerReports(snapshot, report).of, report.partners)


class PartnerReports:
    """Makes one partner's report after the other, so that nobody has to hold all of them."""

    def __init__(self, snapshot: Snapshot, report: HqReport) -> None:
        self._report = report
        self._view = PeriodView.of(snapshot, report.period)
        self._stages = bytes(self._view.stages.tolist())
        self._rows = _rows_by_partner(self._view)
        self._peers = Peers(report.partners)

    def of(self, figures: PartnerFigures) -> PartnerReport:
        """Make the report of the partner of whom these figures are."""
        report, view = self._report, self._view
        own = _OwnRows(view, self._stages, self._rows.get(figures.partner, ()))
        missed = tuple(own.missed())
        todos = tuple(sorted(own.todos(), key=_urgency))
        benchmarks = tuple(self._peers.beside(figures.partner))
        return PartnerReport(
            period=report.period,
            created=report.created,
            partner=figures.partner,
            figures=figures,
            funnel=own.funnel(),
            benchmarks=benchmarks,
            missed=missed,
            missed_reasons=_missed_reasons(missed),
            todos=todos,
            value=figures.value,
            tip=tip_for(figures, missed, _quiet(view, todos), benchmarks),
        )


def _rows_by_partner(view: PeriodView) -> Mapping[str, Sequence[int]]:
    """Give the rows of the offers that matter in the period, by the partner's name."""
    texts, offers = view.snapshot.texts, view.snapshot.offers
    start, end = view.start, view.end
    made, decided = as_numbers(offers.made), as_numbers(offers.decided)
    is_told = (decided == 0) | (decided >= start) | (as_numbers(offers.after) > 0)
    rows = np.flatnonzero((made < end) & is_told)
    found: defaultdict[str, list[int]] = defaultdict(list)
    for row, partner in zip(rows.tolist(), as_numbers(offers.partner)[rows].tolist(), strict=True):
        found[texts[partner]].append(row)
    return found


def _urgency(todo: ToDo) -> tuple[bool, bool, datetime]:
    """Sort what is overdue first, then what has least time left, then what stands longest."""
    return not todo.overdue, todo.by is None, todo.by or todo.since


@dataclass(slots=True)
class _OwnRows:
    """One partner's offers of a period."""

    view: PeriodView
    stages: bytes
    """The stage of each lead at the end: of bytes, single ones are read fast."""
    rows: Sequence[int]

    def funnel(self) -> tuple[FunnelStep, ...]:
        """Count how far the offers made in the period came."""
        offers, view = self.view.snapshot.offers, self.view
        made = [row for row in self.rows if view.start <= offers.made[row] < view.end]
        accepted = [row for row in made if offers.after[row] and offers.decided[row] < view.end]
        counts = {
            "offered": len(made),
            "accepted": len(accepted),
            "contacted": sum(0 < offers.contacted[row] < view.end for row in accepted),
            "quoted": sum(0 < offers.quoted[row] < view.end for row in accepted),
            "won": sum(self._is_won(row) for row in accepted),
        }
        return tuple(FunnelStep(stage, leads) for stage, leads in counts.items())

    def _is_won(self, row: int) -> bool:
        offers, view = self.view.snapshot.offers, self.view
        is_kept = not 0 < offers.let_go[row] < view.end
        return is_kept and self.stages[offers.lead[row]] == LeadStage.WON

    def missed(self) -> Iterator[MissedLead]:
        """Yield what ended in the period without being theirs, the latest first."""
        offers, view = self.view.snapshot.offers, self.view
        ended = [row for row in self.rows if view.start <= offers.decided[row] < view.end]
        ended.sort(key=lambda row: (-offers.decided[row], row))
        leads, texts = view.snapshot.leads, view.snapshot.texts
        for row in ended:
            if offers.end[row] in _MISSED:
                lead = offers.lead[row]
                yield MissedLead(
                    lead=view.snapshot.ids[lead],
                    area=texts[leads.area[lead]],
                    product=texts[leads.product[lead]],
                    urgency=texts[leads.urgency[lead]],
                    offered_at=_instant(offers.made[row]),
                    ended_at=_instant(offers.decided[row]),
                    why=OfferEnd(offers.end[row]),
                    seen=bool(offers.seen[row]),
                    reason=texts[offers.reason[row]],
                )

    def todos(self) -> Iterator[ToDo]:
        """Yield what the partner has to do at the end of the period."""
        offers, view = self.view.snapshot.offers, self.view
        for row in self.rows:
            is_pending = not 0 < offers.decided[row] < view.end
            if is_pending and self.stages[offers.lead[row]] == LeadStage.OFFERED:
                yield self._todo(row, LeadStage.OFFERED, offers.made[row], offers.until[row])
            elif not is_pending and self._is_theirs(row):
                yield self._owned(row)

    def _is_theirs(self, row: int) -> bool:
        offers, view = self.view.snapshot.offers, self.view
        if offers.after[row] == 0 or 0 < offers.let_go[row] < view.end:
            return False
        return self.stages[offers.lead[row]] in _OWNED

    def _owned(self, row: int) -> ToDo:
        offers = self.view.snapshot.offers
        stage = LeadStage(self.stages[offers.lead[row]])
        since = {
            LeadStage.ACCEPTED: offers.decided[row],
            LeadStage.CONTACTED: offers.contacted[row],
            LeadStage.QUOTED: offers.quoted[row],
        }
        by = offers.contact_by[row] if stage is LeadStage.ACCEPTED else 0
        return self._todo(row, stage, since[stage] or offers.decided[row], by)

    def _todo(self, row: int, stage: LeadStage, since: int, by: int) -> ToDo:
        snapshot = self.view.snapshot
        lead = snapshot.offers.lead[row]
        return ToDo(
            lead=snapshot.ids[lead],
            offer=snapshot.offers.number[row],
            area=snapshot.texts[snapshot.leads.area[lead]],
            product=snapshot.texts[snapshot.leads.product[lead]],
            stage=stage,
            since=_instant(since),
            by=instant_of(by),
            overdue=0 < by < self.view.end,
        )


def _instant(seconds: int) -> datetime:
    at = instant_of(seconds)
    if at is None:
        raise ValueError("an instant is missing")
    return at


def _missed_reasons(missed: Sequence[MissedLead]) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    for each in missed:
        if each.why is OfferEnd.LAPSED:
            counts["lapsed_seen" if each.seen else "lapsed_unseen"] += 1
        else:
            counts[each.why.name.lower()] += 1
    return dict(counts)


# ── one tip ───────────────────────────────────────────────────────────────────────────────────────

LEAST_FOR_A_TIP = 2
"""Of fewer leads nothing is said."""
MOST_FOR_ONE_REASON = 0.5
LEAST_DECLINES = 4
"""Of fewer declines nobody concludes anything."""


def tip_for(
    figures: PartnerFigures,
    missed: Sequence[MissedLead],
    quiet: int,
    benchmarks: Sequence[Benchmark],
) -> Tip:
    """Give the one piece of advice that would help most: what costs leads comes first.

    ``quiet`` counts the leads of which nothing was heard for long.
    """
    offers = figures.offers
    counts = {
        TipKind.LOOK_SOONER: (offers.lapsed_unseen, offers.acceptance.of),
        TipKind.ANSWER: (offers.lapsed_seen, offers.acceptance.of),
        TipKind.CALL_SOONER: (figures.sla.of - figures.sla.count, figures.sla.of),
        TipKind.SAY_HOW_IT_STANDS: (quiet, figures.open),
    }
    for kind, (count, of) in counts.items():
        if count >= LEAST_FOR_A_TIP:
            return Tip(kind, count, of)
    return _about_declines(missed) or _about_speed(benchmarks) or Tip(TipKind.KEEP_ON)


def _quiet(view: PeriodView, todos: Sequence[ToDo]) -> int:
    """Count the leads of which nothing was heard for long at the end of the period."""
    since = _instant(view.end) - QUIET_FOR
    return sum(todo.since < since for todo in todos if todo.stage in _OWNED)


def _about_declines(missed: Sequence[MissedLead]) -> Tip | None:
    reasons = Counter(each.reason for each in missed if each.why is OfferEnd.DECLINED)
    if reasons.total() < LEAST_DECLINES:
        return None
    reason, count = reasons.most_common(1)[0]
    if count < MOST_FOR_ONE_REASON * reasons.total():
        return None
    return Tip(TipKind.NARROW, count, reasons.total(), reason)


def _about_speed(benchmarks: Sequence[Benchmark]) -> Tip | None:
    for each in benchmarks:
        is_slow = each.own is not None and each.own > each.upper
        if is_slow and each.measure is Compared.RESPONSE:
            return Tip(TipKind.ANSWER_FASTER)
    return None

"""A snapshot as a period sees it: what happened from its end on is not known yet."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from routing_core.domain.reasons import PAST_ENDS
from routing_core.reporting.coded_values import seconds_of
from routing_core.reporting.columns import IntColumn, Numbers, Selectors, as_numbers, rows_with
from routing_core.reporting.flow import stage_in
from routing_core.reporting.period import Period
from routing_core.reporting.report_lead import LeadStage
from routing_core.reporting.snapshot import Snapshot


@dataclass(slots=True)
class PeriodView:
    """The columns that most figures need, as they were known when the period ended.

    An instant is 0 if it had not come by then.
    """

    snapshot: Snapshot
    period: Period
    start: int
    end: int
    entered: Numbers
    offered: Numbers
    accepted: Numbers
    contacted: Numbers
    quoted: Numbers
    ended: Numbers
    stages: Numbers
    """The stage of each lead at the end; 0 if it had not come."""
    since: Numbers
    """The instant at which each lead came to that stage."""
    owners: Numbers
    """Who had each lead at the end, or had it to its end, by the number of the name; 0: nobody."""
    passed: Numbers
    """How many milestones each lead had come by: see ``flow.passed_of``."""
    came: slice
    """The rows of the leads that came in the period."""
    old: slice
    """The rows of the leads that came before the period."""

    @classmethod
    def of(
        cls, snapshot: Snapshot, period: Period, known_until: datetime | None = None
    ) -> "PeriodView":
        """Look at a snapshot as it was at the end of a period, or at another instant."""
        start, period_end = seconds_of(period.start), seconds_of(period.end)
        end = seconds_of(known_until or period.end)
        leads = snapshot.leads
        first_came = bisect_left(leads.entered, start)
        known = _Known.of(snapshot, end)
        stages, since, owners = known.standing()
        view = cls(
            snapshot,
            period,
            start,
            end,
            known.by_then(leads.entered),
            known.by_then(leads.offered),
            known.by_then(leads.accepted),
            known.by_then(leads.contacted),
            known.by_then(leads.quoted),
            known.by_then(leads.ended),
            stages,
            since,
            owners,
            as_numbers(leads.passed),
            slice(first_came, bisect_left(leads.entered, min(period_end, end))),
            slice(bisect_left(leads.entered, 1), first_came),
        )
        view.passed = _passed_by(view, known.went_on)
        return view

    @property
    def ended_inside(self) -> Selectors:
        """Say of each lead whether it ended in the period."""
        return self.ended >= self.start

    def happened(self, column: "IntColumn | Numbers") -> Selectors:
        """Say of each row whether the instant lies in the period."""
        instants = np.asarray(column)
        return (instants >= self.start) & (instants < self.end)

    def until_ended(self, ended: Numbers) -> Numbers:
        """Give the instants of leads' ends; the end of the period for those that are open."""
        return np.where(ended > 0, ended, np.uint32(self.end))

    def standing(self, *stages: LeadStage) -> Selectors:
        """Say of each lead whether it is in one of these stages at the end."""
        return rows_with(self.stages, *stages)

    @property
    def untold(self) -> Selectors:
        """Say of each lead whether it is one of an imported past that tells nothing of its end."""
        texts = self.snapshot.texts
        reasons = [texts.known(reason) for reason in PAST_ENDS]
        known = [number for number in reasons if number is not None]
        if not known:
            # No list of the past was imported, as nearly always: the column is not looked through.
            return np.zeros(len(self.stages), np.bool_)
        is_past = np.isin(as_numbers(self.snapshot.leads.reason), known)
        return self.standing(LeadStage.UNPLACED) & is_past

    def count(self, *stages: LeadStage) -> int:
        """Count the leads that are in one of these stages at the end."""
        return int(np.count_nonzero(self.standing(*stages)))


@dataclass(slots=True)
class _Known:
    """What was known of a snapshot's leads at an instant."""

    snapshot: Snapshot
    end: int
    steps: int
    """So many steps had been made."""
    went_on: Selectors
    """Says of each lead whether it has gone on since."""

    @classmethod
    def of(cls, snapshot: Snapshot, end: int) -> "_Known":
        steps = bisect_left(snapshot.steps.at, end)
        went_on = np.zeros(len(snapshot), np.bool_)
        went_on[as_numbers(snapshot.steps.lead)[steps:]] = True
        return cls(snapshot, end, steps, went_on)

    def by_then(self, column: IntColumn) -> Numbers:
        """Give the instants that had come; the very column if no lead has gone on since."""
        instants = as_numbers(column)
        is_later = self.went_on & (instants >= self.end)
        return np.where(is_later, np.uint32(0), instants) if is_later.any() else instants

    def standing(self) -> tuple[Numbers, Numbers, Numbers]:
        """Give where leads stood after those steps, since when, and who had them."""
        leads, steps = self.snapshot.leads, self.snapshot.steps
        stages, since, owners = map(as_numbers, (leads.stage, leads.since, leads.owner))
        if not self.went_on.any():
            return stages, since, owners
        stages, since, owners = (
            np.where(self.went_on, 0, each) for each in (stages, since, owners)
        )
        lead = as_numbers(steps.lead)[: self.steps]
        made = np.flatnonzero(self.went_on[lead])
        # Of several steps of a lead the last one stays.
        stages[lead[made]] = stage_in(as_numbers(steps.turn)[made])
        since[lead[made]] = as_numbers(steps.at)[made]
        owners[lead[made]] = as_numbers(steps.partner)[made]
        return stages, since, owners


def _passed_by(view: PeriodView, went_on: Selectors) -> Numbers:
    """Count the milestones that each lead had come by."""
    if not went_on.any():
        return view.passed
    came_by = (view.entered, view.accepted, view.contacted, view.quoted)
    then = (view.stages == LeadStage.WON).astype(np.uint8)
    for instants in came_by:
        then += instants > 0
    return np.where(went_on, then, view.passed)

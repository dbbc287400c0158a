"""A snapshot as a period sees it: what happened from its end on is not known yet."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from routing_core.reporting.columns import seconds_of
from routing_core.reporting.flow import passed_of, stage_in
from routing_core.reporting.period import Period
from routing_core.reporting.report_lead import LeadStage
from routing_core.reporting.snapshot import Snapshot

Selectors = bytes
"""Says of each row whether it is meant: 1 or 0."""


@dataclass(slots=True)
class PeriodView:
    """The columns that most figures need, as they were known when the period ended.

    An instant is 0 if it had not come by then.
    """

    snapshot: Snapshot
    period: Period
    start: int
    end: int
    entered: "array[int]"
    offered: "array[int]"
    accepted: "array[int]"
    contacted: "array[int]"
    quoted: "array[int]"
    ended: "array[int]"
    stages: bytes
    """The stage of each lead at the end; 0 if it had not come."""
    since: "array[int]"
    """The instant at which each lead came to that stage."""
    owners: "array[int]"
    """Who had each lead at the end, or had it to its end, by the number of the name; 0: nobody."""
    came: slice
    """The rows of the leads that came in the period."""
    cohort: Selectors
    """Says of each lead whether it came in the period."""
    ended_inside: Selectors
    """Says of each lead whether it ended in the period."""
    old: slice
    """The rows of the leads that came before the period."""
    passed: bytes
    """How many milestones each lead had come by: see ``flow.passed_of``."""

    @classmethod
    def of(
        cls, snapshot: Snapshot, period: Period, known_until: datetime | None = None
    ) -> "PeriodView":
        """Look at a snapshot as it was at the end of a period, or at another instant."""
        start, period_end = seconds_of(period.start), seconds_of(period.end)
        end = seconds_of(known_until or period.end)
        leads = snapshot.leads
        known_steps = bisect_left(snapshot.steps.at, end)
        # Most leads have not gone on since: only the others are looked at one by one.
        went_on = sorted({*snapshot.steps.lead[known_steps:]})
        stages, since, owners = _standing(snapshot, known_steps, went_on)
        ended = _known_by(leads.ended, end, went_on)
        came = slice(
            bisect_left(leads.entered, start), bisect_left(leads.entered, min(period_end, end))
        )
        length = came.stop - came.start
        view = cls(
            snapshot,
            period,
            start,
            end,
            _known_by(leads.entered, end, went_on),
            _known_by(leads.offered, end, went_on),
            _known_by(leads.accepted, end, went_on),
            _known_by(leads.contacted, end, went_on),
            _known_by(leads.quoted, end, went_on),
            ended,
            bytes(stages),
            since,
            owners,
            came,
            bytes(came.start) + b"\1" * length + bytes(len(leads) - came.stop),
            bytes([at >= start for at in ended]),
            slice(bisect_left(leads.entered, 1), came.start),
            bytes(leads.passed),
        )
        view.passed = _passed_by(view, went_on)
        return view

    def happened(self, column: Iterable[int]) -> bytes:
        """Say of each row whether the instant lies in the period: 1 or 0."""
        start, end = self.start, self.end
        return bytes([start <= at < end for at in column])

    def standing(self, *stages: LeadStage) -> bytes:
        """Say of each lead whether it is in one of these stages at the end: 1 or 0."""
        return rows_with(self.stages, *stages)


def rows_with(column: "array[int] | bytes", *values: int) -> bytes:
    """Say of each row of a column of small numbers whether it has one of these: 1 or 0."""
    return bytes(column).translate(bytes(number in values for number in range(256)))


def _known_by(column: "array[int]", end: int, went_on: Sequence[int]) -> "array[int]":
    """Give the instants that had come; the very column if no lead has gone on since."""
    if not went_on:
        return column
    known = column[:]
    for lead in went_on:
        if known[lead] >= end:
            known[lead] = 0
    return known


def _standing(
    snapshot: Snapshot, known_steps: int, went_on: Sequence[int]
) -> tuple["array[int]", "array[int]", "array[int]"]:
    """Give where leads stood after so many steps, since when, and who had them."""
    leads = snapshot.leads
    if not went_on:
        return leads.stage, leads.since, leads.owner
    stages, since, owners = leads.stage[:], leads.since[:], leads.owner[:]
    has_gone_on = bytearray(len(leads))
    for lead in went_on:
        stages[lead], since[lead], owners[lead] = 0, 0, 0
        has_gone_on[lead] = True
    steps = snapshot.steps
    known = slice(known_steps)
    columns = (steps.lead, steps.turn, steps.at, steps.partner)
    rows = zip(*(column[known] for column in columns), strict=True)
    # Of several steps of a lead the last one stays.
    for lead, turn, at, partner in rows:
        if has_gone_on[lead]:
            stages[lead], since[lead], owners[lead] = stage_in(turn), at, partner
    return stages, since, owners


def _passed_by(view: PeriodView, went_on: Sequence[int]) -> bytes:
    """Count the milestones that each lead had come by."""
    passed = bytearray(view.passed)
    for lead in went_on:
        passed[lead] = passed_of(
            view.entered[lead],
            view.accepted[lead],
            view.contacted[lead],
            view.quoted[lead],
            view.stages[lead] == LeadStage.WON,
        )
    return bytes(passed)

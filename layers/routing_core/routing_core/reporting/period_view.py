"""A snapshot as a period sees it: what happened from its end on is not known yet."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress

from routing_core.reporting.columns import seconds_of
from routing_core.reporting.flow import stage_in
from routing_core.reporting.period import Period
from routing_core.reporting.report_lead import LeadStage
from routing_core.reporting.snapshot import Snapshot

Selectors = Sequence[bool]
"""Says of each row whether it is meant."""


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
    cohort: Selectors
    """Says of each lead whether it came in the period."""
    ended_inside: Selectors
    """Says of each lead whether it ended in the period."""
    old: Sequence[int]
    """The rows of the leads that came before the period."""

    @classmethod
    def of(
        cls, snapshot: Snapshot, period: Period, known_until: datetime | None = None
    ) -> "PeriodView":
        """Look at a snapshot as it was at the end of a period, or at another instant."""
        start, period_end = seconds_of(period.start), seconds_of(period.end)
        end = seconds_of(known_until or period.end)
        leads = snapshot.leads
        # Most leads have not gone on since: only the others are looked at one by one.
        went_on = [lead for lead, since in enumerate(leads.since) if since >= end]
        stages, since, owners = _standing(snapshot, end, went_on)
        entered = _known_by(leads.entered, end, went_on)
        ended = _known_by(leads.ended, end, went_on)
        return cls(
            snapshot,
            period,
            start,
            end,
            entered,
            _known_by(leads.offered, end, went_on),
            _known_by(leads.accepted, end, went_on),
            _known_by(leads.contacted, end, went_on),
            _known_by(leads.quoted, end, went_on),
            ended,
            bytes(stages),
            since,
            owners,
            [start <= at < period_end for at in entered],
            [at >= start for at in ended],
            [lead for lead, at in enumerate(entered) if 0 < at < start],
        )

    def happened(self, column: Iterable[int]) -> list[bool]:
        """Say of each row whether the instant lies in the period."""
        start, end = self.start, self.end
        return [start <= at < end for at in column]

    def standing(self, *stages: LeadStage) -> bytes:
        """Say of each lead whether it is in one of these stages at the end: 1 or 0."""
        wanted = bytes(number in stages for number in range(256))
        return self.stages.translate(wanted)

    def of_cohort(self, column: Iterable[int]) -> Iterator[int]:
        """Give a column of the leads that came in the period."""
        return compress(column, self.cohort)


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
    snapshot: Snapshot, end: int, went_on: Sequence[int]
) -> tuple["array[int]", "array[int]", "array[int]"]:
    """Give where leads stood at an instant, since when, and who had them."""
    leads = snapshot.leads
    if not went_on:
        return leads.stage, leads.since, leads.owner
    stages, since, owners = leads.stage[:], leads.since[:], leads.owner[:]
    for lead in went_on:
        stages[lead], since[lead], owners[lead] = _step_at(snapshot, lead, end)
    return stages, since, owners


def _step_at(snapshot: Snapshot, lead: int, end: int) -> tuple[int, int, int]:
    """Give stage, since when and owner of a lead at an instant; zeros before it came."""
    steps = snapshot.steps
    last = (0, 0, 0)
    for row in range(snapshot.leads.first_step[lead], len(steps.at)):
        if steps.lead[row] != lead or steps.at[row] >= end:
            break
        last = (stage_in(steps.turn[row]), steps.at[row], steps.partner[row])
    return last

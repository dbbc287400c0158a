"""What each step of a lead does to the count of open leads, and when it came how far first."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from routing_core.reporting.coded_values import seconds_of
from routing_core.reporting.columns import Numbers
from routing_core.reporting.report_lead import (
    ENDED_STAGES,
    OPEN_STAGES,
    Flow,
    LeadStage,
    ReportLead,
    Step,
)

_OPEN = frozenset(OPEN_STAGES)
_ENDED = frozenset(ENDED_STAGES)


def flows_of(steps: Sequence[Step]) -> Iterator[Flow]:
    """Give for each step of a lead what it does to the count, so that the line adds up."""
    before: LeadStage | None = None
    for step in steps:
        yield _flow(before, step.stage)
        before = step.stage


def _flow(before: LeadStage | None, after: LeadStage) -> Flow:
    if after in _OPEN:
        if before in _OPEN:
            return Flow.WITHIN
        return Flow.REOPENED if before in _ENDED else Flow.RECEIVED
    if before not in _OPEN:
        return Flow.WITHIN
    return Flow.ENDED if after in _ENDED else Flow.JOINED


PLACES_OF_STAGES = 16
"""A turn has room for so many stages."""


def turn_of(flow: Flow, stage: LeadStage) -> int:
    """Code what a step does to the count, and the stage it leads to, as one small number."""
    return flow * PLACES_OF_STAGES + stage


Turn = TypeVar("Turn", int, Numbers)
"""One coded step, or many."""


def stage_in(turn: Turn) -> Turn:
    """Give the stage of a coded step, or of many."""
    return turn % PLACES_OF_STAGES


def milestones(lead: ReportLead) -> dict[str, int]:
    """Give the instants at which a lead came how far first, in seconds; 0 for what never was."""
    entered = ended = accepted = quoted = 0
    stage: int = 0
    since = 0
    for step, flow in zip(lead.steps, flows_of(lead.steps), strict=True):
        at = since = seconds_of(step.at)
        stage = step.stage
        if flow is Flow.RECEIVED and not entered:
            entered = at
        ended = at if stage in _ENDED else 0
        if step.partner and not accepted:
            accepted = at
        if stage in _QUOTED and not quoted:
            quoted = at
    contacted = seconds_of(lead.first_contact_at)
    offered = min((seconds_of(each.made_at) for each in lead.offers), default=0)
    return {
        "entered": entered,
        "offered": offered,
        "accepted": accepted,
        "quoted": quoted,
        "ended": ended,
        "stage": stage,
        "since": since,
        "contacted": contacted,
        "passed": passed_of(entered, accepted, contacted, quoted, stage == LeadStage.WON),
    }


def passed_of(entered: int, accepted: int, contacted: int, quoted: int, won: int) -> int:
    """Count the milestones that a lead has come by; it comes by none without those before it."""
    return sum(map(bool, (entered, accepted, contacted, quoted, won)))


_QUOTED = frozenset({LeadStage.QUOTED, LeadStage.WON})

"""What each step of a lead does to the count of open leads."""

from collections.abc import Iterator, Sequence

from routing_core.reporting.report_lead import ENDED_STAGES, OPEN_STAGES, Flow, LeadStage, Step

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

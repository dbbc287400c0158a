"""A back-test of draft rules as the API tells of it."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from routing_core.service.kernel.back_tests import BackTestState, KeptBackTest


def back_test_document(kept: KeptBackTest, now: datetime) -> dict[str, Any]:
    """Say how far a back-test is, and what came of it, ready for JSON."""
    was_given_up = kept.is_over(now) and kept.state in (BackTestState.ASKED, BackTestState.RUNNING)
    state = BackTestState.FAILED if was_given_up else kept.state
    return {
        "back_test": kept.name,
        "state": state.value,
        "version": kept.number,
        "asked_at": kept.asked_at.isoformat(),
        "by": kept.by,
        "done": kept.done,
        "total": kept.total,
        "problem": kept.problem,
        "figures": [asdict(figure) for figure in kept.figures],
    }

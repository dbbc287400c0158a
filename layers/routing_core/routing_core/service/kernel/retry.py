"""Tries a use case again when somebody else committed in between (optimistic concurrency)."""

from collections.abc import Callable
from typing import TypeVar

from routing_core.domain.errors import CapacityConflict, ContactChanged, VersionConflict

Result = TypeVar("Result")
EXACT_TRIES = 3
"""So often a decision holds only for exactly the loads it saw."""
MOST_TRIES_TO_COMMIT = 6
"""So often a use case is tried in all."""


def retry_on_conflict(work: Callable[[bool], Result]) -> Result:
    """Run ``work(caps_only)`` until nobody else commits in between, and give what it returns.

    Three times a decision holds only for exactly the loads it saw; after that (``caps_only``) the
    caps alone decide, so that a crowd cannot starve anyone. Raises the last Conflict after six
    tries.
    """
    for attempt in range(MOST_TRIES_TO_COMMIT - 1):
        try:
            return work(attempt >= EXACT_TRIES)
        except (VersionConflict, CapacityConflict, ContactChanged):
            # No pause: whoever was faster has committed already, and the next try reads what they
            # wrote.
            continue
    return work(True)

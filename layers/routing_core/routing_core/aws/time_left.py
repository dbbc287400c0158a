"""Reads from an invocation's context how much time is left, so that nothing is cut off halfway."""

from typing import Any

from routing_core.domain.errors import RelayError
from routing_core.service.kernel.time_budget import HasTime

TIME_FOR_ONE = 12_000
"""Milliseconds for one more bit: every try of a call to DynamoDB that does not answer."""


class NoTimeLeft(RelayError):
    """Raised for what an invocation has no time left to begin: it is to come again."""


def time_left(context: Any, milliseconds: int = TIME_FOR_ONE) -> HasTime:
    """Give what tells whether more than so much time of an invocation is left."""

    def has_time() -> bool:
        remaining: int = context.get_remaining_time_in_millis()
        return remaining > milliseconds

    return has_time

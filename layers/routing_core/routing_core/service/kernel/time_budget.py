"""Tells work that is done bit by bit whether there is time left for another bit."""

from collections.abc import Callable

HasTime = Callable[[], bool]
"""Tells whether another bit may be begun; what is left then is done the next time."""


def no_hurry() -> bool:
    """Tell that there is time, where nothing cuts the work off."""
    return True

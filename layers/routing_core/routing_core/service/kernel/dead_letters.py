"""Says what HQ asks about work that the machinery gave up on."""

from collections.abc import Mapping
from typing import Protocol


class DeadLetters(Protocol):
    """Counts what was given up, hop by hop."""

    def depths(self) -> Mapping[str, int]:
        """Give about how much waits for somebody, by the name of the hop; empty hops too."""

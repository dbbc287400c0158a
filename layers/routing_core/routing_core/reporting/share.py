"""Rates and typical values that cannot be read off too few cases."""

from dataclasses import dataclass

LEAST_CASES = 5
"""Of fewer cases there is no rate and no typical value: chance alone would make it."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many; it gives no rate of fewer than ``LEAST_CASES``."""

    count: int
    of: int

    @property
    def rate(self) -> float | None:
        """Give the part from 0 to 1; None of too few cases."""
        if self.of < LEAST_CASES:
            return None
        return self.count / self.of


NO_CASES = Share(0, 0)
"""Nothing was counted."""


@dataclass(frozen=True, slots=True)
class Typical:
    """Half and nine in ten take no longer than this; it says nothing of too few cases."""

    median: float | None
    """None if too few cases are known, or so many are still going on that half are not done."""
    p90: float | None
    """None likewise, of nine in ten."""
    cases: int
    """Counts all cases, those still going on included."""
    censored: int
    """Counts those of them of which only is known that they take longer than so far."""


NO_TYPICAL = Typical(None, None, 0, 0)
"""Nothing was measured."""

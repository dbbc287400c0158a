"""A small picture of the last days: one bar for each, the last one today's."""

from collections.abc import Sequence
from typing import NamedTuple

SPARK_WIDTH = 140
SPARK_HEIGHT = 32
GAP = 2
LOWEST_BAR = 1.0
"""A day with nothing has a bar too, so that it is seen to be there."""


class Bar(NamedTuple):
    """One bar of the picture, in its own units."""

    x: float
    y: float
    width: float
    height: float


def bars(values: Sequence[int], highest: int = 1) -> list[Bar]:
    """Give a bar for each value; the largest, or ``highest`` if it is more, fills the picture."""
    if not values:
        return []
    most = max(*values, highest)
    step = SPARK_WIDTH / len(values)
    found = []
    for number, value in enumerate(values):
        height = max(SPARK_HEIGHT * value / most, LOWEST_BAR)
        bar = Bar(number * step, SPARK_HEIGHT - height, step - GAP, height)
        found.append(Bar(*(round(each, 1) for each in bar)))
    return found

"""Where a partner works."""

from dataclasses import dataclass
from enum import IntEnum


class Reach(IntEnum):
    """How a territory entry is stated, widest first: the most specific entry wins."""

    COUNTRY = 1
    REGION = 2
    RANGE = 3
    PREFIX = 4
    POSTCODE = 5


@dataclass(frozen=True, slots=True)
class Territory:
    """``value`` is the region's name, ``80000-81999``, a prefix ``80`` or a postcode; ``rank`` 1 = primary there."""

    country: str
    reach: Reach = Reach.COUNTRY
    value: str = ""
    rank: int = 1

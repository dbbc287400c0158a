"""Who comes first among those who may be offered the lead: a chain of named criteria.

A criterion says what people read (``value``) and how it sorts (``order``, least first). ``STATIC`` is known
from the network alone and so makes the shortlist; ``LIVE`` needs the partner's load. The id settles the rest,
so that the same inputs always give the same order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..domain.partner import Load, Partner
from ..domain.territory import Territory

PLACES_WITHOUT_CAP = 10
"""A partner who states no cap is compared as if there were this many places."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A partner before an enquiry, as far as ranking looks at it."""

    partner: Partner
    territory: Territory
    narrowness: float
    served_before: bool
    load: Load


class Criterion(NamedTuple):
    name: str
    value: Callable[[Standing], Any]
    order: Callable[[Standing], float]


def share_of_places_taken(standing: Standing) -> float:
    cap = standing.load.caps.open
    return standing.load.places / max(PLACES_WITHOUT_CAP if cap is None else cap, 1)


def places_of_cap(standing: Standing) -> str:
    """``2/10``; without a cap only ``2``."""
    cap = standing.load.caps.open
    return f"{standing.load.places}" if cap is None else f"{standing.load.places}/{cap}"


def last_offered(standing: Standing) -> str | None:
    last = standing.load.last_offered
    return None if last is None else last.isoformat()


def since_last_offer(standing: Standing) -> float:
    """Never offered comes before everybody."""
    last = standing.load.last_offered
    return float("-inf") if last is None else last.timestamp()


STATIC = (
    Criterion("served_before", lambda s: s.served_before, lambda s: not s.served_before),
    Criterion("territory", lambda s: str(s.territory), lambda s: -s.narrowness),
    Criterion("rank", lambda s: s.territory.rank, lambda s: s.territory.rank),
    Criterion("tier", lambda s: s.partner.tier, lambda s: s.partner.tier),
)
LIVE = (
    Criterion("load", places_of_cap, share_of_places_taken),
    Criterion("last_offered", last_offered, since_last_offer),
)
CHAIN = STATIC + LIVE


def static_order(standing: Standing) -> tuple[float, ...]:
    return tuple(criterion.order(standing) for criterion in STATIC)


def full_order(standing: Standing) -> tuple[tuple[float, ...], str]:
    return tuple(criterion.order(standing) for criterion in CHAIN), standing.partner.id


def keys(standing: Standing) -> tuple[tuple[str, Any], ...]:
    return tuple((criterion.name, criterion.value(standing)) for criterion in CHAIN)

"""Rank those who may be offered the lead.

A chain of named criteria decides, in the programme's order. A criterion says what people read
(``value``) and how it sorts (``order``, least first). ``STATIC_CRITERIA`` are known from the
network alone and so make the shortlist; ``LIVE_CRITERIA`` need the partners' loads. Who waited
longest, then the id settle the rest, so that the same inputs always give the same order.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from routing_core.domain.partner import Partner
from routing_core.routing.decide.occupancy import compare_occupancy, share_of_places_taken
from routing_core.routing.decide.performance import performance_of, thompson_sample
from routing_core.routing.decide.standing import Standing
from routing_core.routing.decide.stride import share_by_weight
from routing_core.routing.policy import Enquiry, Policy

CHAINS_KEPT = 256
"""So many chains are kept; a programme needs four at most."""


class RankingCriterion(NamedTuple):
    """Compares partners by one thing, under the name that programmes and records use."""

    name: str
    value: Callable[[Standing], Any]
    """Gives what people read."""
    order: Callable[[Standing], float]
    """Gives what is compared: the least comes first."""


# ── what people read ──────────────────────────────────────────────────────────────────────────────


def preferences_of_all(standing: Standing) -> str:
    """Give ``2/3`` for two of three preferences met."""
    return f"{standing.preferences_met}/{standing.preferences}"


def places_of_cap(standing: Standing) -> str:
    """Give ``2/10``; without a cap only ``2``.

    ``0/10 as 0.40`` is an empty desk that counts with the usual share.
    """
    cap = standing.load.caps.open
    taken = str(standing.load.open_count)
    if cap is not None:
        taken = f"{taken}/{cap}"
    if standing.occupancy > share_of_places_taken(standing.load):
        return f"{taken} as {standing.occupancy:.2f}"
    return taken


def share_of_offers(standing: Standing) -> str:
    """Give ``3/8 -0.125``: so much of the weight of all, and so many rounds ahead of that."""
    return f"{standing.partner.weight}/{standing.all_weights} {standing.ahead:+.3f}"


def last_offered(standing: Standing) -> str | None:
    """Give the instant of the partner's last offer, as ISO 8601.

    It is None for somebody who never had one.
    """
    last = standing.load.last_offered
    return None if last is None else last.isoformat()


def performance_in_words(standing: Standing) -> str:
    """Give ``1.20``: so much better than the average partner."""
    return f"{standing.performance:.2f}"


def sampled_rate_in_words(standing: Standing) -> str:
    """Give ``0.7312``: the acceptance rate that was drawn."""
    return f"{standing.sampled_rate:.4f}"


# ── how it sorts ──────────────────────────────────────────────────────────────────────────────────


def others_than_who_served(standing: Standing) -> bool:
    """Put who served the person before first: False sorts before True."""
    return not standing.served_before


def most_preferences(standing: Standing) -> float:
    """Put who meets more of the programme's preferences first."""
    return -standing.preferences_met


def most_specific(standing: Standing) -> float:
    """Put the narrower entry first."""
    return -standing.specificity


def since_last_offer(standing: Standing) -> float:
    """Put who waited longest first; never offered comes before everybody."""
    last = standing.load.last_offered
    return float("-inf") if last is None else last.timestamp()


def distance(standing: Standing) -> float:
    """Put the nearest first; who is at no known distance comes after everybody."""
    return float("inf") if standing.km is None else standing.km


def best_performance(standing: Standing) -> float:
    """Put who has done better first."""
    return -standing.performance


def highest_sampled_rate(standing: Standing) -> float:
    """Put the higher drawn rate first."""
    return -standing.sampled_rate


_tier: Callable[[Standing], Any] = attrgetter("partner.tier")
_rank: Callable[[Standing], Any] = attrgetter("rank")
STATIC_CRITERIA = (
    RankingCriterion("served_before", attrgetter("served_before"), others_than_who_served),
    RankingCriterion("preferred", preferences_of_all, most_preferences),
    RankingCriterion("top_tier", _tier, _tier),
    RankingCriterion("territory", attrgetter("territory"), most_specific),
    RankingCriterion("rank", _rank, _rank),
    RankingCriterion("tier", _tier, _tier),
    RankingCriterion("distance", attrgetter("km"), distance),
)
"""Criteria that compare by what the network alone knows."""
LIVE_CRITERIA = (
    RankingCriterion("weight", share_of_offers, attrgetter("pass_value")),
    RankingCriterion("load", places_of_cap, attrgetter("occupancy")),
    RankingCriterion("last_offered", last_offered, since_last_offer),
    RankingCriterion("performance", performance_in_words, best_performance),
    RankingCriterion("exploration", sampled_rate_in_words, highest_sampled_rate),
)
"""Criteria that compare by what partners hold and have done."""
CRITERIA = {criterion.name: criterion for criterion in STATIC_CRITERIA + LIVE_CRITERIA}
"""Gives every criterion by its name."""
_STATIC_NAMES = frozenset(criterion.name for criterion in STATIC_CRITERIA)


@dataclass(frozen=True, slots=True)
class Chain:
    """The criteria for one enquiry, in order."""

    criteria: tuple[RankingCriterion, ...]
    """The criteria, of which the first decides before the others."""
    orders: tuple[Callable[[Standing], float], ...]
    """What standings are sorted by: as the criteria sort, and last by who waited longest."""
    static: tuple[str, ...]
    """Names the criteria that are known from the network alone."""
    names: frozenset[str]
    """Names all criteria."""

    @classmethod
    def of(cls, policy: Policy, enquiry: Enquiry) -> "Chain":
        """Give the chain by which a policy ranks partners for an enquiry.

        ``preferred`` counts where the rules prefer anything; for the best enquiries the best tier
        comes first of all, but for who served the person before.
        """
        prefers = any(rule.verb == "prefer" for rule in policy.rules)
        return _chain(policy.order, prefers, policy.hot(enquiry))

    def has(self, name: str) -> bool:
        """Tell whether a criterion is among them."""
        return name in self.names

    def order(self, standing: Standing) -> tuple[list[float], str]:
        """Give what a standing is sorted by, the id last."""
        return [order(standing) for order in self.orders], standing.partner.id

    def keys(self, standing: Standing) -> tuple[tuple[str, Any], ...]:
        """Give what ranks a standing, in order, as (name, value) pairs people can read."""
        return tuple([(name, value(standing)) for name, value, _ in self.criteria])


@lru_cache(maxsize=CHAINS_KEPT)
def _chain(order: tuple[str, ...], prefers: bool, hot: bool) -> Chain:
    names = [name for name in order if name != "preferred" or prefers]
    if hot:
        # Whoever served the person before comes even before the best tier.
        served_comes_first = names[:1] == ["served_before"]
        names.insert(1 if served_comes_first else 0, "top_tier")
    criteria = tuple(CRITERIA[name] for name in names)
    orders = [criterion.order for criterion in criteria]
    if since_last_offer not in orders:
        orders.append(since_last_offer)
    static = tuple(name for name in names if name in _STATIC_NAMES)
    return Chain(criteria, tuple(orders), static, frozenset(names))


def compare(
    standings: Sequence[Standing],
    chain: Chain,
    policy: Policy,
    seed: str,
    today: Callable[[Partner], date],
) -> None:
    """Fill in what each counts among the others, as far as the chain looks at it.

    ``seed`` is the enquiry's: draws hang on it. ``today`` gives the date on a partner's wall.
    """
    if chain.has("load"):
        compare_occupancy(standings, policy.back, today)
    if chain.has("weight"):
        share_by_weight(standings, policy.back)
    if chain.has("performance"):
        for standing in standings:
            standing.performance = performance_of(standing.load, policy.performance)
    if chain.has("exploration"):
        for standing in standings:
            standing.sampled_rate = thompson_sample(standing, seed)


def ranked(standings: Sequence[Standing], chain: Chain) -> list[Standing]:
    """Give the standings in order, the best first."""
    for standing in standings:
        standing.order = chain.order(standing)
    return sorted(standings, key=attrgetter("order"))

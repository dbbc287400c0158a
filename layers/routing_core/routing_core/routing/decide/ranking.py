"""Who comes first among those who may be offered the lead: a chain of named criteria, in the
programme's order.

A criterion says what people read (``value``) and how it sorts (``order``, least first). ``STATIC``
ones are known from the network alone and so make the shortlist; ``LIVE`` ones need the partners'
loads. Who waited longest, then the id settle the rest, so that the same inputs always give the same
order.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from operator import attrgetter
from random import Random
from statistics import median
from typing import Any, NamedTuple

from routing_core.domain.figures import Figures
from routing_core.domain.partner import Load, Partner, period_keys
from routing_core.domain.programme.programme import Performance
from routing_core.routing.policy import Enquiry, Policy

PLACES_WITHOUT_CAP = 10
"""A partner who states no cap is compared as if there were this many places."""
STRIDE = 1_000_000_000
"""How far an offer moves a partner of weight 1 in the weighted order; one of weight 2 half as
far.
"""
BACK_DAYS = 28
"""So long after an absence a partner counts as back."""
EMPTY = 0.8
"""Of the usual share of places taken (the median): below that a desk is emptier than chance makes
it.
"""
PACE = 1.5
"""So many times as fast as desks are on average such a one is filled at most."""
AVERAGE = {"acceptance": 0.7, "speed": 0.5, "conversion": 0.3, "value": 0.5, "returns": 0.95}
"""What the average partner is taken to do, each as a share where more is better."""


@dataclass(slots=True)
class Standing:
    """A partner before an enquiry, as far as ranking looks at it; ``compare`` fills in what hangs
    on the others.
    """

    partner: Partner
    territory: str
    """The partner's entry that counts at the place, as stated …"""
    specificity: float
    """… how narrow it is …"""
    rank: int
    """… and the partner's place in the order there, 1 first."""
    served_before: bool
    load: Load
    preferred: int = 0
    """So many of the programme's wishes are met …"""
    wishes: int = 0
    """… of so many."""
    km: float | None = None
    """From the partner's place to the enquiry's; None if either is not known."""
    share: float = 0.0
    """Of the places, so many are taken; on coming back from an absence, as many as the others' on
    average.
    """
    turn: int = 0
    """Where the partner stands in the weighted order, once nothing is made up that should not
    be.
    """
    parts: int = 0
    """The weights of all who stand here, added up."""
    ahead: float = 0.0
    """Of its share, in rounds; behind it, if less than 0. In a round everybody gets as many offers
    as its weight.
    """
    performance: float = 1.0
    chance: float = 0.0
    order: tuple[Sequence[float], str] = ((), "")
    """What it was sorted by."""


class Criterion(NamedTuple):
    name: str
    value: Callable[[Standing], Any]
    order: Callable[[Standing], float]


def stride(partner: Partner) -> int:
    return STRIDE // max(partner.weight, 1)


def share_of_places_taken(load: Load) -> float:
    return load.places / _places(load)


def _places(load: Load) -> int:
    return max(PLACES_WITHOUT_CAP if load.caps.open is None else load.caps.open, 1)


def places_of_cap(standing: Standing) -> str:
    """``2/10``; without a cap only ``2``. ``0/10 as 0.40``: an empty desk that counts with the
    usual share.
    """
    cap = standing.load.caps.open
    taken = f"{standing.load.places}" if cap is None else f"{standing.load.places}/{cap}"
    raised = standing.share > share_of_places_taken(standing.load)
    return f"{taken} as {standing.share:.2f}" if raised else taken


def share_of_offers(standing: Standing) -> str:
    """``3/8 -0.125``: so much of the weight of all, and so many rounds ahead of that."""
    return f"{standing.partner.weight}/{standing.parts} {standing.ahead:+.3f}"


def last_offered(standing: Standing) -> str | None:
    last = standing.load.last_offered
    return None if last is None else last.isoformat()


def since_last_offer(standing: Standing) -> float:
    """Never offered comes before everybody."""
    last = standing.load.last_offered
    return float("-inf") if last is None else last.timestamp()


def distance(standing: Standing) -> float:
    """Who is at no known distance comes after everybody."""
    return float("inf") if standing.km is None else standing.km


STATIC = (
    Criterion("served_before", lambda s: s.served_before, lambda s: not s.served_before),
    Criterion("preferred", lambda s: f"{s.preferred}/{s.wishes}", lambda s: -s.preferred),
    Criterion("top_tier", lambda s: s.partner.tier, lambda s: s.partner.tier),
    Criterion("territory", lambda s: s.territory, lambda s: -s.specificity),
    Criterion("rank", lambda s: s.rank, lambda s: s.rank),
    Criterion("tier", lambda s: s.partner.tier, lambda s: s.partner.tier),
    Criterion("distance", lambda s: s.km, distance),
)
LIVE = (
    Criterion("weight", share_of_offers, lambda s: s.turn),
    Criterion("load", places_of_cap, lambda s: s.share),
    Criterion("last_offered", last_offered, since_last_offer),
    Criterion("performance", lambda s: f"{s.performance:.2f}", lambda s: -s.performance),
    Criterion("exploration", lambda s: f"{s.chance:.4f}", lambda s: -s.chance),
)
CRITERIA: Mapping[str, Criterion] = {criterion.name: criterion for criterion in STATIC + LIVE}
_STATIC_NAMES = frozenset(criterion.name for criterion in STATIC)


@dataclass(frozen=True, slots=True)
class Chain:
    """The criteria for one enquiry, in order; ``static`` names those known from the network
    alone.
    """

    criteria: tuple[Criterion, ...]
    orders: tuple[Callable[[Standing], float], ...]
    """How they sort, and last of all who waited longest."""
    static: tuple[str, ...]
    names: frozenset[str]

    @classmethod
    def of(cls, policy: Policy, enquiry: Enquiry) -> "Chain":
        """``preferred`` counts where the rules prefer anything; for the best enquiries the best
        tier comes first of
        all, but for who served the person before.
        """
        return _chain(
            policy.order, any(rule.verb == "prefer" for rule in policy.rules), policy.hot(enquiry)
        )

    def has(self, name: str) -> bool:
        return name in self.names

    def order(self, standing: Standing) -> tuple[list[float], str]:
        return [order(standing) for order in self.orders], standing.partner.id

    def keys(self, standing: Standing) -> tuple[tuple[str, Any], ...]:
        return tuple([(name, value(standing)) for name, value, _ in self.criteria])


@lru_cache(maxsize=256)
def _chain(order: tuple[str, ...], prefers: bool, hot: bool) -> Chain:
    names = [name for name in order if name != "preferred" or prefers]
    if hot:
        names.insert(1 if names[:1] == ["served_before"] else 0, "top_tier")
    static = tuple(name for name in names if name in _STATIC_NAMES)
    criteria = tuple(CRITERIA[name] for name in names)
    orders = [criterion.order for criterion in criteria]
    if since_last_offer not in orders:
        orders.append(since_last_offer)
    return Chain(criteria, tuple(orders), static, frozenset(names))


def compare(
    standings: Sequence[Standing],
    chain: Chain,
    policy: Policy,
    enquiry: Enquiry,
    today: Callable[[Partner], date],
) -> None:
    """What each counts among the others; ``today`` is the date on a partner's wall."""
    if chain.has("load"):
        _share(standings, policy, today)
    if chain.has("weight"):
        _take_turns(standings, policy)
    if chain.has("performance"):
        for standing in standings:
            standing.performance = performance_of(standing.load, policy.performance)
    if chain.has("exploration"):
        for standing in standings:
            standing.chance = _chance(standing, enquiry)


def _share(standings: Sequence[Standing], policy: Policy, today: Callable[[Partner], date]) -> None:
    """An empty desk is not filled at once, unless the programme says so. Who is just back from an
    absence counts with the usual share; so does anybody else far below it (after a pause, or new)
    asked more often than all were.
    """
    back: list[Standing] = []
    there: list[Standing] = []
    for standing in standings:
        partner = standing.partner
        standing.share = share_of_places_taken(standing.load)
        is_back = (
            partner.absences and policy.back == "in_line" and _is_back(partner, today(partner))
        )
        (back if is_back else there).append(standing)
    usual = median(standing.share for standing in there) if there else 0.0
    empty = [s for s in there if s.share < EMPTY * usual] if policy.back == "in_line" else []
    for standing in (*back, *(_asked_too_often(empty, standings, today) if empty else ())):
        standing.share = max(standing.share, usual)


def _asked_too_often(
    some: Sequence[Standing], standings: Sequence[Standing], today: Callable[[Partner], date]
) -> Iterator[Standing]:
    """This day, week or month, for each of their places. Summed exactly, so that no order of
    partners matters.
    """
    paces = [_pace(standing.load, today(standing.partner)) for standing in standings]
    usual = [math.fsum(of_all) / len(paces) for of_all in zip(*paces, strict=True)]
    for standing in some:
        own = _pace(standing.load, today(standing.partner))
        if any(pace > PACE * mean for pace, mean in zip(own, usual, strict=True)):
            yield standing


def _pace(load: Load, today: date) -> tuple[float, ...]:
    """Offers made this day, week and month, for each place."""
    places = _places(load)
    return tuple([load.made.get(period, 0) / places for period in period_keys(today)])


def _is_back(partner: Partner, today: date) -> bool:
    return any(
        absence.last < today <= absence.last + timedelta(days=BACK_DAYS)
        for absence in partner.absences
    )


def _take_turns(standings: Sequence[Standing], policy: Policy) -> None:
    """The least turn is next. Whoever takes part all the time is never behind the last offer's turn
    (``line``); who is was absent, paused, full or is new, and stands in line again without having
    it all made up.
    """
    line = max((s.load.turn - stride(s.partner) for s in standings if s.load.turn), default=0)
    parts = sum(standing.partner.weight for standing in standings)
    for standing in standings:
        standing.parts, turn = parts, standing.load.turn
        if policy.back != "accrue" or not turn:
            owed = stride(standing.partner) if policy.back == "keep" and turn else 0
            turn = max(turn, line - owed)
        standing.turn = turn
    middle = sum(standing.turn * standing.partner.weight for standing in standings) / max(parts, 1)
    for standing in standings:
        standing.ahead = (standing.turn - middle) / STRIDE


def performance_of(load: Load, rules: Performance) -> float:
    """The mean of the measures, each against the average partner's: 1 is average, more is better.
    What is still open says nothing yet, neither for nor against: it counts as the average
    partner's.
    """
    figures, undecided = load.figures, _open(load)
    measured = {
        "acceptance": (
            figures.offers - undecided - figures.declined - figures.lapsed,
            figures.offers,
            undecided,
        ),
        "speed": (figures.answers - figures.used / 1000, figures.answers, 0),
        "conversion": (figures.won, figures.won + figures.lost, 0),
        "value": (_worth(figures, rules.order_value), figures.won, 0),
        "returns": (figures.offers - undecided - figures.returned, figures.offers, undecided),
    }
    relative = [
        _smoothed(*measured[name], rules.prior, AVERAGE[name]) / AVERAGE[name] for name in rules.of
    ]
    mean = round(sum(relative) / len(relative), 2)
    return max(mean, 1.0) if figures.offers < rules.newcomers else mean


def _open(load: Load) -> int:
    """Offers of which nobody knows yet what becomes of them: each holds a place."""
    figures = load.figures
    return max(
        min(load.places, figures.offers - figures.declined - figures.lapsed - figures.returned), 0
    )


def _smoothed(good: float, of: int, undecided: int, prior: int, average: float) -> float:
    return (good + (undecided + prior) * average) / (of + prior)


def _worth(figures: Figures, usual: int) -> float:
    """Of the orders won, how many were worth it: one of usual value counts half, none counts more
    than one.
    """
    return (
        figures.won * figures.value / (figures.value + figures.won * usual) if figures.won else 0.0
    )


def _chance(standing: Standing, enquiry: Enquiry) -> float:
    """Thompson sampling: a draw from what may be the partner's acceptance rate; the lead seeds it,
    so it replays. What is still open counts half for, half against.
    """
    figures, undecided = standing.load.figures, _open(standing.load)
    refused = figures.declined + figures.lapsed
    taken = max(figures.offers - refused - undecided, 0)
    dice = Random(f"{enquiry.seed}:{standing.partner.id}")  # noqa: S311 - a draw that replays, not a secret
    return round(dice.betavariate(1 + taken + undecided / 2, 1 + refused + undecided / 2), 6)


def ranked(standings: Sequence[Standing], chain: Chain) -> list[Standing]:
    for standing in standings:
        standing.order = chain.order(standing)
    return sorted(standings, key=attrgetter("order"))

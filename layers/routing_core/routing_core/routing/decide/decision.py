"""The decision.

Two steps, because loads cost a read: ``shortlist`` names the partners worth reading, by what the
network alone knows; ``decide`` judges and ranks those with their loads. Both look at the same
partners for the same enquiry, and neither ever raises: whatever is odd about a place, a partner or
a load is a reason.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from routing_core.domain.calendar.business_time import is_open
from routing_core.domain.figures import NONE_YET
from routing_core.domain.partner import Load, Partner
from routing_core.routing.decide.eligibility import REASONS, excluded_by_load, has_room, local_day
from routing_core.routing.decide.field import Field
from routing_core.routing.decide.ranking import (
    Chain,
    Standing,
    compare,
    last_offered,
    ranked,
    stride,
)
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry, Policy

SHORTLIST = 90
"""Loads that fit into one batch read beside the lead, its claims and the backup partners of the
place.
"""
BACKUPS = 5
"""At most this many of those are looked at."""

TICK = timedelta(milliseconds=1)


class Candidate(NamedTuple):
    """One eligible partner."""

    standing: Standing
    chain: Chain

    @property
    def partner(self) -> str:
        return self.standing.partner.id

    @property
    def keys(self) -> tuple[tuple[str, Any], ...]:
        """What ranks it, in order, as (name, value) pairs people can read."""
        return self.chain.keys(self.standing)

    @property
    def turn(self) -> int | None:
        """Where an offer moves the partner in the weighted order; None where the programme does not
        order by weight.
        """
        return (
            self.standing.turn + stride(self.standing.partner) if self.chain.has("weight") else None
        )


def told_apart(ranked: Sequence[Candidate]) -> Iterator[dict[str, Any]]:
    """What ranks each, by name; and where that is the same of the one before or after, what settled
    it beyond: who waited longest (``last_offered``), else the id (``alike``).
    """
    orders = [candidate.standing.order[0] for candidate in ranked]
    same = [one == other for one, other in pairwise(orders)]
    tied = [one[:-1] == other[:-1] for one, other in pairwise(orders)]
    for place, candidate in enumerate(ranked):
        keys = dict(candidate.keys)
        beside = slice(max(place - 1, 0), place + 1)
        if True in tied[beside]:
            keys.setdefault("last_offered", last_offered(candidate.standing))
        if True in same[beside]:
            keys["alike"] = True
        yield keys


class Excluded(Mapping[str, tuple[str, ...]]):
    """Reason → partners, in the order of ``REASONS``; found out when somebody looks, for most
    decisions nobody asks.
    """

    def __init__(
        self,
        find: Callable[[], tuple[Mapping[str, Sequence[str]], Mapping[str, Mapping[str, int]]]],
    ):
        self._find = find

    @cached_property
    def _found(self) -> tuple[Mapping[str, Sequence[str]], Mapping[str, Mapping[str, int]]]:
        found, missing = self._find()
        return {reason: found[reason] for reason in REASONS if reason in found}, missing

    def __getitem__(self, reason: str) -> tuple[str, ...]:
        return tuple(self._found[0][reason])

    def counted(self, examples: int) -> dict[str, dict[str, Any]]:
        """Reason → how many, and the first so many of them; and of what was ``asked``, how many
        fail it.
        """
        found, missing = self._found
        told: dict[str, dict[str, Any]] = {}
        for reason, partners in found.items():
            told[reason] = {"count": len(partners), "examples": [*partners[:examples]]}
            if asked := sorted(
                missing.get(reason, {}).items(), key=lambda each: (-each[1], each[0])
            )[:examples]:
                told[reason]["asked"] = dict(asked)
        return told

    def __iter__(self) -> Iterator[str]:
        return iter(self._found[0])

    def __len__(self) -> int:
        return len(self._found[0])


@dataclass(frozen=True, slots=True)
class Decision:
    ranked: tuple[Candidate, ...]
    """Eligible partners, best first."""
    excluded: Excluded
    """Reason code → partners (in territory but not eligible)."""
    network_version: str
    policy_version: int
    enquiry: Enquiry
    loads: Mapping[str, Load]
    """Of the shortlist, as seen."""
    at: datetime
    limit: int
    considered: tuple[str, ...] = ()
    """The shortlist: whose loads were looked at, in its order."""
    beyond: int = 0
    """So many more partners would have qualified for the shortlist, had it been longer."""
    backups: tuple[Candidate, ...] = ()
    """Who is backup for the place and could take it now, best first. Never among ``ranked``."""
    nobody_open: bool = False
    """Some of the ranked would have been skipped for being closed, had anybody who was looked at
    been open.
    """

    @property
    def chosen(self) -> str | None:
        return self.ranked[0].partner if self.ranked else None

    @property
    def offered_at(self) -> datetime:
        """What to note as the last offer: now, but after every other, so that many at one instant
        take turns.
        """
        last = [load.last_offered for load in self.loads.values() if load.last_offered]
        return max([self.at, *(at + TICK for at in last)])

    def turn(self, partner: str) -> int | None:
        """What an offer makes of the partner's turn; None if it was not ranked by weight."""
        return next((c.turn for c in (*self.ranked, *self.backups) if c.partner == partner), None)


def shortlist(
    enquiry: Enquiry, network: Network, policy: Policy, now: datetime, limit: int = SHORTLIST
) -> tuple[str, ...]:
    """Partner ids worth reading the load of, best first by what the network alone knows; then the
    place's backups.

    Among equals the enquiry's seed picks, so that in a crowded place everybody is looked at in
    turn.
    """
    field = Field(enquiry, network, policy, now)
    return tuple(
        map(field.id, (*field.first(field.eligible, limit), *field.first(field.backups, BACKUPS)))
    )


def decide(
    enquiry: Enquiry,
    network: Network,
    policy: Policy,
    loads: Mapping[str, Load],
    now: datetime,
    limit: int = SHORTLIST,
) -> Decision:
    """``loads`` are those of ``shortlist`` with the same arguments; who has none there takes no
    offers.
    """
    field = Field(enquiry, network, policy, now)
    chain = field.chain
    considered, backups = field.first(field.eligible, limit), field.first(field.backups, BACKUPS)
    eligible, by_load = _with_loads(considered, field, loads)
    closed, somebody_open = _closed(eligible, enquiry, policy, now)
    if closed and somebody_open:
        eligible = [standing for standing in eligible if standing.partner.id not in closed]
        by_load["closed"] = [*closed]

    def excluded() -> tuple[Mapping[str, Sequence[str]], Mapping[str, Mapping[str, int]]]:
        found, missing = field.excluded()
        return found | by_load, missing

    def order(standings: Sequence[Standing]) -> tuple[Candidate, ...]:
        if not standings:
            return ()
        compare(standings, chain, policy, enquiry, lambda partner: local_day(partner, now))
        return tuple([Candidate(standing, chain) for standing in ranked(standings, chain)])

    seen = [field.id(spot) for spot in (*considered, *backups)]
    return Decision(
        ranked=order(eligible),
        excluded=Excluded(excluded),
        network_version=network.version,
        policy_version=policy.version,
        enquiry=enquiry,
        loads=_as_compared(
            {partner: loads[partner] for partner in seen if partner in loads}, chain
        ),
        at=now,
        limit=limit,
        considered=tuple(seen),
        beyond=len(field.eligible) - len(considered),
        backups=order(_with_loads(backups, field, loads)[0]) if backups else (),
        nobody_open=bool(closed) and not somebody_open,
    )


def _as_compared(loads: dict[str, Load], chain: Chain) -> dict[str, Load]:
    """Without what no criterion looked at: it need not be kept."""
    turns, figures = chain.has("weight"), chain.has("performance") or chain.has("exploration")
    for partner, load in loads.items():
        if load.turn and not turns:
            load = loads[partner] = replace(load, turn=0)
        if load.figures is not NONE_YET and not figures and load.figures != NONE_YET:
            loads[partner] = replace(load, figures=NONE_YET)
    return loads


def _with_loads(
    spots: Sequence[int], field: Field, loads: Mapping[str, Load]
) -> tuple[list[Standing], dict[str, list[str]]]:
    """Who is eligible with the load there is; and who is not, by reason."""
    eligible: list[Standing] = []
    excluded: dict[str, list[str]] = {}
    for spot in spots:
        load = loads.get(field.id(spot))
        reason = (
            None
            if has_room(load)
            else excluded_by_load(load, field.today(spot), field.enquiry.product)
        )
        if load is None or reason is not None:
            excluded.setdefault(reason or "inactive", []).append(field.id(spot))
        else:
            eligible.append(field.standing(spot, load))
    return eligible, excluded


def _closed(
    standings: Sequence[Standing], enquiry: Enquiry, policy: Policy, now: datetime
) -> tuple[dict[str, None], bool]:
    """Who is closed now and of a type for which the programme skips such offices, in order; and
    whether anybody is open, for else nobody is skipped.
    """
    closed: dict[str, None] = {}
    somebody_open = False
    if policy.calendar is None or not policy.skips_closed:
        return closed, somebody_open
    for partner in (standing.partner for standing in standings):
        if is_open(now, partner.calendar(policy.calendar)):
            somebody_open = True
        elif (partner.type, enquiry.product, enquiry.urgency) in policy.skips_closed:
            closed[partner.id] = None
    return closed, somebody_open


def eligible_now(
    enquiry: Enquiry,
    network: Network,
    policy: Policy,
    loads: Mapping[str, Load],
    now: datetime,
    limit: int = SHORTLIST,
) -> tuple[Partner, ...]:
    """Everybody who could be offered this enquiry at once, best first: what a coverage answer
    counts.
    """
    decision = decide(enquiry, network, policy, loads, now, limit)
    return tuple(network.partners[candidate.partner] for candidate in decision.ranked)

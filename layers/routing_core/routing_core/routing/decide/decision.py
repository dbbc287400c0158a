"""Decide who may be offered an enquiry, in two steps.

There are two because loads cost a read: ``shortlist`` names the partners worth reading, by what the
network alone knows; ``decide`` judges and ranks those with their loads. Both look at the same
partners for the same enquiry, and neither ever raises: whatever is odd about a place, a partner or
a load is a reason.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from routing_core.domain.calendar.business_time import is_open
from routing_core.domain.figures import NONE_YET
from routing_core.domain.partner import Load, Partner
from routing_core.routing.decide.eligibility import REASONS, excluded_by_load, has_room, local_day
from routing_core.routing.decide.field import Exclusions, PartnerField
from routing_core.routing.decide.ranking import Chain, compare, last_offered, ranked
from routing_core.routing.decide.situation import LoadsByPartner, Situation
from routing_core.routing.decide.standing import Standing
from routing_core.routing.decide.stride import stride
from routing_core.routing.policy import Enquiry

SHORTLIST = 90
"""The shortlist is so long that its loads fit into one batch read.

Beside them the lead, the contact's rows and the backup partners of the place are read.
"""
BACKUPS = 5
"""So many backup partners of the place are read beside the shortlist at most."""
TICK = timedelta(milliseconds=1)
"""The least by which two offers differ in time, as it is stored."""


class RankedPartner(NamedTuple):
    """One eligible partner, and by what it is ranked."""

    standing: Standing
    chain: Chain

    @property
    def partner(self) -> str:
        """Give the partner's id."""
        return self.standing.partner.id

    @property
    def keys(self) -> tuple[tuple[str, Any], ...]:
        """Give what ranks it, in order, as (name, value) pairs people can read."""
        return self.chain.keys(self.standing)

    @property
    def next_pass_value(self) -> int | None:
        """Say where an offer moves the partner in the weighted order.

        It is None where the programme does not order so.
        """
        if not self.chain.has("weight"):
            return None
        return self.standing.pass_value + stride(self.standing.partner)


def ranking_keys(ranked_partners: Sequence[RankedPartner]) -> Iterator[dict[str, Any]]:
    """Give by name what ranks each partner.

    Where that is the same of the one before or after, it says too what settled it beyond. That is
    who waited longest (``last_offered``), else the id (``alike``).
    """
    orders = [each.standing.order[0] for each in ranked_partners]
    same = [one == other for one, other in pairwise(orders)]
    tied = [one[:-1] == other[:-1] for one, other in pairwise(orders)]
    for place, each in enumerate(ranked_partners):
        keys = dict(each.keys)
        neighbours = slice(max(place - 1, 0), place + 1)
        if any(tied[neighbours]):
            keys.setdefault("last_offered", last_offered(each.standing))
        if any(same[neighbours]):
            keys["alike"] = True
        yield keys


class Excluded(Mapping[str, tuple[str, ...]]):
    """The excluded partners by reason, in the order of ``REASONS``.

    It is found out when somebody looks, for of most decisions nobody asks.
    """

    def __init__(self, find: Callable[[], Exclusions], by_load: Mapping[str, Sequence[str]]):
        """Find out later, once, by calling ``find``; ``by_load`` is known beside it."""
        # Later, for it takes as long as the decision itself.
        self._find = find
        self._by_load = by_load

    @cached_property
    def _found(self) -> Exclusions:
        found = self._find()
        partners = {**found.partners, **self._by_load}
        in_order = {reason: partners[reason] for reason in REASONS if reason in partners}
        return Exclusions(in_order, found.failed)

    def __getitem__(self, reason: str) -> tuple[str, ...]:
        """Name the partners excluded for a reason, sorted. Raises KeyError where nobody is."""
        return tuple(self._found.partners[reason])

    def counted(self, examples: int) -> dict[str, dict[str, Any]]:
        """Count the excluded by reason, and name the first so many of them.

        Of what was ``asked`` it says how many fail it.
        """
        counted: dict[str, dict[str, Any]] = {}
        for reason, partners in self._found.partners.items():
            counted[reason] = {"count": len(partners), "examples": [*partners[:examples]]}
            failed = self._found.failed.get(reason)
            if failed and examples:
                counted[reason]["asked"] = dict(_most_failed(failed)[:examples])
        return counted

    def __iter__(self) -> Iterator[str]:
        """Give the reasons for which somebody is excluded."""
        return iter(self._found.partners)

    def __len__(self) -> int:
        """Count these reasons."""
        return len(self._found.partners)


def _most_failed(failed: Mapping[str, int]) -> list[tuple[str, int]]:
    """Give what was asked and how many fail it, the most first."""
    return sorted(failed.items(), key=lambda each: (-each[1], each[0]))


@dataclass(frozen=True, slots=True)
class Decision:
    """The order of those who may be offered an enquiry, and why others may not."""

    ranked: tuple[RankedPartner, ...]
    """Lists the eligible partners, best first."""
    excluded: Excluded
    """Gives by reason code the partners in whose territory it is, but who are not eligible."""
    network_version: str
    """Names the network that was looked at."""
    policy_version: int
    """Names the version of the programme."""
    enquiry: Enquiry
    """Says what was asked for."""
    loads: LoadsByPartner
    """Gives the loads of the shortlist, as seen."""
    at: datetime
    """Gives the instant of the decision."""
    limit: int
    """Gives the length that the shortlist could have at most."""
    considered: tuple[str, ...] = ()
    """Names the shortlist: whose loads were looked at, in its order."""
    beyond: int = 0
    """Counts the partners who would have qualified for the shortlist too, had it been longer."""
    backups: tuple[RankedPartner, ...] = ()
    """Lists who is backup for the place and could take it now, best first.

    They are never among ``ranked``.
    """
    nobody_open: bool = False
    """Tells whether some of the ranked would have been skipped for being closed.

    They were not, because nobody who was looked at is open.
    """

    @property
    def chosen(self) -> str | None:
        """Name the partner who comes first; None where nobody may be asked."""
        return self.ranked[0].partner if self.ranked else None

    @property
    def offered_at(self) -> datetime:
        """Give what to note as the last offer.

        It is now, but after every other, so that many at one instant take turns.
        """
        others = [load.last_offered for load in self.loads.values() if load.last_offered]
        return max(self.at, max(others) + TICK) if others else self.at

    def pass_value_after_offer(self, partner: str) -> int | None:
        """Say where an offer moves the partner in the weighted order.

        It is None if it was not ranked by weight.
        """
        for each in (*self.ranked, *self.backups):
            if each.partner == partner:
                return each.next_pass_value
        return None


def shortlist(situation: Situation, limit: int = SHORTLIST) -> tuple[str, ...]:
    """Name the partners worth reading the load of, best first; then the place's backups.

    They are ordered by what the network alone knows. Among equals the enquiry's seed picks, so that
    in a crowded place everybody is looked at in turn. No loads are needed.
    """
    field = PartnerField(situation)
    eligible = field.first(field.eligible, limit)
    backups = field.first(field.backups, BACKUPS)
    return tuple(map(field.id, (*eligible, *backups)))


def decide(situation: Situation, limit: int = SHORTLIST) -> Decision:
    """Rank who may be offered the enquiry.

    The situation has the loads of ``shortlist`` with the same limit; who has none there takes no
    offers.
    """
    field = PartnerField(situation)
    considered = field.first(field.eligible, limit)
    backups = field.first(field.backups, BACKUPS)
    eligible, by_load = _with_loads(considered, field)
    closed, somebody_open = _openings(eligible, situation)
    if closed and somebody_open:
        skipped = frozenset(closed)
        eligible = [standing for standing in eligible if standing.partner.id not in skipped]
        by_load["closed"] = closed

    seen = [field.id(posting) for posting in (*considered, *backups)]
    return Decision(
        ranked=_in_order(eligible, field),
        excluded=Excluded(field.excluded, by_load),
        network_version=situation.network.version,
        policy_version=situation.policy.version,
        enquiry=situation.enquiry,
        loads=_as_compared(situation.loads, seen, field.chain),
        at=situation.now,
        limit=limit,
        considered=tuple(seen),
        beyond=len(field.eligible) - len(considered),
        backups=_in_order(_with_loads(backups, field)[0], field),
        nobody_open=bool(closed) and not somebody_open,
    )


def _in_order(standings: Sequence[Standing], field: PartnerField) -> tuple[RankedPartner, ...]:
    if not standings:
        return ()
    chain = field.chain
    situation = field.situation

    def today(partner: Partner) -> date:
        return local_day(partner, situation.now)

    compare(standings, chain, situation.policy, situation.enquiry.seed, today)
    return tuple([RankedPartner(standing, chain) for standing in ranked(standings, chain)])


def _as_compared(loads: LoadsByPartner, seen: Sequence[str], chain: Chain) -> dict[str, Load]:
    """Give the loads that were seen, without what no criterion looked at: it need not be kept."""
    by_weight = chain.has("weight")
    by_figures = chain.has("performance") or chain.has("exploration")
    compared: dict[str, Load] = {}
    for partner in seen:
        load = loads.get(partner)
        if load is None:
            continue
        if load.pass_value and not by_weight:
            load = replace(load, pass_value=0)
        if not by_figures and load.figures is not NONE_YET and load.figures != NONE_YET:
            load = replace(load, figures=NONE_YET)
        compared[partner] = load
    return compared


def _with_loads(
    postings: Sequence[int], field: PartnerField
) -> tuple[list[Standing], dict[str, list[str]]]:
    """Find who is eligible with the load there is; and by reason who is not."""
    loads = field.situation.loads
    product = field.enquiry.product
    eligible: list[Standing] = []
    excluded: dict[str, list[str]] = {}
    for posting in postings:
        partner = field.id(posting)
        load = loads.get(partner)
        # Most have room: the table of reasons is walked for the others only.
        reason = None if has_room(load) else excluded_by_load(load, field.today(posting), product)
        if load is None or reason is not None:
            excluded.setdefault(reason or "inactive", []).append(partner)
        else:
            eligible.append(field.standing(posting, load))
    return eligible, excluded


class _Openings(NamedTuple):
    """Those who are closed now and of a type for which the programme skips closed offices."""

    closed: list[str]
    somebody_open: bool


def _openings(standings: Sequence[Standing], situation: Situation) -> _Openings:
    """Look who of the eligible is open: where nobody is, nobody is skipped."""
    policy = situation.policy
    closed: list[str] = []
    somebody_open = False
    if policy.calendar is None or not policy.skips_closed:
        return _Openings(closed, somebody_open)
    product = situation.enquiry.product
    urgency = situation.enquiry.urgency
    for standing in standings:
        partner = standing.partner
        if is_open(situation.now, partner.calendar(policy.calendar)):
            somebody_open = True
        elif (partner.type, product, urgency) in policy.skips_closed:
            closed.append(partner.id)
    return _Openings(closed, somebody_open)


def eligible_now(situation: Situation, limit: int = SHORTLIST) -> tuple[Partner, ...]:
    """Give everybody who could be offered this enquiry at once, best first.

    That is what a coverage answer counts.
    """
    decision = decide(situation, limit)
    return tuple(each.standing.partner for each in decision.ranked)

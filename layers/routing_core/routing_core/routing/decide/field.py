"""Everybody who covers one enquiry's place, judged by what the network alone knows: the arrays at
work.
"""

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, overload
from zlib import crc32

from routing_core.domain.partner import Load
from routing_core.domain.territory.gazetteer import Point, km_between
from routing_core.domain.territory.territory import canonical_postcode
from routing_core.routing.decide.eligibility import Case, day_in, excluded_by_profile, hq_day, unmet
from routing_core.routing.decide.ranking import Chain, Standing
from routing_core.routing.index.features import CLOSER, DATED
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry, Policy


class Named(Sequence[str]):
    """Partners by ordinal, named when somebody looks: most are only counted."""

    def __init__(self, ids: Sequence[str], ordinals: Sequence[int]):
        self._ids, self._ordinals = ids, ordinals

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self._ids[ordinal] for ordinal in self._ordinals[place]]
        return self._ids[self._ordinals[place]]

    def __len__(self) -> int:
        return len(self._ordinals)


class Field:
    """``eligible`` and ``backups`` are spots of the network; the rest of those who cover the place
    are excluded.
    """

    def __init__(self, enquiry: Enquiry, network: Network, policy: Policy, now: datetime):
        self.enquiry, self.network, self.policy, self.now = enquiry, network, policy, now
        self.chain = Chain.of(policy, enquiry)
        self._asked = policy.asked(enquiry, hq_day(policy, now))
        self._question = network.features.question(self._asked)
        code = canonical_postcode(enquiry.country, enquiry.postcode)
        self._point = network.point(enquiry.country, code)
        self._keys = network.keys(enquiry.country, code, self._point)
        self._tried = frozenset(network.partners.ordinal(partner) for partner in enquiry.tried)
        self._days: dict[int, date] = {}
        self._doubtful = CLOSER | (DATED if self._question.dated else 0)
        """Who has one of these bits is not judged by the others alone."""
        self.eligible = self._plain()
        self.backups: list[int] = []
        self._layered = network.layered(self._keys, self._point)
        who = network.arrays.who
        for spot in self._layered:
            if self._reason(who[spot]) is None:
                (self.backups if network.territory(spot).backup else self.eligible).append(spot)

    def _plain(self) -> list[int]:
        """Of partners with one entry there: the bits tell, but for those who need a closer look."""
        masks, who, doubtful = self.network.arrays.masks, self.network.arrays.who, self._doubtful
        found = self.network.matching(self._keys, self._question)
        if self._question.subtle or self._tried:
            return [spot for spot in found if self._reason(who[spot]) is None]
        return [
            spot
            for spot in found
            if not masks[who[spot]] & doubtful or self._reason(who[spot]) is None
        ]

    def excluded(self) -> tuple[dict[str, Sequence[str]], Mapping[str, Mapping[str, int]]]:
        """Reason → partners, by id; backups are excluded from the ranking for being just that. And
        by reason, how many fail each thing that was asked of them, or that they ask of an
        enquiry.
        """
        question = self._question
        who, masks, bits = (
            self.network.arrays.who,
            self.network.arrays.masks,
            question.relevant | self._doubtful,
        )
        found: defaultdict[str, list[int]] = defaultdict(list)
        missing: defaultdict[str, Counter[str]] = defaultdict(Counter)
        if self.backups:
            found["backup"] = [who[spot] for spot in self.backups]
        passed = {who[spot] for spot in (*self.eligible, *self.backups)}
        alike: defaultdict[int, list[int]] = defaultdict(list)
        for ordinal in self.network.plain_partners(self._keys) + [
            who[spot] for spot in self._layered
        ]:
            alike[masks[ordinal] & bits].append(ordinal)
        for mask, ordinals in alike.items():
            reason = None if mask & self._doubtful else question.reason(mask)
            if reason is None:
                for ordinal in ordinals:
                    if ordinal not in passed:
                        own = self._reason(ordinal) or "product"
                        found[own].append(ordinal)
                        if own in question.tells:
                            for what in self._failed(own, ordinal):
                                missing[own][what] += 1
            else:
                found[reason] += ordinals
                if reason in question.tells:
                    for what in question.missing(reason, mask):
                        missing[reason][what] += len(ordinals)
        ids = self.network.partners.ids
        return {reason: Named(ids, sorted(ordinals)) for reason, ordinals in found.items()}, missing

    def id(self, spot: int) -> str:
        """Without reading the partner itself."""
        return self.network.partners.ids[self.network.arrays.who[spot]]

    def today(self, spot: int) -> date:
        """The date on the partner's wall, likewise."""
        return self._day(self.network.arrays.who[spot])

    def first(self, spots: Sequence[int], limit: int) -> list[int]:
        """The first so many by the static criteria. Among equals the enquiry's seed says where to
        begin.
        """
        if len(spots) < 2:
            return list(spots)[:limit]
        key = self._static_key()
        ordered = sorted(sorted(spots, key=self.network.arrays.who.__getitem__), key=key)
        turn, place = crc32(self.enquiry.seed.encode()), 0
        chosen: list[int] = []
        while place < len(ordered) and len(chosen) < limit:
            end = bisect_right(ordered, key(ordered[place]), place, key=key)
            first = place + turn % (end - place)
            chosen += [*ordered[first:end], *ordered[place:first]]
            place = end
        return chosen[:limit]

    def standing(self, spot: int, load: Load) -> Standing:
        network, question = self.network, self._question
        ordinal, entry = network.arrays.who[spot], network.arrays.what[spot]
        partner = network.partners.at(ordinal)
        wishes = len(question.wishes)
        return Standing(
            partner,
            network.territories[entry],
            network.arrays.narrow[entry],
            network.arrays.ranks[entry],
            partner.id == self.enquiry.preferred,
            load,
            question.met(self._mask(ordinal)) if wishes else 0,
            wishes,
            self._km(spot) if self.chain.has("distance") else None,
        )

    def _km(self, spot: int) -> int | None:
        """Whole kilometres from the partner's place to the enquiry's."""
        ordinal, where = self.network.arrays.who[spot], self.network.arrays.where
        if self._point is None or not where or math.isnan(where[2 * ordinal]):
            return None
        return round(km_between(Point(where[2 * ordinal], where[2 * ordinal + 1]), self._point))

    def _static_key(self) -> Callable[[int], Any]:
        names = list(self.chain.static)
        arrays, preferred = self.network.arrays, self.enquiry.preferred
        served = self.network.partners.ordinal(preferred) if preferred else None
        who, grade = arrays.who, arrays.grade
        if names[-3:] == ["territory", "rank", "tier"]:
            names[-3:] = ["grade"]
        if served is None and "served_before" in names:
            names.remove("served_before")
        if names == ["grade"]:
            return grade.__getitem__
        getters: dict[str, Callable[[int], Any]] = {
            "grade": grade.__getitem__,
            "served_before": lambda spot: who[spot] != served,
            "preferred": lambda spot: -self._question.met(self._mask(who[spot])),
            "top_tier": lambda spot: arrays.tiers[who[spot]],
            "tier": lambda spot: arrays.tiers[who[spot]],
            "territory": lambda spot: -arrays.narrow[arrays.what[spot]],
            "rank": lambda spot: arrays.ranks[arrays.what[spot]],
            "distance": lambda spot: math.inf if (km := self._km(spot)) is None else km,
        }
        used = [getters[name] for name in names]
        return lambda spot: tuple(get(spot) for get in used)

    def _mask(self, ordinal: int) -> int:
        mask = self.network.arrays.masks[ordinal]
        return (
            self.network.mask_on(ordinal, self._day(ordinal))
            if self._question.dated and mask & DATED
            else mask
        )

    def _reason(self, ordinal: int) -> str | None:
        """As ``eligibility`` says; from the bits where they tell."""
        if self.network.arrays.masks[ordinal] & CLOSER:
            return excluded_by_profile(self._case(ordinal))
        return self._question.reason(self._mask(ordinal)) or (
            "tried" if ordinal in self._tried else None
        )

    def _failed(self, reason: str, ordinal: int) -> list[str]:
        """What of that kind was asked, by the programme or by the partner itself, and is not so."""
        if reason == "not_taken":
            return [str(condition) for condition in unmet(self._case(ordinal))]
        return self._question.missing(reason, self._mask(ordinal))

    def _case(self, ordinal: int) -> Case:
        partner = self.network.partners.at(ordinal)
        return Case(partner, self.enquiry, self.policy, self._day(ordinal), self._asked)

    def _day(self, ordinal: int) -> date:
        zone = self.network.arrays.zones[ordinal]
        if zone not in self._days:
            self._days[zone] = day_in(self.network.zone_names[zone], self.now)
        return self._days[zone]

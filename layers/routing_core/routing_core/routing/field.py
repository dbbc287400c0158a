"""Everybody who covers one enquiry's place, judged by what the network alone knows: the arrays at work."""

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from zlib import crc32

from ..domain.partner import Load
from ..domain.places import Point, km_between
from ..domain.territory import canonical_postcode
from .eligibility import Case, day_in, excluded_by_profile, hq_day
from .features import CLOSER, DATED
from .network import Network
from .policy import Enquiry, Policy
from .ranking import Chain, Standing


class Field:
    """``eligible`` and ``backups`` are spots of the network; the rest of those who cover the place are excluded."""

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
        self.eligible = self._plain()
        self.backups: list[int] = []
        self._layered = network.layered(self._keys, self._point)
        for spot in self._layered:
            if self._reason(spot) is None:
                (self.backups if network.territory(spot).backup else self.eligible).append(spot)

    def _plain(self) -> list[int]:
        """Of partners with one entry there: the bits tell, but for those who need a closer look."""
        question, arrays = self._question, self.network.arrays
        found = self.network.matching(self._keys, question)
        if question.subtle or self._tried:
            return [spot for spot in found if self._reason(spot) is None]
        doubtful = CLOSER | (DATED if question.dated else 0)
        masks, who = arrays.masks, arrays.who
        return [spot for spot in found if not masks[who[spot]] & doubtful or self._reason(spot) is None]

    def excluded(self) -> dict[str, list[str]]:
        """Reason → partners, by id; backups are excluded from the ranking for being just that."""
        passed, who = {*self.eligible, *self.backups}, self.network.arrays.who
        found: dict[str, list[int]] = {"backup": [who[spot] for spot in self.backups]} if self.backups else {}
        for spot in (*self.network.plain(self._keys), *self._layered):
            if spot not in passed:
                found.setdefault(self._reason(spot) or "product", []).append(who[spot])
        ids = self.network.partners.ids
        return {reason: [ids[ordinal] for ordinal in sorted(ordinals)] for reason, ordinals in found.items()}

    def id(self, spot: int) -> str:
        """Without reading the partner itself."""
        return self.network.partners.ids[self.network.arrays.who[spot]]

    def today(self, spot: int) -> date:
        """The date on the partner's wall, likewise."""
        return self._day(self.network.arrays.who[spot])

    def first(self, spots: Sequence[int], limit: int) -> list[int]:
        """The first so many by the static criteria. Among equals the enquiry's seed says where to begin."""
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
        partner = network.partner(spot)
        wishes = len(question.wishes)
        return Standing(
            partner,
            network.territory(spot),
            network.narrowness(spot),
            partner.id == self.enquiry.preferred,
            load,
            question.met(self._mask(spot)) if wishes else 0,
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
            "preferred": lambda spot: -self._question.met(self._mask(spot)),
            "top_tier": lambda spot: arrays.tiers[who[spot]],
            "tier": lambda spot: arrays.tiers[who[spot]],
            "territory": lambda spot: -arrays.narrow[arrays.what[spot]],
            "rank": lambda spot: arrays.ranks[arrays.what[spot]],
            "distance": lambda spot: math.inf if (km := self._km(spot)) is None else km,
        }
        used = [getters[name] for name in names]
        return lambda spot: tuple(get(spot) for get in used)

    def _mask(self, spot: int) -> int:
        ordinal = self.network.arrays.who[spot]
        mask = self.network.arrays.masks[ordinal]
        return self.network.mask_on(ordinal, self._day(ordinal)) if self._question.dated and mask & DATED else mask

    def _reason(self, spot: int) -> str | None:
        """As ``eligibility`` says; from the bits where they tell."""
        ordinal = self.network.arrays.who[spot]
        if self.network.arrays.masks[ordinal] & CLOSER:
            partner = self.network.partners.at(ordinal)
            return excluded_by_profile(Case(partner, self.enquiry, self.policy, self._day(ordinal), self._asked))
        return self._question.reason(self._mask(spot)) or ("tried" if ordinal in self._tried else None)

    def _day(self, ordinal: int) -> date:
        zone = self.network.arrays.zones[ordinal]
        if zone not in self._days:
            self._days[zone] = day_in(self.network.zone_names[zone], self.now)
        return self._days[zone]

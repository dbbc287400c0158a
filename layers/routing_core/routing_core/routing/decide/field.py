"""Find everybody who covers one enquiry's place, judged by the arrays of the network."""

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, overload
from zlib import crc32

from routing_core.domain.partner import Load
from routing_core.domain.territory.gazetteer import Point, km_between
from routing_core.domain.territory.territory import canonical_postcode
from routing_core.routing.decide.eligibility import (
    ProfileCheck,
    day_in,
    excluded_by_profile,
    hq_day,
    unmet,
)
from routing_core.routing.decide.ranking import Chain
from routing_core.routing.decide.situation import Situation
from routing_core.routing.decide.standing import Standing
from routing_core.routing.index.features import CLOSER, DATED


class LazyNames(Sequence[str]):
    """Partners by ordinal, named when somebody looks: most are only counted."""

    def __init__(self, ids: Sequence[str], ordinals: Sequence[int]):
        """Hold these ordinals; ``ids`` are those of the whole network."""
        self._ids = ids
        self._ordinals = ordinals

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        """Name the partner at that place, or those of a slice."""
        if isinstance(place, slice):
            return [self._ids[ordinal] for ordinal in self._ordinals[place]]
        return self._ids[self._ordinals[place]]

    def __len__(self) -> int:
        """Count them, without naming any."""
        return len(self._ordinals)


class Exclusions(NamedTuple):
    """Those who cover the place and are not asked, and why."""

    partners: Mapping[str, Sequence[str]]
    """Gives by reason the partners, sorted by id."""
    failed: Mapping[str, Mapping[str, int]]
    """Gives by reason what was asked of them, or what they ask, and how many fail each."""


class _Collected:
    """Collects exclusions by ordinal: names are found for all at once, in the end."""

    def __init__(self) -> None:
        self.ordinals: defaultdict[str, list[int]] = defaultdict(list)
        self.failed: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def count(self, reason: str, failed: Iterable[str], partners: int) -> None:
        """Note what so many partners fail alike."""
        for words in failed:
            self.failed[reason][words] += partners

    def exclusions(self, ids: Sequence[str]) -> Exclusions:
        names = {
            reason: LazyNames(ids, sorted(ordinals)) for reason, ordinals in self.ordinals.items()
        }
        return Exclusions(names, self.failed)


class PartnerField:
    """Everybody who covers the place.

    Whoever is neither eligible nor a backup is excluded.
    """

    def __init__(self, situation: Situation):
        """Find and judge them."""
        self.situation = situation
        self.enquiry = situation.enquiry
        self.network = situation.network
        self.chain = Chain.of(situation.policy, situation.enquiry)
        """Knows the criteria that rank them."""
        self._requirements = situation.policy.requirements(
            self.enquiry, hq_day(situation.policy, situation.now)
        )
        self._query = self.network.features.query(self._requirements)
        code = canonical_postcode(self.enquiry.country, self.enquiry.postcode)
        self._point = self.network.point(self.enquiry.country, code)
        self._keys = self.network.keys(self.enquiry.country, code, self._point)
        self._tried = frozenset(
            self.network.partners.ordinal(partner) for partner in self.enquiry.tried
        )
        self._days: dict[int, date] = {}
        # Who has one of these bits is not judged by the others alone.
        self._doubtful = CLOSER | DATED if self._query.dated else CLOSER
        self.eligible = self._plain()
        """The postings of those who may be offered the lead.

        They are told as far as no load is needed.
        """
        self.backups: list[int] = []
        """The postings of those who may, but work there only as a backup."""
        self._layered = self.network.layered(self._keys, self._point)
        self._add_layered()

    def _plain(self) -> list[int]:
        """Find the eligible of those with one entry there.

        The bits tell, but for those who need a closer look.
        """
        ordinal_of = self.network.arrays.ordinal_of
        found = self.network.matching(self._keys, self._query)
        if self._query.needs_exact_check or self._tried:
            return [posting for posting in found if self._reason(ordinal_of[posting]) is None]
        masks = self.network.arrays.masks
        doubtful = self._doubtful
        return [
            posting
            for posting in found
            if not masks[ordinal_of[posting]] & doubtful
            or self._reason(ordinal_of[posting]) is None
        ]

    def _add_layered(self) -> None:
        ordinal_of = self.network.arrays.ordinal_of
        for posting in self._layered:
            if self._reason(ordinal_of[posting]) is not None:
                continue
            if self.network.territory(posting).backup:
                self.backups.append(posting)
            else:
                self.eligible.append(posting)

    # ── who is not asked ──────────────────────────────────────────────────────────────────────────

    def excluded(self) -> Exclusions:
        """Say who covers the place and is not asked.

        Backups are left out of the ranking for being just that.
        """
        collected = _Collected()
        ordinal_of = self.network.arrays.ordinal_of
        passed = {ordinal_of[posting] for posting in self.eligible}
        if self.backups:
            backups = [ordinal_of[posting] for posting in self.backups]
            collected.ordinals["backup"] += backups
            passed.update(backups)
        for mask, ordinals in self._by_mask().items():
            reason = None if mask & self._doubtful else self._query.reason(mask)
            # Of those without a reason some passed, others need a closer look.
            if reason is None:
                self._judge_each(ordinals, passed, collected)
                continue
            collected.ordinals[reason] += ordinals
            if reason in self._query.explained:
                collected.count(reason, self._query.missing(reason, mask), len(ordinals))
        return collected.exclusions(self.network.partners.ids)

    def _by_mask(self) -> Mapping[int, list[int]]:
        """Give all who cover the place by their relevant bits.

        Those with the same bits are excluded for the same reason.
        """
        masks = self.network.arrays.masks
        ordinal_of = self.network.arrays.ordinal_of
        bits = self._query.relevant | self._doubtful
        alike: defaultdict[int, list[int]] = defaultdict(list)
        for ordinal in self.network.plain_partners(self._keys):
            alike[masks[ordinal] & bits].append(ordinal)
        for posting in self._layered:
            ordinal = ordinal_of[posting]
            alike[masks[ordinal] & bits].append(ordinal)
        return alike

    def _judge_each(
        self, ordinals: Iterable[int], passed: Collection[int], collected: _Collected
    ) -> None:
        """Collect those of whom their bits alone do not tell why they are excluded, if they are."""
        for ordinal in ordinals:
            if ordinal in passed:
                continue
            reason = self._reason(ordinal) or "product"
            collected.ordinals[reason].append(ordinal)
            if reason in self._query.explained:
                collected.failed[reason].update(self._failed(reason, ordinal))

    # ── who comes first ───────────────────────────────────────────────────────────────────────────

    def id(self, posting: int) -> str:
        """Name the partner, without reading it."""
        return self.network.partners.ids[self.network.arrays.ordinal_of[posting]]

    def today(self, posting: int) -> date:
        """Give the date on the partner's wall, without reading the partner."""
        return self._day(self.network.arrays.ordinal_of[posting])

    def first(self, postings: Sequence[int], limit: int) -> list[int]:
        """Give the first so many by the static criteria.

        Among equals the enquiry's seed says where to begin.
        """
        if len(postings) < 2:
            return list(postings)[:limit]
        key = self._static_key()
        # So that equals stand in one order, whatever patterns they were found under.
        by_id = sorted(postings, key=self.network.arrays.ordinal_of.__getitem__)
        ordered = sorted(by_id, key=key)
        offset = crc32(self.enquiry.seed.encode())
        chosen: list[int] = []
        begin = 0
        while begin < len(ordered) and len(chosen) < limit:
            end = bisect_right(ordered, key(ordered[begin]), begin, key=key)
            first = begin + offset % (end - begin)
            chosen += ordered[first:end]
            chosen += ordered[begin:first]
            begin = end
        return chosen[:limit]

    def standing(self, posting: int, load: Load) -> Standing:
        """Make what ranking looks at."""
        arrays = self.network.arrays
        ordinal = arrays.ordinal_of[posting]
        territory = arrays.territory_of[posting]
        partner = self.network.partners.at(ordinal)
        preferences = len(self._query.preferences)
        return Standing(
            partner=partner,
            territory=self.network.territories[territory],
            specificity=arrays.specificity[territory],
            rank=arrays.ranks[territory],
            served_before=partner.id == self.enquiry.preferred,
            load=load,
            preferences_met=self._preferences_met(posting) if preferences else 0,
            preferences=preferences,
            km=self._km(posting) if self.chain.has("distance") else None,
        )

    def _preferences_met(self, posting: int) -> int:
        return self._query.preferences_met(self._mask(self.network.arrays.ordinal_of[posting]))

    def _km(self, posting: int) -> int | None:
        """Give the whole kilometres from the partner's place to the enquiry's.

        It is None where either is not known.
        """
        coordinates = self.network.arrays.coordinates
        if self._point is None or not coordinates:
            return None
        at = 2 * self.network.arrays.ordinal_of[posting]
        home = Point(coordinates[at], coordinates[at + 1])
        if math.isnan(home[0]):
            return None
        return round(km_between(home, self._point))

    def _static_key(self) -> Callable[[int], Any]:
        """Give what postings are sorted by before any load is read."""
        names = list(self.chain.static)
        arrays = self.network.arrays
        # The usual end of an order is what postings are numbered by already: one lookup instead of
        # three.
        if names[-3:] == ["territory", "rank", "tier"]:
            names[-3:] = ["sort_rank"]
        preferred = self.enquiry.preferred
        served = self.network.partners.ordinal(preferred) if preferred else None
        if served is None and "served_before" in names:
            names.remove("served_before")
        if names == ["sort_rank"]:
            return arrays.sort_rank.__getitem__
        getters: Mapping[str, Callable[[int], Any]] = {
            "sort_rank": arrays.sort_rank.__getitem__,
            "served_before": lambda posting: arrays.ordinal_of[posting] != served,
            "preferred": lambda posting: -self._preferences_met(posting),
            "top_tier": lambda posting: arrays.tiers[arrays.ordinal_of[posting]],
            "tier": lambda posting: arrays.tiers[arrays.ordinal_of[posting]],
            "territory": lambda posting: -arrays.specificity[arrays.territory_of[posting]],
            "rank": lambda posting: arrays.ranks[arrays.territory_of[posting]],
            "distance": self._distance,
        }
        used = [getters[name] for name in names]
        return lambda posting: tuple(get(posting) for get in used)

    def _distance(self, posting: int) -> float:
        km = self._km(posting)
        return math.inf if km is None else km

    # ── one partner ───────────────────────────────────────────────────────────────────────────────

    def _mask(self, ordinal: int) -> int:
        mask = self.network.arrays.masks[ordinal]
        if self._query.dated and mask & DATED:
            return self.network.mask_on(ordinal, self._day(ordinal))
        return mask

    def _reason(self, ordinal: int) -> str | None:
        """Give the reason that ``eligibility`` would give; from the bits where they tell."""
        if self.network.arrays.masks[ordinal] & CLOSER:
            # Absences and conditions of its own stand in no bit.
            return excluded_by_profile(self._check(ordinal))
        reason = self._query.reason(self._mask(ordinal))
        if reason is None and ordinal in self._tried:
            return "tried"
        return reason

    def _failed(self, reason: str, ordinal: int) -> list[str]:
        """Name what of that kind was asked and is not so.

        The programme asks it, or the partner itself.
        """
        if reason == "not_taken":
            return [str(condition) for condition in unmet(self._check(ordinal))]
        return self._query.missing(reason, self._mask(ordinal))

    def _check(self, ordinal: int) -> ProfileCheck:
        partner = self.network.partners.at(ordinal)
        return ProfileCheck(partner, self.enquiry, self._day(ordinal), self._requirements)

    def _day(self, ordinal: int) -> date:
        """Give the date on the partner's wall, found once for each time zone."""
        zone = self.network.arrays.zones[ordinal]
        if zone not in self._days:
            self._days[zone] = day_in(self.network.zone_names[zone], self.situation.now)
        return self._days[zone]

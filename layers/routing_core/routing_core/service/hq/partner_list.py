"""HQ's list of partners: filtered, sorted and read page by page.

It comes from the compiled network, which is in memory, and one batch read of the page's loads.
What stands in loads alone (a pause that came of lapses, how full somebody is) is sorted by only
where all that match fit into that one read; a filter by such a state looks through the list so many
partners at a time, and the cursor goes on from there.
"""

import base64
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Any

from routing_core.domain.checks.partner_regions import regions_of
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.figures import Figures
from routing_core.domain.hq_people import HqPerson
from routing_core.domain.partner import Load, Partner
from routing_core.domain.partner_state import IN_LOAD, PartnerState, partner_state
from routing_core.domain.values.spelled import name_spellings
from routing_core.routing.decide.eligibility import excluded_by_load, local_day
from routing_core.routing.report.reach import covers_beginning
from routing_core.service.kernel.services import Services

PARTNERS_ON_PAGE = 50
MOST_PARTNERS_ON_PAGE = 100
"""A page has at most so many partners: their loads are one batch read."""
LONGEST_SEARCH = 100
FEWEST_CASES = 5
"""Below so many cases there is no rate: it would say more than is known."""


class PartnerSort(StrEnum):
    """The order of the list; the values stand in addresses."""

    NAME = "name"
    ID = "id"
    TIER = "tier"
    LOAD = "load"
    """Whoever has most free places comes first."""
    LAST_OFFER = "last_offer"
    """Whoever has waited longest for an offer comes first."""
    ACCEPTANCE = "acceptance"
    """Whoever accepts most comes first."""


BY_LOAD_ONLY = frozenset({PartnerSort.LOAD, PartnerSort.LAST_OFFER, PartnerSort.ACCEPTANCE})
"""Orders that need the loads of all who match."""


@dataclass(frozen=True, slots=True)
class PartnerFilter:
    """What the list is to show: everything that is not empty has to apply."""

    text: str = ""
    """Stands in the name, the id or the town, in any letter case and with or without accents."""
    state: PartnerState | None = None
    product: str = ""
    region: str = ""
    """The region of the programme to which the partner belongs."""
    country: str = ""
    """The country of ``postcode``; empty is the programme's."""
    postcode: str = ""
    """The beginning of a postcode: the partner covers something there."""
    type: str = ""
    tier: int | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether everybody is shown."""
        return self == PartnerFilter(country=self.country)


@dataclass(frozen=True, slots=True)
class PartnerStanding:
    """A partner as the list shows it."""

    partner: Partner
    load: Load
    state: PartnerState
    full: str = ""
    """Why an active partner gets no offer right now: ``full``, ``day_cap``, …; empty otherwise."""

    @property
    def acceptance(self) -> float | None:
        """Give the share of decided offers that were accepted; None below ``FEWEST_CASES``."""
        return acceptance_rate(self.load)

    @property
    def window_used(self) -> float | None:
        """Give how much of the accept window answers took on average, 0 to 1."""
        figures = self.load.figures
        if figures.answers < FEWEST_CASES:
            return None
        return figures.used / figures.answers / 1000


@dataclass(frozen=True, slots=True)
class PartnerPage:
    """A page of the list."""

    rows: tuple[PartnerStanding, ...]
    cursor: str = ""
    """Goes on where this page ends; empty if nothing is left."""
    matching: int = 0
    """Counts those who match, as far as profiles tell."""
    all: int = 0
    """Counts all partners whom the reader may see."""
    unsorted: bool = False
    """Tells that too many match to be sorted so: they are sorted by name."""


@dataclass(frozen=True, slots=True)
class PageOfPartners:
    """Which page is asked for."""

    wanted: PartnerFilter = PartnerFilter()
    sort: PartnerSort = PartnerSort.NAME
    cursor: str = ""
    limit: int = PARTNERS_ON_PAGE


def acceptance_rate(load: Load) -> float | None:
    """Give the share of decided offers that were accepted; None below ``FEWEST_CASES``.

    What is open is not decided; whoever was accepted and returned had been accepted.
    """
    figures = load.figures
    refused = figures.declined + figures.lapsed
    undecided = _undecided(load.open_count, figures)
    decided = figures.offers - undecided
    return None if decided < FEWEST_CASES else (decided - refused) / decided


def _undecided(open_count: int, figures: Figures) -> int:
    known = figures.declined + figures.lapsed + figures.returned
    return max(min(open_count, figures.offers - known), 0)


def standing_of(partner: Partner, load: Load | None, now: datetime) -> PartnerStanding:
    """Say how a partner stands now."""
    today = local_day(partner, now)
    state = partner_state(partner, load, today)
    full = ""
    if state is PartnerState.ACTIVE:
        full = (excluded_by_load(load, today) or "") if load else ""
        if partner.weight == 0:
            full = "no_share"
    return PartnerStanding(partner, load or Load(partner.id), state, full)


def visible_to(person: HqPerson, partner: Partner, services: Services) -> bool:
    """Tell whether somebody at HQ sees a partner."""
    if person.regions is None:
        return True
    return person.sees_any_of(regions_of(partner, services.programme))


def list_page(
    services: Services, person: HqPerson, asked: PageOfPartners, now: datetime
) -> PartnerPage:
    """Give a page of the partners whom somebody may see.

    Raises InvalidInput for a cursor that no page gave.
    """
    everybody = [
        partner
        for partner in services.rules.network().partners.values()
        if visible_to(person, partner, services)
    ]
    matching = _matching(services, everybody, asked.wanted, now)
    walk = _Walk(services, asked, now)
    sort = asked.sort
    unsorted = sort in BY_LOAD_ONLY and len(matching) > MOST_PARTNERS_ON_PAGE
    if unsorted:
        sort = PartnerSort.NAME
    if sort in BY_LOAD_ONLY:
        page = walk.sorted_by_load(matching, sort)
    else:
        page = walk.sorted_by_profile(matching, sort)
    return replace(page, matching=len(matching), all=len(everybody), unsorted=unsorted)


# ── filters ───────────────────────────────────────────────────────────────────────────────────────


def _matching(
    services: Services, partners: Iterable[Partner], wanted: PartnerFilter, now: datetime
) -> list[Partner]:
    """Give those who match as far as the profile tells."""
    found = list(partners)
    for test in _tests(services, wanted, now):
        found = list(filter(test, found))
    return found


def _tests(
    services: Services, wanted: PartnerFilter, now: datetime
) -> Iterable[Callable[[Partner], bool]]:
    if wanted.text:
        yield _is_called(wanted.text[:LONGEST_SEARCH])
    if wanted.state:
        yield _may_stand(wanted.state, now)
    if wanted.product:
        yield lambda partner: wanted.product in partner.products
    if wanted.type:
        yield lambda partner: partner.type == wanted.type
    if wanted.tier is not None:
        yield lambda partner: partner.tier == wanted.tier
    if wanted.region:
        yield lambda partner: wanted.region in regions_of(partner, services.programme)
    if wanted.postcode:
        country = wanted.country or services.programme.country
        there = covers_beginning(services.rules.network(), country, wanted.postcode)
        yield lambda partner: partner.id in there


def _is_called(text: str) -> Callable[[Partner], bool]:
    looked_for = name_spellings(text)

    def test(partner: Partner) -> bool:
        there = "\n".join(chain(*map(name_spellings, (partner.name, partner.id, partner.town))))
        return any(spelling in there for spelling in looked_for)

    return test


def _may_stand(state: PartnerState, now: datetime) -> Callable[[Partner], bool]:
    """Keep whoever may be in a state, as far as the profile tells."""

    def test(partner: Partner) -> bool:
        by_profile = partner_state(partner, None, local_day(partner, now))
        return by_profile is state or (by_profile in IN_LOAD and state is PartnerState.LAPSED)

    return test


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Walk:
    services: Services
    asked: PageOfPartners
    now: datetime
    _places: Mapping[str, int] = field(default_factory=dict)

    def sorted_by_profile(self, matching: Sequence[Partner], sort: PartnerSort) -> PartnerPage:
        """Read the loads of one batch behind the cursor, and keep those in the wanted state."""
        ordered = sorted(matching, key=lambda partner: _profile_key(partner, sort))
        after = self._after(sort)
        left = [each for each in ordered if after is None or _profile_key(each, sort) > after]
        # A state that loads decide may keep few of a batch: then more are looked at in one read.
        state_in_load = self.asked.wanted.state in IN_LOAD
        batch = left[: MOST_PARTNERS_ON_PAGE if state_in_load else self._limit]
        rows: list[PartnerStanding] = []
        last: Partner | None = None
        for standing in self._standings(batch):
            if len(rows) == self._limit:
                break
            last = standing.partner
            if self._is_wanted(standing):
                rows.append(standing)
        done = last is None or last is left[-1]
        cursor = "" if done or last is None else _cursor(sort, _profile_key(last, sort))
        return PartnerPage(tuple(rows), cursor)

    def sorted_by_load(self, matching: Sequence[Partner], sort: PartnerSort) -> PartnerPage:
        """Read the loads of all who match, which are few enough for one read."""
        wanted = [each for each in self._standings(matching) if self._is_wanted(each)]
        ordered = sorted(wanted, key=lambda standing: _load_key(standing, sort))
        after = self._after(sort)
        left = [each for each in ordered if after is None or _load_key(each, sort) > after]
        rows = left[: self._limit]
        cursor = _cursor(sort, _load_key(rows[-1], sort)) if len(left) > len(rows) else ""
        return PartnerPage(tuple(rows), cursor)

    @property
    def _limit(self) -> int:
        return max(1, min(self.asked.limit, MOST_PARTNERS_ON_PAGE))

    def _standings(self, partners: Sequence[Partner]) -> list[PartnerStanding]:
        loads = self.services.leads.loads([partner.id for partner in partners])
        return [standing_of(each, loads.get(each.id), self.now) for each in partners]

    def _is_wanted(self, standing: PartnerStanding) -> bool:
        return self.asked.wanted.state in (None, standing.state)

    def _after(self, sort: PartnerSort) -> list[Any] | None:
        if not self.asked.cursor:
            return None
        try:
            said = json.loads(base64.urlsafe_b64decode(self.asked.cursor.encode()))
            name, *key = said
            if name == sort.value and len(key) == 2 and type(key[0]) in (str, int, float):
                return [key[0], str(key[1])]
        except (ValueError, TypeError):
            pass
        raise InvalidInput([Problem("cursor", "invalid", "is none that a page of this list gave")])


def _cursor(sort: PartnerSort, key: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort.value, *key]).encode()).decode()


def _profile_key(partner: Partner, sort: PartnerSort) -> list[Any]:
    match sort:
        case PartnerSort.ID:
            return ["", partner.id]
        case PartnerSort.TIER:
            return [partner.tier, partner.id]
    return [name_spellings(partner.name)[0], partner.id]


def _load_key(standing: PartnerStanding, sort: PartnerSort) -> list[Any]:
    load, partner = standing.load, standing.partner
    match sort:
        case PartnerSort.LAST_OFFER:
            last = load.last_offered
            return [last.timestamp() if last else 0, partner.id]
        case PartnerSort.ACCEPTANCE:
            rate = standing.acceptance
            return [2.0 if rate is None else 1 - rate, partner.id]
    cap = load.caps.open
    free = -1_000_000 if cap is None else load.open_count - cap
    return [free, partner.id]

"""Surveys a network: where it has gaps, thin spots and overlaps, and which partners no enquiry can
reach.

Exact, though nobody walks through all postcodes: ``cells`` are the parts of a country that the same
partners cover, and
``verdicts`` say who of them could be asked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import accumulate, chain, groupby, takewhile
from itertools import product as every
from typing import NamedTuple

from routing_core.domain.calendar.business_time import WEEKDAYS
from routing_core.domain.enquiry.location import region_of
from routing_core.domain.extents import region_entries
from routing_core.domain.partner import Load
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.postcodes import numbers
from routing_core.domain.territory.states import postal_country
from routing_core.domain.territory.territory import Territory, TerritoryKind
from routing_core.routing.decide.backups import CANNOT_BE_HAD, behind
from routing_core.routing.decide.eligibility import REASONS
from routing_core.routing.index.network import Network
from routing_core.routing.report.cells import Cell, areas, cells
from routing_core.routing.report.coverage import NO_TERRITORY, Coverage, KeptOut, Kind, Need, Spot
from routing_core.routing.report.verdicts import Judge, Verdict

_Standing = tuple[float, ...]
"""Where a partner comes at a place, whatever is asked: the least first."""
_BY_ENQUIRY = ("served_before", "preferred")
"""Criteria of which a place says nothing."""
_BY_PLACE = ("territory", "rank", "tier")
"""Criteria that are the same for every enquiry from a place."""


def cover(
    programme: Programme, network: Network, now: datetime, loads: Mapping[str, Load] | None = None
) -> Coverage:
    """Makes the report for what the programme's forms ask for, by the network as it stands on that
    day.

    ``loads``: who was paused after lapses stands there alone.
    """
    survey = _Survey(programme, network, Judge(programme, network, now, loads or {}))
    spots: list[Spot] = []
    for product in dict.fromkeys(chain.from_iterable(form.products for form in programme.forms)):
        for country, needs in _asked(programme, product).items():
            spots += survey.spots(country, product, needs)
    return Coverage(
        now, tuple(spots), survey.unreachable(), network.unresolved, frozenset(survey.in_order)
    )


def _asked(programme: Programme, product: str) -> Mapping[str, tuple[Need, ...]]:
    """Country → what the forms with this product may be asked there."""
    languages = programme.languages if programme.match_language else programme.languages[:1]
    asked: dict[str, dict[Need, None]] = {}
    for form in programme.forms:
        if product in form.products:
            needs = dict.fromkeys(
                Need(u, language) for u, language in every(form.urgencies, languages)
            )
            for country in form.countries:
                asked.setdefault(country, {}).update(needs)
    return {country: tuple(needs) for country, needs in asked.items()}


class _Found(NamedTuple):
    """Who could be asked, who is kept out, as a spot names them; and which of them come first."""

    partners: tuple[str, ...]
    kept_out: tuple[KeptOut, ...]
    first: tuple[str, ...]
    backup: str = ""

    @property
    def kind(self) -> Kind | None:
        """None where one comes first and others after."""
        if not self.partners:
            return Kind.GAP
        if len(self.partners) == 1:
            return Kind.THIN
        return Kind.OVERLAP if len(self.first) > 1 else None

    @property
    def named(self) -> tuple[str, ...]:
        """Whom the finding is about: of an overlap those who share the first place, and nobody
        behind them.
        """
        return self.first if self.kind is Kind.OVERLAP else self.partners


class _Covered(NamedTuple):
    """A cell, the region around it, who covers it, and where each of them comes."""

    cell: Cell
    region: str
    names: frozenset[str]
    standings: frozenset[tuple[str, _Standing]]


@dataclass
class _Survey:
    programme: Programme
    network: Network
    _judge: Judge
    in_order: set[str] = field(default_factory=set)
    """Products for which somewhere one partner is first and others are second."""
    _cells: dict[str, list[_Covered]] = field(default_factory=dict)
    """By country."""
    _verdicts: list[Verdict] = field(default_factory=list)
    _reached: set[str] = field(default_factory=set)

    def spots(self, country: str, product: str, needs: tuple[Need, ...]) -> Iterator[Spot]:
        """Neighbouring cells with the same answer are one spot."""
        if country not in self._cells:
            self._cells[country] = self._covered(country)
        groups: dict[str, list[tuple[Verdict, list[Need]]]] = {}
        around: dict[Cell, str] = {}
        runs: dict[tuple[_Found, tuple[Need, ...]], list[Cell]] = {}
        done: list[tuple[list[Cell], _Found, tuple[Need, ...]]] = []
        for cell, region, covering, standings in self._cells[country]:
            around[cell] = region
            asked_in = region if self._judge.by_region else ""
            if asked_in not in groups:
                groups[asked_in] = self._groups(country, asked_in, product, needs)
            still = {}
            for key in self._find(covering, dict(standings), groups[asked_in]):
                run = runs.get(key)
                if run is None:
                    run = []
                    done.append((run, *key))
                run.append(cell)
                still[key] = run
            runs = still
        whole, asked = len(self._cells[country]), len(needs) * self._judge.parts_of_week
        for run, found, which in done:
            if found.kind is None:
                self.in_order.add(product)
                continue
            regions = {around[cell] for cell in run}
            for area in areas(run, whole):
                yield Spot(
                    found.kind,
                    country,
                    area,
                    min(regions) if len(regions) == 1 else "",
                    product,
                    _together(which),
                    len(which) == asked,
                    found.named,
                    found.kept_out,
                    found.backup,
                )

    def _groups(
        self, country: str, region: str, product: str, needs: tuple[Need, ...]
    ) -> list[tuple[Verdict, list[Need]]]:
        """The needs by weekdays, those together of which routing says the same."""
        alike: dict[
            tuple[frozenset[str], frozenset[KeptOut], bool, str], tuple[Verdict, list[Need]]
        ] = {}
        for need in needs:
            for verdict, on_these_days in self._judge.verdicts(country, region, product, need):
                self._verdicts.append(verdict)
                says = (
                    verdict.could,
                    frozenset(verdict.kept_out.values()),
                    verdict.asks_backups,
                    verdict.backup,
                )
                alike.setdefault(says, (verdict, []))[1].append(on_these_days)
        return list(alike.values())

    def _find(
        self,
        covering: frozenset[str],
        standings: Mapping[str, _Standing],
        groups: Sequence[tuple[Verdict, list[Need]]],
    ) -> Iterator[tuple[_Found, tuple[Need, ...]]]:
        """Needs of which the same is to be said are one finding; and all of them, where the same
        partners could be asked whatever somebody needs, though others may be kept out for different
        reasons.
        """
        found: dict[tuple[frozenset[str], str, tuple[KeptOut, ...]], list[Need]] = {}
        for verdict, needs in groups:
            partners = covering & verdict.could
            outs = [verdict.kept_out[name] for name in covering - partners]
            if not partners and verdict.asks_backups:
                partners = self._behind(covering, verdict) & verdict.could
            self._reached |= partners
            told = _nearest(
                out for out in outs if not partners or (len(partners) == 1 and out.away)
            )
            backup = "" if partners else verdict.backup
            found.setdefault((partners, backup, told), []).extend(needs)
        answers = {(partners, backup) for partners, backup, _ in found}
        if len(answers) == 1:
            partners, backup = answers.pop()
            told = _nearest(chain.from_iterable(outs for *_, outs in found))
            found = {(partners, backup, told): list(chain.from_iterable(found.values()))}
        for (partners, backup, told), needs in found.items():
            yield (
                _Found(tuple(sorted(partners)), told, _first(partners, standings), backup),
                tuple(needs),
            )

    def _behind(self, names: frozenset[str], verdict: Verdict) -> frozenset[str]:
        """The backup partners of those who cannot be had."""
        missed = (
            n for n in names if n in self._judge.away or verdict.kept_out[n].reason in CANNOT_BE_HAD
        )
        return frozenset(behind(missed, self.network.partners))

    def _covered(self, country: str) -> list[_Covered]:
        found = cells(country, self._territories(country), self._located(country))
        regions = {cell: region_of(self.programme, country, cell.postcode) for cell in found}
        each = (self._covering(cell, region) for cell, region in regions.items())
        return list(_joined(each) if numbers(country) else each)

    def _covering(self, cell: Cell, region: str) -> _Covered:
        spots = self.network.covering_spots(cell.country, cell.postcode)
        standings = {self.network.partner(spot).id: self._standing(spot) for spot in spots}
        return _Covered(cell, region, frozenset(standings), frozenset(standings.items()))

    def _standing(self, spot: int) -> _Standing:
        """By the criteria with which the programme's order begins, as far as they are the same for
        every enquiry from there. Whoever is a backup there comes after all others.
        """
        entry = self.network.territory(spot)
        by_place = {
            "territory": -self.network.specificity(spot),
            "rank": entry.rank,
            "tier": self.network.partner(spot).tier,
        }
        order = [name for name in self._judge.policy.order if name not in _BY_ENQUIRY]
        decided = takewhile(lambda name: name in _BY_PLACE, order)
        return (float(entry.backup), *(by_place[name] for name in decided))

    def _located(self, country: str) -> list[str]:
        """Postcodes within a distance or outline have borders of their own, and those that are
        elsewhere than what they begin with; any other is covered as its neighbours are.
        """
        if not self.network.shapes:
            return []
        start = f"{country} "
        there = {
            name.removeprefix(start): point
            for name, point in self.network.places
            if name.startswith(start)
        }
        within = self.network.within(country)
        inside = {code for code, point in there.items() if within(point)}
        return [f"{code}*" for code in there if not inside.isdisjoint(accumulate(code))]

    def _territories(self, country: str) -> list[Territory]:
        found: dict[Territory, None] = {}
        for partner in self.network.partners.values():
            for territory in partner.territories:
                if territory.reach is not TerritoryKind.REGION:
                    found[territory] = None
                elif territory.value in self.network.regions:
                    found.update(
                        dict.fromkeys(region_entries(self.network.regions[territory.value]))
                    )
        for region in self.programme.regions.values():
            found.update(dict.fromkeys(region_entries(region)))
        return [territory for territory in found if territory.country == postal_country(country)]

    def unreachable(self) -> tuple[KeptOut, ...]:
        """Backup partners are reached without having a territory there."""
        covering = frozenset().union(
            *(each.names for each in chain.from_iterable(self._cells.values()))
        )
        could = frozenset().union(*(verdict.could for verdict in self._verdicts))
        backups = frozenset(behind(covering, self.network.partners))
        last = self.programme.fallback.backup_partner
        reached = (
            self._reached
            | (backups & could)
            | ({last} if last and last not in self._judge.away else set())
        )
        lost = self.network.partners.keys() - reached
        known = lost & (covering | backups)
        outs = chain.from_iterable(verdict.kept_out.values() for verdict in self._verdicts)
        nearest = {
            out.partner: out for out in _nearest(out for out in outs if out.partner in known)
        }
        return tuple(nearest.get(name) or KeptOut(name, NO_TERRITORY) for name in sorted(lost))


def _first(partners: frozenset[str], standings: Mapping[str, _Standing]) -> tuple[str, ...]:
    """Those of them who come before all others there. Backup partners, who need not cover the
    place, are equal.
    """
    if not partners <= standings.keys():
        return tuple(sorted(partners))
    best = min((standings[name] for name in partners), default=())
    return tuple(sorted(name for name in partners if standings[name] == best))


def _joined(cells: Iterable[_Covered]) -> Iterator[_Covered]:
    """Neighbours with the same region, the same partners and the same standings are one."""
    for _, run in groupby(cells, key=lambda each: each[1:]):
        first, *others = run
        last = others[-1].cell.last if others else first.cell.last
        yield first._replace(cell=first.cell._replace(last=last))


def _nearest(outs: Iterable[KeptOut]) -> tuple[KeptOut, ...]:
    """Each partner once. Who is away would be asked; other reasons are tried in order, so the last
    is nearest.
    """
    nearest: dict[str, KeptOut] = {}
    for out in outs:
        other = nearest.setdefault(out.partner, out)
        if not other.away and (out.away or REASONS.index(out.reason) > REASONS.index(other.reason)):
            nearest[out.partner] = out
    return tuple(sorted(nearest.values(), key=lambda out: (not out.away, out.partner)))


@lru_cache(maxsize=1000)
def _together(needs: tuple[Need, ...]) -> tuple[Need, ...]:
    """Each urgency and language once, with all its weekdays."""
    asked: dict[Need, set[str]] = {}
    for need in needs:
        asked.setdefault(need._replace(weekdays=()), set()).update(need.weekdays)
    return tuple(need._replace(weekdays=_listed(on)) for need, on in asked.items())


def _listed(weekdays: set[str]) -> tuple[str, ...]:
    """In the week's order; none is named where it is every day."""
    return () if weekdays == set(WEEKDAYS) else tuple(day for day in WEEKDAYS if day in weekdays)

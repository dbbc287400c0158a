"""Where a network has gaps, thin spots and overlaps, and which partners no enquiry can reach.

Exact, though nobody walks through all postcodes: who covers a place can only change where some territory begins or
ends. Between two such borders one postcode answers for all (``cells``). Who could be asked is what ``decide`` says, so
that the report knows every rule that routing knows, except how full partners are at the moment. It asks as if everybody
were there, and then looks who is not: so a gap tells whether somebody need only come back. And it asks for every
weekday, not for that of today.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from itertools import chain, groupby, islice
from itertools import product as every
from typing import NamedTuple

from ..domain.absences import back_after
from ..domain.business_time import WEEKDAYS, zone_of
from ..domain.document import pick
from ..domain.enquiry import region_of
from ..domain.extents import region_entries
from ..domain.partner import Load, Partner
from ..domain.postcodes import numbers, shapes
from ..domain.programme import Programme
from ..domain.rules import all_hold
from ..domain.states import postal_country
from ..domain.territory import WORLD, Reach, Territory, canonical_postcode, patterns_met
from .backups import CANNOT_BE_HAD, behind
from .decision import Decision, decide
from .eligibility import REASONS, day_in, has_any, local_day
from .network import Network
from .policy import Enquiry, Policy

NO_TERRITORY = "no_territory"
"""Why a partner is out of reach whose territory lies where no form asks, or nowhere."""
AWAY = frozenset({"unconfirmed", "bounced", "paused", "lapsed", "absent"})
"""Why somebody is not asked who else would be. ``lapsed``: paused because offers were left unanswered."""
_CHARACTERS = "A0123456789BCDEFGHIJKLMNOPQRSTUVWXYZ"
_TRIES = 20_000
_BEHIND = 1_000
"""Added to the rank of a backup, who comes after every ordinary partner."""
_SAID = frozenset({"product", "urgency", "language", "country", "region"})
"""What conditions look at and each enquiry of the survey says; the weekday is looked at apart."""


class Kind(StrEnum):
    GAP = "gap"
    """Nobody, except perhaps the programme's backup partner, who takes what nobody else does."""
    THIN = "thin"
    """One partner only."""
    OVERLAP = "overlap"
    """Two or more of the same rank come first. Who has a better rank than all others there overlaps with nobody."""


class Cell(NamedTuple):
    """A part of a country in which every postcode is covered by the same partners."""

    country: str
    first: str
    last: str
    """First and last postcode where they are numbers; else both the pattern they share."""
    without: tuple[str, ...]
    """Narrower patterns that are cells of their own."""
    postcode: str
    """One that answers for all."""


class Need(NamedTuple):
    """What somebody there may ask for, beside the product."""

    urgency: str
    language: str
    weekdays: tuple[str, ...] = ()
    """On which somebody asks; empty: on any."""


class KeptOut(NamedTuple):
    """A partner whom routing does not ask, and why."""

    partner: str
    reason: str
    until: date | None = None
    """The last day of an absence."""

    @property
    def away(self) -> bool:
        """Would be asked, were it not for this."""
        return self.reason in AWAY


@dataclass(frozen=True, slots=True)
class Spot:
    """One area and product. ``needs``: the urgencies, languages and weekdays for which this is so; ``always``: for
    all."""

    kind: Kind
    country: str
    area: str
    """As a territory is written: ``DE 97*``, ``DE 42000-44999``."""
    region: str
    """The narrowest of the programme's regions around it; empty if none is."""
    product: str
    needs: tuple[Need, ...]
    always: bool
    partners: tuple[str, ...]
    """Who could be asked, backups of the place too, by name; the order in which they are depends on the day. Where
    nobody else is left, the backup partners of those who are kept out for now."""
    kept_out: tuple[KeptOut, ...] = ()
    """Who covers the area and is not asked, each with the reason nearest to being asked: in a gap everybody, those
    first who need only come back; in a thin spot those alone."""
    backup: str = ""
    """In a gap: the programme's backup partner, if that one is asked there after all; empty if nobody is."""

    @property
    def waits(self) -> bool:
        """A gap that is smaller once somebody is back."""
        return self.kind is Kind.GAP and any(out.away for out in self.kept_out)


@dataclass(frozen=True, slots=True)
class Coverage:
    at: datetime
    spots: tuple[Spot, ...]
    """By product as the programme lists them, then by area. Where one is first and another second nothing is said."""
    unreachable: tuple[KeptOut, ...]
    """Partners whom no enquiry of any form reaches, and what keeps the nearest one away."""
    lost: tuple[tuple[str, str], ...] = ()
    """Partners with an entry that covers nothing: a radius around a place that nobody knows, a region or area that the
    programme does not name."""
    in_order: frozenset[str] = frozenset()
    """Products for which somewhere one partner is first and others are second."""

    def of(self, kind: Kind) -> tuple[Spot, ...]:
        return tuple(spot for spot in self.spots if spot.kind is kind)

    def without_anybody(self) -> tuple[str, ...]:
        """Products for which there is nobody at all, whatever the place, urgency and language."""
        served = {spot.product for spot in self.spots if spot.kind is not Kind.GAP} | self.in_order
        return tuple(dict.fromkeys(spot.product for spot in self.spots if spot.product not in served))


def cover(programme: Programme, network: Network, now: datetime, loads: Mapping[str, Load] | None = None) -> Coverage:
    """The report for what the programme's forms ask for, by the network as it stands on that day.

    ``loads``: who was paused after lapses stands there alone.
    """
    survey = _Survey(programme, network, now, loads or {})
    spots: list[Spot] = []
    for product in dict.fromkeys(p for form in programme.forms for p in form.products):
        for country, needs in _asked(programme, product).items():
            spots += survey.spots(country, product, needs)
    return Coverage(now, tuple(spots), survey.unreachable(), network.unresolved, frozenset(survey.in_order))


def _asked(programme: Programme, product: str) -> Mapping[str, tuple[Need, ...]]:
    """Country → what the forms with this product may be asked there."""
    languages = programme.languages if programme.match_language else programme.languages[:1]
    asked: dict[str, dict[Need, None]] = {}
    for form in programme.forms:
        if product in form.products:
            needs = dict.fromkeys(Need(u, language) for u, language in every(form.urgencies, languages))
            for country in form.countries:
                asked.setdefault(country, {}).update(needs)
    return {country: tuple(needs) for country, needs in asked.items()}


@dataclass(frozen=True, slots=True)
class _Judged:
    """What routing says of every partner for one product and need, wherever they work."""

    could: frozenset[str]
    kept_out: Mapping[str, KeptOut]
    asks_backups: bool
    """Whether the backup partner of somebody who cannot be had is asked."""
    backup: str
    """The programme's backup partner, if that one could take it; else empty."""


class _Found(NamedTuple):
    """Who could be asked, who is kept out, as a spot names them; and whether several of them come first."""

    partners: tuple[str, ...]
    kept_out: tuple[KeptOut, ...]
    shared: bool
    backup: str = ""

    @property
    def kind(self) -> Kind | None:
        """None where one comes first and others after."""
        if not self.partners:
            return Kind.GAP
        if len(self.partners) == 1:
            return Kind.THIN
        return Kind.OVERLAP if self.shared else None


class _Covered(NamedTuple):
    """A cell, the region around it, who covers it, and with which rank each."""

    cell: Cell
    region: str
    names: frozenset[str]
    ranks: frozenset[tuple[str, int]]


@dataclass
class _Survey:
    programme: Programme
    network: Network
    now: datetime
    loads: Mapping[str, Load]
    in_order: set[str] = field(default_factory=set)
    """Products for which somewhere one partner is first and others are second."""
    _cells: dict[str, list["_Covered"]] = field(default_factory=dict)
    """By country."""
    _verdicts: list[_Judged] = field(default_factory=list)
    _reached: set[str] = field(default_factory=set)

    def spots(self, country: str, product: str, needs: tuple[Need, ...]) -> Iterator[Spot]:
        """Neighbouring cells with the same answer are one spot."""
        if country not in self._cells:
            self._cells[country] = self._covered(country)
        groups: dict[str, list[tuple[_Judged, list[Need]]]] = {}
        around: dict[Cell, str] = {}
        runs: dict[tuple[_Found, tuple[Need, ...]], list[Cell]] = {}
        done: list[tuple[list[Cell], _Found, tuple[Need, ...]]] = []
        for cell, region, covering, ranks in self._cells[country]:
            around[cell] = region
            asked_in = region if self._by_region else ""
            if asked_in not in groups:
                groups[asked_in] = self._groups(country, asked_in, product, needs)
            still = {}
            for key in self._find(covering, dict(ranks), groups[asked_in]):
                run = runs.get(key)
                if run is None:
                    run = []
                    done.append((run, *key))
                run.append(cell)
                still[key] = run
            runs = still
        whole, asked = len(self._cells[country]), len(needs) * sum(map(len, self._week.values()))
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
                    found.partners,
                    found.kept_out,
                    found.backup,
                )

    def _groups(
        self, country: str, region: str, product: str, needs: tuple[Need, ...]
    ) -> list[tuple[_Judged, list[Need]]]:
        """The needs by weekdays, those together of which routing says the same."""
        alike: dict[tuple[frozenset[str], frozenset[KeptOut], bool, str], tuple[_Judged, list[Need]]] = {}
        for need, noon in every(needs, self._week):
            decision = self._decide(country, region, product, need, noon)
            for off, weekdays in self._week[noon].items():
                verdict = self._judge(decision, off)
                self._verdicts.append(verdict)
                says = verdict.could, frozenset(verdict.kept_out.values()), verdict.asks_backups, verdict.backup
                alike.setdefault(says, (verdict, []))[1].append(need._replace(weekdays=weekdays))
        return list(alike.values())

    def _find(
        self, covering: frozenset[str], ranks: Mapping[str, int], groups: Sequence[tuple[_Judged, list[Need]]]
    ) -> Iterator[tuple[_Found, tuple[Need, ...]]]:
        """Needs of which the same is to be said are one finding; and all of them, where the same partners could be
        asked whatever somebody needs, though others may be kept out for different reasons."""
        found: dict[tuple[frozenset[str], str, tuple[KeptOut, ...]], list[Need]] = {}
        for verdict, needs in groups:
            partners = covering & verdict.could
            outs = [verdict.kept_out[name] for name in covering - partners]
            if not partners and verdict.asks_backups:
                partners = self._behind(covering, verdict) & verdict.could
            self._reached |= partners
            told = _nearest(out for out in outs if not partners or (len(partners) == 1 and out.away))
            backup = "" if partners else verdict.backup
            found.setdefault((partners, backup, told), []).extend(needs)
        answers = {(partners, backup) for partners, backup, _ in found}
        if len(answers) == 1:
            partners, backup = answers.pop()
            told = _nearest(out for *_, outs in found for out in outs)
            found = {(partners, backup, told): list(chain.from_iterable(found.values()))}
        for (partners, backup, told), needs in found.items():
            yield _Found(tuple(sorted(partners)), told, self._share(partners, ranks), backup), tuple(needs)

    def _share(self, partners: frozenset[str], ranks: Mapping[str, int]) -> bool:
        """Whether more than one of them comes first there. Backup partners, who need not cover the place, have no rank,
        nor has anybody where the programme's order does not look at it."""
        if "rank" not in self._policy.order or not partners <= ranks.keys():
            return len(partners) > 1
        best = min((ranks[name] for name in partners), default=0)
        return sum(ranks[name] == best for name in partners) > 1

    def _behind(self, names: frozenset[str], verdict: _Judged) -> frozenset[str]:
        """The backup partners of those who cannot be had."""
        missed = (n for n in names if n in self._away or verdict.kept_out[n].reason in CANNOT_BE_HAD)
        return frozenset(behind(missed, self.network.partners))

    def _decide(self, country: str, region: str, product: str, need: Need, noon: datetime) -> Decision:
        """Beside the territories, rules look at the region at most: so it is decided once for all of it (for all
        regions if no rule looks), as if everybody worked everywhere, on every weekday."""
        enquiry = Enquiry(country, "", product, need.urgency, need.language, region=region)
        most = max(len(self.network.partners), 1)
        return decide(enquiry, self._everywhere(country), self._policy, self._loads, noon, most)

    def _judge(self, decision: Decision, off: frozenset[str]) -> _Judged:
        """``off``: who takes nothing on that weekday."""
        ranked = frozenset(candidate.partner for candidate in decision.ranked)
        unfit = {name: KeptOut(name, reason) for reason, names in decision.excluded.items() for name in names}
        unfit |= {name: KeptOut(name, "not_taken") for name in ranked & off}
        could = ranked - off
        away = {name: out for name, out in self._away.items() if name in could}
        asked = decision.enquiry
        order = pick(self.programme.fallback.backup, product=asked.product, urgency=asked.urgency).order
        kept_out = unfit | away
        last = self._takes_whatever_comes(kept_out) if "programme" in order else ""
        return _Judged(could.difference(away), kept_out, "partner" in order, last)

    def _takes_whatever_comes(self, kept_out: Mapping[str, KeptOut]) -> str:
        """The programme's backup partner, who takes also what others of that profile would not; empty if that one
        cannot be had."""
        last = self.programme.fallback.backup_partner
        if not last or last not in self.network.partners or last in self._away:
            return ""
        out = kept_out.get(last)
        return "" if out and out.reason in CANNOT_BE_HAD else last

    def __post_init__(self) -> None:
        # at what time of day somebody asks does not matter here
        self._policy = replace(Policy.of(self.programme, 0), skips_closed=frozenset())
        partners = self.network.partners
        rules = [(rule.answer, *(part.field for part in rule.when)) for rule in self._policy.rules]
        takes = ([part.field for part in partner.takes] for partner in partners.values())
        self._by_region = any("region" in looked_at for looked_at in (*rules, *takes))
        # as if nothing had been offered yet; a cap of 0 is kept, it keeps every enquiry away
        self._loads = {name: Load(name, active=True, caps=partner.caps) for name, partner in partners.items()}
        outs = (_away(partner, self.loads.get(name), self.now) for name, partner in partners.items())
        self._away = {out.partner: out for out in outs if out}
        self._wide: dict[str, Network] = {}
        self._week = self._by_weekday()

    def _by_weekday(self) -> Mapping[datetime, Mapping[frozenset[str], tuple[str, ...]]]:
        """Noon at HQ on one weekday for all on which the rules say the same → who takes nothing, on which of them."""
        rules = self._policy.rules
        looking = [part for rule in rules for part in rule.when if part.field == "weekday"]
        by_name = any(rule.answer == "weekday" for rule in rules)
        takes = {
            name: own
            for name, partner in self.network.partners.items()
            if (own := [part for part in partner.takes if part.field == "weekday"])
        }
        zone = self.programme.time_zone
        today, noon = day_in(zone, self.now), time(12, tzinfo=zone_of(zone))
        noons: dict[tuple[object, ...], datetime] = {}
        week: dict[datetime, dict[frozenset[str], tuple[str, ...]]] = {}
        for number, weekday in enumerate(WEEKDAYS):
            facts = {"weekday": weekday}
            day = today + timedelta(number - today.weekday())
            says = (by_name and weekday, *(part.holds(facts) for part in looking))
            alike = week.setdefault(noons.setdefault(says, datetime.combine(day, noon)), {})
            off = frozenset(name for name, own in takes.items() if not all_hold(own, facts))
            alike[off] = (*alike.get(off, ()), weekday)
        return week

    def _everywhere(self, country: str) -> Network:
        if country not in self._wide:
            zone = self.programme.time_zone
            partners = (_there(partner, country, zone, self.now) for partner in self.network.partners.values())
            self._wide[country] = Network.compile("", partners, {})
        return self._wide[country]

    def _covered(self, country: str) -> list[_Covered]:
        found = cells(country, self._territories(country), self._located(country))
        regions = {cell: region_of(self.programme, country, cell.postcode) for cell in found}
        each = (self._covering(cell, region) for cell, region in regions.items())
        return list(_joined(each) if numbers(country) else each)

    def _covering(self, cell: Cell, region: str) -> _Covered:
        found = self.network.covering(cell.country, cell.postcode)
        ranks = frozenset((name, entry.rank + (_BEHIND if entry.backup else 0)) for name, entry in found.items())
        return _Covered(cell, region, frozenset(found), ranks)

    def _located(self, country: str) -> list[str]:
        """Postcodes within a distance or outline have borders of their own, and those that are elsewhere than what they
        begin with; any other is covered as its neighbours are."""
        if not self.network.shapes:
            return []
        start = f"{country} "
        there = {name.removeprefix(start): point for name, point in self.network.places if name.startswith(start)}
        within = self.network.within(country)
        inside = {code for code, point in there.items() if within(point)}
        return [f"{code}*" for code in there if any(code[:length] in inside for length in range(1, len(code) + 1))]

    def _territories(self, country: str) -> list[Territory]:
        found: dict[Territory, None] = {}
        for partner in self.network.partners.values():
            for territory in partner.territories:
                if territory.reach is not Reach.REGION:
                    found[territory] = None
                elif territory.value in self.network.regions:
                    found.update(dict.fromkeys(region_entries(self.network.regions[territory.value])))
        for region in self.programme.regions.values():
            found.update(dict.fromkeys(region_entries(region)))
        return [territory for territory in found if territory.country == postal_country(country)]

    def unreachable(self) -> tuple[KeptOut, ...]:
        """Backup partners are reached without having a territory there."""
        covering = {name for found in self._cells.values() for each in found for name in each.names}
        could = frozenset().union(*(verdict.could for verdict in self._verdicts))
        backups = frozenset(behind(covering, self.network.partners))
        last = self.programme.fallback.backup_partner
        reached = self._reached | (backups & could) | ({last} if last and last not in self._away else set())
        lost = self.network.partners.keys() - reached
        known = lost & (covering | backups)
        kept_out = (verdict.kept_out for verdict in self._verdicts)
        nearest = {
            out.partner: out for out in _nearest(outs[name] for outs in kept_out for name in known & outs.keys())
        }
        return tuple(nearest.get(name) or KeptOut(name, NO_TERRITORY) for name in sorted(lost))


def _joined(cells: Iterable[_Covered]) -> Iterator[_Covered]:
    """Neighbours with the same region, the same partners and the same ranks are one."""
    for _, run in groupby(cells, key=lambda each: each[1:]):
        first, *others = run
        last = others[-1].cell.last if others else first.cell.last
        yield first._replace(cell=first.cell._replace(last=last))


def _nearest(outs: Iterable[KeptOut]) -> tuple[KeptOut, ...]:
    """Each partner once. Who is away would be asked; other reasons are tried in order, so the last is nearest."""
    nearest: dict[str, KeptOut] = {}
    for out in outs:
        other = nearest.setdefault(out.partner, out)
        if not other.away and (out.away or REASONS.index(out.reason) > REASONS.index(other.reason)):
            nearest[out.partner] = out
    return tuple(sorted(nearest.values(), key=lambda out: (not out.away, out.partner)))


def _there(partner: Partner, country: str, zone: str, now: datetime) -> Partner:
    """In office on every weekday, with the certificates of today, and at work all over the country by the clock of
    that zone; of what is taken only that counts which is asked here."""
    today = local_day(partner, now)
    valid = {name: None for name in partner.certificates if has_any(partner, "certificate", frozenset({name}), today)}
    return replace(
        partner,
        territories=(Territory(country),),
        confirmed_email=partner.contact.email,
        bounced=False,
        paused=False,
        absences=(),
        takes=tuple(part for part in partner.takes if part.field in _SAID),
        certificates=valid,
        time_zone=zone,
    )


@lru_cache(maxsize=1000)
def _together(needs: tuple[Need, ...]) -> tuple[Need, ...]:
    """Each urgency and language once, with all its weekdays."""
    asked: dict[Need, set[str]] = {}
    for need in needs:
        asked.setdefault(need._replace(weekdays=()), set()).update(need.weekdays)
    every_day = set(WEEKDAYS)
    return tuple(
        need._replace(weekdays=() if on == every_day else tuple(day for day in WEEKDAYS if day in on))
        for need, on in asked.items()
    )


def _away(partner: Partner, load: Load | None, now: datetime) -> KeptOut | None:
    """What keeps every enquiry from this partner, whatever it asks for."""
    if not partner.confirmed:
        return KeptOut(partner.id, "unconfirmed")
    if partner.bounced:
        return KeptOut(partner.id, "bounced")
    if partner.paused:
        return KeptOut(partner.id, "paused")
    if load is not None and not load.active:
        return KeptOut(partner.id, "lapsed" if load.lapses else "paused")
    last = back_after(partner.absences, local_day(partner, now))
    return KeptOut(partner.id, "absent", last) if last else None


# ── cells ─────────────────────────────────────────────────────────────────────────────────────────────


def cells(country: str, territories: Iterable[Territory], more: Iterable[str] = ()) -> Iterator[Cell]:
    """The country cut where any of the territories, or of the patterns beside them, begins or ends; in order."""
    patterns = dict.fromkeys((*more, *(pattern for territory in territories for pattern in territory.patterns)))
    if spans := numbers(country):
        yield from _number_cells(country, patterns, spans)
    else:
        yield from _letter_cells(country, patterns)


def _number_cells(country: str, patterns: Iterable[str], spans: Sequence[tuple[str, str]]) -> Iterator[Cell]:
    digits = len(spans[0][0])
    borders = set()
    for pattern in patterns:
        stem = pattern.rstrip("*?")
        if len(stem) <= digits and (not stem or stem.isdecimal()) and len(pattern) in (digits, len(stem) + 1):
            borders |= {int(stem.ljust(digits, "0") or 0), int(stem.ljust(digits, "9")) + 1}
    for first, last in spans:
        begins = int(first)
        inside = sorted(border for border in borders if begins < border <= int(last))
        for border in (*inside, int(last) + 1):
            low, high = f"{begins:0{digits}d}", f"{border - 1:0{digits}d}"
            yield Cell(country, low, high, (), low)
            begins = border


def _letter_cells(country: str, patterns: Iterable[str]) -> Iterator[Cell]:
    """A pattern that no postcode meets is no cell, nor is one that narrower ones take up entirely."""
    meeting = {pattern: _some_postcode(country, pattern, frozenset()) for pattern in sorted({WORLD, *patterns})}
    inside = {
        pattern: frozenset(patterns_met(canonical_postcode(country, postcode))) - {pattern}
        for pattern, postcode in meeting.items()
        if postcode
    }
    for pattern in inside:
        narrower = [other for other, around in inside.items() if pattern in around]
        without = tuple(other for other in narrower if inside[other].isdisjoint(narrower))
        postcode = _some_postcode(country, pattern, frozenset(without))
        if postcode:
            yield Cell(country, pattern, pattern, without, postcode)


def _some_postcode(country: str, pattern: str, without: frozenset[str]) -> str:
    """One that meets the pattern and none of the others; empty if there is none."""
    stem = _stem(pattern)
    reach = max((len(_stem(other)) for other in without), default=len(stem)) - len(stem)
    for shape in shapes(country):
        possible = [_possible(sign) for sign in shape]
        if len(stem) > len(possible) or any(c not in there for c, there in zip(stem, possible, strict=False)):
            continue
        rest = possible[len(stem) :]
        choices = [there if place < reach else there[:3] for place, there in enumerate(rest)]
        for ending in islice(every(*choices), _TRIES):
            code = canonical_postcode(country, stem + "".join(ending))
            met = set(patterns_met(code)) if code else set()
            if pattern in met and met.isdisjoint(without):
                return code
    return ""


@cache
def _possible(sign: str) -> str:
    """The characters that a class of a pattern allows."""
    return "".join(re.findall(sign, _CHARACTERS))


def _stem(pattern: str) -> str:
    return pattern.rstrip("*?").replace(" ", "")


def areas(run: Sequence[Cell], whole: int) -> tuple[str, ...]:
    """How neighbouring cells are written together, as one would write a territory; ``whole``: the country's."""
    country = run[0].country
    if len(run) == whole:
        return (country,)
    if not numbers(country):
        return tuple(_lettered(cell) for cell in run)
    return (f"{country} {_span(run[0].first, run[-1].last)}",)


def _lettered(cell: Cell) -> str:
    area = cell.country if cell.first == WORLD else f"{cell.country} {cell.first}"
    return f"{area} without {', '.join(cell.without)}" if cell.without else area


def _span(first: str, last: str) -> str:
    """``97*`` where that says it, else ``97000-98999``, or a single postcode."""
    if first == last:
        return first
    shared = next(place for place, (a, b) in enumerate(zip(first, last, strict=True)) if a != b)
    if shared and set(first[shared:]) == {"0"} and set(last[shared:]) == {"9"}:
        return f"{first[:shared]}*"
    return f"{first}-{last}"

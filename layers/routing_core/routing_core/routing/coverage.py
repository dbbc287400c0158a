"""Where a network has gaps, thin spots and overlaps, and which partners no enquiry can reach.

Exact, though nobody walks through all postcodes: who covers a place can only change where some territory begins or
ends. Between two such borders one postcode answers for all (``cells``). Who could be asked is what ``decide`` says, so
that the report knows every rule that routing knows, except how full partners are at the moment.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice
from itertools import product as every
from typing import NamedTuple

from ..domain.enquiry import region_of
from ..domain.partner import Load, Partner
from ..domain.postcodes import numbers, shapes
from ..domain.programme import Programme
from ..domain.territory import WORLD, Reach, Territory, canonical_postcode, patterns_met
from .compiler import SHAPED, region_entries
from .decision import decide
from .eligibility import REASONS
from .network import Network
from .policy import Enquiry, Policy

NO_TERRITORY = "no_territory"
"""Why a partner is out of reach whose territory lies where no form asks, or nowhere."""
_CHARACTERS = {"A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "9": "0123456789", "X": "A0123456789BCDEFGHIJKLMNOPQRSTUVWXYZ"}


_TRIES = 20_000


class Kind(StrEnum):
    GAP = "gap"
    """Nobody."""
    THIN = "thin"
    """One partner only."""
    OVERLAP = "overlap"
    """Two or more."""


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


@dataclass(frozen=True, slots=True)
class Spot:
    """One area and product. ``needs``: the urgencies and languages for which this is so; ``always``: for all."""

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
    """Who could be asked, backups of the place too, by name; the order in which they are depends on the day."""
    kept_out: tuple[tuple[str, str], ...] = ()
    """In a gap: who covers the area, and why routing does not ask them."""


@dataclass(frozen=True, slots=True)
class Coverage:
    at: datetime
    spots: tuple[Spot, ...]
    """By product as the programme lists them, then by area."""
    unreachable: tuple[tuple[str, str], ...]
    """Partners whom no enquiry of any form reaches, and what keeps the nearest one away."""

    def of(self, kind: Kind) -> tuple[Spot, ...]:
        return tuple(spot for spot in self.spots if spot.kind is kind)

    def without_anybody(self) -> tuple[str, ...]:
        """Products for which there is nobody at all, whatever the place, urgency and language."""
        served = {spot.product for spot in self.spots if spot.kind is not Kind.GAP}
        return tuple(dict.fromkeys(spot.product for spot in self.spots if spot.product not in served))


def cover(programme: Programme, network: Network, now: datetime) -> Coverage:
    """The report for what the programme's forms ask for, by the network as it stands on that day."""
    survey = _Survey(programme, network, now)
    spots: list[Spot] = []
    for product in dict.fromkeys(p for form in programme.forms for p in form.products):
        for country, needs in _asked(programme, product).items():
            spots += survey.spots(country, product, needs)
    return Coverage(now, tuple(spots), survey.unreachable())


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
    kept_out: Mapping[str, str]


_Found = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]
"""Who could be asked, and in a gap who is kept out for which reason."""


@dataclass
class _Survey:
    programme: Programme
    network: Network
    now: datetime
    _cells: dict[str, list[tuple[Cell, str, frozenset[str]]]] = field(default_factory=dict)
    """By country: each cell, the region around it, and who covers it."""
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
        for cell, region, covering in self._cells[country]:
            around[cell] = region
            if region not in groups:
                groups[region] = self._groups(country, region, product, needs)
            findings: dict[_Found, list[Need]] = {}
            for verdict, group in groups[region]:
                findings.setdefault(self._find(covering, verdict), []).extend(group)
            still = {}
            for found, listed in findings.items():
                key = found, tuple(listed)
                run = runs.get(key)
                if run is None:
                    run = []
                    done.append((run, *key))
                run.append(cell)
                still[key] = run
            runs = still
        whole = len(self._cells[country])
        for run, (partners, kept_out), which in done:
            regions = {around[cell] for cell in run}
            for area in areas(run, whole):
                yield Spot(
                    Kind.GAP if not partners else Kind.THIN if len(partners) == 1 else Kind.OVERLAP,
                    country,
                    area,
                    min(regions) if len(regions) == 1 else "",
                    product,
                    which,
                    len(which) == len(needs),
                    partners,
                    kept_out,
                )

    def _groups(
        self, country: str, region: str, product: str, needs: tuple[Need, ...]
    ) -> list[tuple[_Judged, list[Need]]]:
        """The needs, those together of which routing says the same."""
        alike: dict[tuple[frozenset[str], frozenset[tuple[str, str]]], tuple[_Judged, list[Need]]] = {}
        for need in needs:
            verdict = self._judge(country, region, product, need)
            self._verdicts.append(verdict)
            alike.setdefault((verdict.could, frozenset(verdict.kept_out.items())), (verdict, []))[1].append(need)
        return list(alike.values())

    def _find(self, covering: frozenset[str], verdict: _Judged) -> _Found:
        partners = covering & verdict.could
        self._reached |= partners
        kept_out = () if partners else tuple(sorted((name, verdict.kept_out[name]) for name in covering))
        return tuple(sorted(partners)), kept_out

    def _judge(self, country: str, region: str, product: str, need: Need) -> _Judged:
        """Beside the territories, rules look at the region at most: so it is decided once for all of it, as if
        everybody worked everywhere."""
        enquiry = Enquiry(country, "", product, need.urgency, need.language, region=region)
        most = max(len(self.network.partners), 1)
        decision = decide(enquiry, self._everywhere(country), self._policy, self._loads, self.now, most)
        kept_out = {name: reason for reason, names in decision.excluded.items() for name in names}
        return _Judged(frozenset(candidate.partner for candidate in decision.ranked), kept_out)

    def __post_init__(self) -> None:
        # at what time of day somebody asks does not matter here
        self._policy = replace(Policy.of(self.programme, 0), skips_closed=frozenset())
        self._loads = {name: _free(partner) for name, partner in self.network.partners.items()}
        self._wide: dict[str, Network] = {}

    def _everywhere(self, country: str) -> Network:
        if country not in self._wide:
            partners = (replace(p, territories=(Territory(country),)) for p in self.network.partners.values())
            self._wide[country] = Network.compile("", partners, {})
        return self._wide[country]

    def _covered(self, country: str) -> list[tuple[Cell, str, frozenset[str]]]:
        found = cells(country, self._territories(country), self._located(country))
        regions = {cell: region_of(self.programme, country, cell.postcode) for cell in found}
        return [(c, region, frozenset(self.network.covering(country, c.postcode))) for c, region in regions.items()]

    def _located(self, country: str) -> list[str]:
        """Where somebody works by distance or outline, the borders run between the postcodes whose place is known."""
        reaches = {territory.reach for partner in self.network.partners.values() for territory in partner.territories}
        if reaches.isdisjoint(SHAPED):
            return []
        named = (name.split(" ") for name in self.network.places.points)
        return [f"{code}*" for where, code in named if where == country]

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
        return [territory for territory in found if territory.country == country]

    def unreachable(self) -> tuple[tuple[str, str], ...]:
        """The backup partner is reached without being in anybody's territory."""
        backup = self.programme.fallback.backup_partner
        covering = {name for found in self._cells.values() for *_, names in found for name in names}
        return tuple(
            (name, self._nearest(name) if name in covering else NO_TERRITORY)
            for name, partner in sorted(self.network.partners.items())
            if name not in self._reached and not (name == backup and partner.active)
        )

    def _nearest(self, name: str) -> str:
        """Reasons are tried in order: the last one is nearest to being asked."""
        return max(
            (verdict.kept_out[name] for verdict in self._verdicts if name in verdict.kept_out), key=REASONS.index
        )


def _free(partner: Partner) -> Load:
    """As if nothing had been offered yet. A cap of 0 is kept: it keeps every enquiry away."""
    return Load(partner.id, active=partner.active, caps=partner.caps)


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
        compact = shape.replace(" ", "")
        if len(stem) > len(compact) or any(c not in _CHARACTERS[s] for c, s in zip(stem, compact, strict=False)):
            continue
        rest = compact[len(stem) :]
        choices = [_CHARACTERS[s] if place < reach else _CHARACTERS[s][:3] for place, s in enumerate(rest)]
        for ending in islice(every(*choices), _TRIES):
            code = canonical_postcode(country, stem + "".join(ending))
            met = set(patterns_met(code)) if code else set()
            if pattern in met and met.isdisjoint(without):
                return code
    return ""


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

"""Surveys a network: where it has gaps, thin spots and overlaps, and whom nobody reaches.

Exact, though nobody walks through all postcodes: ``cells`` are the parts of a country that the same
partners cover, and ``verdicts`` say who of them could be asked. Three steps: who covers which cell
(``covered_cells``), what is to be said of each cell (``_answers``), and neighbours of which the
same is said put together (``_runs``).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import chain
from itertools import product as every
from typing import NamedTuple

from routing_core.domain.calendar.business_time import WEEKDAYS
from routing_core.domain.programme.programme import Programme
from routing_core.routing.decide.backups import CANNOT_BE_HAD, behind
from routing_core.routing.decide.eligibility import REASONS
from routing_core.routing.decide.situation import LoadsByPartner
from routing_core.routing.index.network import Network
from routing_core.routing.report.cells import areas
from routing_core.routing.report.coverage import (
    NO_TERRITORY,
    CoverageReport,
    Demand,
    Finding,
    FindingKind,
    KeptOut,
    Served,
)
from routing_core.routing.report.covered_cells import CoveredCell, StandingThere, covered_cells
from routing_core.routing.report.verdicts import Judge, Verdict

DEMANDS_KEPT = 1_000
"""Limits the lists of demands that are kept once they were put together."""


def survey_coverage(
    programme: Programme, network: Network, now: datetime, loads: LoadsByPartner | None = None
) -> CoverageReport:
    """Make the report for what the programme's forms ask for.

    It says how the network stands on that day. ``loads`` say who was paused after lapses: it stands
    there alone.
    """
    survey = Survey(programme, network, Judge(programme, network, now, loads or {}))
    findings: list[Finding] = []
    for product in dict.fromkeys(chain.from_iterable(form.products for form in programme.forms)):
        for country, demands in demands_by_country(programme, product).items():
            findings += survey.findings(country, product, demands)
    return CoverageReport(
        now, tuple(findings), survey.unreachable(), network.unresolved, survey.served()
    )


def demands_by_country(programme: Programme, product: str) -> Mapping[str, tuple[Demand, ...]]:
    """Give by country what the forms with this product may be asked there."""
    languages = programme.languages if programme.match_language else programme.languages[:1]
    asked: dict[str, dict[Demand, None]] = {}
    for form in programme.forms:
        if product not in form.products:
            continue
        demands = [
            Demand(urgency, language) for urgency, language in every(form.urgencies, languages)
        ]
        for country in form.countries:
            asked.setdefault(country, {}).update(dict.fromkeys(demands))
    return {country: tuple(demands) for country, demands in asked.items()}


class _Answer(NamedTuple):
    """Those who could be asked and those who are kept out, as a finding names them.

    It says too which of them come first.
    """

    partners: tuple[str, ...]
    kept_out: tuple[KeptOut, ...]
    first: tuple[str, ...]
    backup: str = ""

    @property
    def kind(self) -> FindingKind | None:
        """Say what this is.

        It is None where one comes first and others after, so that there is nothing to report.
        """
        if not self.partners:
            return FindingKind.GAP
        if len(self.partners) == 1:
            return FindingKind.THIN
        return FindingKind.OVERLAP if len(self.first) > 1 else None

    @property
    def named(self) -> tuple[str, ...]:
        """Name whom the finding is about.

        Of an overlap it is those who share the first place, and nobody behind them.
        """
        return self.first if self.kind is FindingKind.OVERLAP else self.partners


class _Said(NamedTuple):
    """What is said of a cell for some demands."""

    answer: _Answer
    demands: tuple[Demand, ...]


class _Run(NamedTuple):
    """Neighbouring cells of which the same is said."""

    said: _Said
    cells: list[CoveredCell]


class _Left(NamedTuple):
    """Those left of all who cover a place, as far as routing goes."""

    partners: frozenset[str]
    backup: str
    kept_out: tuple[KeptOut, ...]


class _Alike(NamedTuple):
    """Demands of which routing says the same, wherever somebody works."""

    verdict: Verdict
    demands: list[Demand]


@dataclass
class Survey:
    """A network that is being surveyed; what was found out on the way is kept."""

    programme: Programme
    """Holds the rules."""
    network: Network
    """Knows the partners."""
    _judge: Judge
    _cells: dict[str, list[CoveredCell]] = field(default_factory=dict)
    _verdicts: list[Verdict] = field(default_factory=list)
    _reached: set[str] = field(default_factory=set)
    _served: set[Served] = field(default_factory=set)
    _alike_at: dict[tuple[str, str, str, tuple[Demand, ...]], list[_Alike]] = field(
        default_factory=dict
    )

    def findings(
        self, country: str, product: str, demands: tuple[Demand, ...]
    ) -> Iterator[Finding]:
        """Find what is to be said of a product in a country.

        Neighbouring cells with the same answer are one area.
        """
        if country not in self._cells:
            self._cells[country] = covered_cells(
                self.programme, self.network, country, self._judge.policy.order
            )
        all_cells = len(self._cells[country])
        all_demands = len(demands) * self._judge.parts_of_week
        for run in self._runs(country, product, demands):
            answer = run.said.answer
            if answer.partners:
                taken = [Served(product, country, demand) for demand in run.said.demands]
                self._served.update(taken)
            if answer.kind is None:
                continue
            regions = {covered.region for covered in run.cells}
            for area in areas([covered.cell for covered in run.cells], all_cells):
                yield Finding(
                    kind=answer.kind,
                    country=country,
                    area=area,
                    region=min(regions) if len(regions) == 1 else "",
                    product=product,
                    demands=_together(run.said.demands),
                    always=len(run.said.demands) == all_demands,
                    partners=answer.named,
                    kept_out=answer.kept_out,
                    backup=answer.backup,
                )

    def served(self) -> frozenset[Served]:
        """Give whatever somebody takes somewhere, of all that findings were looked for."""
        return frozenset(self._served)

    def _runs(self, country: str, product: str, demands: tuple[Demand, ...]) -> list[_Run]:
        """Put neighbouring cells together, in the order in which each run begins."""
        alike_in: dict[str, list[_Alike]] = {}
        going_on: dict[_Said, _Run] = {}
        runs: list[_Run] = []
        for covered in self._cells[country]:
            region = covered.region if self._judge.by_region else ""
            if region not in alike_in:
                alike_in[region] = self._alike(country, region, product, demands)
            here: dict[_Said, _Run] = {}
            for said in self._answers(covered, alike_in[region]):
                run = going_on.get(said)
                if run is None:
                    run = _Run(said, [])
                    runs.append(run)
                run.cells.append(covered)
                here[said] = run
            # What is not said of this cell too has come to its end.
            going_on = here
        return runs

    def _alike(
        self, country: str, region: str, product: str, demands: tuple[Demand, ...]
    ) -> list[_Alike]:
        """Give the demands by weekdays, those together of which routing says the same."""
        alike: dict[tuple[frozenset[str], frozenset[KeptOut], bool, str], _Alike] = {}
        for demand in demands:
            for verdict, on_these_days in self._judge.verdicts(country, region, product, demand):
                self._verdicts.append(verdict)
                kept_out = frozenset(verdict.kept_out.values())
                says = (verdict.could, kept_out, verdict.asks_backups, verdict.backup)
                alike.setdefault(says, _Alike(verdict, [])).demands.append(on_these_days)
        return list(alike.values())

    # ── one place ─────────────────────────────────────────────────────────────────────────────────

    def worst_at(
        self, covered: CoveredCell, product: str, demands: tuple[Demand, ...]
    ) -> FindingKind | None:
        """Give the worst that is to be said of one place: a gap before a thin spot.

        It is None where there is nothing to report for any of the demands.
        """
        region = covered.region if self._judge.by_region else ""
        asked = (covered.cell.country, region, product, demands)
        if asked not in self._alike_at:
            self._alike_at[asked] = self._alike(*asked)
        answers = self._answers(covered, self._alike_at[asked])
        kinds = {said.answer.kind for said in answers}
        return next((kind for kind in FindingKind if kind in kinds), None)

    # ── one cell ──────────────────────────────────────────────────────────────────────────────────

    def _answers(self, covered: CoveredCell, alike: Iterable[_Alike]) -> Iterator[_Said]:
        """Give what is to be said of a cell, and for which demands.

        Those of which the same is said are one answer. Where the same partners could be asked
        whatever somebody needs, that is one answer too, though others may be kept out for different
        reasons.
        """
        demands_of: dict[_Left, list[Demand]] = {}
        for verdict, demands in alike:
            left = self._left(covered.names, verdict)
            self._reached |= left.partners
            demands_of.setdefault(left, []).extend(demands)
        standings = dict(covered.standings)
        for left, demands in _as_one(demands_of).items():
            answer = _Answer(
                partners=tuple(sorted(left.partners)),
                kept_out=left.kept_out,
                first=_first(left.partners, standings),
                backup=left.backup,
            )
            yield _Said(answer, tuple(demands))

    def _left(self, covering: frozenset[str], verdict: Verdict) -> _Left:
        """Say who is left of those who cover a place."""
        partners = self._partners(covering, verdict)
        backup = "" if partners else verdict.backup
        return _Left(partners, backup, _nearest(_worth_naming(covering, partners, verdict)))

    def _partners(self, covering: frozenset[str], verdict: Verdict) -> frozenset[str]:
        """Name who could be asked.

        Where nobody is left, they are the backup partners of those who cannot be had.
        """
        partners = covering & verdict.could
        if partners or not verdict.asks_backups:
            return partners
        missed = [name for name in covering if self._cannot_be_had(name, verdict)]
        return frozenset(behind(missed, self.network.partners)) & verdict.could

    def _cannot_be_had(self, name: str, verdict: Verdict) -> bool:
        return name in self._judge.away or verdict.kept_out[name].reason in CANNOT_BE_HAD

    # ── who is out of reach ───────────────────────────────────────────────────────────────────────

    def unreachable(self) -> tuple[KeptOut, ...]:
        """Name whom no enquiry reaches.

        Backup partners are reached without having a territory there.
        """
        covering: set[str] = set()
        for covered in chain.from_iterable(self._cells.values()):
            covering |= covered.names
        backups = frozenset(behind(covering, self.network.partners))
        active = {
            name for name, partner in self.network.partners.items() if not partner.deactivated
        }
        lost = active - self._all_reached(backups)
        known = lost & (covering | backups)
        outs: list[KeptOut] = []
        for verdict in self._verdicts:
            outs += [out for out in verdict.kept_out.values() if out.partner in known]
        nearest = {out.partner: out for out in _nearest(outs)}
        return tuple(nearest.get(name) or KeptOut(name, NO_TERRITORY) for name in sorted(lost))

    def _all_reached(self, backups: frozenset[str]) -> set[str]:
        reached = set(self._reached)
        for verdict in self._verdicts:
            reached |= backups & verdict.could
        last = self.programme.fallback.backup_partner
        if last and last not in self._judge.away:
            reached.add(last)
        return reached


def _worth_naming(
    covering: frozenset[str], partners: frozenset[str], verdict: Verdict
) -> Iterator[KeptOut]:
    """Give of those who cover a place and are kept out those whom a finding names.

    In a gap all; in a thin spot who need only come back; elsewhere nobody, for enough others are
    there.
    """
    if len(partners) > 1:
        return
    for name in covering - verdict.could:
        out = verdict.kept_out[name]
        if not partners or out.away:
            yield out


def _as_one(demands_of: dict[_Left, list[Demand]]) -> dict[_Left, list[Demand]]:
    """Put all demands together where the same partners could be asked for each of them."""
    answers = {(left.partners, left.backup) for left in demands_of}
    if len(answers) != 1:
        return demands_of
    partners, backup = answers.pop()
    kept_out = _nearest(chain.from_iterable(left.kept_out for left in demands_of))
    demands = list(chain.from_iterable(demands_of.values()))
    return {_Left(partners, backup, kept_out): demands}


def _first(partners: frozenset[str], standings: Mapping[str, StandingThere]) -> tuple[str, ...]:
    """Name those of them who come before all others there.

    Backup partners, who need not cover the place, are equal.
    """
    if not partners <= standings.keys():
        return tuple(sorted(partners))
    # Who comes second does not overlap with anybody: the first gets what there is.
    best = min((standings[name] for name in partners), default=())
    return tuple(sorted(name for name in partners if standings[name] == best))


def _nearest(outs: Iterable[KeptOut]) -> tuple[KeptOut, ...]:
    """Give each partner once, with the reason nearest to being asked.

    Those who need only come back stand first.
    """
    nearest: dict[str, KeptOut] = {}
    for out in outs:
        other = nearest.setdefault(out.partner, out)
        if _is_nearer(out, other):
            nearest[out.partner] = out
    return tuple(sorted(nearest.values(), key=lambda out: (not out.away, out.partner)))


def _is_nearer(out: KeptOut, other: KeptOut) -> bool:
    """Tell whether ``out`` is nearer to being asked than ``other``.

    Who is away would be asked; other reasons are tried in order, so that the last is the nearest.
    """
    if other.away:
        return False
    return out.away or REASONS.index(out.reason) > REASONS.index(other.reason)


@lru_cache(maxsize=DEMANDS_KEPT)
def _together(demands: tuple[Demand, ...]) -> tuple[Demand, ...]:
    """Give each urgency and language once, with all its weekdays."""
    asked: dict[Demand, set[str]] = {}
    for demand in demands:
        asked.setdefault(demand._replace(weekdays=()), set()).update(demand.weekdays)
    return tuple(demand._replace(weekdays=_listed(on)) for demand, on in asked.items())


def _listed(weekdays: set[str]) -> tuple[str, ...]:
    """List weekdays in the week's order; none is named where it is every day."""
    if weekdays == set(WEEKDAYS):
        return ()
    return tuple(day for day in WEEKDAYS if day in weekdays)

"""What the open leads are expected to bring, with an interval, and how the last forecast did.

The chance that a lead is won comes of the ended leads that stood where it stands. A partner's own
share is shrunk to that of all by a Beta prior whose weight is found by moments (Kleinman, 1973):
if partners differ no more than luck makes them, all have the network's.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from math import sqrt
from typing import Any, Self

import numpy as np

from routing_core.reporting.coded_values import NO_AMOUNT
from routing_core.reporting.columns import as_numbers, counts_of, rows_with, signed
from routing_core.reporting.flow import PLACES_OF_STAGES, stage_in
from routing_core.reporting.outlook import Forecast, ForecastCheck
from routing_core.reporting.period_view import PeriodView
from routing_core.reporting.report_lead import OWNED_STAGES, LeadStage
from routing_core.reporting.share import LEAST_CASES
from routing_core.reporting.texts import Texts

EIGHTY_IN_A_HUNDRED = 1.2816
"""So many standard deviations on both sides hold 80 in 100 of a normal distribution."""
_LEAST_WEIGHT = 1.0
"""A prior weighs at least as much as one lead, however much partners differ."""

PartnerStage = tuple[str, int]
"""The name of a partner and a stage."""


@dataclass(slots=True)
class TrackRecord:
    """How leads ended that once stood in a stage, by partner; months are added up."""

    ended: Counter[PartnerStage] = field(default_factory=Counter)
    won: Counter[PartnerStage] = field(default_factory=Counter)
    orders: dict[str, tuple[int, float, float]] = field(default_factory=dict)
    """Currency → how many orders have an amount, these added up, and their squares."""

    @classmethod
    def of(cls, view: PeriodView) -> Self:
        """Count the leads that ended in the period, with an owner."""
        record = cls()
        leads, texts = view.snapshot.leads, view.snapshot.texts
        ended = view.ended_inside & (view.owners > 0)
        is_won = ended & view.standing(LeadStage.WON)
        # Who won a lead has spoken with its prospect and said what it would cost.
        won = counts_of(view.owners[is_won])
        passed = {
            LeadStage.ACCEPTED: ended,
            LeadStage.CONTACTED: ended & (view.contacted > 0),
            LeadStage.QUOTED: ended & (view.quoted > 0),
        }
        for stood_in, theirs in passed.items():
            record.ended.update(_named(texts, stood_in, counts_of(view.owners[theirs])))
            record.won.update(_named(texts, stood_in, won))
        cents, currencies = as_numbers(leads.value)[is_won], as_numbers(leads.currency)[is_won]
        for cent, currency in zip(cents.tolist(), currencies.tolist(), strict=True):
            if cent != NO_AMOUNT:
                record._add_order(texts[currency], cent / 100)
        return record

    def _add_order(self, currency: str, amount: float) -> None:
        orders, total, squares = self.orders.get(currency, (0, 0.0, 0.0))
        self.orders[currency] = (orders + 1, total + amount, squares + amount * amount)

    def plus(self, other: "TrackRecord") -> "TrackRecord":
        """Add up two records."""
        orders = dict(self.orders)
        for currency, (count, total, squares) in other.orders.items():
            known = orders.get(currency, (0, 0.0, 0.0))
            orders[currency] = (known[0] + count, known[1] + total, known[2] + squares)
        return TrackRecord(self.ended + other.ended, self.won + other.won, orders)

    def to_data(self) -> dict[str, Any]:
        """Spell it for JSON."""
        return {
            "ended": [[*key, count] for key, count in sorted(self.ended.items())],
            "won": [[*key, count] for key, count in sorted(self.won.items())],
            "orders": {currency: list(numbers) for currency, numbers in self.orders.items()},
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``to_data`` wrote."""
        return cls(
            Counter({(partner, stage): count for partner, stage, count in data["ended"]}),
            Counter({(partner, stage): count for partner, stage, count in data["won"]}),
            {currency: tuple(numbers) for currency, numbers in data["orders"].items()},
        )


def _named(texts: Texts, stage: int, owners: Mapping[int, int]) -> dict[PartnerStage, int]:
    """Give counts by owner under the owners' names."""
    return {(texts[owner], stage): count for owner, count in owners.items()}


@dataclass(frozen=True, slots=True)
class Chance:
    """The chance to win a lead, and how uncertain it is."""

    mean: float
    variance: float
    """The variance of the chance itself, for want of cases."""
    shared: bool
    """Tells whether it is the network's, so that all who have it err together."""


class Chances:
    """The chances of leads in one stage, by partner."""

    def __init__(self, record: TrackRecord, stage: int) -> None:
        self._ended = {
            partner: count for (partner, at), count in record.ended.items() if at == stage
        }
        self._won = {partner: record.won[partner, stage] for partner in self._ended}
        self.cases = sum(self._ended.values())
        self._mean = sum(self._won.values()) / self.cases if self.cases else 0.0
        self.prior_weight = self._weight()

    def _weight(self) -> float | None:
        """Give after how many leads a partner's own share counts as much; None: it never does."""
        within = self._mean * (1 - self._mean)
        if not within or len(self._ended) < 2:
            return None
        apart = sum(
            cases * (self._won[partner] / cases - self._mean) ** 2
            for partner, cases in self._ended.items()
        )
        by_luck = (len(self._ended) - 1) * within
        effective = self.cases - sum(n * n for n in self._ended.values()) / self.cases
        between = (apart - by_luck) / effective if effective else 0.0
        if between <= 0:
            return None
        return max(within / between - 1, _LEAST_WEIGHT)

    def of(self, partner: str) -> Chance:
        """Give the chance of this partner's leads."""
        if self.prior_weight is None:
            variance = self._mean * (1 - self._mean) / (self.cases + 1)
            return Chance(self._mean, variance, shared=True)
        cases = self._ended.get(partner, 0) + self.prior_weight
        mean = (self._won.get(partner, 0) + self.prior_weight * self._mean) / cases
        return Chance(mean, mean * (1 - mean) / (cases + 1), shared=False)


@dataclass(slots=True)
class _OpenLeads:
    """Open leads of one partner in one stage: how many, and what they would be worth."""

    leads: int = 0
    worth: float = 0.0
    squares: float = 0.0
    """Adds up the squares of what each would be worth."""


@dataclass(slots=True)
class _Spread:
    """An expectation and how far off it may be."""

    mean: float = 0.0
    variance: float = 0.0

    def interval(self, most: float | None = None) -> tuple[float, float]:
        """Give the bounds between which 80 in 100 lie; none is below 0 or above ``most``."""
        off = EIGHTY_IN_A_HUNDRED * sqrt(self.variance)
        high = self.mean + off
        return max(self.mean - off, 0.0), high if most is None else min(high, most)


def forecast(view: PeriodView, record: TrackRecord, currency: str) -> Forecast:
    """Give what the leads that partners own at the end are expected to bring.

    Of fewer than five ended leads nothing is concluded: it is based on 0 then. A quote is what its
    lead would be worth; without one it is the average order. Amounts in other currencies are left
    out.
    """
    chances = {stage: Chances(record, stage) for stage in OWNED_STAGES}
    based_on = chances[LeadStage.ACCEPTED].cases
    open_leads = _open_leads(view, record, currency)
    leads = sum(held.leads for held in open_leads.values())
    if based_on < LEAST_CASES:
        nothing = Decimal(0)
        return Forecast(leads, 0, 0, 0, currency, nothing, nothing, nothing, based_on=0)
    won, value = _Spread(), _Spread()
    together: defaultdict[int, _OpenLeads] = defaultdict(_OpenLeads)
    for (partner, stage), held in open_leads.items():
        chance = chances[LeadStage(stage)].of(partner)
        _expect(won, value, held, chance)
        if chance.shared:
            _add(together[stage], held)
        else:
            won.variance += held.leads**2 * chance.variance
            value.variance += held.worth**2 * chance.variance
    for stage, held in together.items():
        # A chance that all share is too high or too low for all of them at once.
        chance = chances[LeadStage(stage)].of("")
        won.variance += held.leads**2 * chance.variance
        value.variance += held.worth**2 * chance.variance
    won_low, won_high = won.interval(leads)
    value_low, value_high = value.interval()
    return Forecast(
        open=leads,
        won=won.mean,
        won_low=won_low,
        won_high=won_high,
        currency=currency,
        value=_money(value.mean),
        value_low=_money(value_low),
        value_high=_money(value_high),
        based_on=based_on,
    )


def _expect(won: _Spread, value: _Spread, held: _OpenLeads, chance: Chance) -> None:
    """Add what these leads bring, and the luck of each."""
    won.mean += held.leads * chance.mean
    won.variance += held.leads * chance.mean * (1 - chance.mean)
    value.mean += held.worth * chance.mean
    value.variance += held.squares * chance.mean * (1 - chance.mean)


def _add(total: _OpenLeads, held: _OpenLeads) -> None:
    total.leads += held.leads
    total.worth += held.worth
    total.squares += held.squares


def _open_leads(
    view: PeriodView, record: TrackRecord, currency: str
) -> Mapping[PartnerStage, _OpenLeads]:
    """Count the leads that partners own at the end, by partner and stage."""
    leads, texts = view.snapshot.leads, view.snapshot.texts
    orders, total, squares = record.orders.get(currency, (0, 0.0, 0.0))
    usual = total / orders if orders else 0.0
    usual_square = squares / orders if orders else 0.0
    wanted = texts.known(currency)
    rows = np.flatnonzero(view.standing(*OWNED_STAGES))
    quotes = as_numbers(leads.quote)[rows]
    is_told = (view.quoted[rows] > 0) & (quotes != NO_AMOUNT)
    is_foreign = as_numbers(leads.currency)[rows] != wanted
    amounts = np.where(is_foreign, 0.0, signed(quotes) / 100)
    held = signed(view.owners[rows]) * PLACES_OF_STAGES + view.stages[rows]
    known, place = np.unique(held, return_inverse=True)
    counts = np.bincount(place)
    worth = np.bincount(place, np.where(is_told, amounts, usual))
    worth_squared = np.bincount(place, np.where(is_told, amounts**2, usual_square))
    found = zip(*(each.tolist() for each in (known, counts, worth, worth_squared)), strict=True)
    return {
        (texts[code // PLACES_OF_STAGES], code % PLACES_OF_STAGES): _OpenLeads(*sums)
        for code, *sums in found
    }


def _money(amount: float) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"))


def forecast_check(view: PeriodView, expected: Forecast) -> ForecastCheck:
    """Tell what became of the leads that partners owned when the period began."""
    steps, leads = view.snapshot.steps, view.snapshot.leads
    before = slice(bisect_left(steps.at, view.start))
    # Of several steps of a lead the last one stays.
    turns = np.zeros(len(leads), np.uint8)
    turns[as_numbers(steps.lead)[before]] = as_numbers(steps.turn)[before]
    then_owned = rows_with(stage_in(turns), *OWNED_STAGES)
    now: Counter[str] = Counter()
    for stage, count in counts_of(view.stages[then_owned]).items():
        now[_way_of(stage)] += count
    wanted = view.snapshot.texts.known(expected.currency)
    values = as_numbers(leads.value)
    is_meant = then_owned & view.standing(LeadStage.WON) & (values != NO_AMOUNT)
    cents = int(values[is_meant & (as_numbers(leads.currency) == wanted)].sum())
    return ForecastCheck(
        expected=expected,
        won=now["won"],
        lost=now["lost"],
        still_open=now["open"],
        value=Decimal(cents).scaleb(-2),
    )


def _way_of(stage: int) -> str:
    if stage == LeadStage.WON:
        return "won"
    return "open" if stage < LeadStage.WON else "lost"


def added_records(records: Iterable[TrackRecord]) -> TrackRecord:
    """Add up the records of several months, of at least one."""
    return reduce(TrackRecord.plus, records)

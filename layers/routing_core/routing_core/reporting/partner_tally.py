"""Each partner's period, counted over the columns of offers."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from routing_core.domain.offer import OfferKind
from routing_core.reporting.coded_values import ending_of
from routing_core.reporting.columns import (
    Numbers,
    Selectors,
    amounts_by,
    as_numbers,
    coded_times,
    counts_of,
    rows_with,
    seconds_between,
)
from routing_core.reporting.money import Amount, added_up
from routing_core.reporting.partner_counts import OfferCounts, PartnerFigures
from routing_core.reporting.period_view import PeriodView
from routing_core.reporting.report_lead import (
    OWNED_STAGES,
    AfterAccept,
    Kept,
    LeadStage,
    OfferEnd,
)
from routing_core.reporting.share import Share, Typical
from routing_core.reporting.survival import typical
from routing_core.reporting.texts import SHARE_MARK, shares_in

SECONDS_AN_HOUR = 3600
_GIVEN_BACK = (AfterAccept.RETURNED, AfterAccept.RETURNED_NEUTRAL, AfterAccept.RETRACTED)
_NOT_THEIR_FAULT = (AfterAccept.RETURNED_NEUTRAL, AfterAccept.PASSED_ON)
_COUNTED_AS = {
    OfferEnd.ACCEPTED: "accepted",
    OfferEnd.DECLINED: "declined",
    OfferEnd.RELEASED: "released",
    OfferEnd.TAKEN: "taken",
    OfferEnd.WITHDRAWN: "withdrawn",
    OfferEnd.EXISTING_CUSTOMER: "existing_customer",
    OfferEnd.MISTAKEN: "mistaken",
}
"""End of an offer → what it counts as; a lapse is two things, seen or not."""
_ENDINGS = {
    **{name: (ending_of(end, seen=0), ending_of(end, seen=1)) for end, name in _COUNTED_AS.items()},
    "lapsed_unseen": (ending_of(OfferEnd.LAPSED, seen=0),),
    "lapsed_seen": (ending_of(OfferEnd.LAPSED, seen=1),),
}
"""What an offer counts as → its endings, as they are coded."""
_OFFER_COUNTS = tuple(each.name for each in fields(OfferCounts))


def _no_codes() -> Numbers:
    return np.zeros(0, np.int64)


@dataclass(slots=True)
class OfferTally:
    """What the period's offers say of one partner."""

    offers: OfferCounts = field(default_factory=OfferCounts)
    """How they ended."""
    routed: int = 0
    waited: Numbers = field(default_factory=_no_codes)
    """The times to answer of what was answered or lapsed in the period, coded."""
    to_call: Numbers = field(default_factory=_no_codes)
    """The times to the first call of what was accepted in the period, likewise."""
    upheld: int = 0
    left: int = 0
    """Counts those that left the partner without the partner's fault."""
    won: int = 0
    contacted: int = 0
    quoted: int = 0
    given_back: int = 0
    met: int = 0
    missed: int = 0

    @property
    def is_of_period(self) -> bool:
        """Tell whether the partner has anything in the period, or is asked at its end."""
        was_called = self.given_back or self.met or self.missed
        return bool(was_called or self.offers != OfferCounts())


_NOTHING = OfferTally()
"""Stands for a partner whom no offer of the period knows."""


class _ByPartner:
    """Counts rows of the offers by their partners, whose offers stand together."""

    def __init__(self, partners: Numbers) -> None:
        is_first = np.ones(len(partners), np.bool_)
        is_first[1:] = partners[1:] != partners[:-1]
        self._first = np.flatnonzero(is_first)
        self.partners: list[int] = partners[self._first].tolist()
        self._bounds = np.append(self._first, len(partners))

    def count(self, chosen: Selectors) -> list[int]:
        """Count the chosen rows of each partner."""
        return list(np.add.reduceat(chosen, self._first, dtype=np.intp).tolist())

    def count_rows(self, rows: Numbers) -> list[int]:
        """Count these rows, which are in order, by partner."""
        return list(np.diff(np.searchsorted(rows, self._bounds)).tolist())

    def split(self, rows: Numbers, values: Numbers) -> list[Numbers]:
        """Give each partner's values, of values of these rows, which are in order."""
        bounds = np.searchsorted(rows, self._bounds).tolist()
        return [values[first:last] for first, last in pairwise(bounds)]


class PartnerTally:
    """The period's offers, counted by partner; a partner is the number of the name."""

    def __init__(self, view: PeriodView) -> None:
        self._view = view
        self._offers = view.snapshot.offers
        self.decided = view.happened(self._offers.decided)
        """Says of each offer whether it ended in the period."""
        self.by_partner = self._tallies(_ByPartner(as_numbers(self._offers.partner)))
        """What there is to tell of each partner who was ever offered a lead."""
        self.entitled = _entitled(view)
        """By name, the thousandths of offers that weights alone would have given each."""

    def of(self, partner: int) -> OfferTally:
        """Give what there is to tell of a partner."""
        return self.by_partner.get(partner, _NOTHING)

    @cached_property
    def waited(self) -> Numbers:
        """Give the times to answer of all partners, coded."""
        return as_numbers(self._offers.waited)[self._is_answer]

    @cached_property
    def all_offers(self) -> OfferCounts:
        """Give how all offers ended."""
        total: Counter[str] = Counter()
        for tally in self.by_partner.values():
            for name in _OFFER_COUNTS:
                total[name] += getattr(tally.offers, name)
        return OfferCounts(**total)

    @cached_property
    def given_back(self) -> int:
        """Count the leads that partners gave back in the period, or that were taken from them."""
        return sum(each.given_back for each in self.by_partner.values())

    @cached_property
    def sla(self) -> Share:
        """Give the calls in time of all that were due."""
        met = sum(each.met for each in self.by_partner.values())
        return Share(met, met + sum(each.missed for each in self.by_partner.values()))

    @cached_property
    def unfair(self) -> Share:
        """Give the routed offers that weights alone would have given to somebody else."""
        texts = self._view.snapshot.texts
        routed = Counter({texts[partner]: each.routed for partner, each in self.by_partner.items()})
        apart = 0.0
        for partner in {*self.entitled, *routed}:
            apart += abs(routed[partner] - self.entitled.get(partner, 0) / 1000)
        # What one has too much, another has too little: each offer is counted twice.
        return Share(round(apart / 2), routed.total())

    def _tallies(self, of_partner: _ByPartner) -> dict[int, OfferTally]:
        offers, view = self._offers, self._view
        counts: dict[str, list[Any]] = {
            **self._accepted(of_partner),
            "offers": self._counted(of_partner),
            "routed": of_partner.count(self._is_made & self._is_routed()),
            "waited": self._waited(of_partner),
            "contacted": of_partner.count(view.happened(offers.contacted)),
            "quoted": of_partner.count(view.happened(offers.quoted)),
            "given_back": of_partner.count(self._is_given_back()),
            **self._called(of_partner),
        }
        rows = zip(*counts.values(), strict=True)
        return {
            partner: OfferTally(**dict(zip(counts, row, strict=True)))
            for partner, row in zip(of_partner.partners, rows, strict=True)
        }

    def _counted(self, of_partner: _ByPartner) -> list[OfferCounts]:
        """Count by partner the offers made in the period and how offers ended in it."""
        ending = as_numbers(self._offers.ending)
        counts = {
            "made": of_partner.count(self._is_made),
            "pending": of_partner.count(self._is_pending()),
        }
        for name, codes in _ENDINGS.items():
            counts[name] = of_partner.count(self.decided & rows_with(ending, *codes))
        rows = zip(*counts.values(), strict=True)
        return [OfferCounts(**dict(zip(counts, row, strict=True))) for row in rows]

    @property
    def _is_made(self) -> Selectors:
        """Say of each offer whether it was made in the period."""
        return self._view.happened(self._offers.made)

    def _is_routed(self) -> Selectors:
        """Say of each offer whether routing gave it."""
        routed = self._view.snapshot.texts.known(OfferKind.ROUTED.value) or 0
        is_routed: Selectors = as_numbers(self._offers.kind) == routed
        return is_routed

    def _is_pending(self) -> Selectors:
        """Say of each offer whether it waits for an answer at the end."""
        ended, end = as_numbers(self._offers.decided), self._view.end
        is_ended = (ended > 0) & (ended < end)
        return (as_numbers(self._offers.made) < end) & ~is_ended

    def _is_given_back(self) -> Selectors:
        """Say of each offer whether the lead was given or taken back in the period."""
        was_given_back = rows_with(as_numbers(self._offers.after), *_GIVEN_BACK)
        return self._view.happened(self._offers.let_go) & was_given_back

    def _called(self, of_partner: _ByPartner) -> dict[str, list[Any]]:
        """Count by partner the calls that were due in the period."""
        is_due = self._view.happened(self._offers.contact_by)
        contact = as_numbers(self._offers.contact)
        return {
            "met": of_partner.count(is_due & (contact == Kept.MET)),
            "missed": of_partner.count(is_due & (contact == Kept.MISSED)),
        }

    def _waited(self, of_partner: _ByPartner) -> list[Numbers]:
        """Give by partner the times to answer of what was answered or lapsed in the period."""
        rows = np.flatnonzero(self._is_answer)
        return of_partner.split(rows, as_numbers(self._offers.waited)[rows])

    @property
    def _is_answer(self) -> Selectors:
        """Say of each offer whether it was answered or lapsed in the period."""
        return self.decided & (as_numbers(self._offers.waited) > 0)

    def _accepted(self, of_partner: _ByPartner) -> dict[str, list[Any]]:
        """Follow the leads that partners accepted in the period to the end of it."""
        view, offers = self._view, self._offers
        # Whatever became of it then, it was accepted.
        is_accepted = self.decided & rows_with(as_numbers(offers.after), *AfterAccept)
        rows = np.flatnonzero(is_accepted)
        after, let_go = as_numbers(offers.after)[rows], as_numbers(offers.let_go)[rows]
        was_let_go = (let_go > 0) & (let_go < view.end)
        was_won = view.stages[as_numbers(offers.lead)[rows]] == LeadStage.WON
        # A prospect's fault leaves the conversion.
        is_left = was_let_go & rows_with(after, *_NOT_THEIR_FAULT)
        is_upheld = was_let_go & rows_with(after, *_GIVEN_BACK)
        return {
            "upheld": of_partner.count_rows(rows[is_upheld]),
            "left": of_partner.count_rows(rows[is_left]),
            "won": of_partner.count_rows(rows[was_won & ~was_let_go]),
            "to_call": of_partner.split(rows, self._to_call(rows)),
        }

    def _to_call(self, rows: Numbers) -> Numbers:
        """Give the times from acceptance to the first call of these offers, coded."""
        view, offers = self._view, self._offers
        columns = (offers.decided, offers.contacted, offers.let_go)
        accepted, contacted, let_go = (as_numbers(column)[rows] for column in columns)
        until = view.until_ended(view.ended[as_numbers(offers.lead)[rows]])
        was_let_go = (let_go > 0) & (let_go < view.end)
        np.copyto(until, let_go, where=was_let_go)
        was_called = (contacted > 0) & (contacted < view.end)
        np.copyto(until, contacted, where=was_called)
        return coded_times(seconds_between(accepted, until), was_called)


def _entitled(view: PeriodView) -> Mapping[str, int]:
    table, texts = view.snapshot.entitlements, view.snapshot.texts
    shares: Counter[str] = Counter()
    for number, count in counts_of(as_numbers(table.shares)[view.happened(table.at)]).items():
        for share in texts[number].split(SHARE_MARK):
            shares[share] += count
    entitled: Counter[str] = Counter()
    for share, count in shares.items():
        for partner, thousandths in shares_in(share):
            entitled[partner] += thousandths * count
    return entitled


# ── what leads say of their owners ────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class OwnerTally:
    """What leads at the end of the period say of who has them, or had them to their end."""

    won: Counter[int]
    lost: Counter[int]
    open: Counter[int]
    overdue: Counter[int]
    value: Mapping[int, list[Amount]]
    """What was won in the period, added up by currency."""

    @classmethod
    def of(cls, view: PeriodView) -> "OwnerTally":
        """Count the leads of a period by their owners."""
        leads = view.snapshot.leads
        is_won = view.ended_inside & view.standing(LeadStage.WON)
        is_lost = view.ended_inside & view.standing(LeadStage.LOST)
        columns = (view.owners, as_numbers(leads.value), as_numbers(leads.currency))
        owner, cents, currency = (column[is_won] for column in columns)
        return cls(
            won=counts_of(view.owners[is_won]),
            lost=counts_of(view.owners[is_lost]),
            open=counts_of(view.owners[view.standing(*OWNED_STAGES)]),
            overdue=_overdue(view),
            value=amounts_by(owner, cents, currency),
        )


def _overdue(view: PeriodView) -> Counter[int]:
    """Count by partner the leads that they have and should have called by the end."""
    offers, end = view.snapshot.offers, view.end
    # Whoever is to have called and has not has missed the deadline.
    rows = np.flatnonzero(as_numbers(offers.contact) == Kept.MISSED)
    lead, partner = as_numbers(offers.lead)[rows], as_numbers(offers.partner)[rows]
    is_theirs = (view.stages[lead] == LeadStage.ACCEPTED) & (view.owners[lead] == partner)
    is_due = (as_numbers(offers.contact_by)[rows] < end) & (as_numbers(offers.decided)[rows] < end)
    let_go = as_numbers(offers.let_go)[rows]
    was_let_go = (let_go > 0) & (let_go < end)
    return counts_of(partner[is_theirs & is_due & ~was_let_go])


def partner_figures(
    view: PeriodView, tally: PartnerTally, owners: OwnerTally
) -> tuple[PartnerFigures, ...]:
    """Give the figures of every partner of whom there is anything to tell, by id."""
    texts = view.snapshot.texts
    counted = {*owners.open, *owners.won, *owners.lost}
    counted.update(partner for partner, each in tally.by_partner.items() if each.is_of_period)
    counted.discard(0)
    named = sorted(counted, key=texts.__getitem__)
    return tuple(_figures(view, partner, tally, owners) for partner in named)


def _figures(
    view: PeriodView, partner: int, tally: PartnerTally, owners: OwnerTally
) -> PartnerFigures:
    own = tally.of(partner)
    name = view.snapshot.texts[partner]
    accepted = len(own.to_call)
    return PartnerFigures(
        partner=name,
        offers=own.offers,
        response_hours=hours_of(own.waited),
        contact_hours=hours_of(own.to_call),
        contacted=own.contacted,
        quoted=own.quoted,
        won=owners.won[partner],
        lost=owners.lost[partner],
        value=added_up(owners.value.get(partner, ()), view.snapshot.texts),
        returned=own.given_back,
        return_rate=Share(own.upheld, accepted),
        sla=Share(own.met, own.met + own.missed),
        conversion=Share(own.won, accepted - own.left),
        entitled=tally.entitled.get(name, 0) / 1000,
        routed=own.routed,
        open=owners.open[partner],
        overdue=owners.overdue[partner],
    )


def hours_of(codes: Numbers) -> Typical:
    """Give median and p90 of coded times, in hours."""
    return typical(codes, SECONDS_AN_HOUR)

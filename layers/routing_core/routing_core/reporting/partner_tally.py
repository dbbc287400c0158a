"""Each partner's period, counted over the columns of offers."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from routing_core.domain.offer import OfferKind
from routing_core.reporting.columns import (
    CENSORED_CODE,
    DONE_CODE,
    SHARE_MARK,
    Numbers,
    Selectors,
    as_numbers,
    counts_of,
    ending_of,
    rows_with,
    shares_in,
    signed,
)
from routing_core.reporting.hq_report import OfferCounts, PartnerFigures
from routing_core.reporting.money import added_up
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


def _no_codes() -> Numbers:
    return np.zeros(0, np.int64)


@dataclass(slots=True)
class OfferTally:
    """What the period's offers say of one partner."""

    made: int = 0
    routed: int = 0
    pending: int = 0
    endings: dict[str, int] = field(default_factory=dict)
    waited: Numbers = field(default_factory=_no_codes)
    """The times to answer of what was answered or lapsed in the period, coded, the least first."""
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
        asked = self.made or self.endings or self.pending
        return bool(asked or self.given_back or self.met or self.missed)

    @property
    def offers(self) -> OfferCounts:
        """Give how they ended."""
        return OfferCounts(made=self.made, pending=self.pending, **self.endings)


_NOTHING = OfferTally()
"""Stands for a partner whom no offer of the period knows."""


@dataclass(slots=True)
class _PeriodOffers:
    """What happened in the period, said of each offer."""

    made: Selectors
    decided: Selectors
    taken: Selectors
    """Says whether it was accepted in the period, whatever became of it then."""
    pending: Selectors
    """Says whether it waits for an answer at the end."""
    due: Selectors
    """Says whether the time for the first call ended in the period."""
    let_go: Selectors

    @classmethod
    def of(cls, view: PeriodView) -> "_PeriodOffers":
        """Look at the offers of a period."""
        offers = view.snapshot.offers
        ended = as_numbers(offers.decided)
        decided = view.happened(ended)
        is_ended = (ended > 0) & (ended < view.end)
        return cls(
            made=view.happened(offers.made),
            decided=decided,
            taken=decided & rows_with(as_numbers(offers.after), *AfterAccept),
            pending=(as_numbers(offers.made) < view.end) & ~is_ended,
            due=view.happened(offers.contact_by),
            let_go=view.happened(offers.let_go),
        )


class _ByPartner:
    """Counts rows of the offers by their partners."""

    def __init__(self, partners: Numbers) -> None:
        known, self._place = np.unique(partners, return_inverse=True)
        self.partners: list[int] = known.tolist()

    def count(self, chosen: Selectors | Numbers) -> list[int]:
        """Count the chosen rows of each partner: those that are meant, or have these numbers."""
        return list(self._counted(self._place[chosen]).tolist())

    def codes(self, rows: Numbers, codes: Numbers) -> list[Numbers]:
        """Give the codes of these rows by partner, each one's the least first."""
        place = self._place[rows]
        ordered = codes[np.lexsort((codes, place))]
        ends = np.cumsum(self._counted(place))
        return np.split(ordered, ends)[:-1]  # what is behind the last partner's end is empty

    def _counted(self, place: Numbers) -> Numbers:
        return np.bincount(place, minlength=len(self.partners))


class PartnerTally:
    """The period's offers, counted by partner; a partner is the number of the name."""

    def __init__(self, view: PeriodView) -> None:
        self._view = view
        self._happened = _PeriodOffers.of(view)
        self.decided = self._happened.decided
        """Says of each offer whether it ended in the period."""
        self.by_partner = self._tallies(_ByPartner(as_numbers(view.snapshot.offers.partner)))
        """What there is to tell of each partner who was ever offered a lead."""
        self.entitled = _entitled(view)
        """Thousandths of offers that weights alone would have given each."""

    def of(self, partner: int) -> OfferTally:
        """Give what there is to tell of a partner."""
        return self.by_partner.get(partner, _NOTHING)

    @cached_property
    def waited(self) -> Numbers:
        """Give the times to answer of all partners, coded."""
        waited = as_numbers(self._view.snapshot.offers.waited)
        return waited[self.decided & (waited > 0)]

    @cached_property
    def all_offers(self) -> OfferCounts:
        """Give how all offers ended."""
        total: Counter[str] = Counter()
        for each in self.by_partner.values():
            total.update(each.endings)
        tallies = self.by_partner.values()
        made = sum(each.made for each in tallies)
        return OfferCounts(made=made, pending=sum(each.pending for each in tallies), **total)

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
        apart = 0.0
        for partner in {*self.entitled, *self.by_partner}:
            apart += abs(self.of(partner).routed - self.entitled.get(partner, 0) / 1000)
        # What one has too much, another has too little: each offer is counted twice.
        routed = sum(each.routed for each in self.by_partner.values())
        return Share(round(apart / 2), routed)

    def _tallies(self, of_partner: _ByPartner) -> dict[int, OfferTally]:
        offers, happened, view = self._view.snapshot.offers, self._happened, self._view
        routed = view.snapshot.texts.known(OfferKind.ROUTED.value) or 0
        contact, after = as_numbers(offers.contact), as_numbers(offers.after)
        waited = as_numbers(offers.waited)
        answered = np.flatnonzero(happened.decided & (waited > 0))
        counts: dict[str, list[Any]] = {
            "made": of_partner.count(happened.made),
            "routed": of_partner.count(happened.made & (as_numbers(offers.kind) == routed)),
            "pending": of_partner.count(happened.pending),
            "endings": self._endings(of_partner),
            "waited": of_partner.codes(answered, waited[answered]),
            "contacted": of_partner.count(view.happened(offers.contacted)),
            "quoted": of_partner.count(view.happened(offers.quoted)),
            "given_back": of_partner.count(happened.let_go & rows_with(after, *_GIVEN_BACK)),
            "met": of_partner.count(happened.due & (contact == Kept.MET)),
            "missed": of_partner.count(happened.due & (contact == Kept.MISSED)),
            **self._accepted(of_partner),
        }
        rows = zip(*counts.values(), strict=True)
        return {
            partner: OfferTally(**dict(zip(counts, row, strict=True)))
            for partner, row in zip(of_partner.partners, rows, strict=True)
        }

    def _endings(self, of_partner: _ByPartner) -> list[dict[str, int]]:
        """Count by partner how offers ended in the period, by what that counts as."""
        ending = as_numbers(self._view.snapshot.offers.ending)
        found: list[dict[str, int]] = [{} for _ in of_partner.partners]
        for name, codes in _ENDINGS.items():
            counts = of_partner.count(self._happened.decided & rows_with(ending, *codes))
            for of_one, count in zip(found, counts, strict=True):
                if count:
                    of_one[name] = count
        return found

    def _accepted(self, of_partner: _ByPartner) -> dict[str, list[Any]]:
        """Follow the leads that partners accepted in the period to the end of it."""
        view, offers = self._view, self._view.snapshot.offers
        rows = np.flatnonzero(self._happened.taken)
        lead, after = as_numbers(offers.lead)[rows], as_numbers(offers.after)[rows]
        columns = (offers.decided, offers.contacted, offers.let_go)
        accepted, contacted, let_go = (signed(as_numbers(column)[rows]) for column in columns)
        ended = signed(view.ended[lead])
        was_let_go = (let_go > 0) & (let_go < view.end)
        was_called = (contacted > 0) & (contacted < view.end)
        until = np.where(was_let_go, let_go, np.where(ended > 0, ended, view.end))
        called = (contacted - accepted) * 2 + DONE_CODE
        not_called = (until - accepted) * 2 + CENSORED_CODE
        is_won = ~was_let_go & (view.stages[lead] == LeadStage.WON)
        # A prospect's fault leaves the conversion.
        is_left = was_let_go & rows_with(after, *_NOT_THEIR_FAULT)
        is_upheld = was_let_go & rows_with(after, *_GIVEN_BACK)
        return {
            "to_call": of_partner.codes(rows, np.where(was_called, called, not_called)),
            "upheld": of_partner.count(rows[is_upheld]),
            "left": of_partner.count(rows[is_left]),
            "won": of_partner.count(rows[is_won]),
        }


def _entitled(view: PeriodView) -> Mapping[int, int]:
    table, texts = view.snapshot.entitlements, view.snapshot.texts
    shares: Counter[str] = Counter()
    for number, count in counts_of(as_numbers(table.shares)[view.happened(table.at)]).items():
        for share in texts[number].split(SHARE_MARK):
            shares[share] += count
    entitled: defaultdict[int, int] = defaultdict(int)
    for share, count in shares.items():
        for partner, thousandths in shares_in(share):
            entitled[texts.number(partner)] += thousandths * count
    return entitled


# ── what leads say of their owners ────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class OwnerTally:
    """What leads at the end of the period say of who has them, or had them to their end."""

    won: Counter[int]
    lost: Counter[int]
    open: Counter[int]
    overdue: Counter[int]
    orders: Mapping[int, list[tuple[int, int]]]
    """What was won in the period: cents and currency."""

    @classmethod
    def of(cls, view: PeriodView) -> "OwnerTally":
        """Count the leads of a period by their owners."""
        leads = view.snapshot.leads
        is_won = view.ended_inside & view.standing(LeadStage.WON)
        is_lost = view.ended_inside & view.standing(LeadStage.LOST)
        columns = (view.owners, as_numbers(leads.value), as_numbers(leads.currency))
        rows = zip(*(column[is_won].tolist() for column in columns), strict=True)
        orders: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for owner, value, currency in rows:
            orders[owner].append((value, currency))
        return cls(
            won=counts_of(view.owners[is_won]),
            lost=counts_of(view.owners[is_lost]),
            open=counts_of(view.owners[view.standing(*OWNED_STAGES)]),
            overdue=_overdue(view),
            orders=orders,
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
    accepted = len(own.to_call)
    return PartnerFigures(
        partner=view.snapshot.texts[partner],
        offers=own.offers,
        response_hours=hours_of(own.waited),
        contact_hours=hours_of(own.to_call),
        contacted=own.contacted,
        quoted=own.quoted,
        won=owners.won[partner],
        lost=owners.lost[partner],
        value=added_up(owners.orders.get(partner, ()), view.snapshot.texts),
        returned=own.given_back,
        return_rate=Share(own.upheld, accepted),
        sla=Share(own.met, own.met + own.missed),
        conversion=Share(own.won, accepted - own.left),
        entitled=tally.entitled.get(partner, 0) / 1000,
        routed=own.routed,
        open=owners.open[partner],
        overdue=owners.overdue[partner],
    )


def hours_of(codes: Numbers) -> Typical:
    """Give median and p90 of coded times, in hours."""
    return typical(codes, SECONDS_AN_HOUR)

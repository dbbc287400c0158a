"""Each partner's period, counted over the columns of offers."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress, groupby
from operator import and_

from routing_core.domain.offer import OfferKind
from routing_core.reporting.columns import (
    CENSORED_CODE,
    DONE_CODE,
    SHARE_MARK,
    IntColumn,
    ending_of,
    shares_in,
)
from routing_core.reporting.hq_report import OfferCounts, PartnerFigures
from routing_core.reporting.money import added_up
from routing_core.reporting.period_view import PeriodView, Selectors, rows_with
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
_GIVEN_BACK = bytes([AfterAccept.RETURNED, AfterAccept.RETURNED_NEUTRAL, AfterAccept.RETRACTED])
_NOT_THEIR_FAULT = bytes([AfterAccept.RETURNED_NEUTRAL, AfterAccept.PASSED_ON])
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
    **{ending_of(end, seen=0): name for end, name in _COUNTED_AS.items()},
    **{ending_of(end, seen=1): name for end, name in _COUNTED_AS.items()},
    ending_of(OfferEnd.LAPSED, seen=0): "lapsed_unseen",
    ending_of(OfferEnd.LAPSED, seen=1): "lapsed_seen",
}
"""Ending of an offer, as it is coded → what it counts as."""


def _codes(codes: Iterable[int] = ()) -> IntColumn:
    """Keep coded times in a quarter of what a list of numbers takes."""
    return array("q", codes)


@dataclass(slots=True)
class OfferTally:
    """What the period's offers say of one partner."""

    made: int = 0
    routed: int = 0
    pending: int = 0
    endings: dict[str, int] = field(default_factory=dict)
    waited: IntColumn = field(default_factory=_codes)
    """The times to answer of what was answered or lapsed in the period, coded, the least first."""
    to_call: IntColumn = field(default_factory=_codes)
    """The times to the first call of what was accepted in the period, coded."""
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
    contacted: Selectors
    quoted: Selectors

    @classmethod
    def of(cls, view: PeriodView) -> "_PeriodOffers":
        """Look at the offers of a period."""
        offers = view.snapshot.offers
        end = view.end
        decided = view.happened(offers.decided)
        instants = zip(offers.made, offers.decided, strict=True)
        return cls(
            made=view.happened(offers.made),
            decided=decided,
            taken=bytes(map(and_, decided, rows_with(offers.after, *AfterAccept))),
            pending=bytes([made < end and not 0 < at < end for made, at in instants]),
            due=view.happened(offers.contact_by),
            let_go=view.happened(offers.let_go),
            contacted=view.happened(offers.contacted),
            quoted=view.happened(offers.quoted),
        )


class PartnerTally:
    """The period's offers, counted by partner; a partner is the number of the name."""

    def __init__(self, view: PeriodView) -> None:
        self._view = view
        self._offers = view.snapshot.offers
        self._routed = view.snapshot.texts.known(OfferKind.ROUTED.value) or 0
        self._happened = _PeriodOffers.of(view)
        self.decided = self._happened.decided
        """Says of each offer whether it ended in the period."""
        self.by_partner = {partner: self._tally(rows) for partner, rows in self._rows()}
        """What there is to tell of each partner who was ever offered a lead."""
        self.entitled = _entitled(view)
        """Thousandths of offers that weights alone would have given each."""

    def of(self, partner: int) -> OfferTally:
        """Give what there is to tell of a partner."""
        return self.by_partner.get(partner, _NOTHING)

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

    def _rows(self) -> Iterator[tuple[int, slice]]:
        """Yield each partner with the rows of their offers, which stand together."""
        first = 0
        for partner, rows in groupby(self._offers.partner):
            last = first + sum(1 for _ in rows)
            yield partner, slice(first, last)
            first = last

    def _tally(self, rows: slice) -> OfferTally:
        offers, happened = self._offers, self._happened
        calls = bytes(compress(offers.contact[rows], happened.due[rows]))
        let_go = bytes(compress(offers.after[rows], happened.let_go[rows]))
        kinds = list(compress(offers.kind[rows], happened.made[rows]))
        waited = [code for code in compress(offers.waited[rows], happened.decided[rows]) if code]
        tally = OfferTally(
            made=len(kinds),
            routed=kinds.count(self._routed),
            pending=happened.pending[rows].count(True),
            endings=_counted_endings(compress(offers.ending[rows], happened.decided[rows])),
            waited=_codes(sorted(waited)),
            contacted=happened.contacted[rows].count(True),
            quoted=happened.quoted[rows].count(True),
            given_back=sum(map(let_go.count, _GIVEN_BACK)),
            met=calls.count(Kept.MET),
            missed=calls.count(Kept.MISSED),
        )
        self._follow_accepted(tally, rows)
        return tally

    def _follow_accepted(self, tally: OfferTally, rows: slice) -> None:
        """Follow the leads that a partner accepted in the period to the end of it."""
        offers, view = self._offers, self._view
        end, stages, ended = view.end, view.stages, view.ended
        columns = (offers.after, offers.lead, offers.decided, offers.contacted, offers.let_go)
        of_partner = zip(*(column[rows] for column in columns), strict=True)
        for after, lead, accepted, contacted, let_go in compress(
            of_partner, self._happened.taken[rows]
        ):
            was_let_go = 0 < let_go < end
            if 0 < contacted < end:
                tally.to_call.append((contacted - accepted) * 2 + DONE_CODE)
            else:
                until = let_go if was_let_go else ended[lead] or end
                tally.to_call.append((until - accepted) * 2 + CENSORED_CODE)
            if was_let_go:
                _let_go(tally, after)
            elif stages[lead] == LeadStage.WON:
                tally.won += 1


def _counted_endings(endings: Iterator[int]) -> dict[str, int]:
    """Count how offers ended by what that counts as."""
    ended = bytes(endings)
    counts: dict[str, int] = {}
    for code in set(ended):
        name = _ENDINGS[code]
        counts[name] = counts.get(name, 0) + ended.count(code)
    return counts


def _let_go(tally: OfferTally, after: int) -> None:
    """Count a lead that the partner did not keep: a prospect's fault leaves the conversion."""
    if after in _GIVEN_BACK:
        tally.upheld += 1
    if after in _NOT_THEIR_FAULT:
        tally.left += 1


def _entitled(view: PeriodView) -> Mapping[int, int]:
    table, texts = view.snapshot.entitlements, view.snapshot.texts
    shares: Counter[str] = Counter()
    for number, count in Counter(compress(table.shares, view.happened(table.at))).items():
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
        is_won = list(map(and_, view.ended_inside, view.standing(LeadStage.WON)))
        is_lost = map(and_, view.ended_inside, view.standing(LeadStage.LOST))
        rows = zip(view.owners, leads.value, leads.currency, strict=True)
        orders: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for owner, value, currency in compress(rows, is_won):
            orders[owner].append((value, currency))
        won = Counter(compress(view.owners, is_won))
        lost = Counter(compress(view.owners, is_lost))
        return cls(won, lost, _open(view), _overdue(view), orders)


def _open(view: PeriodView) -> Counter[int]:
    return Counter(compress(view.owners, view.standing(*OWNED_STAGES)))


def _overdue(view: PeriodView) -> Counter[int]:
    """Count by partner the leads that they have and should have called by the end."""
    offers = view.snapshot.offers
    end = view.end
    stages, owners = view.stages, view.owners
    found: Counter[int] = Counter()
    # Whoever is to have called and has not has missed the deadline.
    for row in compress(range(len(offers)), rows_with(offers.contact, Kept.MISSED)):
        lead, partner = offers.lead[row], offers.partner[row]
        if stages[lead] != LeadStage.ACCEPTED or owners[lead] != partner:
            continue
        was_let_go = 0 < offers.let_go[row] < end
        if offers.contact_by[row] < end and offers.decided[row] < end and not was_let_go:
            found[partner] += 1
    return found


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


def hours_of(codes: Sequence[int]) -> Typical:
    """Give median and p90 of coded times, in hours."""
    return typical(codes, SECONDS_AN_HOUR)

"""Each partner's period, counted over the columns of offers."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, repeat
from operator import and_, eq, ne

from routing_core.domain.offer import OfferKind
from routing_core.reporting.columns import CENSORED_CODE, DONE_CODE, offer_outcome_in, shares_in
from routing_core.reporting.hq_report import OfferCounts, PartnerFigures
from routing_core.reporting.money import added_up
from routing_core.reporting.period_view import PeriodView, Selectors
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
_ENDINGS = {
    OfferEnd.ACCEPTED: "accepted",
    OfferEnd.DECLINED: "declined",
    OfferEnd.RELEASED: "released",
    OfferEnd.TAKEN: "taken",
    OfferEnd.WITHDRAWN: "withdrawn",
    OfferEnd.EXISTING_CUSTOMER: "existing_customer",
    OfferEnd.MISTAKEN: "mistaken",
}
"""End of an offer → what it counts as; a lapse is two things, seen or not."""


@dataclass(slots=True)
class AcceptedTally:
    """What became of the leads that one partner accepted in the period."""

    called: list[int] = field(default_factory=list)
    """The seconds to the first call."""
    not_called: list[int] = field(default_factory=list)
    """The seconds for which nobody has called, or had not when they lost it."""
    upheld: int = 0
    left: int = 0
    """Counts those that left the partner without the partner's fault."""
    won: int = 0

    @property
    def accepted(self) -> int:
        """Count the leads."""
        return len(self.called) + len(self.not_called)

    @property
    def contact_hours(self) -> Typical:
        """Give the hours by the clock to the first call."""
        codes = [seconds * 2 + DONE_CODE for seconds in self.called]
        codes += [seconds * 2 + CENSORED_CODE for seconds in self.not_called]
        return hours_of(codes)


@dataclass(slots=True)
class PartnerTally:
    """The period's offers, counted by partner; a partner is the number of the name."""

    made: Counter[int]
    routed: Counter[int]
    endings: Mapping[int, dict[str, int]]
    pending: Counter[int]
    waited: Mapping[int, list[int]]
    """The times to answer of what was answered or lapsed in the period, coded."""
    accepted: Mapping[int, AcceptedTally]
    contacted: Counter[int]
    quoted: Counter[int]
    given_back: Counter[int]
    met: Counter[int]
    missed: Counter[int]
    entitled: Mapping[int, int]
    """Thousandths of offers, of each by the number of the name."""
    decided: Selectors
    """Says of each offer whether it ended in the period."""

    @classmethod
    def of(cls, view: PeriodView) -> "PartnerTally":
        """Count the offers of a period."""
        offers = view.snapshot.offers
        partner = offers.partner
        made = view.happened(offers.made)
        decided = view.happened(offers.decided)
        due = view.happened(offers.contact_by)
        let_go = view.happened(offers.let_go)
        routed = view.snapshot.texts.known(OfferKind.ROUTED.value)
        of_made = Counter(compress(partner, made))
        was_not_routed = map(ne, offers.kind, repeat(routed))
        others = Counter(compress(partner, map(and_, made, was_not_routed)))
        calls = {
            offer_outcome_in(code)[:2]: count
            for code, count in Counter(compress(offers.call, due)).items()
        }
        returned = Counter(compress(zip(partner, offers.after, strict=True), let_go))
        return cls(
            made=of_made,
            routed=of_made - others,
            endings=_endings(view, decided),
            pending=_pending(view),
            waited=_waited(view, decided),
            accepted=_accepted(view, decided),
            contacted=Counter(compress(partner, view.happened(offers.contacted))),
            quoted=Counter(compress(partner, view.happened(offers.quoted))),
            given_back=_of(returned, _GIVEN_BACK),
            met=_of(calls, (Kept.MET,)),
            missed=_of(calls, (Kept.MISSED,)),
            entitled=_entitled(view),
            decided=decided,
        )

    def offer_counts(self, partner: int) -> OfferCounts:
        """Give how one partner's offers ended."""
        return OfferCounts(
            made=self.made[partner],
            pending=self.pending[partner],
            **self.endings.get(partner, {}),
        )

    @property
    def all_offers(self) -> OfferCounts:
        """Give how all offers ended."""
        total: Counter[str] = Counter()
        for counts in self.endings.values():
            total.update(counts)
        return OfferCounts(made=self.made.total(), pending=self.pending.total(), **total)

    @property
    def sla(self) -> Share:
        """Give the calls in time of all that were due."""
        met = self.met.total()
        return Share(met, met + self.missed.total())

    @property
    def unfair(self) -> Share:
        """Give the routed offers that weights alone would have given to somebody else."""
        apart = 0.0
        for partner in {*self.entitled, *self.routed}:
            apart += abs(self.routed[partner] - self.entitled.get(partner, 0) / 1000)
        # What one has too much, another has too little: each offer is counted twice.
        return Share(round(apart / 2), self.routed.total())


def _of(counted: Mapping[tuple[int, int], int], codes: Iterable[int]) -> Counter[int]:
    """Take the partners' counts of some codes out of counts by partner and code."""
    wanted = frozenset(codes)
    found: Counter[int] = Counter()
    for (partner, code), count in counted.items():
        if code in wanted:
            found[partner] += count
    return found


def _endings(view: PeriodView, decided: Selectors) -> Mapping[int, dict[str, int]]:
    offers = view.snapshot.offers
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for code, count in Counter(compress(offers.outcome, decided)).items():
        partner, end, seen = offer_outcome_in(code)
        name = _ENDINGS.get(OfferEnd(end)) or ("lapsed_seen" if seen else "lapsed_unseen")
        of_partner = found[partner]
        of_partner[name] = of_partner.get(name, 0) + count
    return found


def _pending(view: PeriodView) -> Counter[int]:
    offers = view.snapshot.offers
    end = view.end
    waits = [not decided or decided >= end for decided in offers.decided]
    rows = compress(zip(offers.partner, offers.made, strict=True), waits)
    return Counter(partner for partner, made in rows if made < end)


def _waited(view: PeriodView, decided: Selectors) -> Mapping[int, list[int]]:
    offers = view.snapshot.offers
    found: defaultdict[int, list[int]] = defaultdict(list)
    for partner, code in compress(zip(offers.partner, offers.waited, strict=True), decided):
        if code:
            found[partner].append(code)
    for codes in found.values():
        codes.sort()
    return found


def _accepted(view: PeriodView, decided: Selectors) -> Mapping[int, AcceptedTally]:
    """Follow the leads accepted in the period to the end of it."""
    offers = view.snapshot.offers
    end, won = view.end, LeadStage.WON
    stages, ended = view.stages, view.ended
    is_meant = [was and after > 0 for was, after in zip(decided, offers.after, strict=True)]
    rows = zip(
        offers.after,
        offers.lead,
        offers.partner,
        offers.decided,
        offers.contacted,
        offers.let_go,
        strict=True,
    )
    found: defaultdict[int, AcceptedTally] = defaultdict(AcceptedTally)
    for after, lead, partner, accepted, contacted, let_go in compress(rows, is_meant):
        tally = found[partner]
        was_let_go = 0 < let_go < end
        if 0 < contacted < end:
            tally.called.append(contacted - accepted)
        else:
            until = let_go if was_let_go else ended[lead] or end
            tally.not_called.append(until - accepted)
        if was_let_go:
            _let_go(tally, after)
        elif stages[lead] == won:
            tally.won += 1
    return found


def _let_go(tally: AcceptedTally, after: int) -> None:
    """Count a lead that the partner did not keep: a prospect's fault leaves the conversion."""
    if after in _GIVEN_BACK:
        tally.upheld += 1
    if after in _NOT_THEIR_FAULT:
        tally.left += 1


def _entitled(view: PeriodView) -> Mapping[int, int]:
    table, texts = view.snapshot.entitlements, view.snapshot.texts
    by_name: defaultdict[str, int] = defaultdict(int)
    for number, count in Counter(compress(table.shares, view.happened(table.at))).items():
        for partner, thousandths in shares_in(texts[number]):
            by_name[partner] += thousandths * count
    return {texts.number(partner): thousandths for partner, thousandths in by_name.items()}


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
    rows = zip(
        offers.lead, offers.partner, offers.contact_by, offers.decided, offers.let_go, strict=True
    )
    found: Counter[int] = Counter()
    # Whoever is to have called and has not has missed the deadline.
    missed = map(eq, offers.contact, repeat(Kept.MISSED.value))
    for lead, partner, contact_by, accepted, let_go in compress(rows, missed):
        if stages[lead] != LeadStage.ACCEPTED or owners[lead] != partner or contact_by >= end:
            continue
        if accepted < end and not 0 < let_go < end:
            found[partner] += 1
    return found


def partner_figures(
    view: PeriodView, tally: PartnerTally, owners: OwnerTally
) -> tuple[PartnerFigures, ...]:
    """Give the figures of every partner of whom there is anything to tell, by id."""
    texts = view.snapshot.texts
    counted: set[int] = set()
    for counts in (
        tally.made,
        tally.endings,
        tally.pending,
        tally.given_back,
        tally.met,
        tally.missed,
        owners.open,
        owners.won,
        owners.lost,
    ):
        counted.update(counts)
    counted.discard(0)
    named = sorted(counted, key=texts.__getitem__)
    return tuple(_figures(view, partner, tally, owners) for partner in named)


def _figures(
    view: PeriodView, partner: int, tally: PartnerTally, owners: OwnerTally
) -> PartnerFigures:
    accepted = tally.accepted.get(partner) or AcceptedTally()
    met = tally.met[partner]
    return PartnerFigures(
        partner=view.snapshot.texts[partner],
        offers=tally.offer_counts(partner),
        response_hours=hours_of(tally.waited.get(partner, ())),
        contact_hours=accepted.contact_hours,
        contacted=tally.contacted[partner],
        quoted=tally.quoted[partner],
        won=owners.won[partner],
        lost=owners.lost[partner],
        value=added_up(owners.orders.get(partner, ()), view.snapshot.texts),
        returned=tally.given_back[partner],
        return_rate=Share(accepted.upheld, accepted.accepted),
        sla=Share(met, met + tally.missed[partner]),
        conversion=Share(accepted.won, accepted.accepted - accepted.left),
        entitled=tally.entitled.get(partner, 0) / 1000,
        routed=tally.routed[partner],
        open=owners.open[partner],
        overdue=owners.overdue[partner],
    )


def hours_of(codes: Sequence[int]) -> Typical:
    """Give median and p90 of coded times, in hours."""
    return typical(codes, SECONDS_AN_HOUR)

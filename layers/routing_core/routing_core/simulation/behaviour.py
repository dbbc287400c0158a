"""How partners have answered so far, learned from the offers they had, and how they would answer
another one.

Each partner is taken for a mixture of what they did and of what the whole network did: after
``PRIOR`` offers the two weigh the same. Time to answer is counted in the partner's own response
hours, so that a night does not make anybody slow. Who never answered in time is taken not to answer
in a longer window either.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from struct import unpack

from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.offer import RELEASED, Offer, OfferStatus
from routing_core.domain.outcome import Outcome

PRIOR = 10
USUAL = (0.6, 0.2, 0.2)
"""Where nothing is recorded yet: so many accept, decline, do not answer."""
USUAL_TIMES = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 120, 240))
USUAL_HOLDS = (timedelta(days=30),)
_ENOUGH = 20


class Answer(StrEnum):
    ACCEPT = "accept"
    DECLINE = "decline"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a partner does with one offer, ``after`` so much response time; and how long they then
    keep the lead.
    """

    answer: Answer
    after: timedelta
    holds: timedelta


@dataclass(slots=True)
class _Record:
    accepted: int = 0
    declined: int = 0
    lapsed: int = 0
    times: list[timedelta] = field(default_factory=list)
    holds: list[timedelta] = field(default_factory=list)

    @property
    def offers(self) -> int:
        return self.accepted + self.declined + self.lapsed


@dataclass(frozen=True, slots=True)
class Behaviour:
    """``own``: the weight of what the partner did, against what all did."""

    accept: float
    decline: float
    times: tuple[timedelta, ...]
    all_times: tuple[timedelta, ...]
    own: float
    holds: tuple[timedelta, ...]

    def draw(self, seed: str, lead: str, partner: str) -> Drawn:
        """The same for the same three: two programmes differ by their rules, not by luck."""
        digest = hashlib.blake2b(f"{seed}:{lead}:{partner}".encode(), digest_size=16).digest()
        chance, whose, which, how_long = (number / 2**32 for number in unpack(">4I", digest))
        times = self.times if self.times and whose < self.own else self.all_times
        answer = Answer.NOTHING
        if chance < self.accept + self.decline:
            answer = Answer.ACCEPT if chance < self.accept else Answer.DECLINE
        return Drawn(
            answer, times[int(which * len(times))], self.holds[int(how_long * len(self.holds))]
        )


@dataclass(frozen=True, slots=True)
class Behaviours:
    by_partner: Mapping[str, Behaviour]
    usual: Behaviour
    offers: int
    """So many ended offers this was learned from."""

    def of(self, partner: str) -> Behaviour:
        return self.by_partner.get(partner, self.usual)


OpenTime = Callable[[str, datetime, datetime], timedelta]
"""Partner, from, to → that partner's response time in between."""


Lived = tuple[str, datetime, Outcome]
"""Partner, when the enquiry came, and what became of it there."""


def learn(leads: Iterable[Lead], open_time: OpenTime, lived: Iterable[Lived] = ()) -> Behaviours:
    """From every offer that was answered or lapsed; neutral endings tell nothing of a partner. Of
    what was ``lived`` elsewhere only who took an enquiry is known, not who declined it: it tells
    how long partners take, no more.
    """
    records: dict[str, _Record] = defaultdict(_Record)
    for partner, came, outcome in lived:
        if outcome.accepted_at and outcome.accepted_at >= came:
            records[partner].times.append(open_time(partner, came, outcome.accepted_at))
            if outcome.ended_at and outcome.ended_at >= outcome.accepted_at:
                records[partner].holds.append(outcome.ended_at - outcome.accepted_at)
    for lead in leads:
        for offer in lead.offers:
            _note(records[offer.partner], lead, offer, open_time)
    everybody = _Record()
    for record in records.values():
        everybody.accepted += record.accepted
        everybody.declined += record.declined
        everybody.lapsed += record.lapsed
        everybody.times += record.times
        everybody.holds += record.holds
    rates = _smoothed(everybody, USUAL)
    all_times = tuple(sorted(everybody.times)) if len(everybody.times) >= _ENOUGH else USUAL_TIMES
    holds = tuple(sorted(everybody.holds)) if len(everybody.holds) >= _ENOUGH else USUAL_HOLDS

    def behaviour(record: _Record) -> Behaviour:
        accept, decline, _ = _smoothed(record, rates)
        own = len(record.times) / (len(record.times) + PRIOR)
        return Behaviour(accept, decline, tuple(sorted(record.times)), all_times, own, holds)

    by_partner = {partner: behaviour(record) for partner, record in sorted(records.items())}
    return Behaviours(by_partner, behaviour(_Record()), everybody.offers)


def _smoothed(record: _Record, prior: tuple[float, float, float]) -> tuple[float, float, float]:
    seen = (record.accepted, record.declined, record.lapsed)
    accept, decline, lapse = (
        (n + PRIOR * before) / (record.offers + PRIOR)
        for n, before in zip(seen, prior, strict=True)
    )
    return accept, decline, lapse


def _note(record: _Record, lead: Lead, offer: Offer, open_time: OpenTime) -> None:
    match offer.status:
        case OfferStatus.ACCEPTED | OfferStatus.RETURNED:
            record.accepted += 1
        case OfferStatus.WITHDRAWN if offer.accepted_at:
            record.accepted += 1
        case OfferStatus.DECLINED if offer.reason != RELEASED:
            record.declined += 1
        case OfferStatus.EXPIRED if offer.reserves_slot:
            record.lapsed += 1
            return
        case _:
            return
    ended_at = lead.accepted_at if offer.status is OfferStatus.ACCEPTED else offer.answered_at
    answered = offer.accepted_at or ended_at
    if answered:
        record.times.append(open_time(offer.partner, offer.made_at, answered))
    ended = lead.status in (LeadStatus.WON, LeadStatus.LOST) and lead.owner == offer.partner
    if ended and lead.accepted_at and lead.finished_at:
        record.holds.append(lead.finished_at - lead.accepted_at)

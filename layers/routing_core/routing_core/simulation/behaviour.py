"""How partners have answered so far, and how they would answer another offer.

Each partner is taken for a mixture of what they did and of what the whole network did: after
``PRIOR_OFFERS`` offers the two weigh the same (the mean of a Dirichlet prior). Time to answer is
counted in the partner's own response hours, so that a night does not make anybody slow. Who never
answered in time is taken not to answer in a longer window either.
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

PRIOR_OFFERS = 10
USUAL_SHARES = (0.6, 0.2, 0.2)
"""The shares taken where nothing is recorded yet: who accepts, declines, does not answer."""
USUAL_TIMES = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 120, 240))
USUAL_TENURES = (timedelta(days=30),)
_ENOUGH_TIMES = 20
"""With fewer times on record the usual ones are drawn from."""

OpenTime = Callable[[str, datetime, datetime], timedelta]
"""Partner, from, to → that partner's response time in between."""
Lived = tuple[str, datetime, Outcome]
"""Partner, when the enquiry came, and what became of it there."""


class PlayedAnswer(StrEnum):
    """What a partner may do with an offer that is played."""

    ACCEPT = "accept"
    DECLINE = "decline"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a partner does with one offer."""

    answer: PlayedAnswer
    after: timedelta
    """The response time that they take to answer."""
    tenure: timedelta
    """The time for which they keep the lead if they accept it."""


@dataclass(slots=True)
class _Answers:
    """Counts what one partner, or everybody, has done with offers."""

    accepted: int = 0
    declined: int = 0
    lapsed: int = 0
    times: list[timedelta] = field(default_factory=list)
    tenures: list[timedelta] = field(default_factory=list)

    @property
    def offers(self) -> int:
        return self.accepted + self.declined + self.lapsed

    def add(self, other: "_Answers") -> None:
        self.accepted += other.accepted
        self.declined += other.declined
        self.lapsed += other.lapsed
        self.times += other.times
        self.tenures += other.tenures


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How likely a partner does what, and the times that were measured."""

    accept: float
    decline: float
    times: tuple[timedelta, ...]
    """The partner's own times to answer, in order."""
    all_times: tuple[timedelta, ...]
    """Everybody's times to answer, in order."""
    own: float
    """The weight of what the partner did, against what all did, from 0 to 1."""
    tenures: tuple[timedelta, ...]
    """How long leads were kept after they were accepted, everybody's, in order."""

    def draw(self, seed: str, lead: str, partner: str) -> Drawn:
        """Draw what the partner does with an offer of that lead.

        It is the same for the same three: two programmes differ by their rules, not by luck.
        """
        digest = hashlib.blake2b(f"{seed}:{lead}:{partner}".encode(), digest_size=16).digest()
        chance, whose, which, how_long = (number / 2**32 for number in unpack(">4I", digest))
        times = self.times if self.times and whose < self.own else self.all_times
        after = times[int(which * len(times))]
        tenure = self.tenures[int(how_long * len(self.tenures))]
        return Drawn(self._answer(chance), after, tenure)

    def _answer(self, chance: float) -> PlayedAnswer:
        if chance < self.accept:
            return PlayedAnswer.ACCEPT
        if chance < self.accept + self.decline:
            return PlayedAnswer.DECLINE
        return PlayedAnswer.NOTHING


@dataclass(frozen=True, slots=True)
class Behaviours:
    """Everybody's behaviour."""

    by_partner: Mapping[str, Behaviour]
    usual: Behaviour
    """That of a partner of whom nothing is known."""
    offers: int
    """So many ended offers this was learned from."""

    def of(self, partner: str) -> Behaviour:
        """Give the behaviour of a partner."""
        return self.by_partner.get(partner, self.usual)


def learn(leads: Iterable[Lead], open_time: OpenTime, lived: Iterable[Lived] = ()) -> Behaviours:
    """Learn from every offer that was answered or lapsed.

    Neutral endings tell nothing of a partner. Of what was ``lived`` elsewhere only who took an
    enquiry is known, not who declined it: it tells how long partners take, no more.
    """
    records: dict[str, _Answers] = defaultdict(_Answers)
    for partner, came, outcome in lived:
        _note_outcome(records[partner], partner, came, outcome, open_time)
    for lead in leads:
        for offer in lead.offers:
            _note_offer(records[offer.partner], lead, offer, open_time)
    everybody = _Answers()
    for record in records.values():
        everybody.add(record)
    shares = _smoothed(everybody, USUAL_SHARES)
    all_times = _measured_or(everybody.times, USUAL_TIMES)
    tenures = _measured_or(everybody.tenures, USUAL_TENURES)

    def behaviour(record: _Answers) -> Behaviour:
        accept, decline, _ = _smoothed(record, shares)
        own = len(record.times) / (len(record.times) + PRIOR_OFFERS)
        return Behaviour(
            accept=accept,
            decline=decline,
            times=tuple(sorted(record.times)),
            all_times=all_times,
            own=own,
            tenures=tenures,
        )

    by_partner = {partner: behaviour(record) for partner, record in sorted(records.items())}
    return Behaviours(by_partner, behaviour(_Answers()), everybody.offers)


def _measured_or(measured: list[timedelta], usual: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
    return tuple(sorted(measured)) if len(measured) >= _ENOUGH_TIMES else usual


def _smoothed(record: _Answers, prior: tuple[float, float, float]) -> tuple[float, float, float]:
    """Give the shares of what was done, drawn towards the prior the more the less is known."""
    whole = record.offers + PRIOR_OFFERS
    accept, decline, lapse = prior
    return (
        (record.accepted + PRIOR_OFFERS * accept) / whole,
        (record.declined + PRIOR_OFFERS * decline) / whole,
        (record.lapsed + PRIOR_OFFERS * lapse) / whole,
    )


def _note_outcome(
    record: _Answers, partner: str, came: datetime, outcome: Outcome, open_time: OpenTime
) -> None:
    """Note how long a partner took for an enquiry that did not come to us."""
    accepted_at = outcome.accepted_at
    if accepted_at is None or accepted_at < came:
        return
    record.times.append(open_time(partner, came, accepted_at))
    if outcome.ended_at and outcome.ended_at >= accepted_at:
        record.tenures.append(outcome.ended_at - accepted_at)


def _note_offer(record: _Answers, lead: Lead, offer: Offer, open_time: OpenTime) -> None:
    """Note what the partner did with an offer, and how long it took."""
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
    # Of an old offer when it was accepted stands with the lead alone.
    ended_at = lead.accepted_at if offer.status is OfferStatus.ACCEPTED else offer.answered_at
    answered = offer.accepted_at or ended_at
    if answered:
        record.times.append(open_time(offer.partner, offer.made_at, answered))
    is_over = lead.status in (LeadStatus.WON, LeadStatus.LOST) and lead.owner == offer.partner
    if is_over and lead.accepted_at and lead.finished_at:
        record.tenures.append(lead.finished_at - lead.accepted_at)

"""Who of the ranked could answer in time: looked at one after the other, only as far as somebody is
chosen.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from routing_core.domain.calendar.answer_time import (
    ENOUGH,
    CalendarClock,
    Clock,
    latest_end,
    open_share,
)
from routing_core.domain.offer import OfferKind
from routing_core.domain.offer_terms import Limited, latest_by, offer_terms
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme

LATE = "late"
"""Why somebody is passed over who has too little open time before the lead's limits."""

ClockOf = Callable[[Partner | None], Clock]
"""That of a partner; None: HQ's."""


def clocks_of(programme: Programme) -> ClockOf:
    hq = CalendarClock(programme.hq_calendar)
    known: dict[str, Clock] = {}

    def clock_of(partner: Partner | None) -> Clock:
        if partner is None:
            return hq
        if partner.id not in known:
            known[partner.id] = CalendarClock(partner.calendar(hq.calendar))
        return known[partner.id]

    return clock_of


@dataclass(slots=True)
class Answering:
    """``sharing``: how many partners or waves may still be asked, the next one included."""

    lead: Limited
    programme: Programme
    clock_of: ClockOf
    now: datetime
    sharing: int = 1
    kind: OfferKind = OfferKind.ROUTED
    late: list[str] = field(default_factory=list)
    """Who was passed over, in order."""
    _until: dict[tuple[str, int], datetime] = field(default_factory=dict)
    """The latest end by type of partner, for it depends on nothing else."""

    def until(self, partner: Partner, sharing: int | None = None) -> datetime:
        """The latest end of an offer to this partner that leaves the next one a share of the
        time.
        """
        sharing = self.sharing if sharing is None else sharing
        known = self._until.get((partner.type, sharing))
        if known is None:
            known = self._until[partner.type, sharing] = self._latest_end(partner, sharing)
        return known

    def _latest_end(self, partner: Partner, sharing: int) -> datetime:
        hq = self.clock_of(None)
        total_by = latest_by(self.programme, partner, self.kind, self.lead, hq, self.now)
        window = offer_terms(
            self.programme, partner, self.kind, self.lead.product, self.lead.urgency
        )[0]
        return latest_end(self.now, window.duration, total_by, sharing, hq)

    def share(self, partner: Partner, until: datetime) -> float:
        """The part of the partner's window that lies before ``until``."""
        window = offer_terms(
            self.programme, partner, self.kind, self.lead.product, self.lead.urgency
        )[0]
        return open_share(self.now, window.duration, until, self.clock_of(partner))

    def is_late(self, partner: Partner) -> bool:
        return self.share(partner, self.until(partner)) < ENOUGH

    def in_time(self, partners: Sequence[Partner]) -> Iterator[Partner]:
        """Those who can answer, in order; who comes before one of them and cannot is noted."""
        late: list[str] = []
        for partner in partners:
            if self.is_late(partner):
                late.append(partner.id)
                continue
            self.late += late
            late.clear()
            yield partner

    def best_of_the_late(self, partners: Sequence[Partner]) -> tuple[Partner, datetime]:
        """Better than nobody: the first who is there at all before the time in all ends, else the
        first; and until when, so that others who are there have time too.
        """
        there = list(islice(filter(self._is_there, partners), self.sharing))
        best = there[0] if there else partners[0]
        shared = self.until(best, len(there))
        if self.share(best, shared) > 0:
            return best, shared
        return best, self.until(best, 1)

    def _is_there(self, partner: Partner) -> bool:
        return self.share(partner, self.until(partner, sharing=1)) > 0

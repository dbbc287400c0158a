"""Find who of the ranked could answer in time.

They are looked at one after the other, only as far as somebody is chosen.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from routing_core.domain.calendar.answer_time import (
    LEAST_SHARE,
    CalendarClock,
    Clock,
    latest_end,
    open_share,
)
from routing_core.domain.calendar.business_time import Duration
from routing_core.domain.offer import OfferKind
from routing_core.domain.offer_terms import Limited, PlannedOffer, offer_terms
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme

LATE = "late"
"""Says why somebody is passed over: there is too little open time before the lead's limits."""

ClockOf = Callable[[Partner | None], Clock]
"""Gives the clock of a partner; of HQ for None."""


def clocks_of(programme: Programme) -> ClockOf:
    """Give a function that finds clocks by the programme's calendars, each once."""
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
    """Tells of partners whether they could answer an offer of one lead that is made now."""

    lead: Limited
    """The lead that is offered, or would be."""
    programme: Programme
    """Says how long partners of a type have."""
    clock_of: ClockOf
    """Counts their response hours."""
    now: datetime
    """Gives the instant of the offer."""
    sharing: int = 1
    """Counts the partners or waves who may still be asked, the next one included."""
    kind: OfferKind = OfferKind.ROUTED
    """The kind of offer they would get: backup partners have terms of their own."""
    late: list[str] = field(default_factory=list)
    """Collects who was passed over, in order."""
    _until: dict[tuple[str, int], datetime] = field(default_factory=dict)
    # The latest end by type of partner: it depends on nothing else, and most partners are of one.

    def until(self, partner: Partner, sharing: int | None = None) -> datetime:
        """Give the latest end of an offer to this partner.

        It leaves the next partner a share of the time.
        """
        if sharing is None:
            sharing = self.sharing
        known = self._until.get((partner.type, sharing))
        if known is None:
            known = self._latest_end(partner, sharing)
            self._until[partner.type, sharing] = known
        return known

    def _latest_end(self, partner: Partner, sharing: int) -> datetime:
        hq = self.clock_of(None)
        total_by = PlannedOffer(self.programme, partner, self.kind, self.lead).latest_end(
            hq, self.now
        )
        return latest_end(self.now, self._window(partner), total_by, sharing, hq)

    def _window(self, partner: Partner) -> Duration:
        window, _, _ = offer_terms(
            self.programme, partner, self.kind, self.lead.product, self.lead.urgency
        )
        return window.duration

    def share(self, partner: Partner, until: datetime) -> float:
        """Give the part of the partner's window that lies before ``until``: 1 for all of it."""
        return open_share(self.now, self._window(partner), until, self.clock_of(partner))

    def is_late(self, partner: Partner) -> bool:
        """Tell whether the partner has too little open time before the latest end."""
        return self.share(partner, self.until(partner)) < LEAST_SHARE

    def in_time(self, partners: Sequence[Partner]) -> Iterator[Partner]:
        """Give those who can answer, in order.

        Who comes before one of them and cannot is noted in ``late``.
        """
        passed_over: list[str] = []
        for partner in partners:
            if self.is_late(partner):
                passed_over.append(partner.id)
                continue
            # Only once somebody is found behind them: where nobody can answer, nobody was passed
            # over.
            self.late += passed_over
            passed_over.clear()
            yield partner

    def best_of_the_late(self, partners: Sequence[Partner]) -> tuple[Partner, datetime]:
        """Choose where nobody can answer in time, and give until when; better than nobody.

        It is the first who is there at all before the time in all ends, else the first; the end
        leaves others who are there time too.
        """
        there = list(islice(filter(self._is_there, partners), self.sharing))
        best = there[0] if there else partners[0]
        # Only those who are there share the time: nobody else could use it.
        shared = self.until(best, len(there))
        if self.share(best, shared) > 0:
            return best, shared
        return best, self.until(best, 1)

    def _is_there(self, partner: Partner) -> bool:
        return self.share(partner, self.until(partner, sharing=1)) > 0

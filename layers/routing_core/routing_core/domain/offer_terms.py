"""The accept window: how long a partner has to answer an offer, and all of them together.

Windows count in the partner's response hours (business hours) or working days, or by the clock.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from routing_core.domain.calendar.answer_time import CalendarClock, Clock, window_end
from routing_core.domain.lead import Lead
from routing_core.domain.offer import OfferKind
from routing_core.domain.partner import Partner
from routing_core.domain.programme.document import Window, most_specific_rule
from routing_core.domain.programme.programme import Programme


class Limited(Protocol):
    """A lead, or what stands for one that has not come yet."""

    @property
    def product(self) -> str:
        """Give the id of the product asked for."""
        ...

    @property
    def urgency(self) -> str:
        """Give the id of how urgent it is."""
        ...

    @property
    def total_by(self) -> datetime | None:
        """Give the end of the time that all routed offers together may take, once it has begun."""
        ...


class NotYetAsked(NamedTuple):
    """A lead that has not come yet: only what its terms hang on."""

    product: str
    urgency: str
    total_by: datetime | None = None


class OfferTerms(NamedTuple):
    """What the programme grants for one offer."""

    window: Window
    """How long the partner has to answer."""
    on_lapse: str
    """Says what the end of the window means: ``share`` or ``retract``."""
    total: Window
    """How long all routed offers of the lead together may take."""


def offer_terms(
    programme: Programme, partner: Partner, kind: OfferKind, product: str, urgency: str
) -> OfferTerms:
    """Give the terms of an offer of this kind to this partner."""
    asked = {"partner_type": partner.type, "product": product, "urgency": urgency}
    rule = most_specific_rule(programme.offers, **asked)
    if kind is not OfferKind.BACKUP:
        return OfferTerms(rule.window, rule.on_lapse, rule.total)
    own = most_specific_rule(programme.fallback.backup, **asked)
    return OfferTerms(own.window or rule.window, own.on_lapse or rule.on_lapse, rule.total)


def total_deadline(lead: Lead, total: Window, programme: Programme, now: datetime) -> datetime:
    """Give the end of the time in all.

    It is counted from the first offer, or from when the lead first waited for a partner to open.
    """
    return lead.total_by or CalendarClock(programme.hq_calendar).deadline(now, total.duration)


@dataclass(frozen=True, slots=True)
class PlannedOffer:
    """An offer that is to be made: all that its end hangs on."""

    programme: Programme
    partner: Partner
    kind: OfferKind
    lead: Limited

    @property
    def terms(self) -> OfferTerms:
        """Give what the programme grants for this offer."""
        lead = self.lead
        return offer_terms(self.programme, self.partner, self.kind, lead.product, lead.urgency)

    def latest_end(self, hq: Clock, now: datetime) -> datetime:
        """Give the end of the time that the offer may last at most, if it is made now.

        That is the end of the time in all. Where that is over, or does not count (a backup
        partner, HQ's choice), it is so much time anew, or the window itself by HQ's calendar if
        that is longer. ``hq`` counts in HQ's calendar.
        """
        window, _, total = self.terms
        is_routed = self.kind is OfferKind.ROUTED
        if is_routed and self.lead.total_by and self.lead.total_by > now:
            return self.lead.total_by
        anew = hq.deadline(now, total.duration)
        if is_routed:
            return anew
        # By HQ's calendar, not the partner's: an absence of theirs must not keep the lead.
        return max(anew, window_end(now, window.duration, hq))

    def end(self, now: datetime, until: datetime | None = None) -> datetime:
        """Give the end of the partner's window, if the offer is made now.

        It ends by itself, or at ``until``, or else with the time there is at most.
        """
        hq_calendar = self.programme.hq_calendar
        clock = CalendarClock(self.partner.calendar(hq_calendar))
        by_itself = window_end(now, self.terms.window.duration, clock)
        latest = until or self.latest_end(CalendarClock(hq_calendar), now)
        return min(by_itself, latest)

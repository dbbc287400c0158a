"""How long a partner has to answer an offer, and how long all of them together."""

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
    def product(self) -> str: ...

    @property
    def urgency(self) -> str: ...

    @property
    def total_by(self) -> datetime | None: ...


class NotYetAsked(NamedTuple):
    """What a lead would be that came now."""

    product: str
    urgency: str
    total_by: datetime | None = None


def offer_terms(
    programme: Programme, partner: Partner, kind: OfferKind, product: str, urgency: str
) -> tuple[Window, str, Window]:
    """How long this partner has, what a lapse means, and how long all offers together may take."""
    rule = most_specific_rule(
        programme.offers, partner_type=partner.type, product=product, urgency=urgency
    )
    if kind is not OfferKind.BACKUP:
        return rule.window, rule.on_lapse, rule.total
    own = most_specific_rule(
        programme.fallback.backup, partner_type=partner.type, product=product, urgency=urgency
    )
    return own.window or rule.window, own.on_lapse or rule.on_lapse, rule.total


def total_deadline(lead: Lead, total: Window, programme: Programme, now: datetime) -> datetime:
    """Counted from the first offer, or from when the lead was first held for one."""
    return lead.total_by or CalendarClock(programme.hq_calendar).deadline(now, total.duration)


def latest_by(
    programme: Programme, partner: Partner, kind: OfferKind, lead: Limited, hq: Clock, now: datetime
) -> datetime:
    """Until when an offer made now may last at most: the end of the time in all.

    Where that is over, or does not count (a backup partner, HQ's choice), so much time anew, or the
    window itself by HQ's calendar if that is longer: a partner's absence must not keep the lead in
    any case.
    """
    window, _, total = offer_terms(programme, partner, kind, lead.product, lead.urgency)
    if kind is OfferKind.ROUTED and lead.total_by and lead.total_by > now:
        return lead.total_by
    anew = hq.deadline(now, total.duration)
    return anew if kind is OfferKind.ROUTED else max(anew, window_end(now, window.duration, hq))


def offer_end(
    programme: Programme,
    partner: Partner,
    kind: OfferKind,
    lead: Lead,
    now: datetime,
    until: datetime | None = None,
) -> datetime:
    """When the partner's window ends: by itself, or at ``until``, or else with the time there is at
    most.
    """
    window, _, _ = offer_terms(programme, partner, kind, lead.product, lead.urgency)
    ends = window_end(now, window.duration, CalendarClock(partner.calendar(programme.hq_calendar)))
    latest = until or latest_by(
        programme, partner, kind, lead, CalendarClock(programme.hq_calendar), now
    )
    return min(ends, latest)

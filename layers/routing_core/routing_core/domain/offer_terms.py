"""How long a partner has to answer an offer, and how long all of them together."""

from datetime import datetime

from .business_time import deadline
from .document import Window, pick
from .lead import Lead
from .offer import OfferKind
from .partner import Partner
from .programme import Programme


def offer_terms(
    programme: Programme, partner: Partner, kind: OfferKind, product: str, urgency: str
) -> tuple[Window, str, Window]:
    """How long this partner has, what a lapse means, and how long all offers together may take."""
    rule = pick(programme.offers, partner_type=partner.type, product=product, urgency=urgency)
    if kind is not OfferKind.BACKUP:
        return rule.window, rule.on_lapse, rule.total
    own = pick(programme.fallback.backup, partner_type=partner.type, product=product, urgency=urgency)
    return own.window or rule.window, own.on_lapse or rule.on_lapse, rule.total


def ends_in_all(lead: Lead, total: Window, programme: Programme, now: datetime) -> datetime:
    """Counted from the first offer, or from when the lead was first held for one."""
    return lead.total_by or deadline(now, total.duration, programme.hq_calendar)


def window_ends(expires: datetime, total_by: datetime, now: datetime) -> datetime:
    """A routed offer's: when its own window does, or the time in all if that is sooner."""
    return min(expires, total_by) if total_by > now else expires

"""A partner takes some more enquiries than its cap, until a day: HQ says so, or the partner does.

The decision about an offer finds it in LOAD beside the cap, so that it costs no read.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

from routing_core.domain.errors import NotFound
from routing_core.domain.partner import ExtraOpen, Partner
from routing_core.routing.decide.eligibility import local_day
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services

USUAL_EXTRA = 2
"""So many more are asked for with one button."""
USUAL_DAYS = 7
"""For so many days, today included."""


def usual_extra(partner: Partner, now: datetime) -> ExtraOpen:
    """Give what one button asks for: two more for a week, in the partner's own days."""
    until = local_day(partner, now) + timedelta(days=USUAL_DAYS - 1)
    return ExtraOpen(USUAL_EXTRA, until)


def extra_in_force(partner: Partner, today: date) -> ExtraOpen | None:
    """Give what the partner takes beyond its cap today; None if that is nothing."""
    extra = partner.extra_open
    return extra if extra and extra.until >= today else None


def take_more(
    services: Services, partner_id: str, extra: ExtraOpen, now: datetime, by: str = ""
) -> Partner:
    """Let a partner have more than its cap until a day; give the profile as it is then.

    Pressed twice it is no more than pressed once: it is never added to what is there, and takes
    nothing of it away. Raises NotFound.
    """

    def work(_: bool) -> Partner:
        known = services.partners.get(partner_id)
        if known is None:
            raise NotFound(f"there is no partner {partner_id}")
        there = extra_in_force(known, local_day(known, now))
        wanted = _no_less(extra, there)
        if wanted == known.extra_open:
            return known
        changed = replace(known, extra_open=wanted)
        services.partners.save([(changed, known.version)], now, by)
        return replace(changed, version=known.version + 1)

    return retry_on_conflict(work)


def _no_less(extra: ExtraOpen, there: ExtraOpen | None) -> ExtraOpen:
    if there is None:
        return extra
    return ExtraOpen(max(extra.more, there.more), max(extra.until, there.until))

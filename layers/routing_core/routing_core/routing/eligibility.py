"""Why a partner who covers the place is not offered this lead.

Each exclusion is a function that reads like a sentence; the first that applies, in the order of the
tables, is the reason recorded. ``BY_PROFILE`` needs no load and so makes the shortlist; ``BY_LOAD`` judges
what the partner holds right now. Closed offices exclude nobody: the window starts counting when they open.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from ..domain.partner import Load, Partner, period_keys
from .policy import Enquiry, Policy


@dataclass(frozen=True, slots=True)
class Case:
    """One partner before one enquiry, on the partner's own day."""

    partner: Partner
    enquiry: Enquiry
    policy: Policy
    today: date


def mail_address_is_unconfirmed(case: Case) -> bool:
    return not case.partner.confirmed


def mail_bounces(case: Case) -> bool:
    return case.partner.bounced


def is_paused(case: Case) -> bool:
    return case.partner.paused


def is_absent_today(case: Case) -> bool:
    return any(absence.first <= case.today <= absence.last for absence in case.partner.absences)


def does_not_offer_the_product(case: Case) -> bool:
    return case.enquiry.product not in case.partner.products


def does_not_serve_the_language(case: Case) -> bool:
    """An enquiry that names no language can be served by anybody."""
    asked = case.enquiry.language
    return case.policy.match_language and bool(asked) and asked not in case.partner.spoken


def lacks_a_required_tag(case: Case) -> bool:
    return not case.policy.required_tags(case.enquiry) <= case.partner.tags


def lacks_a_valid_certificate(case: Case) -> bool:
    needed = case.policy.certificates.get(case.enquiry.product)
    if needed is None:
        return False
    if needed not in case.partner.certificates:
        return True
    last_day = case.partner.certificates[needed]
    return last_day is not None and last_day < case.today


def was_tried_before(case: Case) -> bool:
    return case.partner.id in case.enquiry.tried


def takes_no_offers(load: Load, today: date) -> bool:
    return not load.active


def has_no_free_place(load: Load, today: date) -> bool:
    return load.caps.open is not None and load.places >= load.caps.open


def had_enough_offers_today(load: Load, today: date) -> bool:
    return load.caps.day is not None and _made_in(load, "d", today) >= load.caps.day


def had_enough_offers_this_week(load: Load, today: date) -> bool:
    return load.caps.week is not None and _made_in(load, "w", today) >= load.caps.week


def had_enough_offers_this_month(load: Load, today: date) -> bool:
    return load.caps.month is not None and _made_in(load, "m", today) >= load.caps.month


BY_PROFILE: Mapping[str, Callable[[Case], bool]] = {
    "unconfirmed": mail_address_is_unconfirmed,
    "bounced": mail_bounces,
    "paused": is_paused,
    "absent": is_absent_today,
    "product": does_not_offer_the_product,
    "language": does_not_serve_the_language,
    "tag": lacks_a_required_tag,
    "certificate": lacks_a_valid_certificate,
    "tried": was_tried_before,
}
BY_LOAD: Mapping[str, Callable[[Load, date], bool]] = {
    "inactive": takes_no_offers,
    "full": has_no_free_place,
    "day_cap": had_enough_offers_today,
    "week_cap": had_enough_offers_this_week,
    "month_cap": had_enough_offers_this_month,
}
REASONS = (*BY_PROFILE, "backup", *BY_LOAD)
"""``backup``: covers the place, but only as a backup partner."""


def excluded_by_profile(case: Case) -> str | None:
    """The first reason that applies."""
    return next((reason for reason, applies in BY_PROFILE.items() if applies(case)), None)


def excluded_by_load(load: Load | None, today: date) -> str | None:
    """The first reason that applies; a partner without a load takes no offers."""
    if load is None:
        return "inactive"
    return next((reason for reason, applies in BY_LOAD.items() if applies(load, today)), None)


def local_day(partner: Partner, now: datetime) -> date:
    """The date on the partner's wall; in a zone nobody knows, the date in UTC."""
    return now.astimezone(_zone(partner.time_zone)).date()


@lru_cache(maxsize=512)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, malformed, or the name of a folder of zones
        return UTC


def _made_in(load: Load, period: str, today: date) -> int:
    return sum(load.made.get(key, 0) for key in period_keys(today) if key.startswith(period))

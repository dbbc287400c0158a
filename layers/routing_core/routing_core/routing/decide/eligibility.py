"""Why a partner who covers the place is not offered this lead.

Each exclusion is a function that reads like a sentence; the first that applies, in the order of the
tables, is the reason recorded. ``BY_PROFILE`` needs no load and so makes the shortlist; ``BY_LOAD``
judges what the partner holds right now. Closed offices exclude nobody, unless the programme skips
them while somebody else is open: the window starts counting when they open.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from routing_core.domain.calendar.business_time import zone_of
from routing_core.domain.partner import Load, Partner, counters, period_keys
from routing_core.domain.programme.rules import Condition
from routing_core.routing.policy import Asked, Enquiry, Policy


@dataclass(frozen=True, slots=True)
class Case:
    """One partner before one enquiry, on the partner's own day."""

    partner: Partner
    enquiry: Enquiry
    policy: Policy
    today: date
    asked: Asked


def case_of(partner: Partner, enquiry: Enquiry, policy: Policy, now: datetime) -> Case:
    return Case(
        partner,
        enquiry,
        policy,
        local_day(partner, now),
        policy.asked(enquiry, hq_day(policy, now)),
    )


def hq_day(policy: Policy, now: datetime) -> date:
    """The date on HQ's wall."""
    return day_in(policy.calendar.time_zone, now) if policy.calendar else now.date()


def has_any(partner: Partner, kind: str, wanted: frozenset[str], today: date) -> bool:
    """Whether the partner has one of these today, as rules mean it."""
    match kind:
        case "product":
            return not wanted.isdisjoint(partner.products)
        case "language":
            return not wanted.isdisjoint(partner.spoken)
        case "tag":
            return not wanted.isdisjoint(partner.tags)
        case "specialisation":
            return not wanted.isdisjoint(partner.specialisations)
        case "type":
            return partner.type in wanted
    return any(_is_valid(partner, certificate, today) for certificate in wanted)


def _is_valid(partner: Partner, certificate: str, today: date) -> bool:
    if certificate not in partner.certificates:
        return False
    last_day = partner.certificates[certificate]
    return last_day is None or last_day >= today


def _lacks(case: Case, kind: str) -> bool:
    required = case.asked.required.get(kind, ())
    return any(not has_any(case.partner, kind, wanted, case.today) for wanted in required)


def mail_address_is_unconfirmed(case: Case) -> bool:
    return not case.partner.confirmed


def mail_bounces(case: Case) -> bool:
    return case.partner.bounced


def is_paused(case: Case) -> bool:
    return case.partner.paused


def is_absent_today(case: Case) -> bool:
    return any(absence.first <= case.today <= absence.last for absence in case.partner.absences)


def has_no_share(case: Case) -> bool:
    """A weight of 0 is never any offer."""
    return case.partner.weight == 0


def does_not_offer_the_product(case: Case) -> bool:
    return _lacks(case, "product")


def lacks_a_required_specialisation(case: Case) -> bool:
    return _lacks(case, "specialisation")


def does_not_serve_the_language(case: Case) -> bool:
    """An enquiry that names no language can be served by anybody."""
    return _lacks(case, "language")


def lacks_a_required_tag(case: Case) -> bool:
    return _lacks(case, "tag")


def lacks_a_valid_certificate(case: Case) -> bool:
    return _lacks(case, "certificate")


def is_not_of_the_required_type(case: Case) -> bool:
    return _lacks(case, "type")


def has_what_is_forbidden(case: Case) -> bool:
    return any(
        has_any(case.partner, kind, wanted, case.today) for kind, wanted in case.asked.forbidden
    )


def takes_no_such_enquiries(case: Case) -> bool:
    return next(unmet(case), None) is not None


def unmet(case: Case) -> Iterator[Condition]:
    """The partner's own conditions that do not hold; what the enquiry does not say keeps nobody
    away.
    """
    if takes := case.partner.takes:
        facts = case.enquiry.facts(case.today)
        yield from (condition for condition in takes if condition.holds(facts) is False)


def was_tried_before(case: Case) -> bool:
    return case.partner.id in case.enquiry.tried


class Hold(NamedTuple):
    """What one partner holds before one enquiry, on the partner's own day."""

    load: Load
    product: str
    today: date


def takes_no_offers(hold: Hold) -> bool:
    return not hold.load.active


def has_no_free_place(hold: Hold) -> bool:
    return hold.load.caps.open is not None and hold.load.places >= hold.load.caps.open


def has_no_free_place_for_the_product(hold: Hold) -> bool:
    most = hold.load.caps.products.get(hold.product)
    return most is not None and hold.load.products.get(hold.product, 0) >= most


def had_enough_offers_of_the_product(hold: Hold) -> bool:
    caps, made = hold.load.caps, hold.load.made
    return hold.product in caps.product_offers and any(
        most is not None and made.get(counter, 0) >= most
        for counter, most in counters(caps, hold.today, hold.product).items()
        if ":" in counter
    )


def had_enough_offers_today(hold: Hold) -> bool:
    return _made_enough(hold, "d", hold.load.caps.in_a_day)


def had_enough_offers_this_week(hold: Hold) -> bool:
    return _made_enough(hold, "w", hold.load.caps.in_a_week)


def had_enough_offers_this_month(hold: Hold) -> bool:
    return _made_enough(hold, "m", hold.load.caps.month)


BY_PROFILE: Mapping[str, Callable[[Case], bool]] = {
    "unconfirmed": mail_address_is_unconfirmed,
    "bounced": mail_bounces,
    "paused": is_paused,
    "absent": is_absent_today,
    "no_share": has_no_share,
    "product": does_not_offer_the_product,
    "specialisation": lacks_a_required_specialisation,
    "language": does_not_serve_the_language,
    "tag": lacks_a_required_tag,
    "certificate": lacks_a_valid_certificate,
    "type": is_not_of_the_required_type,
    "forbidden": has_what_is_forbidden,
    "not_taken": takes_no_such_enquiries,
    "tried": was_tried_before,
}
BY_LOAD: Mapping[str, Callable[[Hold], bool]] = {
    "inactive": takes_no_offers,
    "full": has_no_free_place,
    "product_full": has_no_free_place_for_the_product,
    "product_cap": had_enough_offers_of_the_product,
    "day_cap": had_enough_offers_today,
    "week_cap": had_enough_offers_this_week,
    "month_cap": had_enough_offers_this_month,
}
REASONS = (*BY_PROFILE, "backup", *BY_LOAD, "closed")
"""``backup``: covers the place, but only as a backup partner. ``closed``: skipped, for somebody
else is open.
"""


BY_RULE = (
    "product",
    "specialisation",
    "language",
    "tag",
    "certificate",
    "type",
    "forbidden",
    "not_taken",
)
"""Those that hang on the enquiry, not on how the partner stands today."""


def is_ruled_out(case: Case) -> bool:
    return any(BY_PROFILE[reason](case) for reason in BY_RULE)


def excluded_by_profile(case: Case) -> str | None:
    """The first reason that applies."""
    for reason, applies in BY_PROFILE.items():
        if applies(case):
            return reason
    return None


def has_room(load: Load | None) -> bool:
    """Nothing but the places is limited, and one is free: so it is with most, and this is asked of
    everybody.
    """
    if load is None or not load.active:
        return False
    caps = load.caps
    return (caps.open is None or load.places < caps.open) and not caps.beside_open


def excluded_by_load(load: Load | None, today: date, product: str = "") -> str | None:
    """The first reason that applies; a partner without a load takes no offers."""
    if load is None:
        return "inactive"
    hold = Hold(load, product, today)
    for reason, applies in BY_LOAD.items():
        if applies(hold):
            return reason
    return None


def local_day(partner: Partner, now: datetime) -> date:
    """The date on the partner's wall; in a zone nobody knows, the date in UTC."""
    return day_in(partner.time_zone, now)


def day_in(time_zone: str, now: datetime) -> date:
    return now.astimezone(zone_of(time_zone)).date()


def _made_enough(hold: Hold, period: str, most: int | None) -> bool:
    if most is None:
        return False
    return (
        sum(hold.load.made.get(key, 0) for key in period_keys(hold.today) if key.startswith(period))
        >= most
    )

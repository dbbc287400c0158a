"""Find why a partner who covers the place is not offered this lead.

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
from routing_core.routing.decide.situation import Situation
from routing_core.routing.policy import Enquiry, Policy, Requirements

# ── by profile ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ProfileCheck:
    """One partner before one enquiry, on the partner's own day."""

    partner: Partner
    """The partner who is judged, by the profile alone."""
    enquiry: Enquiry
    """The enquiry that the partner would be offered."""
    today: date
    """Gives the date on the partner's wall: absences and certificates are meant by it."""
    requirements: Requirements
    """Says what the programme asks of partners for this enquiry."""

    @classmethod
    def of(cls, partner: Partner, situation: Situation) -> "ProfileCheck":
        """Set the partner before the enquiry of a situation."""
        policy = situation.policy
        now = situation.now
        requirements = policy.requirements(situation.enquiry, hq_day(policy, now))
        return cls(partner, situation.enquiry, local_day(partner, now), requirements)


def has_any(partner: Partner, kind: str, wanted: frozenset[str], today: date) -> bool:
    """Tell whether the partner has one of these today, as rules mean it."""
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
    # What is left is a certificate, which counts only while it is valid.
    return any(_is_valid(partner, certificate, today) for certificate in wanted)


def _is_valid(partner: Partner, certificate: str, today: date) -> bool:
    if certificate not in partner.certificates:
        return False
    last_day = partner.certificates[certificate]
    return last_day is None or last_day >= today


def _lacks(check: ProfileCheck, kind: str) -> bool:
    required = check.requirements.required.get(kind, ())
    return any(not has_any(check.partner, kind, wanted, check.today) for wanted in required)


def mail_address_is_unconfirmed(check: ProfileCheck) -> bool:
    """Tell whether nobody at the partner has confirmed the mail address yet."""
    return not check.partner.confirmed


def mail_bounces(check: ProfileCheck) -> bool:
    """Tell whether mail to the partner comes back."""
    return check.partner.bounced


def is_paused(check: ProfileCheck) -> bool:
    """Tell whether HQ or the partner has paused the partner."""
    return check.partner.paused


def is_absent_today(check: ProfileCheck) -> bool:
    """Tell whether the partner is away; the last day of an absence is one of it."""
    return any(absence.first <= check.today <= absence.last for absence in check.partner.absences)


def has_no_share(check: ProfileCheck) -> bool:
    """Tell whether the partner is never to have an offer, with a weight of 0."""
    return check.partner.weight == 0


def does_not_offer_the_product(check: ProfileCheck) -> bool:
    """Tell whether the partner does not do what is asked for."""
    return _lacks(check, "product")


def lacks_a_required_specialisation(check: ProfileCheck) -> bool:
    """Tell whether a rule requires a specialisation that the partner does not have."""
    return _lacks(check, "specialisation")


def does_not_serve_the_language(check: ProfileCheck) -> bool:
    """Tell whether the partner does not speak the language.

    An enquiry that names none can be served by anybody.
    """
    return _lacks(check, "language")


def lacks_a_required_tag(check: ProfileCheck) -> bool:
    """Tell whether product, urgency or a rule requires a tag that the partner does not have."""
    return _lacks(check, "tag")


def lacks_a_valid_certificate(check: ProfileCheck) -> bool:
    """Tell whether the partner lacks a required certificate.

    One that ended before today does not count.
    """
    return _lacks(check, "certificate")


def is_not_of_the_required_type(check: ProfileCheck) -> bool:
    """Tell whether a rule requires another type of partner."""
    return _lacks(check, "type")


def has_what_is_forbidden(check: ProfileCheck) -> bool:
    """Tell whether a rule forbids something that the partner has."""
    forbidden = check.requirements.forbidden
    return any(has_any(check.partner, kind, wanted, check.today) for kind, wanted in forbidden)


def takes_no_such_enquiries(check: ProfileCheck) -> bool:
    """Tell whether the partner's own conditions keep such enquiries away."""
    return next(unmet(check), None) is not None


def unmet(check: ProfileCheck) -> Iterator[Condition]:
    """Give the partner's own conditions that do not hold.

    What the enquiry does not say keeps nobody away.
    """
    takes = check.partner.lead_filters
    if not takes:
        return
    facts = check.enquiry.facts(check.today)
    for condition in takes:
        # None where the enquiry does not say: that is not False.
        if condition.holds(facts) is False:
            yield condition


def was_tried_before(check: ProfileCheck) -> bool:
    """Tell whether the partner was asked about this very enquiry already."""
    return check.partner.id in check.enquiry.tried


# ── by load ───────────────────────────────────────────────────────────────────────────────────────


class LoadCheck(NamedTuple):
    """What one partner holds, before one enquiry, on the partner's own day."""

    load: Load
    product: str
    today: date


def takes_no_offers(check: LoadCheck) -> bool:
    """Tell whether the partner was switched off, by HQ or after offers left unanswered."""
    return not check.load.active


def has_no_free_place(check: LoadCheck) -> bool:
    """Tell whether the partner's capacity is used up: as many leads are open as may be."""
    cap = check.load.open_cap(check.today)
    return cap is not None and check.load.open_count >= cap


def has_no_free_place_for_the_product(check: LoadCheck) -> bool:
    """Tell whether as many leads of this product are open at the partner as may be."""
    cap = check.load.caps.products.get(check.product)
    return cap is not None and check.load.products.get(check.product, 0) >= cap


def had_enough_offers_of_the_product(check: LoadCheck) -> bool:
    """Tell whether the partner had as many offers of this product in a period as may be."""
    caps = check.load.caps
    if check.product not in caps.product_offers:
        return False
    for counter, cap in counters(caps, check.today, check.product).items():
        is_of_product = ":" in counter
        if is_of_product and cap is not None and check.load.made.get(counter, 0) >= cap:
            return True
    return False


def had_enough_offers_today(check: LoadCheck) -> bool:
    """Tell whether the partner had as many offers today as may be."""
    return _made_enough(check, "d", check.load.caps.in_a_day)


def had_enough_offers_this_week(check: LoadCheck) -> bool:
    """Tell whether the partner had as many offers this week as may be."""
    return _made_enough(check, "w", check.load.caps.in_a_week)


def had_enough_offers_this_month(check: LoadCheck) -> bool:
    """Tell whether the partner had as many offers this month as may be."""
    return _made_enough(check, "m", check.load.caps.month)


def _made_enough(check: LoadCheck, period: str, cap: int | None) -> bool:
    # The keys of a period begin with its letter: d2026-11-21, w2026-47, m2026-11.
    if cap is None:
        return False
    made = [
        check.load.made.get(key, 0) for key in period_keys(check.today) if key.startswith(period)
    ]
    return sum(made) >= cap


# ── the tables ────────────────────────────────────────────────────────────────────────────────────

BY_PROFILE: Mapping[str, Callable[[ProfileCheck], bool]] = {
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
"""What is looked at for each reason, as records and pages name it.

The first that applies counts.
"""
BY_LOAD: Mapping[str, Callable[[LoadCheck], bool]] = {
    "inactive": takes_no_offers,
    "full": has_no_free_place,
    "product_full": has_no_free_place_for_the_product,
    "product_cap": had_enough_offers_of_the_product,
    "day_cap": had_enough_offers_today,
    "week_cap": had_enough_offers_this_week,
    "month_cap": had_enough_offers_this_month,
}
"""The same for the reasons that hang on the load.

They are looked at after those of the profile.
"""
REASONS = (*BY_PROFILE, "backup", *BY_LOAD, "closed")
"""Every reason, in order.

``backup``: covers the place, but only as a backup partner. ``closed``: skipped, for somebody else
is open.
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
"""Names the reasons that hang on the enquiry, not on how the partner stands today."""


def is_ruled_out(check: ProfileCheck) -> bool:
    """Tell whether rules, or what the partner takes, exclude it, however it stands today."""
    return any(BY_PROFILE[reason](check) for reason in BY_RULE)


def excluded_by_profile(check: ProfileCheck) -> str | None:
    """Give the first reason that applies; None for somebody eligible."""
    for reason, applies in BY_PROFILE.items():
        if applies(check):
            return reason
    return None


def has_room(load: Load | None) -> bool:
    """Tell whether nothing but the places is limited, and one is free.

    It is a quick answer for most, and asked of everybody. False does not mean that the partner is
    excluded: then ``excluded_by_load`` knows.
    """
    if load is None or not load.active:
        return False
    caps = load.caps
    if caps.open is not None and load.open_count >= caps.open:
        return False
    return not caps.beside_open


def excluded_by_load(load: Load | None, today: date, product: str = "") -> str | None:
    """Give the first reason that applies, None for somebody eligible.

    A partner without a load takes no offers.
    """
    if load is None:
        return "inactive"
    check = LoadCheck(load, product, today)
    for reason, applies in BY_LOAD.items():
        if applies(check):
            return reason
    return None


# ── days ──────────────────────────────────────────────────────────────────────────────────────────


def hq_day(policy: Policy, now: datetime) -> date:
    """Give the date on HQ's wall."""
    return day_in(policy.calendar.time_zone, now) if policy.calendar else now.date()


def local_day(partner: Partner, now: datetime) -> date:
    """Give the date on the partner's wall; in a zone nobody knows, the date in UTC."""
    return day_in(partner.time_zone, now)


def day_in(time_zone: str, now: datetime) -> date:
    """Give the date in that zone; in a zone nobody knows, the date in UTC."""
    return now.astimezone(zone_of(time_zone)).date()

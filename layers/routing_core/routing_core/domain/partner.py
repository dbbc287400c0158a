"""Partners as the programme knows them, and their current load."""

import math
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache

from routing_core.domain.calendar.business_time import Calendar, ResponseHours
from routing_core.domain.changed import changed
from routing_core.domain.figures import NONE_YET, Figures
from routing_core.domain.programme.offer_rules import Lapses
from routing_core.domain.programme.rules import Condition
from routing_core.domain.territory.territory import Territory
from routing_core.domain.values.extensible import Extensible
from routing_core.domain.values.mailboxes import email_mark

MOST_UNREACHABLE = 20
"""Marks of unreachable addresses that a profile keeps."""
TIERS = range(1, 10)
WEIGHTS = range(1_001)
"""Shares by weight stay exact however many partners share a place."""


def _lesser(one: int | None, other: int | None) -> int | None:
    """Give the lesser of two limits; None is no limit."""
    if one is None:
        return other
    return one if other is None else min(one, other)


@dataclass(frozen=True, slots=True)
class Person(Extensible):
    """Somebody who gets mail for a partner; ``phone`` in E.164."""

    email: str
    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which a partner is away: whole days, both included, in the partner's zone."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Caps(Extensible):
    """The capacity of a partner: the most open enquiries, and offers per day, ISO week and month.

    Periods are those of the partner's zone; None is no limit.
    """

    open: int | None = None
    day: int | None = None
    week: int | None = None
    month: int | None = None
    paced: bool = False
    """The month's offers are spread over its days and weeks.

    At most a tenth of them is made in a day, and three tenths in a week.
    """
    products: Mapping[str, int] = field(default_factory=dict)
    """The most that are held open at once of one product."""
    product_offers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """The most offers made of one product: ``{"boiler": {"day": 1, "month": 10}}``.

    They are counted from when it is stated.
    """

    @property
    def beside_open(self) -> bool:
        """Tell whether anything but the number held open at once is limited."""
        if self.products or self.product_offers:
            return True
        return self.day is not None or self.week is not None or self.month is not None

    @property
    def in_a_day(self) -> int | None:
        """Give the most offers of a day, where the month is spread at most a tenth of it."""
        return _lesser(self.day, self._part_of_month(1))

    @property
    def in_a_week(self) -> int | None:
        """Give the most offers of a week, where the month is spread at most three tenths of it."""
        return _lesser(self.week, self._part_of_month(3))

    def _part_of_month(self, tenths: int) -> int | None:
        """Give so many tenths of the month's offers, rounded up; None if they are not spread."""
        if not self.paced or self.month is None:
            return None
        return math.ceil(self.month * tenths / 10)


@dataclass(frozen=True, slots=True)
class ExtraOpen:
    """A partner takes some more than ``caps.open`` at once, for a while."""

    more: int
    """So many more enquiries may be open at once."""
    until: date
    """The last day of it, in the partner's zone."""


@dataclass(frozen=True, slots=True)
class Partner(Extensible):
    """A partner's profile as it is saved.

    How each field is stored follows from its type (``partner_plain``); how HQ writes it, and in
    which column of a list, stands in ``formats.partner_document``.
    """

    id: str
    name: str
    contact: Person
    country: str
    time_zone: str
    language: str
    territories: tuple[Territory, ...]
    products: frozenset[str]
    type: str = "partner"
    tier: int = 2
    """1 is the best tier."""
    languages: frozenset[str] = frozenset()
    """Languages served; empty means ``language`` only."""
    tags: frozenset[str] = frozenset()
    specialisations: frozenset[str] = frozenset()
    weight: int = 1
    """The share of offers, against that of others, where the programme orders by weight.

    With 0 the partner never has any.
    """
    lead_filters: tuple[Condition, ...] = ()
    """The partner takes only enquiries that agree with all of these.

    What an enquiry does not say keeps nobody away.
    """
    certificates: Mapping[str, date | None] = field(default_factory=dict)
    """Certificate → last day it is valid; None = does not expire."""
    second_contact: Person | None = None
    street: str = ""
    postcode: str = ""
    town: str = ""
    website: str = ""
    response_hours: ResponseHours | None = None
    """None = the programme's."""
    holiday_region: str = ""
    """ISO country or country-subdivision: ``DE`` or ``DE-BY``; empty = the programme's."""
    holidays: tuple[date, ...] = ()
    """The dates of the region's holidays, expanded when the profile was saved."""
    absences: tuple[Absence, ...] = ()
    caps: Caps = Caps()
    extra_open: ExtraOpen | None = None
    """More than ``caps.open`` for a while, as HQ or the partner said."""
    paused: bool = False
    """HQ or the partner stopped new offers."""
    paused_by: str = ""
    """Who paused it, as events name actors; empty: not paused, or before that was kept."""
    deactivated: bool = False
    """HQ works with the partner no longer, and may again one day; such a one is paused, too."""
    confirmed_email: str = ""
    """The address that was confirmed; eligible only while it equals ``contact.email``."""
    bounced: bool = False
    """Mail to ``contact.email`` comes back."""
    unreachable: tuple[str, ...] = ()
    """Marks of the firm's other addresses that mail comes back from; the latest ones.

    They are the second contact's or a colleague's; at most ``MOST_UNREACHABLE``.
    """
    address_generation: int = 1
    """Rises whenever an address must be confirmed anew or begins to bounce: each is told once."""
    backup: str = ""
    """The partner who is asked when this one did not take it and nobody else is left; or empty.

    It is so too where this one cannot be had.
    """
    links: int = 1
    """The latest link generation, which rises whenever somebody's links end.

    Links that name nobody are of this one.
    """
    generations: Mapping[str, int] = field(default_factory=dict)
    """The earlier link generations that still hold, by the short id of the person (``people.py``).

    For everybody else it is ``links``.
    """
    revoked: int = 0
    """How often all links of the partner were ended at once."""
    ended: Mapping[str, int] = field(default_factory=dict)
    """How often HQ ended the links of one person alone, by their short id.

    So also those of a colleague, who is no contact of the partner.
    """
    listed: Mapping[str, str] = field(default_factory=dict)
    """What HQ's lists last said of what the partner may set too (see ``own_settings``).

    Said again, it is no news.
    """
    version: int = 0

    @property
    def confirmed(self) -> bool:
        """Tell whether the contact's present address was confirmed."""
        return bool(self.confirmed_email) and self.confirmed_email == self.contact.email

    def reaches(self, email: str) -> bool:
        """Tell whether mail to this address of the firm arrives, as far as we know."""
        address = email.casefold()
        dead = self.bounced and address == self.contact.email.casefold()
        return not dead and email_mark(address) not in self.unreachable

    @property
    def second(self) -> Person | None:
        """Give the second contact, if there is one whom mail reaches."""
        other = self.second_contact
        return other if other and self.reaches(other.email) else None

    @property
    def has_both_contacts(self) -> bool:
        """Tell whether a mail to both reaches two people.

        Mail to neither comes back, and they are not the same.
        """
        second = self.second
        same = second is not None and second.email.casefold() == self.contact.email.casefold()
        return second is not None and not same and not self.bounced

    @property
    def active(self) -> bool:
        """Tell whether the partner may be offered leads at all.

        Absence, hours and load are judged elsewhere.
        """
        return self.confirmed and not self.bounced and not self.paused

    @property
    def spoken(self) -> frozenset[str]:
        """Give the languages that the partner serves."""
        return self.languages or frozenset({self.language})

    def calendar(self, programme_calendar: Calendar) -> Calendar:
        """Give when this partner reads mail: own hours, holidays and absences over the programme's.

        HQ's own closing days reach every partner. Holidays that HQ wrote by hand, without a region,
        reach the partners who have no region of their own.
        """
        closed = programme_calendar.closed_for_all.union(self.holidays)
        holidays_through = 0
        if self.holidays:
            holidays_through = self.holidays[-1].year
        elif not self.holiday_region and programme_calendar.closed_without_region:
            closed |= programme_calendar.closed_without_region
            holidays_through = programme_calendar.holidays_through
        return Calendar(
            time_zone=self.time_zone,
            hours=self.response_hours or programme_calendar.hours,
            working_days=programme_calendar.working_days,
            closed=closed,
            absences=tuple((absence.first, absence.last) for absence in self.absences),
            round_up_minutes=programme_calendar.round_up_minutes,
            holidays_through=holidays_through,
        )


@dataclass(frozen=True, slots=True)
class Lapse:
    """An offer that ended without an answer: only what tells people and days apart.

    It can be taken back if the lead turns out to be junk. It holds no personal data.
    """

    lead: str
    """The lead's reference."""
    person: str
    """A mark of whoever asked: a few digits of a keyed hash."""
    day: date
    """The day on which they asked, in the partner's zone.

    All that one burst of posts brings has one day, however long the partners' windows are.
    """
    unseen: bool = False
    """Tells that nobody at the partner looked at the offer."""


MOST_LAPSES = 20
"""So many lapses are kept with a partner's load, unless a pause needs more.

What lapses beyond that changes nothing any more.
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What a partner has right now; kept by the commits themselves, never edited by hand."""

    partner: str
    active: bool = False
    links: int = 1
    people: Mapping[str, int] | None = None
    """Everybody who may open the partner's links, by their short id, with their link generation.

    None: saved before links named people; then ``links`` is everybody's.
    """
    revoked: int = 0
    """How often all links of the partner were ended at once."""
    ended: Mapping[str, int] = field(default_factory=dict)
    """How often the links of one person alone were ended, by their short id."""
    caps: Caps = Caps()
    open_count: int = 0
    """How many offers and leads take up a place, to be compared with ``caps.open``."""
    made: Mapping[str, int] = field(default_factory=dict)
    """Offers made by period in the partner's zone: ``d2026-11-21``, ``w2026-47``, ``m2026-11``."""
    last_offered: datetime | None = None
    lapses: int = 0
    """Lapses in a row since the last answer."""
    unseen: int = 0
    """How many of these lapses nobody looked at."""
    lapsed: tuple[Lapse, ...] = ()
    """What is known of these lapses: those counted before it was kept are a number only."""
    paused_by_lapses: bool = False
    products: Mapping[str, int] = field(default_factory=dict)
    """Places taken up by product."""
    pass_value: int = 0
    """Where the partner stands in the weighted order: each offer moves it on by its stride."""
    figures: Figures = NONE_YET
    seq: int = 0
    """Rises with every change, so that a decision can be conditioned on exactly what it saw."""
    extra_open: ExtraOpen | None = None
    """More than ``caps.open`` for a while, as the profile says."""

    def open_cap(self, local_day: date) -> int | None:
        """Give the most that may be open at once on a day in the partner's zone; None: no limit."""
        most, extra = self.caps.open, self.extra_open
        if most is None or extra is None or local_day > extra.until:
            return most
        return most + extra.more


# ── lapses ────────────────────────────────────────────────────────────────────────────────────────


def lapses_pause(load: Load, rule: Lapses) -> bool:
    """Tell whether the lapses in a row pause the partner.

    They do if they are of so many different people, who asked on so many different days.
    """
    # Those of which only the number is known are taken to be of one day and of a person each.
    only_counted = load.lapses - len(load.lapsed)
    people = len({lapse.person for lapse in load.lapsed}) + only_counted
    days = len({lapse.day for lapse in load.lapsed}) + min(only_counted, 1)
    return people >= rule.pause and days >= min(rule.days, rule.pause)


def with_lapse(load: Load, lapse: Lapse, rule: Lapses) -> Load:
    """Give the load with one more lapse in a row.

    A lead counts once, and beyond ``MOST_LAPSES`` nothing does.
    """
    known = any(lapse.lead == each.lead for each in load.lapsed)
    if known or len(load.lapsed) >= max(MOST_LAPSES, rule.pause):
        return load
    return changed(
        load,
        lapses=load.lapses + 1,
        unseen=load.unseen + 1 if lapse.unseen else load.unseen,
        lapsed=(*load.lapsed, lapse),
    )


def without_lapse(load: Load, lead: str) -> Load:
    """Give the load as if the offer of that lead (its reference) had never lapsed."""
    gone = [lapse for lapse in load.lapsed if lapse.lead == lead]
    return changed(
        load,
        lapses=load.lapses - len(gone),
        unseen=load.unseen - len([lapse for lapse in gone if lapse.unseen]),
        lapsed=tuple(lapse for lapse in load.lapsed if lapse.lead != lead),
    )


def with_auto_pause(partner: Partner, load: Load | None) -> Partner:
    """Give the profile with the pause that came of lapses.

    That one stands in LOAD alone, committed with the lapse.
    """
    if partner.active and load and not load.active:
        return replace(partner, paused=True)
    return partner


# ── caps by period ────────────────────────────────────────────────────────────────────────────────

PERIODS = ("day", "week", "month")


def counters(caps: Caps, local_day: date, product: str) -> dict[str, int | None]:
    """Give what an offer of that product counts into on that day, with the most there may be.

    None is no limit.
    """
    keys = period_keys(local_day)
    limits = (caps.in_a_day, caps.in_a_week, caps.month)
    found: dict[str, int | None] = dict(zip(keys, limits, strict=True))
    of_product = caps.product_offers.get(product)
    if of_product:
        for key, period in zip(keys, PERIODS, strict=True):
            found[f"{key}:{product}"] = of_product.get(period)
    return found


def is_of(counter: str, keys: Container[str]) -> bool:
    """Tell whether a counter counts one of these periods, of a product or of all."""
    return counter.partition(":")[0] in keys


@lru_cache(maxsize=1_000)
def period_keys(local_day: date) -> tuple[str, str, str]:
    """Name the day, ISO week and month counters for a day in the partner's zone."""
    # Around New Year the ISO week belongs to another year than the day.
    year, week, _ = local_day.isocalendar()
    return f"d{local_day:%Y-%m-%d}", f"w{year}-{week:02d}", f"m{local_day:%Y-%m}"


def within_bounds(partner: Partner) -> Partner:
    """Give the partner with numbers that a network can be compiled of.

    One saved before there were bounds has the nearest; the very same partner is given if nothing
    has to change.
    """
    tier = min(max(partner.tier, TIERS[0]), TIERS[-1])
    weight = min(max(partner.weight, WEIGHTS[0]), WEIGHTS[-1])
    if (tier, weight) == (partner.tier, partner.weight):
        return partner
    return replace(partner, tier=tier, weight=weight)

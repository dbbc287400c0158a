"""The programme is every rule of one vendor's partner network as one readable, versioned document.

It is written as YAML or JSON, read and checked by ``programme_checks.read_programme``, and stored
whole. Names of fields are the words people use; every duration says its unit; the most specific
rule wins (``most_specific_rule``), the first of equals.
"""

import re
from typing import Annotated, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, PrivateAttr

from routing_core.domain.calendar.business_time import Calendar
from routing_core.domain.programme.areas import Outlined, Region
from routing_core.domain.programme.calendar_rules import CalendarRules
from routing_core.domain.programme.document import (
    Doc,
    Id,
    LanguageTag,
    LocalizedText,
    OneLine,
    TimeZone,
    Window,
)
from routing_core.domain.programme.follow_up import (
    Afterwards,
    ContactRule,
    EarlyReturn,
    Fallback,
    MissedContact,
    PromiseRule,
    Retention,
)
from routing_core.domain.programme.forms import Form, IsoCountry, Product, Urgency
from routing_core.domain.programme.headquarters import Brand, Headquarters, Hotline
from routing_core.domain.programme.intake_rules import (
    MOST_RULES,
    Ceilings,
    MailDomain,
    Qualification,
    Repeat,
)
from routing_core.domain.programme.mail_texts import MailWithOwnText
from routing_core.domain.programme.offer_rules import Lapses, LateMail, OfferRule, Reminders
from routing_core.domain.programme.reasons import LostReason, Reason, ReturnReason
from routing_core.domain.programme.report_rules import ReportRules
from routing_core.domain.programme.routing_settings import Routing
from routing_core.domain.values.mailboxes import MailKind

BeforeAccept = Literal[
    "postcode",
    "town",
    "region",
    "distance",
    "product",
    "urgency",
    "answers",
    "language",
    "company",
]
"""A partner may see these parts of a lead before accepting it."""
BEFORE_ACCEPT: tuple[BeforeAccept, ...] = tuple(
    part for part in get_args(BeforeAccept) if part != "company"
)
"""This is shown unless the programme says otherwise: a company's name only where it is listed."""


class _MadeCalendar(NamedTuple):
    rules: CalendarRules
    time_zone: str
    calendar: Calendar


class Programme(Doc):
    """A programme is what HQ decides about forms, offers, partners and deadlines."""

    # What no field can tell alone (an unknown product in a form, a list without a general rule, …)
    # is checked in `programme_checks`, which imports this module and is never imported by it.

    schema_: Literal[1] = Field(1, alias="schema")
    """The document is of this version of the schema."""
    name: OneLine
    """HQ reads this name on pages and in mails."""
    languages: list[LanguageTag] = Field(min_length=1, max_length=20)
    """The first is the default; pages and mails exist in ``en`` and ``de``."""
    country: IsoCountry
    """The vendor is at home here; the hotline's number is read as one of this country."""
    time_zone: TimeZone
    """HQ's calendar runs by this clock, and everybody's who has none of their own."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    """Order values are amounts of this currency."""
    brand: Brand
    """Pages and mails look like this."""
    hotline: Hotline | None = None
    """This number is shown in an emergency; None = there is none."""
    hq: Headquarters
    """These people work at HQ."""
    calendar: CalendarRules
    """HQ works by this calendar."""
    regions: dict[Id, Region] = Field({}, max_length=1_000)
    """Territories, managers and rules name these regions by their ids."""
    areas: dict[Id, Outlined] = Field({}, max_length=200)
    """Territories name these outlines by their ids."""
    partner_types: list[OneLine] = Field(["partner"], min_length=1, max_length=50)
    """Each partner has one of these types; rules may differ by them."""
    products: list[Product] = Field(min_length=1, max_length=200)
    """People may ask for these."""
    urgencies: list[Urgency] = Field(min_length=1, max_length=20)
    """People may need it this soon."""
    forms: list[Form] = Field(min_length=1, max_length=100)
    """Enquiries come in by these."""
    ceilings: Ceilings = Ceilings()
    """A flood is held back above these."""
    qualification: Qualification = Qualification()
    """An enquiry is scored by these rows of points."""
    repeat: Repeat = Repeat()
    """A second enquiry of the same person is known by these keys."""
    match_language: bool = True
    """Only partners who serve the prospect's language are offered the lead."""
    routing: Routing = Routing()
    """These settings say who may have a lead, and who comes first."""
    offers: list[OfferRule] = Field(min_length=1, max_length=MOST_RULES)
    """The most specific of these rules says how a lead is offered."""
    reminders: Reminders = Reminders()
    """A partner who does not answer is reminded like this."""
    contact: list[ContactRule] = Field(min_length=1, max_length=MOST_RULES)
    """The most specific of these rules says when an owner must have called."""
    missed_contact: MissedContact = MissedContact()
    """An owner who does not call is reminded like this."""
    afterwards: Afterwards = Afterwards()
    """An owner is asked like this what came of it."""
    retention: Retention = Retention()
    """The person is erased after these months."""
    reports: ReportRules = ReportRules()
    """Reports on the months that are over are made then."""
    early_return: EarlyReturn = EarlyReturn()
    """A lead that was accepted by mistake may be given back like this."""
    lapses: Lapses = Lapses()
    """Offers that lapse in a row have these consequences."""
    late_mail: LateMail = LateMail()
    """An offer whose mail cannot leave waits for it like this."""
    fallback: Fallback
    """This happens when nobody is found."""
    promise: list[PromiseRule] = Field(min_length=1, max_length=MOST_RULES)
    """The most specific of these rules says what the prospect is promised."""
    mail_domains: dict[MailDomain, MailKind] = Field({}, max_length=1_000)
    """These domains are what the kept lists of mail providers do not know, or say wrongly here.

    ``stadtnetz.example: freemail`` (anybody can have an address there), ``disposable`` or
    ``business`` (a firm's own); what is below each is meant too.
    """
    mail_subjects: dict[MailWithOwnText, dict[LanguageTag, OneLine]] = Field({}, max_length=20)
    """These words of the vendor's are the subjects of mails, by the mail's name and language.

    A reader whose language is not there reads ours.
    """
    mail_texts: dict[MailWithOwnText, LocalizedText] = Field({}, max_length=20)
    """These words of the vendor's stand at the end of mails, by the mail's name and language.

    A reader whose language is not there reads none of them.
    """
    before_accept: list[BeforeAccept] = Field(list(BEFORE_ACCEPT), max_length=20)
    """A partner sees this of a lead before accepting it; never the person."""
    decline_reasons: list[Reason] = Field(min_length=1, max_length=50)
    """A partner declines an offer for one of these."""
    lost_reasons: list[LostReason] = Field(min_length=1, max_length=50)
    """An owner loses a lead for one of these."""
    return_within: Window = Window(working_days=10)
    """A partner may give a lead back this long after accepting, for a reason of the list."""
    return_reasons: list[ReturnReason] = Field([], max_length=50)
    """A lead that was accepted cannot be given back without any, but for the early return."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False
    )

    _hq_calendar: _MadeCalendar | None = PrivateAttr(None)

    def form(self, form_id: str) -> Form | None:
        """Give the form of that id, or None if the programme has none such."""
        return next((form for form in self.forms if form.id == form_id), None)

    def product(self, product_id: str) -> Product:
        """Give the product of that id; raises StopIteration for one the programme has not."""
        return next(product for product in self.products if product.id == product_id)

    def urgency(self, urgency_id: str) -> Urgency:
        """Give the urgency of that id; raises StopIteration for one the programme has not."""
        return next(urgency for urgency in self.urgencies if urgency.id == urgency_id)

    def is_emergency(self, urgency_id: str) -> bool:
        """Tell whether that urgency is an emergency; one the programme no longer has is none."""
        return any(urgency.emergency for urgency in self.urgencies if urgency.id == urgency_id)

    @property
    def hq_calendar(self) -> Calendar:
        """Give HQ's calendar, made once for as long as the rules are the same."""
        known = self._hq_calendar
        # A copy made with `model_copy` takes private attributes along: the rules it was made of are
        # compared by identity, so that a changed calendar is never answered by the old one.
        if known and known.rules is self.calendar and known.time_zone == self.time_zone:
            return known.calendar
        calendar = self._made_hq_calendar()
        self._hq_calendar = _MadeCalendar(self.calendar, self.time_zone, calendar)
        return calendar

    def _made_hq_calendar(self) -> Calendar:
        holidays = frozenset(self.calendar.holidays)
        own_holidays = frozenset() if self.calendar.holiday_region else holidays
        return Calendar(
            time_zone=self.time_zone,
            hours=self.calendar.response_hours.response_hours,
            working_days=frozenset(self.calendar.working_days),
            closed=holidays.union(self.calendar.closing_days),
            absences=(),
            round_up_minutes=self.calendar.round_up_minutes,
            closed_for_all=frozenset(self.calendar.closing_days),
            closed_without_region=own_holidays,
            holidays_through=max((day.year for day in holidays), default=0),
        )

    @property
    def zone(self) -> ZoneInfo:
        """Give the programme's time zone as the clock module takes it."""
        return ZoneInfo(self.time_zone)

    def language_for(self, *wanted: str | None) -> str:
        """Give the first of a person's or browser's languages that the programme has.

        ``de-AT;q=0.8`` reads as ``de``. Where none of them will do, it is the programme's own
        first.
        """
        for language in wanted:
            code = re.split(r"[-_;]", language or "")[0].strip().lower()
            if code in self.languages:
                return code
        return self.languages[0]

"""The programme: every rule of one vendor's partner network as one readable, versioned document.

Written as YAML or JSON, checked here, stored whole. Names of fields are the words people use; every
duration says its unit; the most specific rule wins (``pick``), the first of equals.
"""
# ruff: noqa: RUF012 - pydantic copies a default for each document

import re
from collections.abc import Mapping
from datetime import date
from itertools import islice
from typing import Annotated, Any, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from routing_core.domain.calendar.business_time import MOST_BLOCKS, Calendar, ResponseHours
from routing_core.domain.errors import MOST_TOLD, InvalidInput
from routing_core.domain.programme.document import (
    Doc,
    Email,
    Id,
    Line,
    Rule,
    Text,
    TimeZone,
    Window,
    Words,
    problems_of,
)
from routing_core.domain.programme.forms import Country, Form, Product, Urgency
from routing_core.domain.programme.offer_rules import BackupRule, Lapses, OfferRule, Reminders
from routing_core.domain.programme.reasons import LostReason, Reason, ReturnReason
from routing_core.domain.values.mailboxes import MailKind

MOST_RULES = 200
"""Rules of one list: each decision looks through them, and a person has to."""
MOST_PLACES = 3_000
"""Postcodes of one region, as of one partner: each is a pattern of every network that is
compiled.
"""
Language = Annotated[str, Field(max_length=20)]
BlocksOfDay = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=MOST_BLOCKS)]


class Brand(Doc):
    name: Line
    colour: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#1f4e79"
    accent: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#d9480f"
    logo: Annotated[
        str, Field(pattern=r"^(data:image/(svg\+xml|png|jpeg)[;,].*)?$", max_length=60_000)
    ] = ""
    """An image as a ``data:`` address (SVG or PNG), so that no third party learns who opened a
    page.
    """
    sender_name: Line = ""
    """Mails come from this name at the deployment's verified address; empty = ``name``."""
    reply_to: Email | Literal[""] = ""
    imprint: Words = ""
    """Shown at the foot of mails and pages: company, address, register number."""
    privacy_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$", max_length=1_000)] = ""


class Hotline(Doc):
    phone: Annotated[str, Field(max_length=40)]
    hours: Text = {}


class Manager(Doc):
    """The channel manager told about partners and leads of these regions (all, if none is
    named).
    """

    email: Email
    name: Line = ""
    regions: list[Line] = Field([], max_length=500)
    """Only their leads are shown to this person, and only they can be acted on."""
    may: list[Literal["assign", "erase", "export"]] = Field(["assign"], max_length=3)
    """What this person may do besides looking, releasing, rejecting, moving and noting. HQ's own
    addresses may all.
    """


class Headquarters(Doc):
    emails: list[Email] = Field(min_length=1, max_length=20)
    """All of them stand on each of HQ's mails; a mail service takes fifty recipients."""
    managers: list[Manager] = Field([], max_length=200)
    language: Language = "en"
    links: int = Field(1, ge=1, le=1_000_000)
    """Raise it to end every link to HQ's queue that was sent so far; a button then mails each
    person a fresh one. It stands in each of those links.
    """
    digests: list[Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]] = Field(
        ["07:30", "16:00"], max_length=24
    )
    """Local times at which confirmations are sent together; an empty list sends each at once."""


class Hours(Doc):
    """Response hours of the week: ``mon: ["08:00-12:00", "13:00-17:00"]``; a day left out is
    closed.
    """

    mon: BlocksOfDay = []
    tue: BlocksOfDay = []
    wed: BlocksOfDay = []
    thu: BlocksOfDay = []
    fri: BlocksOfDay = []
    sat: BlocksOfDay = []
    sun: BlocksOfDay = []
    _parsed: ResponseHours = PrivateAttr()

    @model_validator(mode="after")
    def _readable(self) -> Self:
        self._parsed = ResponseHours.parse(self.model_dump())
        return self

    @property
    def response_hours(self) -> ResponseHours:
        return self._parsed


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class CalendarRules(Doc):
    response_hours: Hours
    working_days: list[Weekday] = Field(["mon", "tue", "wed", "thu", "fri"], max_length=7)
    holiday_region: Line = ""
    """ISO country or country-subdivision: ``DE`` or ``DE-BY``; empty = no public holidays."""
    holidays: list[date] = Field([], max_length=1_000)
    """Filled from ``holiday_region`` whenever the programme is saved, and written on by itself
    before they run out.
    """
    closing_days: list[date] = Field([], max_length=1_000)
    """HQ's own, beside public holidays; they hold for every partner too."""
    round_up_minutes: float = Field(30, ge=0, le=1440)
    """Deadlines are rounded up to this many minutes on the local clock, at most to the day; 0 = not
    at all.
    """


class Region(Doc):
    """A name for an area: postcodes, prefixes ending in ``*`` and ranges ``80000-81999`` of one
    country.
    """

    country: Country
    name: Text = {}
    postcodes: list[Annotated[str, Field(max_length=60)]] = Field(
        min_length=1, max_length=MOST_PLACES
    )
    time_zone: TimeZone | None = None
    """Where it is not the programme's: prospects of the region read times by this clock."""


class Outlined(Doc):
    """An area drawn on a map: ``geojson`` is a Polygon or MultiPolygon. Needs coordinates of
    postcodes.
    """

    name: Text = {}
    geojson: dict[str, Any]


class Ceilings(Doc):
    """So many enquiries an hour go to partners though nobody vouches for them. What is above is
    never refused: it needs a proof of work, which browsers give by themselves, or it is held until
    its sender confirms the address. What comes with an API key is not counted.

    With a ceiling of none everybody would be held; one of more than a thousand (five thousand for
    all together) would let a flood through.
    """

    contact: int = Field(6, ge=1, le=1_000)
    """Of one email address."""
    client: int = Field(12, ge=1, le=1_000)
    """From one network address: an office or a mobile network may share one."""
    postcode: int = Field(30, ge=1, le=1_000)
    in_all: int = Field(300, ge=1, le=5_000)
    """From everybody together: a flood that changes everything else each time."""


class Points(Doc):
    """Points for one answer. ``field`` is product, urgency, country, phone (valid | missing), email
    (disposable | freemail | business), message (present | missing) or a question's id.
    """

    field: Line
    is_: Line | Annotated[list[Line], Field(max_length=100)] | None = Field(None, alias="is")
    at_least: float | None = Field(None, ge=-1e12, le=1e12)
    """An answer has twelve digits at most."""
    points: int = Field(ge=-10_000, le=10_000)
    """Ten thousand settle any score; ``Score`` has room for the sum."""
    because: Text

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False
    )


Score = Annotated[int, Field(ge=-2_000_000, le=2_000_000)]
"""As much as ``MOST_RULES`` rows of points can add up to."""


class Nurture(Doc):
    """At most as long as an enquiry of somebody whom nobody served is usually kept."""

    ask_after_days: int = Field(30, ge=1, le=365)
    close_after_days: int = Field(60, ge=2, le=730)


class Qualification(Doc):
    points: list[Points] = Field([], max_length=MOST_RULES)
    offer_from: Score = 0
    """This many points or more go to partners."""
    nurture_from: Score = 0
    """This many or more, but below ``offer_from``: asked again later. Fewer: HQ reviews."""
    nurture: Nurture = Nurture()
    top_tier_from: Score | None = None
    """With this many points or more, partners of the best tier are asked first."""


MailDomain = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=253)]
SameBy = Literal["email", "phone", "domain"]


class Repeat(Doc):
    window_days: int = Field(90, ge=1, le=1_100)
    """Up to three years: who asks again after that does not expect to be known."""
    by: list[SameBy] = Field(["email", "phone"], min_length=1, max_length=3)
    """What makes two enquiries the same person's; ``domain``: the same firm's, by the domain of its
    mail addresses (never a freemail's).
    """


Criterion = Literal[
    "served_before",
    "preferred",
    "territory",
    "rank",
    "tier",
    "distance",
    "weight",
    "load",
    "last_offered",
    "performance",
    "exploration",
]
Measure = Literal["acceptance", "speed", "conversion", "value", "returns"]


class Performance(Doc):
    """How partners are compared by what they did so far; 1 is the average partner."""

    of: list[Measure] = Field(
        ["acceptance", "speed", "conversion", "value", "returns"], min_length=1, max_length=5
    )
    """Accepted of what was offered, how much of the accept window is used, won of what was decided,
    order value, and what had to be taken back for want of contact. What is still open counts as the
    average partner's.
    """
    prior: int = Field(10, ge=1, le=10_000)
    """Everybody is judged as if this many more offers had gone as the average partner's do: few
    offers tell little. Beyond ten thousand nobody ever differs from the average.
    """
    newcomers: int = Field(5, ge=0, le=10_000)
    """With fewer offers than this, nobody counts as worse than the average; beyond ten thousand
    nobody ever would.
    """
    order_value: int = Field(10_000, ge=1, le=10**12)
    """The usual value of an order, in the programme's currency; twelve digits at most, as any
    amount.
    """


class Routing(Doc):
    """Who may have a lead, and who comes first."""

    rules: list[Annotated[str, Field(max_length=1_000)]] = Field([], max_length=MOST_RULES)
    """Sentences: ``require certificate f-gas when product is heat-pump``; prefer and forbid
    likewise (domain.rules).
    """
    order: list[Criterion] = Field(
        ["served_before", "preferred", "territory", "rank", "tier", "load", "last_offered"],
        min_length=1,
        max_length=20,
    )
    """The first criterion decides, the next only between equals."""
    back: Literal["in_line", "keep", "accrue"] = "in_line"
    """Back from an absence: like everybody else, with the one turn that was due, or with every
    missed offer made up. Like everybody else also means that an empty desk (after a pause, of a
    newcomer too) is not filled at once.
    """
    performance: Performance = Performance()


class ContactRule(Rule):
    """Time from acceptance to the first contact."""

    window: Window


class MissedContact(Doc):
    remind_at: Annotated[float, Field(gt=0, lt=1)] = 0.75
    """At this fraction of the partner's response hours before the deadline; of the clock in an
    emergency.
    """
    retract_after: Window | None = None
    """After HQ was told, the lead is taken back and routed again; None = never."""


class Afterwards(Doc):
    """After acceptance: asked on ``status_days``, which are working days, how it stands; HQ is told
    if nothing came of it after ``outcome_days``, which are calendar days.
    """

    status_days: list[Annotated[int, Field(ge=1, le=250)]] = Field([7, 21, 45], max_length=20)
    """Within a year, which is as far as calendars know holidays; each is a mail, and a question too
    many.
    """
    quote_days: int | None = Field(15, ge=1, le=250)
    """Working days until a quote should have gone out, within a year like ``status_days``: then the
    partner is asked once and HQ is told; None = never.
    """
    outcome_days: int = Field(90, ge=1, le=730)
    """Up to two years: HQ is to hear of it while somebody still remembers."""


class Retention(Doc):
    """Months after its end for which an enquiry keeps who asked; then the person is erased, and
    what can be counted stays. A change holds for what ends from then on. From one month, in which
    somebody may still ask, to ten years, as long as a firm keeps its books.
    """

    spam: int = Field(1, ge=1, le=120)
    """Rejected, or held back as spam and never released."""
    unplaced: int = Field(6, ge=1, le=120)
    """Nobody took or kept it; the prospect withdrew or no longer wanted it; or it joined an earlier
    one.
    """
    lost: int = Field(12, ge=1, le=120)
    won: int = Field(24, ge=1, le=120)


class EarlyReturn(Doc):
    minutes: float = Field(10, ge=0, le=10_080)
    """Up to a week; what is given back later has its reasons (``return_reasons``)."""
    per_month: int = Field(2, ge=0, le=100)
    """0 = never; more than a hundred in a month are no mistakes."""


class FollowUp(Doc):
    retry_every: Window = Window(working_days=1)
    give_up_after: Window = Window(working_days=10)
    update_every: Window = Window(working_days=3)
    """While HQ looks for somebody, the prospect hears this often how it stands."""
    then: Literal["apologise", "hq"] = "apologise"


class Fallback(Doc):
    """What happens when routing finds nobody (else): backup partners, HQ queue, follow-up, in this
    order.
    """

    backup_partner: Line | None = None
    """The programme's own backup: takes whatever nobody else can take."""
    backup: list[BackupRule] = Field([BackupRule()], min_length=1, max_length=MOST_RULES)
    hq_hold: Window
    """HQ has this long to place the lead by hand before the follow-up starts."""
    follow_up: FollowUp = FollowUp()


class PromiseRule(Rule):
    """When the prospect hears from us at the latest, counted in HQ's calendar."""

    within: Window


BeforeAccept = Literal[
    "postcode", "town", "region", "distance", "product", "urgency", "answers", "language", "company"
]
BEFORE_ACCEPT: tuple[BeforeAccept, ...] = tuple(
    part for part in get_args(BeforeAccept) if part != "company"
)
"""What is shown unless the programme says otherwise: a company's name only where it is listed."""


class Programme(Doc):
    schema_: Literal[1] = Field(1, alias="schema")
    name: Line
    languages: list[Language] = Field(min_length=1, max_length=20)
    """The first is the default; pages and mails exist in ``en`` and ``de``."""
    country: Country
    time_zone: TimeZone
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    brand: Brand
    hotline: Hotline | None = None
    hq: Headquarters
    calendar: CalendarRules
    regions: dict[Id, Region] = Field({}, max_length=1_000)
    areas: dict[Id, Outlined] = Field({}, max_length=200)
    partner_types: list[Line] = Field(["partner"], min_length=1, max_length=50)
    products: list[Product] = Field(min_length=1, max_length=200)
    urgencies: list[Urgency] = Field(min_length=1, max_length=20)
    forms: list[Form] = Field(min_length=1, max_length=100)
    ceilings: Ceilings = Ceilings()
    qualification: Qualification = Qualification()
    repeat: Repeat = Repeat()
    match_language: bool = True
    """Only partners who serve the prospect's language are offered the lead."""
    routing: Routing = Routing()
    offers: list[OfferRule] = Field(min_length=1, max_length=MOST_RULES)
    reminders: Reminders = Reminders()
    contact: list[ContactRule] = Field(min_length=1, max_length=MOST_RULES)
    missed_contact: MissedContact = MissedContact()
    afterwards: Afterwards = Afterwards()
    retention: Retention = Retention()
    early_return: EarlyReturn = EarlyReturn()
    lapses: Lapses = Lapses()
    fallback: Fallback
    promise: list[PromiseRule] = Field(min_length=1, max_length=MOST_RULES)
    mail_domains: dict[MailDomain, MailKind] = Field({}, max_length=1_000)
    """What the kept lists of mail providers do not know, or say wrongly here: ``stadtnetz.example:
    freemail`` (anybody can have an address there), ``disposable`` or ``business`` (a firm's own);
    what is below each is meant too.
    """
    before_accept: list[BeforeAccept] = Field(list(BEFORE_ACCEPT), max_length=20)
    """What a partner sees of a lead before accepting it; never the person."""
    decline_reasons: list[Reason] = Field(min_length=1, max_length=50)
    lost_reasons: list[LostReason] = Field(min_length=1, max_length=50)
    return_within: Window = Window(working_days=10)
    """So long after accepting, a partner may give a lead back for one of ``return_reasons``."""
    return_reasons: list[ReturnReason] = Field([], max_length=50)
    """None: a lead that was accepted cannot be given back, but for the early return."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False
    )

    _hq_calendar: tuple[CalendarRules, str, Calendar] | None = PrivateAttr(None)

    # What no field can tell alone (an unknown product in a form, a rule list without a general
    # rule, ...) is checked in programme_checks; `parse` does both.

    def form(self, form_id: str) -> Form | None:
        return next((f for f in self.forms if f.id == form_id), None)

    def product(self, product_id: str) -> Product:
        return next(p for p in self.products if p.id == product_id)

    def urgency(self, urgency_id: str) -> Urgency:
        return next(u for u in self.urgencies if u.id == urgency_id)

    def is_emergency(self, urgency_id: str) -> bool:
        """Not one that the programme no longer has."""
        return any(u.emergency for u in self.urgencies if u.id == urgency_id)

    @property
    def hq_calendar(self) -> Calendar:
        """HQ's; made once for as long as the rules are the same."""
        known = self._hq_calendar
        if known is None or known[0] is not self.calendar or known[1] != self.time_zone:
            known = self._hq_calendar = (self.calendar, self.time_zone, self._made_hq_calendar())
        return known[2]

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
        return ZoneInfo(self.time_zone)

    def language_for(self, *wanted: str | None) -> str:
        """The first of a person's or browser's languages that the programme has (``de-AT;q=0.8`` →
        ``de``), else its own first.
        """
        short = (re.split(r"[-_;]", language or "")[0].strip().lower() for language in wanted)
        return next(
            (language for language in short if language in self.languages), self.languages[0]
        )


def parse(document: Mapping[str, Any]) -> Programme:
    """Reads a programme; raises InvalidInput with the path of each error and what would be
    right.
    """
    from routing_core.domain.checks.programme_checks import (
        check_references,  # here, because the checks are made of this module's types
    )

    try:
        programme = Programme.model_validate(document)
    except ValidationError as error:
        raise InvalidInput(problems_of(error)) from error
    problems = list(islice(check_references(programme), MOST_TOLD))
    if problems:
        raise InvalidInput(problems)
    return programme

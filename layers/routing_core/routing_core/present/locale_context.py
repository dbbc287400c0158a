"""The person who reads: their language, their clock, their dates, numbers and money.

Dates, numbers, countries and languages are written as CLDR has them, by Babel; the sentences around
them are ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_timezone_name
from babel.languages import get_official_languages
from babel.numbers import format_currency, format_decimal

from routing_core.domain.calendar.business_time import WEEKDAYS
from routing_core.domain.partner import Partner
from routing_core.domain.programme.document import LocalizedText, in_language
from routing_core.domain.programme.programme import Programme
from routing_core.present.catalog import LANGUAGES, Catalog, catalog_for

LOCALES_WITH_MILES = ("en_US", "en_GB")
KM_PER_MILE = 1.609344
DAYS_WITHOUT_YEAR = 300
"""A day nearer than this is told without its year: nobody takes it for another year's."""
DAYS_WITH_HOURS = 3
"""A length of fewer days than this tells its hours too; of a longer one they say nothing."""
MINUTES_PER_DAY = 24 * 60


class ReaderClock(NamedTuple):
    """What decides how an instant is written.

    It is a tuple, for instants that were written once are kept under it.
    """

    time_zone: str
    """The zone that the person lives by: ``Europe/Vienna``."""
    home_zone: str
    """The zone that goes without saying: a time that differs from it is shown with its zone.

    Empty: every time is shown with its zone.
    """
    locale_id: str
    """The locale that dates and numbers are written in, as Babel calls it: ``de_AT``."""

    def local(self, at: datetime) -> datetime:
        """Give the instant as the person's own clock shows it."""
        return at.astimezone(ZoneInfo(self.time_zone))


@dataclass(frozen=True, slots=True)
class LocaleContext:
    """Says everything in one person's language, by their clock and as their country writes it."""

    language: str
    """The language that the words are in: ``de``."""
    clock: ReaderClock
    """The zone and the locale that instants are written in."""
    now: datetime
    """The instant that "today" and "3 hours left" are counted from."""
    catalog: Catalog
    """The words, in this language and as this country spells them."""
    absolute_dates: bool = False
    """Names every day by its date, and calls none today or tomorrow.

    A mail or a file may be read days after it was written, when "tomorrow" is another day.
    """

    @classmethod
    def for_partner(
        cls, partner: Partner, programme: Programme, language: str, now: datetime
    ) -> "LocaleContext":
        """Give that of somebody at a partner, who lives by the partner's own clock."""
        locale_id = _locale_id(language, partner.country)
        return cls._at(ReaderClock(partner.time_zone, programme.time_zone, locale_id), now)

    @classmethod
    def for_programme(
        cls, programme: Programme, language: str, now: datetime | None = None
    ) -> "LocaleContext":
        """Give that of HQ, and of whoever else lives by the programme's clock."""
        locale_id = _locale_id(language, programme.country)
        return cls._at(ReaderClock(programme.time_zone, programme.time_zone, locale_id), now)

    @classmethod
    def for_prospect(
        cls, programme: Programme, language: str, now: datetime | None = None, region: str = ""
    ) -> "LocaleContext":
        """Give that of somebody in a region of the programme.

        Where regions have clocks of their own, whoever lives in none of them reads the programme's
        time with its zone: it may not be theirs.
        """
        own_zone = None
        if region in programme.regions:
            own_zone = programme.regions[region].time_zone
        several_zones = any(each.time_zone for each in programme.regions.values())
        time_zone = own_zone or programme.time_zone
        home_zone = time_zone if own_zone or not several_zones else ""
        locale_id = _locale_id(language, programme.country)
        return cls._at(ReaderClock(time_zone, home_zone, locale_id), now)

    @classmethod
    def _at(cls, clock: ReaderClock, now: datetime | None) -> "LocaleContext":
        catalog = catalog_for(clock.locale_id)
        return cls(catalog.language, clock, now or datetime.now(UTC), catalog)

    def translate(self, key: str, **fill: Any) -> str:
        """Give the text of a key of the catalogue. Raises LookupError for a key nobody wrote."""
        return self.catalog.translate(key, **fill)

    def say(self, text: LocalizedText) -> str:
        """Give a text of the programme in this language, or in the nearest it was written in."""
        return in_language(text, self.language)

    def when(self, at: datetime) -> str:
        """Give an instant as in a sentence: ``17:00 today``, ``12:00 on Mon, 23 Nov``.

        With ``absolute_dates`` it is ``12:00 on Monday, 23 November``.
        """
        return self._written(at, briefly=False)

    def when_known(self, at: datetime | None) -> str:
        """Give an instant as ``when`` does; empty where there is none."""
        return self.when(at) if at else ""

    def when_briefly(self, at: datetime) -> str:
        """Give an instant as in a subject, where today's times go without the day: ``17:00``."""
        return self._written(at, briefly=True)

    def _written(self, at: datetime, *, briefly: bool) -> str:
        if self.absolute_dates:
            return _with_date(at, self.clock, self.language, briefly=briefly)
        today = self.clock.local(self.now).date()
        return _seen_from(today, at, self.clock, self.language, briefly=briefly)

    def day(self, day: date) -> str:
        """Give a whole day: ``Mon, 23 Nov 2026``."""
        return str(format_skeleton("yMMMEd", day, locale=self.clock.locale_id))

    def weekday(self, name: str) -> str:
        """Give the short name of a weekday: ``Sat`` for ``sat``."""
        names = _locale(self.clock.locale_id).days["stand-alone"]["abbreviated"]
        return str(names[WEEKDAYS.index(name)])

    def time_of_day(self, at: datetime) -> str:
        """Give the time of an instant without its day and zone: ``5:00 PM``."""
        return _time_of_day(at, self.clock)

    def time_left(self, until: datetime) -> str:
        """Give how long it still is: ``3 hours 20 minutes``."""
        return self.duration(until - self.now)

    def duration(self, length: timedelta) -> str:
        """Give a length of time in its two largest units, rounded down to whole minutes."""
        whole_minutes = int(length.total_seconds() // 60)
        if whole_minutes < 1:
            return self.translate("common.time.moment")
        days, rest = divmod(whole_minutes, MINUTES_PER_DAY)
        hours, minutes = divmod(rest, 60)
        if days >= DAYS_WITH_HOURS:
            parts = [("days", days)]
        elif days:
            parts = [("days", days), ("hours", hours)]
        else:
            parts = [("hours", hours), ("minutes", minutes)]
        told = [self.translate(f"common.time.{unit}", n=count) for unit, count in parts if count]
        return " ".join(told)

    def distance(self, km: float) -> str:
        """Give a distance in whole miles where roads are signed in miles, else in kilometres."""
        if self.clock.locale_id in LOCALES_WITH_MILES:
            unit, length = "mi", km / KM_PER_MILE
        else:
            unit, length = "km", km
        rounded = round(length)
        if not rounded:
            return self.translate(f"common.distance.near_{unit}")
        return self.translate(f"common.distance.{unit}", n=rounded)

    def number(self, value: str) -> str:
        """Give a number with this country's signs; what is none comes back as it is."""
        return _number(value, self.number_locale)

    @property
    def number_locale(self) -> str:
        """Give the locale that numbers are written in, which Babel takes."""
        return _number_locale(self.clock.locale_id)

    def month(self, day: date) -> str:
        """Give the month of a day: ``October 2026``."""
        return str(format_skeleton("yMMMM", day, locale=self.clock.locale_id))

    def month_briefly(self, day: date) -> str:
        """Give the month of a day where there is little room: ``Oct 26``."""
        return str(format_date(day, "MMM yy", locale=self.clock.locale_id))

    def money(self, value: str, currency: str) -> str:
        """Give an amount with its currency, and without cents if it has none.

        What is no number comes back as it is.
        """
        try:
            amount = Decimal(value)
        except InvalidOperation:
            return value
        # As all other numbers of the text, or one page would have 1,234 and 1.234.
        locale_id = self.number_locale
        pattern = _locale(locale_id).currency_formats["standard"].pattern
        has_cents = amount != amount.to_integral_value()
        if not has_cents:
            pattern = pattern.replace(".00", "")
        return str(format_currency(amount, currency, pattern, locale_id, currency_digits=has_cents))

    def country(self, code: str) -> str:
        """Give the name of a country, ``Germany`` for ``DE``; of an unknown one its code."""
        return str(_locale(self.clock.locale_id).territories.get(code, code))

    def language_name(self, code: str) -> str:
        """Give the name of a language, ``German`` for ``de``; of an unknown one its code."""
        return str(_locale(self.clock.locale_id).languages.get(code, code))


def _locale_id(language: str, country: str) -> str:
    """Give the locale of a language that we have words for, nearest to the one that was asked."""
    return locale_name(catalog_for(language).language, country)


@lru_cache(maxsize=256)
def locale_name(language: str, country: str) -> str:
    """Give the locale of a language in a country: ``en_DE`` writes 17:00, ``en_US`` 5:00 PM.

    A pair that CLDR does not know is written as in the language alone.
    """
    try:
        return str(Locale.parse(f"{language}_{country}"))
    except (UnknownLocaleError, ValueError):
        return language if language in LANGUAGES else LANGUAGES[0]


@lru_cache(maxsize=64)
def _locale(locale_id: str) -> Locale:
    return Locale.parse(locale_id)


@lru_cache(maxsize=256)
def _number_locale(locale_id: str) -> str:
    """Give the locale for numbers: the country's where its language is spoken there.

    Else the language's alone: in an English text it is 1.9 also in Germany, for a number is read in
    the language that stands around it.
    """
    language, _, country = locale_id.partition("_")
    spoken_there = get_official_languages(country, regional=True, de_facto=True)
    return locale_id if language in spoken_there else language


def _number(value: str, locale_id: str) -> str:
    try:
        return str(format_decimal(Decimal(value), locale=_locale(locale_id)))
    except InvalidOperation:
        return value


@lru_cache(maxsize=4096)
def _time_of_day(at: datetime, clock: ReaderClock) -> str:
    time = str(format_time(clock.local(at), "short", locale=clock.locale_id))
    # CLDR puts a narrow space before PM, which some mail clients show as a box.
    return time.replace("\u202f", " ")


_NEAR_DAYS: Mapping[int, str] = {-1: "yesterday", 0: "today", 1: "tomorrow"}


@lru_cache(maxsize=8192)
def _seen_from(
    today: date, at: datetime, clock: ReaderClock, language: str, *, briefly: bool
) -> str:
    """Write an instant as it is called on a given day: today, tomorrow, or by its date."""
    catalog = catalog_for(language)
    local = clock.local(at)
    time = _time_with_zone(at, clock, language, briefly=briefly)
    days_ahead = (local.date() - today).days
    if briefly and days_ahead == 0:
        return time
    if days_ahead in _NEAR_DAYS:
        return catalog.translate(f"common.time.{_NEAR_DAYS[days_ahead]}", time=time)
    skeleton = "MMMEd" if abs(days_ahead) < DAYS_WITHOUT_YEAR else "yMMMEd"
    day = format_skeleton(skeleton, local, locale=clock.locale_id)
    return catalog.translate("common.time.other", day=day, time=time)


@lru_cache(maxsize=8192)
def _with_date(at: datetime, clock: ReaderClock, language: str, *, briefly: bool) -> str:
    """Write an instant by its date, whenever it is read: ``10:00 on Tuesday, 1 December``."""
    local = clock.local(at)
    if briefly:
        day = format_skeleton("MMMEd", local, locale=clock.locale_id)
    else:
        # No locale has a skeleton with both names in full.
        weekday = _locale(clock.locale_id).days["stand-alone"]["wide"][local.weekday()]
        day = f"{weekday}, {format_skeleton('MMMMd', local, locale=clock.locale_id)}"
    time = _time_with_zone(at, clock, language, briefly=briefly)
    return catalog_for(language).translate("common.time.other", day=day, time=time)


def _time_with_zone(at: datetime, clock: ReaderClock, language: str, *, briefly: bool) -> str:
    """Write the time of an instant, with its zone where that does not go without saying.

    That is elsewhere than at home, and in the hour that an autumn night has twice.
    """
    local = clock.local(at)
    time = _time_of_day(at, clock)
    if not briefly:
        time = catalog_for(language).translate("common.time.clock", time=time)
    elsewhere = True
    if clock.home_zone:
        # Compared by offset and not by name: Vienna's clock is Berlin's.
        elsewhere = local.utcoffset() != at.astimezone(ZoneInfo(clock.home_zone)).utcoffset()
    comes_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    if elsewhere or comes_twice:
        time = f"{time} ({get_timezone_name(local, 'short', locale=clock.locale_id)})"
    return time


def language_names(programme: Programme) -> list[tuple[str, str]]:
    """List the languages that the programme speaks and we have words for, each named in itself."""
    spoken = [code for code in programme.languages if code in LANGUAGES]
    return [(code, catalog_for(code).translate("common.language_name")) for code in spoken]

"""Who reads: their language, their clock, their way of writing dates, numbers and money."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, format_time, get_timezone_name
from babel.languages import get_official_languages
from babel.numbers import format_currency, format_decimal

from routing_core.domain.calendar.business_time import WEEKDAYS
from routing_core.domain.partner import Partner
from routing_core.domain.programme.document import Text, say
from routing_core.domain.programme.programme import Programme
from routing_core.present.catalog import LANGUAGES, Catalog, words

IN_MILES = ("en_US", "en_GB")
KM_OF_A_MILE = 1.609344


@dataclass(frozen=True, slots=True)
class LocaleContext:
    """``home`` is the zone that goes without saying: a time that differs from it is shown with its
    zone. Empty: each
    is.
    """

    language: str
    locale: str
    zone: str
    home: str
    now: datetime
    t: Catalog
    dated: bool = False
    """Every day is named: a mail or a file may be read days after it was written, when "tomorrow"
    is another day.
    """

    @classmethod
    def partner(
        cls, partner: Partner, programme: Programme, language: str, now: datetime
    ) -> "LocaleContext":
        return cls._of(language, partner.country, partner.time_zone, programme.time_zone, now)

    @classmethod
    def at_home(
        cls, programme: Programme, language: str, now: datetime | None = None
    ) -> "LocaleContext":
        """HQ lives by the programme's clock."""
        zone = programme.time_zone
        return cls._of(language, programme.country, zone, zone, now or datetime.now(UTC))

    @classmethod
    def prospect(
        cls, programme: Programme, language: str, now: datetime | None = None, region: str = ""
    ) -> "LocaleContext":
        """Somebody in that region. Where regions have clocks of their own, whoever lives in none of
        them reads the programme's time with its zone.
        """
        several = any(each.time_zone for each in programme.regions.values())
        own = programme.regions[region].time_zone if region in programme.regions else None
        zone = own or programme.time_zone
        home = zone if own or not several else ""
        return cls._of(language, programme.country, zone, home, now or datetime.now(UTC))

    @classmethod
    def _of(
        cls, language: str, country: str, zone: str, home: str, now: datetime
    ) -> "LocaleContext":
        locale = locale_name(words(language).language, country)
        t = words(locale)
        return cls(t.language, locale, zone, home, now, t)

    def say(self, text: Text) -> str:
        return say(text, self.language)

    def when(self, at: datetime) -> str:
        """As in a sentence: ``17:00 today``, ``9:30 tomorrow``, ``12:00 on Mon, 23 Nov``; ``12:00
        on Monday, 23 November`` in what is ``dated``.
        """
        if self.dated:
            return _named_day(at, self.zone, self.home, self.locale, self.language)
        return _when(
            at, _local_day(self.now, self.zone), self.zone, self.home, self.locale, self.language
        )

    def short(self, at: datetime) -> str:
        """As in a subject: today's times without the day."""
        if self.dated:
            return _named_day(at, self.zone, self.home, self.locale, self.language, short=True)
        today = _local_day(self.now, self.zone)
        return _when(at, today, self.zone, self.home, self.locale, self.language, short=True)

    def day(self, day: date) -> str:
        """A whole day: ``Mon, 23 Nov 2026``."""
        return str(format_skeleton("yMMMEd", day, locale=self.locale))

    def weekday(self, name: str) -> str:
        """``Sat`` for ``sat``."""
        return str(_locale(self.locale).days["stand-alone"]["abbreviated"][WEEKDAYS.index(name)])

    def clock(self, at: datetime) -> str:
        return _clock(at, self.zone, self.locale)

    def left(self, until: datetime) -> str:
        """How long it still is: ``3 hours 20 minutes``; nothing left is the words for that."""
        return self.span(until - self.now)

    def span(self, length: timedelta) -> str:
        minutes = max(0, int(length.total_seconds() // 60))
        if minutes < 1:
            return self.t("common.time.moment")
        days, rest = divmod(minutes, 24 * 60)
        hours, minutes = divmod(rest, 60)
        if days:
            pairs = [("days", days), ("hours", hours if days < 3 else 0)]
        else:
            pairs = [("hours", hours), ("minutes", minutes)]
        return " ".join(self.t(f"common.time.{unit}", n=n) for unit, n in pairs if n)

    def distance(self, km: float) -> str:
        """In whole miles where roads are signed in miles, in whole kilometres elsewhere."""
        unit = "mi" if self.locale in IN_MILES else "km"
        far = round(km / KM_OF_A_MILE if unit == "mi" else km)
        return (
            self.t(f"common.distance.{unit}", n=far)
            if far
            else self.t(f"common.distance.near_{unit}")
        )

    def number(self, value: str) -> str:
        return _number(value, _number_locale(self.locale))

    def money(self, value: str, currency: str) -> str:
        try:
            amount = Decimal(value)
        except InvalidOperation:
            return value
        whole = amount == amount.to_integral_value()
        pattern = _locale(self.locale).currency_formats["standard"].pattern
        return str(format_currency(
            amount, currency, pattern.replace(".00", "") if whole else pattern, self.locale, currency_digits=not whole
        ))  # fmt: skip

    def country(self, code: str) -> str:
        return str(_locale(self.locale).territories.get(code, code))

    def language_name(self, code: str) -> str:
        return str(_locale(self.locale).languages.get(code, code))


@lru_cache(maxsize=256)
def locale_name(language: str, country: str) -> str:
    """The locale of a language as written in a country: ``en_DE`` writes 17:00, ``en_US`` 5:00
    PM.
    """
    try:
        return str(Locale.parse(f"{language}_{country}"))
    except (UnknownLocaleError, ValueError):
        return language if language in LANGUAGES else LANGUAGES[0]


@lru_cache(maxsize=64)
def _locale(name: str) -> Locale:
    return Locale.parse(name)


@lru_cache(maxsize=256)
def _number_locale(locale: str) -> str:
    """As in the country where its language is spoken there, else as in the language: in an English
    text 1.9 also in Germany, for a number is read in the language that stands around it.
    """
    language, _, country = locale.partition("_")
    return (
        locale
        if language in get_official_languages(country, regional=True, de_facto=True)
        else language
    )


def _number(value: str, locale: str) -> str:
    try:
        return str(format_decimal(Decimal(value), locale=_locale(locale)))
    except InvalidOperation:
        return value


def _local_day(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=4096)
def _clock(at: datetime, zone: str, locale: str) -> str:
    """``5:00 PM`` with a plain space: some mail clients show the narrow one as a box."""
    return str(format_time(at.astimezone(ZoneInfo(zone)), "short", locale=locale)).replace(
        "\u202f", " "
    )


@lru_cache(maxsize=8192)
def _when(
    at: datetime, today: date, zone: str, home: str, locale: str, language: str, short: bool = False
) -> str:
    t = words(language)
    local = at.astimezone(ZoneInfo(zone))
    time = _time_of_day(at, zone, home, locale, language, short=short)
    days = (local.date() - today).days
    if days in _NEAR:
        if short and days == 0:
            return time
        return t(f"common.time.{_NEAR[days]}", time=time)
    skeleton = "MMMEd" if abs(days) < 300 else "yMMMEd"
    day = format_skeleton(skeleton, local, locale=locale)
    return t("common.time.other", day=day, time=time)


@lru_cache(maxsize=8192)
def _named_day(
    at: datetime, zone: str, home: str, locale: str, language: str, short: bool = False
) -> str:
    """``10:00 on Tuesday, 1 December``, whenever it is read; ``short``: ``10:00 on Tue, 1 Dec``."""
    local = at.astimezone(ZoneInfo(zone))
    if short:
        day = format_skeleton("MMMEd", local, locale=locale)
    else:  # no locale has a skeleton with both names in full
        weekday = _locale(locale).days["stand-alone"]["wide"][local.weekday()]
        day = f"{weekday}, {format_skeleton('MMMMd', local, locale=locale)}"
    time = _time_of_day(at, zone, home, locale, language, short=short)
    return words(language)("common.time.other", day=day, time=time)


def _time_of_day(
    at: datetime, zone: str, home: str, locale: str, language: str, *, short: bool
) -> str:
    """With its zone where that does not go without saying: elsewhere, and in the hour that a night
    has twice.
    """
    local = at.astimezone(ZoneInfo(zone))
    time = _clock(at, zone, locale)
    if not short:
        time = words(language)("common.time.clock", time=time)
    elsewhere = not home or local.utcoffset() != at.astimezone(ZoneInfo(home)).utcoffset()
    comes_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    if elsewhere or comes_twice:
        time = f"{time} ({get_timezone_name(local, 'short', locale=locale)})"
    return time


_NEAR: Mapping[int, str] = {-1: "yesterday", 0: "today", 1: "tomorrow"}


def languages(programme: Programme) -> list[tuple[str, str]]:
    """Gives those the programme speaks and we have words for, each with its name in itself."""
    return [
        (code, words(code)("common.language_name"))
        for code in programme.languages
        if code in LANGUAGES
    ]

"""Tell who the vendor is, who works at HQ, when, and which areas have a name."""

from collections.abc import Iterator, Sequence
from datetime import date
from hashlib import sha256
from itertools import groupby

from routing_core.domain.calendar.business_time import WEEKDAYS, ResponseHours
from routing_core.domain.hq_people import hq_entries
from routing_core.domain.programme.areas import Outlined, Region
from routing_core.domain.programme.headquarters import HqPersonEntry
from routing_core.present.hq_desk.rules.teller import RuleSentence, RuleTeller


def tell_vendor(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell the brand, where the vendor is at home, and the hotline."""
    programme, say = teller.programme, teller.sentence
    brand = programme.brand
    country = teller.locale.country(programme.country)
    yield say("name", "vendor.name", name=teller.quote(programme.name))
    yield say("country", "vendor.country", brand=brand.name, country=country)
    yield say("time_zone", "vendor.time_zone", zone=programme.time_zone)
    languages = list(map(teller.language, programme.languages))
    key = "vendor.languages" if len(languages) > 1 else "vendor.language"
    yield say("languages", key, languages=teller.all_of(languages), first=languages[0])
    yield say("currency", "vendor.currency", currency=programme.currency)
    yield say("brand.name", "vendor.brand", name=teller.quote(brand.name))
    yield say("brand.colour", "vendor.colours", colour=brand.colour, accent=brand.accent)
    if brand.logo:
        # A logo is told apart by what it looks like; here a sum of it has to do.
        mark = sha256(brand.logo.encode()).hexdigest()[:8]
        yield say("brand.logo", "vendor.logo", mark=mark)
    else:
        yield say("brand.logo", "vendor.no_logo")
    sender = brand.sender_name or brand.name
    yield say("brand.sender_name", "vendor.sender", name=teller.quote(sender))
    if brand.reply_to:
        yield say("brand.reply_to", "vendor.reply_to", email=brand.reply_to)
    else:
        yield say("brand.reply_to", "vendor.no_reply_to")
    if brand.imprint:
        yield say("brand.imprint", "vendor.imprint", text=teller.quote(brand.imprint))
    else:
        yield say("brand.imprint", "vendor.no_imprint")
    if brand.privacy_url:
        yield say("brand.privacy_url", "vendor.privacy", address=brand.privacy_url)
    else:
        yield say("brand.privacy_url", "vendor.no_privacy")
    yield from tell_hotline(teller)


def tell_hotline(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell the number that people in an emergency see."""
    hotline = teller.programme.hotline
    if hotline is None:
        yield teller.sentence("hotline", "vendor.no_hotline")
    elif hotline.hours:
        hours = teller.every_name(hotline.hours)
        yield teller.sentence("hotline", "vendor.hotline", phone=hotline.phone, hours=hours)
    else:
        yield teller.sentence("hotline", "vendor.hotline_only", phone=hotline.phone)


# ── HQ ────────────────────────────────────────────────────────────────────────────────────────────


def tell_headquarters(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell who works at HQ, and when they get mail."""
    hq, say = teller.programme.hq, teller.sentence
    for entry in hq_entries(hq):
        yield _person_at_hq(teller, entry)
    yield say("hq.language", "people.language", language=teller.language(hq.language))
    if hq.digests:
        times = teller.all_of(_clock(teller, each) for each in hq.digests)
        yield say("hq.digests", "people.digests", times=times)
    else:
        yield say("hq.digests", "people.no_digests")
    yield say("hq.links", "people.links", generation=teller.number(hq.links))


def _person_at_hq(teller: RuleTeller, entry: HqPersonEntry) -> RuleSentence:
    who = f"{entry.name} ({entry.email})" if entry.name else entry.email
    regions = teller.say("people.everywhere")
    if entry.regions:
        names = teller.all_of(map(teller.region, entry.regions))
        regions = teller.say("people.regions", regions=names)
    told = teller.say(f"people.role.{entry.role}", who=who, regions=regions)
    parts = [told]
    if entry.role == "manager" and entry.may:
        listed = teller.all_of(teller.say(f"people.may.{right}") for right in entry.may)
        parts.append(teller.say("people.also", rights=listed))
    if entry.language:
        language = teller.language(entry.language)
        parts.append(teller.say("people.reads", language=language))
    return RuleSentence(f"hq.people[{entry.email}]", " ".join(parts))


def _clock(teller: RuleTeller, time: str) -> str:
    return teller.locale.translate("common.time.clock", time=time)


# ── when HQ works ─────────────────────────────────────────────────────────────────────────────────


def tell_calendar(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell HQ's hours, working days, holidays and closing days."""
    calendar, say = teller.programme.calendar, teller.sentence
    yield say("calendar.response_hours", "calendar.hours", hours=_hours(teller))
    days = [teller.locale.weekday(day) for day in WEEKDAYS if day in calendar.working_days]
    if days:
        yield say("calendar.working_days", "calendar.working_days", days=teller.all_of(days))
    else:
        yield say("calendar.working_days", "calendar.no_working_days")
    if calendar.holiday_region:
        region = holiday_region_told(teller, calendar.holiday_region)
        yield say("calendar.holidays", "calendar.region", region=region)
    elif calendar.holidays:
        yield say("calendar.holidays", "calendar.holidays", days=_days(teller, calendar.holidays))
    else:
        yield say("calendar.holidays", "calendar.no_holidays")
    yield tell_closing_days(teller)
    if calendar.round_up_minutes:
        minutes = calendar.round_up_minutes
        yield RuleSentence("calendar.round_up_minutes", teller.count("calendar.round", minutes))
    else:
        yield say("calendar.round_up_minutes", "calendar.no_round")


def holiday_region_told(teller: RuleTeller, code: str) -> str:
    """Give the country's name, and the code of the part of it that is meant."""
    country, _, part = code.partition("-")
    name = teller.locale.country(country)
    return f"{name} ({code})" if part else name


def tell_closing_days(teller: RuleTeller) -> RuleSentence:
    """Tell the days on which HQ and every partner are closed."""
    days = teller.programme.calendar.closing_days
    if not days:
        return teller.sentence("calendar.closing_days", "calendar.no_closing")
    told = _days(teller, days)
    return teller.sentence("calendar.closing_days", "calendar.closing", days=told)


def _hours(teller: RuleTeller) -> str:
    return week_told(teller, teller.programme.calendar.response_hours.response_hours)


def week_told(teller: RuleTeller, hours_of_week: ResponseHours) -> str:
    """Tell a week's hours, with days alike together: ``Mon–Fri 08:00–18:00``."""
    week = hours_of_week.week()
    told = []
    for hours, group in groupby(WEEKDAYS, key=lambda day: tuple(week.get(day, ()))):
        days = [teller.locale.weekday(day) for day in group]
        if hours:
            span = "\u2013".join(dict.fromkeys((days[0], days[-1])))
            blocks = teller.all_of(block.replace("-", "\u2013") for block in hours)
            told.append(f"{span} {blocks}")
    return ", ".join(told) or teller.say("calendar.never")


def _days(teller: RuleTeller, days: Sequence[date]) -> str:
    return "; ".join(map(teller.locale.day, sorted(days)))


# ── areas ─────────────────────────────────────────────────────────────────────────────────────────


def tell_areas(teller: RuleTeller) -> Iterator[RuleSentence]:
    """Tell the regions and outlines that territories may name."""
    programme = teller.programme
    for region_id, region in programme.regions.items():
        yield _region(teller, region_id, region)
    for area_id, area in programme.areas.items():
        yield _outline(teller, area_id, area)
    if not (programme.regions or programme.areas):
        yield teller.sentence("regions", "areas.none")


def _region(teller: RuleTeller, region_id: str, region: Region) -> RuleSentence:
    fill = {
        "name": _area_name(teller, region_id, region),
        "country": teller.locale.country(region.country),
        "postcodes": ", ".join(region.postcodes),
    }
    key = f"regions[{region_id}]"
    if region.time_zone:
        return teller.sentence(key, "areas.region_zone", zone=region.time_zone, **fill)
    return teller.sentence(key, "areas.region", **fill)


def _outline(teller: RuleTeller, area_id: str, area: Outlined) -> RuleSentence:
    name = _area_name(teller, area_id, area)
    mark = sha256(repr(area.geojson).encode()).hexdigest()[:8]
    return teller.sentence(f"areas[{area_id}]", "areas.outline", name=name, mark=mark)


def _area_name(teller: RuleTeller, area_id: str, area: Region | Outlined) -> str:
    """Give the id, which territories use, and the name, which people read."""
    return f"{area_id} {teller.every_name(area.name)}" if area.name else area_id

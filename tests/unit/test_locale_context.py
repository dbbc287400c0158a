"""Dates, lengths of time and money as the reader writes them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from routing_core.present.locale_context import LocaleContext
from tests.support.builders import NOON, a_partner, a_programme

BERLIN = a_programme()
EN, DE = (LocaleContext.for_programme(BERLIN, language, NOON) for language in ("en", "de"))


@pytest.mark.parametrize(
    ("ahead", "english", "german"),
    [
        (timedelta(hours=5), "17:00 today", "heute 17:00 Uhr"),
        (timedelta(days=1), "12:00 tomorrow", "morgen 12:00 Uhr"),
        (timedelta(days=-1), "12:00 yesterday", "gestern 12:00 Uhr"),
        (timedelta(days=5), "12:00 on Mon, 30 Nov", "Mo., 30. Nov., 12:00 Uhr"),
        (timedelta(days=400), "12:00 on Thu, 30 Dec 2027", "Do., 30. Dez. 2027, 12:00 Uhr"),
    ],
)
def test_instants_are_said_as_people_say_them(ahead: timedelta, english: str, german: str) -> None:
    assert EN.when(NOON + ahead) == english
    assert DE.when(NOON + ahead) == german


def test_a_subject_leaves_out_today() -> None:
    assert EN.when_briefly(NOON + timedelta(hours=5)) == "17:00"
    assert DE.when_briefly(NOON + timedelta(days=1)) == "morgen 12:00"


def test_midnight_of_the_readers_own_day_decides_what_is_today() -> None:
    late = NOON + timedelta(hours=12)  # 00:00 in Berlin: tomorrow there, though not in UTC
    assert EN.when(late) == "00:00 tomorrow"


def test_another_zone_than_the_programmes_is_named() -> None:
    partner = a_partner(country="GB", time_zone="Europe/London", language="en")
    assert LocaleContext.for_partner(partner, BERLIN, "en", NOON).when(NOON) == "11:00 (GMT) today"
    vienna = a_partner(country="AT", time_zone="Europe/Vienna")
    assert LocaleContext.for_partner(vienna, BERLIN, "de", NOON).when(NOON) == "heute 12:00 Uhr"


def test_americans_read_american_times_and_dollars() -> None:
    reader = LocaleContext.for_programme(
        a_programme(country="US", time_zone="America/Denver", currency="USD"), "en", NOON
    )
    assert reader.when(NOON) == "4:00 AM today"
    assert reader.money("12500", "USD") == "$12,500"
    assert reader.money("12500.5", "USD") == "$12,500.50"


@pytest.mark.parametrize(
    ("country", "language", "far", "near"),
    [
        ("US", "en", "8 miles", "less than 1 mile"),
        ("GB", "en", "8 miles", "less than 1 mile"),
        ("DE", "en", "13 km", "less than 1 km"),
        ("DE", "de", "13 km", "unter 1 km"),
    ],
)
def test_distances_are_told_in_the_unit_of_the_readers_roads(
    country: str, language: str, far: str, near: str
) -> None:
    reader = LocaleContext.for_partner(a_partner(country=country), BERLIN, language, NOON)
    assert reader.distance(13) == far
    assert reader.distance(0) == near


@pytest.mark.parametrize(
    ("region", "noon"),
    [
        ("coast", "3:00 AM"),
        ("inland", "4:00 AM"),
        ("", "4:00 AM (MST)"),
        ("gone", "4:00 AM (MST)"),
    ],
)
def test_prospects_read_the_clock_of_their_region_or_are_told_whose_it_is(
    region: str, noon: str
) -> None:
    regions = {
        "coast": {"country": "US", "postcodes": ["9*"], "time_zone": "America/Los_Angeles"},
        "inland": {"country": "US", "postcodes": ["8*"], "time_zone": "America/Denver"},
    }
    programme = a_programme(country="US", time_zone="America/Denver", regions=regions)
    assert LocaleContext.for_prospect(programme, "en", NOON, region).when(NOON) == f"{noon} today"


def test_where_all_live_by_one_clock_no_zone_is_named() -> None:
    assert LocaleContext.for_prospect(BERLIN, "en", NOON).when(NOON) == "12:00 today"


def test_money_of_the_reader() -> None:
    assert DE.money("12500", "EUR").replace("\xa0", " ") == "12.500 €"
    assert DE.money("no number", "EUR") == "no number"


@pytest.mark.parametrize(
    ("length", "english"),
    [
        (timedelta(seconds=20), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=3, minutes=20), "3 hours 20 minutes"),
        (timedelta(days=1, hours=1), "1 day 1 hour"),
        (timedelta(days=9, hours=5), "9 days"),
        (timedelta(seconds=-5), "less than a minute"),
    ],
)
def test_lengths_of_time(length: timedelta, english: str) -> None:
    assert EN.duration(length) == english


def test_a_mail_names_the_day_so_that_it_is_not_a_day_late_when_it_is_read_tomorrow() -> None:
    at = datetime(2026, 12, 1, 9, tzinfo=UTC)
    late = at - timedelta(hours=10)  # 23:00 in Berlin, the day before
    english, german = (replace(each, absolute_dates=True, now=late) for each in (EN, DE))
    assert english.when(at) == "10:00 on Tuesday, 1 December"
    assert german.when(at) == "Dienstag, 1. Dezember, 10:00 Uhr"
    assert german.when_briefly(at) == "Di., 1. Dez., 10:00"


@pytest.mark.parametrize("dated", [True, False])
def test_in_the_night_in_which_an_hour_comes_twice_it_is_said_which_is_meant(dated: bool) -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    german = replace(DE, absolute_dates=dated)
    assert german.when(first).endswith("02:30 Uhr (MESZ)")
    assert german.when(first + timedelta(hours=1)).endswith("02:30 Uhr (MEZ)")
    assert german.when(first + timedelta(hours=2)).endswith("03:30 Uhr")

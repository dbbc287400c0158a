"""Dates, lengths of time and money as the reader writes them."""

from datetime import timedelta

import pytest

from routing_core.present.reader import Reader
from tests.builders import NOON, a_partner, a_programme

BERLIN = a_programme()
EN, DE = (Reader.at_home(BERLIN, language, NOON) for language in ("en", "de"))


@pytest.mark.parametrize(
    ("ahead", "english", "german"),
    [
        (timedelta(hours=5), "today 17:00", "heute 17:00 Uhr"),
        (timedelta(days=1), "tomorrow 12:00", "morgen 12:00 Uhr"),
        (timedelta(days=-1), "yesterday 12:00", "gestern 12:00 Uhr"),
        (timedelta(days=5), "Mon, 30 Nov, 12:00", "Mo., 30. Nov., 12:00 Uhr"),
        (timedelta(days=400), "Thu, 30 Dec 2027, 12:00", "Do., 30. Dez. 2027, 12:00 Uhr"),
    ],
)
def test_instants_are_said_as_people_say_them(ahead: timedelta, english: str, german: str) -> None:
    assert EN.when(NOON + ahead) == english
    assert DE.when(NOON + ahead) == german


def test_a_subject_leaves_out_today() -> None:
    assert EN.short(NOON + timedelta(hours=5)) == "17:00"
    assert DE.short(NOON + timedelta(days=1)) == "morgen 12:00"


def test_midnight_of_the_readers_own_day_decides_what_is_today() -> None:
    late = NOON + timedelta(hours=12)  # 00:00 in Berlin: tomorrow there, though not in UTC
    assert EN.when(late) == "tomorrow 00:00"


def test_another_zone_than_the_programmes_is_named() -> None:
    partner = a_partner(country="GB", time_zone="Europe/London", language="en")
    assert Reader.partner(partner, BERLIN, "en", NOON).when(NOON) == "today 11:00 (GMT)"
    vienna = a_partner(country="AT", time_zone="Europe/Vienna")
    assert Reader.partner(vienna, BERLIN, "de", NOON).when(NOON) == "heute 12:00 Uhr"


def test_americans_read_american_times_and_dollars() -> None:
    reader = Reader.at_home(a_programme(country="US", time_zone="America/Denver", currency="USD"), "en", NOON)
    assert reader.when(NOON) == "today 4:00 AM"
    assert reader.money("12500", "USD") == "$12,500"
    assert reader.money("12500.5", "USD") == "$12,500.50"


@pytest.mark.parametrize(
    ("region", "noon"),
    [
        ("coast", "3:00 AM"),
        ("inland", "4:00 AM"),
        ("", "4:00 AM (MST)"),
        ("gone", "4:00 AM (MST)"),
    ],
)
def test_prospects_read_the_clock_of_their_region_or_are_told_whose_it_is(region: str, noon: str) -> None:
    regions = {
        "coast": {"country": "US", "postcodes": ["9*"], "time_zone": "America/Los_Angeles"},
        "inland": {"country": "US", "postcodes": ["8*"], "time_zone": "America/Denver"},
    }
    programme = a_programme(country="US", time_zone="America/Denver", regions=regions)
    assert Reader.prospect(programme, "en", NOON, region).when(NOON) == f"today {noon}"


def test_where_all_live_by_one_clock_no_zone_is_named() -> None:
    assert Reader.prospect(BERLIN, "en", NOON).when(NOON) == "today 12:00"


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
    assert EN.span(length) == english

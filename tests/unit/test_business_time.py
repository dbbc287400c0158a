"""Deadlines, told by the clock on the partner's wall."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing_core.domain.calendar.business_time import (
    HORIZON_DAYS,
    WEEKDAYS,
    Calendar,
    Duration,
    ResponseHours,
    deadline,
    is_absent,
    is_open,
    months_after,
    next_opening,
    open_spans,
    open_time,
    open_time_passed,
)

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "UTC")
WORKING = WEEKDAYS[:5]
OFFICE = {day: ["08:00-18:00"] for day in WORKING}


def calendar(
    week=OFFICE,
    *,
    zone="Europe/Berlin",
    working=WORKING,
    closed=(),
    absences=(),
    round_up: float = 0,
) -> Calendar:
    hours = ResponseHours.parse(week)
    return Calendar(zone, hours, frozenset(working), frozenset(closed), tuple(absences), round_up)


def local(text: str, zone="Europe/Berlin", fold=0) -> datetime:
    """In UTC: Python holds no repeated hour equal to any other zone's."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def answer_by(start: str, duration: Duration, calendar: Calendar) -> str:
    """The deadline as the clock on the wall shows it."""
    at = deadline(local(start, calendar.time_zone), duration, calendar)
    assert at.tzinfo is UTC
    return f"{at.astimezone(ZoneInfo(calendar.time_zone)):%a %d %b %H:%M}"


HOURS4 = Duration(response_hours=4)


@pytest.mark.parametrize(
    ("start", "duration", "by"),
    [
        ("2026-11-25 09:00", HOURS4, "Wed 25 Nov 13:00"),
        ("2026-11-25 16:00", HOURS4, "Thu 26 Nov 10:00"),
        (
            "2026-11-25 14:00",
            HOURS4,
            "Wed 25 Nov 18:00",
        ),  # the end of the block, not the next morning
        ("2026-11-25 18:00", HOURS4, "Thu 26 Nov 12:00"),
        ("2026-11-25 05:00", HOURS4, "Wed 25 Nov 12:00"),
        ("2026-11-27 17:00", HOURS4, "Mon 30 Nov 11:00"),  # over the weekend
        ("2026-11-26 22:40", Duration(response_hours=24), "Tue 01 Dec 12:00"),
        ("2026-11-25 09:00", Duration(minutes=30), "Wed 25 Nov 09:30"),
        (
            "2026-11-28 23:50",
            Duration(minutes=30),
            "Sun 29 Nov 00:20",
        ),  # minutes are the wall clock
        ("2026-11-25 09:00", Duration(working_days=1), "Thu 26 Nov 09:00"),
        ("2026-11-27 09:00", Duration(working_days=1), "Mon 30 Nov 09:00"),
        (
            "2026-11-28 22:00",
            Duration(working_days=1),
            "Mon 30 Nov 22:00",
        ),  # asked on a Saturday night
        ("2026-11-25 09:00", Duration(working_days=4), "Tue 01 Dec 09:00"),
    ],
)
def test_each_unit_counts_what_it_says(start, duration, by):
    assert answer_by(start, duration, calendar()) == by


def test_a_lunch_break_does_not_count():
    week = {day: ["08:00-12:00", "13:00-17:00"] for day in WORKING}
    assert answer_by("2026-11-25 11:00", HOURS4, calendar(week)) == "Wed 25 Nov 16:00"


def test_closing_days_and_absences_do_not_count():
    closed = calendar(
        closed=[date(2026, 11, 26)], absences=[(date(2026, 11, 27), date(2026, 11, 30))]
    )
    assert answer_by("2026-11-25 16:00", HOURS4, closed) == "Tue 01 Dec 10:00"
    assert answer_by("2026-11-25 16:00", Duration(working_days=1), closed) == "Tue 01 Dec 16:00"
    assert is_absent(date(2026, 11, 27), closed)
    assert is_absent(date(2026, 11, 30), closed)
    assert not is_absent(date(2026, 12, 1), closed)
    assert not is_open(local("2026-11-26 09:00"), closed)


def test_a_holiday_is_the_local_day_not_the_utc_day():
    honolulu = calendar(zone="Pacific/Honolulu", closed=[date(2026, 11, 26)])
    assert answer_by("2026-11-25 16:00", HOURS4, honolulu) == "Fri 27 Nov 10:00"
    assert is_open(local("2026-11-25 17:59", "Pacific/Honolulu"), honolulu)  # 03:59 UTC on the 26th
    assert not is_open(local("2026-11-26 09:00", "Pacific/Honolulu"), honolulu)


def test_beyond_the_years_that_are_known_fixed_holidays_are_taken_to_stay():
    new_year = [date(year, 1, 1) for year in (2026, 2027, 2028)]
    easter = [date(2027, 3, 29), date(2028, 4, 17)]
    known = replace(calendar(closed=[*new_year, *easter]), holidays_through=2028)
    assert answer_by("2029-12-31 16:00", HOURS4, known) == "Wed 02 Jan 10:00"  # 2030
    assert is_open(local("2029-04-02 09:00"), known)  # Easter Monday moves: nobody knows
    assert is_open(local("2029-03-29 09:00"), known)
    assert is_open(local("2029-01-01 09:00"), replace(known, holidays_through=0))


@pytest.mark.parametrize(
    ("start", "by"),
    [
        ("2026-11-25 09:00", "Wed 25 Nov 13:00"),  # an exact boundary stays
        ("2026-11-25 09:01", "Wed 25 Nov 13:30"),
        ("2026-11-25 09:31", "Wed 25 Nov 14:00"),
    ],
)
def test_deadlines_are_rounded_up_to_the_half_hour(start, by):
    assert answer_by(start, HOURS4, calendar(round_up=30)) == by


def test_rounding_follows_the_local_clock_not_utc():
    kathmandu = calendar(zone="Asia/Kathmandu", round_up=60)  # 5:45 ahead of UTC
    assert answer_by("2026-11-25 09:10", Duration(minutes=5), kathmandu) == "Wed 25 Nov 10:00"


def test_rounding_does_not_pass_midnight():
    assert (
        answer_by("2026-11-25 23:25", Duration(minutes=5), calendar(round_up=50))
        == "Thu 26 Nov 00:00"
    )


def test_no_rounding_keeps_the_second():
    start = local("2026-11-25 09:00:17")
    assert deadline(start, Duration(minutes=1.5), calendar(round_up=0)) - start == timedelta(
        seconds=90
    )


# Daylight saving


@pytest.mark.parametrize(
    ("zone", "start", "by"),
    [
        # 28 March 2027: 02:00 → 03:00, an hour short
        ("Europe/Berlin", "2027-03-28 00:30", "Sun 28 Mar 05:30"),
        # 25 October 2026: 03:00 → 02:00, an hour long
        ("Europe/Berlin", "2026-10-25 00:30", "Sun 25 Oct 03:30"),
        ("America/New_York", "2027-03-14 00:30", "Sun 14 Mar 05:30"),
        ("America/New_York", "2026-11-01 00:30", "Sun 01 Nov 03:30"),
        # Lord Howe moves by half an hour: 4 October 2026 02:00 → 02:30, 4 April 2027 02:00 → 01:30
        ("Australia/Lord_Howe", "2026-10-04 00:30", "Sun 04 Oct 05:00"),
        ("Australia/Lord_Howe", "2027-04-04 00:30", "Sun 04 Apr 04:00"),
    ],
)
def test_response_hours_are_hours_that_pass(zone, start, by):
    round_the_clock = calendar({day: ["00:00-24:00"] for day in WEEKDAYS}, zone=zone)
    assert answer_by(start, HOURS4, round_the_clock) == by


def test_a_block_that_starts_in_the_skipped_hour_starts_where_the_clock_goes_on():
    night = calendar({"sun": ["02:30-06:00"]})
    assert next_opening(local("2027-03-27 12:00"), night) == local("2027-03-28 03:00")
    assert answer_by("2027-03-27 12:00", Duration(response_hours=1), night) == "Sun 28 Mar 04:00"


def test_a_block_inside_the_skipped_hour_does_not_happen():
    night = calendar({"sun": ["02:00-03:00"]})
    assert next_opening(local("2027-03-27 12:00"), night) == local("2027-04-04 02:00")


def test_a_block_in_the_repeated_hour_happens_twice():
    night = calendar({"sun": ["02:00-02:30"]})
    assert is_open(local("2026-10-25 02:10", fold=0), night)
    assert is_open(local("2026-10-25 02:10", fold=1), night)
    assert not is_open(local("2026-10-25 02:40", fold=0), night)
    by = deadline(local("2026-10-25 00:00"), Duration(response_hours=0.75), night)
    assert by == local("2026-10-25 02:15", fold=1)
    assert next_opening(local("2026-10-25 02:40", fold=0), night) == local(
        "2026-10-25 02:00", fold=1
    )


def test_working_days_keep_the_clock_time_over_the_change():
    every_day = calendar(working=WEEKDAYS)
    assert answer_by("2027-03-27 09:00", Duration(working_days=1), every_day) == "Sun 28 Mar 09:00"
    assert answer_by("2026-10-24 09:00", Duration(working_days=1), every_day) == "Sun 25 Oct 09:00"
    assert answer_by("2027-03-27 02:30", Duration(working_days=1), every_day) == "Sun 28 Mar 03:30"


def test_rounding_up_over_the_change_ends_at_the_next_boundary_that_the_clock_shows():
    spring = deadline(local("2027-03-28 01:40"), Duration(minutes=5), calendar(round_up=30))
    assert spring == local("2027-03-28 03:00")
    autumn = deadline(local("2026-10-25 02:50", fold=0), Duration(minutes=5), calendar(round_up=30))
    assert autumn == local("2026-10-25 02:00", fold=1)  # five minutes later, not an hour and five
    howe = calendar(zone="Australia/Lord_Howe", round_up=60)
    by = deadline(local("2026-10-04 01:40", "Australia/Lord_Howe"), Duration(minutes=5), howe)
    assert by == local(
        "2026-10-04 03:00", "Australia/Lord_Howe"
    )  # 02:00 is skipped, 02:30 is no full hour


def test_a_day_that_a_country_skipped_has_no_hours():
    apia = calendar({day: ["08:00-18:00"] for day in WEEKDAYS}, zone="Pacific/Apia")
    assert answer_by("2011-12-29 16:00", HOURS4, apia) == "Sat 31 Dec 10:00"


# A deadline always comes


def test_a_calendar_that_never_opens_counts_plain_hours_and_days():
    never = calendar({}, working=())
    assert answer_by("2026-11-25 09:00", HOURS4, never) == "Wed 25 Nov 13:00"
    assert answer_by("2026-11-25 09:00", Duration(working_days=2), never) == "Fri 27 Nov 09:00"
    assert next_opening(local("2026-11-25 09:00"), never) is None


def test_an_absence_without_an_end_counts_plain_hours_and_days():
    gone = calendar(absences=[(date(2026, 1, 1), date(2199, 12, 31))])
    assert answer_by("2026-11-25 09:00", HOURS4, gone) == "Wed 25 Nov 13:00"
    assert answer_by("2026-11-25 09:00", Duration(working_days=1), gone) == "Thu 26 Nov 09:00"


# Openings


def test_the_next_opening_is_now_if_open_else_the_next_block():
    office = calendar()
    assert next_opening(local("2026-11-25 09:12"), office) == local("2026-11-25 09:12")
    assert next_opening(local("2026-11-25 18:00"), office) == local("2026-11-26 08:00")
    assert next_opening(local("2026-11-28 09:00"), office) == local("2026-11-30 08:00")


def test_an_opening_further_away_than_sixty_days_is_none():
    start = date(2026, 11, 25)
    for days, found in ((55, True), (70, False)):
        away = calendar(absences=[(start, start + timedelta(days=days))])
        assert (next_opening(local("2026-11-25 09:00"), away) is not None) is found


def test_blocks_are_half_open():
    office = calendar()
    assert is_open(local("2026-11-25 08:00"), office)
    assert is_open(local("2026-11-25 17:59:59"), office)
    assert not is_open(local("2026-11-25 18:00"), office)
    assert not is_open(local("2026-11-25 07:59:59"), office)
    assert is_open(local("2026-11-25 23:59"), calendar({"wed": ["20:00-24:00"]}))


# Writing hours


def test_hours_are_read_and_written_back():
    week = {"mon": ["08:00-12:00", "13:00-17:00"], "sun": ["00:00-24:00"]}
    hours = ResponseHours.parse(week)
    assert hours.blocks[0] == ((time(8), time(12)), (time(13), time(17)))
    assert hours.week() == week
    assert ResponseHours.parse(hours.week()) == hours


@pytest.mark.parametrize(
    ("week", "said"),
    [
        ({"mon": ["8-17"]}, "mon: '8-17' is not a block of time"),
        ({"mon": ["17:00-08:00"]}, "ends before it starts"),
        ({"tue": ["08:00-08:00"]}, "ends before it starts"),
        ({"mon": ["08:00-24:30"]}, "the latest end is 24:00"),
        ({"mon": ["08:00-25:00"]}, "is not a block of time"),
        ({"wed": ["08:00-12:00", "11:00-13:00"]}, "wed: blocks overlap at 11:00"),
        ({"wed": ["20:00-24:00", "21:00-22:00"]}, "overlap"),
        ({"monday": ["08:00-12:00"]}, "'monday' is not a day: use one of mon, tue"),
    ],
)
def test_hours_that_cannot_be_meant_are_named(week, said):
    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        ResponseHours.parse(week)


# Laws

minutes = st.integers(0, 24 * 60).map(lambda m: f"{m // 60:02d}:{m % 60:02d}")


@st.composite
def weeks(draw):
    week = {}
    for day in WEEKDAYS:
        times = sorted(set(draw(st.lists(minutes, max_size=4))))
        week[day] = [f"{a}-{b}" for a, b in zip(times[::2], times[1::2], strict=False)]
    return week


days = st.dates(date(2026, 9, 20), date(2027, 4, 20))
calendars = st.builds(
    calendar,
    weeks(),
    zone=st.sampled_from(ZONES),
    working=st.sets(st.sampled_from(WEEKDAYS)),
    closed=st.sets(days, max_size=5),
    absences=st.lists(st.tuples(days, days).map(sorted).map(tuple), max_size=2),
    round_up=st.sampled_from([0, 1, 7, 30, 60]),
)
instants = st.one_of(
    st.datetimes(datetime(2026, 9, 20), datetime(2027, 4, 20)),
    # around the changes of Berlin, New York, Havana and Lord Howe
    st.sampled_from(
        [(2026, 10, 25), (2027, 3, 28), (2026, 11, 1), (2027, 3, 14), (2026, 10, 3), (2027, 4, 3)]
    ).flatmap(lambda day: st.datetimes(datetime(*day), datetime(*day) + timedelta(hours=24))),
).map(lambda at: at.replace(tzinfo=UTC))
durations = st.one_of(
    st.builds(Duration, minutes=st.floats(0.01, 3000)),
    st.builds(Duration, response_hours=st.floats(0.01, 60)),
    st.builds(Duration, working_days=st.integers(1, 10)),
)


@given(instants, durations, calendars)
def test_a_deadline_is_later_in_utc_and_never_earlier_for_a_later_start(start, duration, calendar):
    by = deadline(start, duration, calendar)
    assert by > start
    assert by.tzinfo is UTC
    if duration.minutes is not None:  # for the others a later start may count plain hours
        assert deadline(start + timedelta(minutes=1), duration, calendar) >= by


@given(instants, durations, calendars)
def test_rounding_adds_less_than_a_step_and_ends_on_the_clock(start, duration, calendar):
    exact = deadline(start, duration, replace(calendar, round_up_minutes=0))
    rounded = deadline(start, duration, calendar)
    change = timedelta(hours=1)
    assert exact <= rounded < exact + timedelta(minutes=calendar.round_up_minutes or 1) + change
    if calendar.round_up_minutes:
        shown = rounded.astimezone(ZoneInfo(calendar.time_zone))
        assert shown.second == shown.microsecond == 0
        assert (shown.hour * 60 + shown.minute) % calendar.round_up_minutes == 0


@given(instants, calendars)
def test_the_next_opening_is_open_and_nothing_opens_before_it(at, calendar):
    opening = next_opening(at, calendar)
    if is_open(at, calendar):
        assert opening == at
        return
    until = opening or at + timedelta(days=3)
    if opening:
        assert is_open(opening, calendar)
    probe = at
    while probe < min(until, at + timedelta(days=3)):
        assert not is_open(probe, calendar), probe
        probe += timedelta(minutes=29)


@given(instants, st.integers(1, 600), calendars)
def test_response_hours_are_exactly_the_open_minutes_until_the_deadline(start, length, calendar):
    start = start.replace(second=0, microsecond=0)
    unrounded = replace(calendar, round_up_minutes=0)
    by = deadline(start, Duration(response_hours=length / 60), unrounded)
    if by - start > timedelta(days=14):
        return
    total = round((by - start) / timedelta(minutes=1))
    open_minutes = sum(is_open(start + timedelta(minutes=n), unrounded) for n in range(total))
    if open_minutes != length:  # plain hours, because the calendar hardly opens within a year
        assert by - start == timedelta(minutes=length)
        spans = open_spans(start, unrounded, HORIZON_DAYS)
        assert sum((end - max(first, start) for first, end in spans), timedelta()) < timedelta(
            minutes=length
        )


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (datetime(2026, 11, 25, 11, tzinfo=UTC), 1, datetime(2026, 12, 25, 11, tzinfo=UTC)),
        (datetime(2026, 12, 31, tzinfo=UTC), 2, datetime(2027, 2, 28, tzinfo=UTC)),
        (datetime(2026, 8, 31, tzinfo=UTC), 18, datetime(2028, 2, 29, tzinfo=UTC)),
        (datetime(2026, 1, 1, tzinfo=UTC), 24, datetime(2028, 1, 1, tzinfo=UTC)),
        (
            datetime(2026, 3, 1, 0, 30, tzinfo=ZoneInfo("Europe/Berlin")),
            1,
            datetime(2026, 3, 28, 23, 30, tzinfo=UTC),
        ),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_a_shorter_one(
    start: datetime, months: int, end: datetime
) -> None:
    assert months_after(start, months) == end


@given(at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)).map(lambda at: at.replace(tzinfo=UTC)),
       days=st.integers(1, 20), fraction=st.floats(0.01, 0.99))  # fmt: skip
def test_a_fraction_of_open_time_lies_in_open_hours_before_the_end(at, days, fraction):
    office, end = (
        calendar(closed=[date(2026, 12, 25)], absences=[(date(2027, 7, 1), date(2027, 7, 9))]),
        at + timedelta(days),
    )
    whole = open_time(at, end, office)
    moment = open_time_passed(at, whole * fraction, office, end)
    if moment is None:
        assert not whole or open_time(at, end, office) - whole * fraction < timedelta(
            milliseconds=1
        )
    else:
        assert at <= moment < end
        assert is_open(moment, office)
        assert abs(open_time(at, moment, office) - whole * fraction) < timedelta(milliseconds=1)

"""The day's and the week's figures beside the usual ones."""

from dataclasses import replace
from datetime import date, timedelta

from routing_core.service.hq_desk.day_figures import PartOf, first_day_needed, today_figures
from routing_core.service.kernel.read_model import DayFigures, Speed

WEDNESDAY = date(2026, 11, 25)


def days(received: dict[int, int], last: date = WEDNESDAY) -> list[DayFigures]:
    """One for each day that is asked for; ``received`` by how many days ago."""
    first = first_day_needed(last)
    count = (last - first).days + 1
    return [
        DayFigures(first + timedelta(days=n), received=received.get(count - 1 - n, 0))
        for n in range(count)
    ]


def test_usual_is_the_median_of_the_same_weekday_in_eight_weeks() -> None:
    wednesdays = {7 * back: number for back, number in enumerate((1, 2, 3, 4, 100, 5, 6, 7), 1)}
    figure = today_figures(days({0: 9, 58: 1, **wednesdays}), WEDNESDAY).figures[0]
    assert (figure.name, figure.day) == ("received", 9)
    assert figure.usual_day == 4.5, "a fair in one of the weeks moves it little"


def test_a_week_is_compared_with_the_same_days_of_other_weeks() -> None:
    each_day = dict.fromkeys(range(1, 60), 1)
    figure = today_figures(days({0: 5, **each_day}), WEDNESDAY).figures[0]
    assert figure.week == 5 + 2, "since Monday"
    assert figure.usual_week == 3
    monday = WEDNESDAY - timedelta(days=2)
    figure = today_figures(days({0: 5, **each_day}, monday), monday).figures[0]
    assert (figure.week, figure.usual_week) == (5, 1)


def test_nobody_can_tell_what_is_usual_after_two_weeks() -> None:
    figure = today_figures(days(dict.fromkeys(range(16), 1)), WEDNESDAY).figures[0]
    assert figure.usual_day is None
    assert figure.usual_week is None
    figure = today_figures(days(dict.fromkeys(range(24), 1)), WEDNESDAY).figures[0]
    assert figure.usual_day == 1, "three whole weeks are enough"


def test_weeks_before_the_first_enquiry_are_not_taken_for_weeks_without_any() -> None:
    figure = today_figures(days(dict.fromkeys(range(30), 2)), WEDNESDAY).figures[0]
    assert figure.usual_day == 2


def test_the_picture_ends_with_today() -> None:
    figure = today_figures(days({0: 3, 1: 2, 13: 1, 14: 9}), WEDNESDAY).figures[0]
    assert figure.trend == (1, *[0] * 11, 2, 3)


def test_speed_counts_what_was_faster_too() -> None:
    contacted = {Speed.HOUR: 1, Speed.DAY: 2, Speed.TWO_DAYS: 4, Speed.LATER: 8}
    found = today_figures([DayFigures(WEDNESDAY, contacted=contacted)], WEDNESDAY)
    assert [(each.within, each.day) for each in found.speed] == [
        (Speed.HOUR, PartOf(1, 15)),
        (Speed.DAY, PartOf(3, 15)),
        (Speed.TWO_DAYS, PartOf(7, 15)),
    ]
    assert [each.week for each in found.speed] == [each.day for each in found.speed]
    assert found.speed_trend == (*[PartOf(0, 0)] * 13, PartOf(3, 15))


def test_the_usual_speed_is_the_median_share_of_days_with_any_contact() -> None:
    soon = {7: 4, 14: 3, 21: 1, 28: 0}
    some = [
        replace(
            each,
            contacted={Speed.HOUR: soon[ago], Speed.LATER: 4 - soon[ago]} if ago in soon else {},
        )
        for ago, each in zip(range(58, -1, -1), days(dict.fromkeys(range(59), 1)), strict=True)
    ]
    speed = today_figures(some, WEDNESDAY).speed[0]
    assert speed.day.share is None
    assert speed.usual_day == 0.5, "of 1, 3/4, 1/4 and 0; four other Wednesdays had no contact"
    few = [
        each if each.day > WEDNESDAY - timedelta(days=20) else replace(each, contacted={})
        for each in some
    ]
    assert today_figures(few, WEDNESDAY).speed[0].usual_day is None, "two shares tell nothing"


def test_regions_are_counted_apart_and_together_for_whoever_sees_some_of_them() -> None:
    of = {
        name: DayFigures(WEDNESDAY, received, contacted={Speed.DAY: received})
        for name, received in (("berlin", 2), ("bavaria", 3), ("saxony", 4))
    }
    day = DayFigures(WEDNESDAY, 11, contacted={Speed.DAY: 9}, regions=of)
    whole = today_figures([day], WEDNESDAY)
    assert whole.figures[0].day == 11, "two lie in no region"
    assert [(each.region, each.figures[0].week) for each in whole.regions] == [
        ("saxony", 4),
        ("bavaria", 3),
        ("berlin", 2),
    ]
    theirs = today_figures([day], WEDNESDAY, frozenset({"berlin", "bavaria", "hessen"}))
    assert theirs.figures[0].day == 5
    assert theirs.speed[1].day == PartOf(5, 5)
    assert [each.region for each in theirs.regions] == ["bavaria", "berlin"]
    assert today_figures([day], WEDNESDAY, frozenset()).figures[0].day == 0

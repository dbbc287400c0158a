"""The day's and the week's figures beside the usual ones."""

from datetime import date, timedelta

from routing_core.service.hq_desk.day_figures import first_day_needed, today_figures
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
    figure = today_figures(days({0: 9, 58: 1, **wednesdays}), WEDNESDAY)[0]
    assert (figure.name, figure.day) == ("received", 9)
    assert figure.usual_day == 4.5, "a fair in one of the weeks moves it little"


def test_a_week_is_compared_with_the_same_days_of_other_weeks() -> None:
    each_day = dict.fromkeys(range(1, 60), 1)
    figure = today_figures(days({0: 5, **each_day}), WEDNESDAY)[0]
    assert figure.week == 5 + 2, "since Monday"
    assert figure.usual_week == 3
    monday = WEDNESDAY - timedelta(days=2)
    figure = today_figures(days({0: 5, **each_day}, monday), monday)[0]
    assert (figure.week, figure.usual_week) == (5, 1)


def test_nobody_can_tell_what_is_usual_after_two_weeks() -> None:
    figure = today_figures(days(dict.fromkeys(range(16), 1)), WEDNESDAY)[0]
    assert figure.usual_day is None
    assert figure.usual_week is None
    figure = today_figures(days(dict.fromkeys(range(24), 1)), WEDNESDAY)[0]
    assert figure.usual_day == 1, "three whole weeks are enough"


def test_weeks_before_the_first_enquiry_are_not_taken_for_weeks_without_any() -> None:
    figure = today_figures(days(dict.fromkeys(range(30), 2)), WEDNESDAY)[0]
    assert figure.usual_day == 2


def test_the_picture_ends_with_today() -> None:
    figure = today_figures(days({0: 3, 1: 2, 13: 1, 14: 9}), WEDNESDAY)[0]
    assert figure.trend == (1, *[0] * 11, 2, 3)


def test_first_contact_within_a_day_counts_both_classes() -> None:
    contacted = {Speed.HOUR: 1, Speed.DAY: 2, Speed.TWO_DAYS: 4, Speed.LATER: 8}
    figures = today_figures([DayFigures(WEDNESDAY, contacted=contacted)], WEDNESDAY)
    assert {each.name: each.day for each in figures}["contacted_soon"] == 3

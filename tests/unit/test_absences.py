"""A partner's holidays: what may be planned, and how they add up."""

from datetime import date

import pytest

from routing_core.domain.absences import ahead, away, read_absence, with_absence, without_absence
from routing_core.domain.errors import InvalidInput
from routing_core.domain.partner import Absence

TODAY = date(2026, 11, 25)


def span(first: int, last: int, month: int = 12) -> Absence:
    return Absence(date(2026, month, first), date(2026, month, last))


def test_a_holiday_is_two_days_of_which_the_first_may_be_today() -> None:
    assert read_absence("2026-11-25", " 2026-11-25 ", TODAY) == Absence(TODAY, TODAY)
    assert read_absence("2027-11-01", "2027-11-25", TODAY).last == date(2027, 11, 25)


@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        ("", "", {"first": "required", "last": "required"}),
        ("24.12.2026", "2026-13-01", {"first": "invalid_date", "last": "invalid_date"}),
        ("2026-11-24", "2026-12-01", {"first": "past_day"}),
        ("2026-12-02", "2026-12-01", {"last": "before_first"}),
        ("2026-12-02", "2027-11-26", {"last": "too_far_ahead"}),
    ],
)
def test_what_cannot_be_a_holiday_is_said_at_its_field(
    first: str, last: str, wrong: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_absence(first, last, TODAY)
    assert {p.field: p.code for p in refused.value.problems} == wrong


def test_holidays_that_meet_become_one_and_others_stay_apart() -> None:
    planned = (span(10, 12), span(20, 21))
    assert with_absence(planned, span(13, 14)) == (span(10, 14), span(20, 21))
    assert with_absence(planned, span(11, 30)) == (span(10, 30),)
    assert with_absence(planned, span(1, 8)) == (span(1, 8), *planned)
    assert with_absence(planned, span(10, 12)) == planned


def test_ending_a_holiday_keeps_the_days_that_were_taken() -> None:
    running = span(20, 30, month=11)
    assert without_absence((running,), running, TODAY) == (span(20, 24, month=11),)
    today = span(25, 30, month=11)
    assert without_absence((today, span(1, 2)), today, TODAY) == (span(1, 2),)


def test_only_what_still_lies_ahead_is_listed_and_counts() -> None:
    past, running, later = span(1, 24, month=11), span(25, 26, month=11), span(5, 6)
    assert ahead((later, past, running), TODAY) == (running, later)
    assert away((later, past, running), TODAY, TODAY) == running
    assert away((past, later), TODAY, date(2026, 12, 4)) is None
    assert away((past, later), TODAY, date(2026, 12, 5)) == later

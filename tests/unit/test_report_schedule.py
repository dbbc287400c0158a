"""Months and weeks by the programme's clock, and when their reports are due."""

from datetime import UTC, date, datetime, timedelta

import pytest

from routing_core.domain.errors import InvalidInput
from routing_core.domain.programme.report_rules import ReportRules
from routing_core.reporting.report_schedule import (
    MADE_LATE,
    due_periods,
    last_complete_period,
    named_period,
    period_before,
    period_name,
)

BERLIN, DENVER = "Europe/Berlin", "America/Denver"
RULES = ReportRules()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_month_begins_and_ends_at_midnight_of_its_own_clock() -> None:
    october = named_period("2026-10", BERLIN)
    assert (october.start, october.end) == (at("2026-09-30T22:00"), at("2026-10-31T23:00"))
    assert named_period("2026-10", DENVER).start == at("2026-10-01T06:00")


def test_a_month_in_which_clocks_change_is_an_hour_longer_or_shorter() -> None:
    october, march = named_period("2026-10", BERLIN), named_period("2026-03", BERLIN)
    assert october.end - october.start == timedelta(days=31, hours=1)
    assert march.end - march.start == timedelta(days=31, hours=-1)


def test_months_follow_one_another_without_a_gap() -> None:
    period = named_period("2027-02", BERLIN)
    for _ in range(30):
        before = period_before(period)
        assert before.end == period.start
        assert named_period(period_name(before), BERLIN) == before
        period = before


def test_weeks_begin_on_monday_as_iso_counts_them() -> None:
    week = named_period("2026-W53", BERLIN)
    assert (week.first_day, week.next_day) == (date(2026, 12, 28), date(2027, 1, 4))
    assert period_name(period_before(week)) == "2026-W52"
    assert (
        period_name(last_complete_period(at("2027-01-04T12:00"), BERLIN, week=True)) == "2026-W53"
    )


@pytest.mark.parametrize(
    "name",
    ["", "2026", "2026-13", "2026-00", "2026-W54", "2026-W00", "0000-01", "9999-12x", "٢٠٢٦-10"],
)
def test_what_is_no_period_is_refused_in_words(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        named_period(name, BERLIN)
    assert "like 2026-10" in refused.value.problems[0].message


def test_the_last_month_is_the_one_that_is_over_by_the_programmes_clock() -> None:
    assert period_name(last_complete_period(at("2026-10-31T22:59"), BERLIN)) == "2026-09"
    assert period_name(last_complete_period(at("2026-10-31T23:00"), BERLIN)) == "2026-10"
    assert period_name(last_complete_period(at("2026-11-01T05:59"), DENVER)) == "2026-09"


def test_a_report_is_due_from_its_hour_on_and_not_before() -> None:
    def due(when: str) -> list[str]:
        return [period_name(each) for each in due_periods(RULES, BERLIN, at(when))]

    assert due("2026-11-01T02:59") == []  # 03:59 in Berlin
    assert due("2026-11-01T03:00") == ["2026-10"]
    assert due("2026-11-05T12:00") == ["2026-10"]


def test_one_that_was_missed_for_a_week_is_not_made_by_itself() -> None:
    made_at = at("2026-11-01T03:00")
    assert not due_periods(RULES, BERLIN, made_at + MADE_LATE)


def test_hq_chooses_the_day_and_the_hour() -> None:
    rules = ReportRules(day=5, hour="18:30")
    assert due_periods(rules, BERLIN, at("2026-11-05T17:30"))
    assert not due_periods(rules, BERLIN, at("2026-11-05T17:29"))


def test_weeks_are_reported_where_hq_wants_them_on_their_monday() -> None:
    rules = ReportRules(weekly=True)
    monday = at("2026-11-16T03:00")
    assert [period_name(each) for each in due_periods(rules, BERLIN, monday)] == ["2026-W46"]
    assert not due_periods(rules, BERLIN, monday - timedelta(minutes=1))


def test_the_hour_that_a_spring_night_leaves_out_still_has_an_instant() -> None:
    # Denver's clocks went from 02:00 to 03:00 on Sunday, 8 March; a report is due on day 8.
    rules = ReportRules(day=8, hour="02:30")
    assert due_periods(rules, DENVER, at("2026-03-08T09:30"))
    assert not due_periods(rules, DENVER, at("2026-03-08T09:29"))

"""What campaigns cost, as people keep it in a spreadsheet."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing_core.domain.campaign_cost import CampaignCost
from routing_core.formats.campaign_costs_csv import read_campaign_costs, written_campaign_costs

OCTOBER = date(2026, 10, 1)


def test_costs_are_read_by_month_and_campaign_and_added_up() -> None:
    file = read_campaign_costs(
        "Monat;Quelle;Kampagne;Kosten;Notiz\n"
        "2026-10;google;brand;1.250,00;ja\n"
        "10/2026;google;brand;0,50;\n"
        "2026-10-31;fair;;4800;\n",
        "EUR",
    )
    assert file.problems == ()
    assert file.costs == (
        CampaignCost("fair", "", OCTOBER, Decimal(4800), "EUR"),
        CampaignCost("google", "brand", OCTOBER, Decimal("1250.50"), "EUR"),
    )


@pytest.mark.parametrize(
    ("row", "place", "code"),
    [
        ("Oktober,google,brand,12,EUR", "row 2, month", "invalid_date"),
        ("2026-13,google,brand,12,EUR", "row 2, month", "invalid_date"),
        ("2026-10,,brand,12,EUR", "row 2, source", "required"),
        ("2026-10,google,brand,-12,EUR", "row 2, cost", "invalid_number"),
        ("2026-10,google,brand,=1+1,EUR", "row 2, cost", "invalid_number"),
        ("2026-10,google,brand,12,Euro", "row 2, currency", "invalid"),
        ("2026-10,google,brand,12,EUR,more", "row 2", "not_readable"),
    ],
)
def test_a_wrong_cell_is_named_by_its_place_and_nothing_is_taken(
    row: str, place: str, code: str
) -> None:
    file = read_campaign_costs(
        f"month,source,campaign,cost,currency\n{row}\n2026-10,a,b,1,EUR\n", "EUR"
    )
    assert [(each.field, each.code) for each in file.problems] == [(place, code)]
    assert file.costs == ()


def test_a_missing_column_and_an_empty_file_are_told() -> None:
    assert [each.code for each in read_campaign_costs("month;source\n", "EUR").problems] == [
        "missing_column"
    ]
    empty = read_campaign_costs("month;source;cost\n", "EUR")
    assert [each.code for each in empty.problems] == ["empty"]


names = st.text("abc-=+@", min_size=1, max_size=8)


@given(
    st.lists(
        st.builds(
            CampaignCost,
            names,
            names | st.just(""),
            st.dates(date(2020, 1, 1), date(2030, 1, 1)).map(lambda day: day.replace(day=1)),
            st.decimals(0, 10**6, places=2),
            st.sampled_from(["EUR", "CHF"]),
        ),
        min_size=1,
        max_size=10,
        unique_by=lambda each: (each.source, each.campaign, each.month, each.currency),
    )
)
def test_costs_that_are_written_are_read_again(costs: list[CampaignCost]) -> None:
    written = written_campaign_costs(costs)
    assert not any(
        cell[:1] in "=+-@" for line in written.split() for cell in line.split(";") if cell
    )
    file = read_campaign_costs(written, "USD")
    assert file.problems == ()
    assert sorted(file.costs, key=repr) == sorted(costs, key=repr)

"""Whether enough was tried before a lead is given back."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from routing_core.domain.errors import InvalidInput
from routing_core.domain.programme.reasons import Tries
from routing_core.domain.returns import Missing, missing
from tests.support.builders import a_programme

NEEDS = Tries(attempts=3, days=2, after="17:00")
EVENING = time(17)


def at(*texts: str) -> list[datetime]:
    return [
        datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=ZoneInfo("Europe/Berlin"))
        for text in texts
    ]


@pytest.mark.parametrize(
    ("tried", "lack"),
    [
        ([], Missing(3, 2, EVENING)),
        (["25T09:00"], Missing(2, 1, EVENING)),
        (["25T09:00", "25T10:00", "25T11:00"], Missing(0, 1, EVENING)),
        (["25T09:00", "25T10:00", "26T16:59"], Missing(0, 0, EVENING)),
        (["25T09:00", "26T17:00"], Missing(1, 0, None)),
        (["25T17:00", "25T18:00", "25T19:00"], Missing(0, 1, None)),
        (["25T09:00", "25T17:00", "26T09:00"], Missing()),
    ],
)
def test_it_needs_three_calls_on_two_days_one_of_them_in_the_evening(
    tried: list[str], lack: Missing
) -> None:
    assert missing(NEEDS, at(*tried), "Europe/Berlin") == lack
    assert bool(lack) == (tried != ["25T09:00", "25T17:00", "26T09:00"])


def test_the_days_and_the_evening_are_the_partners() -> None:
    """Noon and one o'clock in Berlin are evening and the next morning in Auckland."""
    tried = at("25T09:00", "25T11:30", "25T12:30")
    assert missing(NEEDS, tried, "Europe/Berlin") == Missing(0, 1, EVENING)
    assert not missing(NEEDS, tried, "Pacific/Auckland")


def test_so_few_calls_cannot_be_on_so_many_days() -> None:
    reason = {"id": "a", "label": {"en": "A", "de": "A"}, "needs": {"attempts": 1, "days": 2}}
    with pytest.raises(InvalidInput):
        a_programme(return_reasons=[reason])

"""What an operator watches: metrics of the funnel, of speed, and of what stands still."""

import json
from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest

from routing_core.service.placing.release_lead import release_lead
from tests.integration.test_returns import RETURNS
from tests.support.world import World, a_programme, munich

Measured = dict[str, list[float]]


def measured(capsys: pytest.CaptureFixture[str]) -> Measured:
    """What was sent since the last look: the values of each metric."""
    found: Measured = defaultdict(list)
    for line in capsys.readouterr().out.splitlines():
        if line.startswith('{"_aws"'):
            sent: dict[str, Any] = json.loads(line)
            for group in sent["_aws"]["CloudWatchMetrics"]:
                for metric in group["Metrics"]:
                    found[metric["Name"]] += sent[metric["Name"]]
    return found


@pytest.fixture
def offered(world: World) -> str:
    world.use(a_programme(return_reasons=RETURNS), munich(1), munich(2))
    world.post_lead()
    (lead_id,) = world.lead_ids()
    return lead_id


def test_each_step_of_the_funnel_is_counted_as_its_commit_passes(
    world: World, offered: str, capsys: pytest.CaptureFixture[str]
) -> None:
    world.deliver()
    first = measured(capsys)
    assert (sum(first["LeadsReceived"]), sum(first["OffersMade"])) == (1, 1)
    world.press(world.offer_link(offered), action="accept")
    world.deliver()
    then = measured(capsys)
    assert sum(then["OffersAccepted"]) == 1
    assert not then["LeadsReceived"]


def test_speed_to_lead_is_measured_once_from_the_enquiry_to_its_first_owner(
    world: World, offered: str, capsys: pytest.CaptureFixture[str]
) -> None:
    world.feed()
    world.advance(minutes=42)
    assert not measured(capsys)["SpeedToLead"]
    world.press(world.offer_link(offered), action="accept")
    world.feed()
    (took,) = measured(capsys)["SpeedToLead"]
    assert 42 * 60 <= took < 43 * 60
    world.advance(minutes=1)
    world.press(world.offer_link(offered), action="accept")
    world.feed()
    assert not measured(capsys)["SpeedToLead"]


def test_an_enquiry_that_nobody_owns_is_measured_by_how_long_it_has_waited(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.use(a_programme())
    world.sweep()
    assert measured(capsys)["LongestUnowned"] == [0]
    world.post_lead()
    world.advance(hours=30)
    world.sweep()
    (waited,) = measured(capsys)["LongestUnowned"]
    assert 30 * 3600 <= waited < 31 * 3600


def waits(world: World, capsys: pytest.CaptureFixture[str]) -> timedelta:
    """What is measured now of the longest wait without an owner."""
    measured(capsys)
    world.sweep()
    (seconds,) = measured(capsys)["LongestUnowned"]
    return timedelta(seconds=seconds)


def given_back(world: World, lead: str, reason: str = "work") -> None:
    """Its owner gives it back, and nobody else is there."""
    world.press(world.offer_link(lead), action="give_back", reason=reason)
    world.deliver()


def test_a_lead_that_its_owner_gave_back_waits_from_then_and_not_from_its_receipt(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.use(a_programme(return_reasons=RETURNS), munich(1))
    lead = world.post_lead().json()["lead"]
    world.deliver()
    world.press(world.offer_link(lead), action="accept")
    world.deliver()
    world.now += timedelta(hours=5)
    given_back(world, lead)
    assert world.lead(lead).owner is None
    world.now += timedelta(minutes=10)
    assert waits(world, capsys) == timedelta(minutes=10)


def test_one_let_in_at_the_door_waits_from_then(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.use(a_programme())
    lead = world.post_lead(website_url="https://spam.example").json()["lead"]
    world.deliver()
    world.now += timedelta(hours=3)
    assert waits(world, capsys) == timedelta(0), "held at the door it waits for nobody"
    release_lead(world.wiring.services, lead, "link:ada", world.now)
    world.deliver()
    world.now += timedelta(minutes=20)
    assert waits(world, capsys) == timedelta(minutes=20)


def test_the_one_that_waits_longest_is_found_behind_older_ones_that_were_given_back(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.use(a_programme(return_reasons=RETURNS), munich(1))
    old = world.post_lead("old").json()["lead"]
    world.deliver()
    world.press(world.offer_link(old), action="accept")
    world.deliver()
    world.now += timedelta(hours=1)
    world.post_lead("new", postcode="25980", email="new@posteo.de", phone="")
    world.deliver()
    world.now += timedelta(hours=4)
    given_back(world, old)
    assert waits(world, capsys) == timedelta(hours=4)


def test_speed_to_lead_says_nothing_of_a_second_owner(
    world: World, offered: str, capsys: pytest.CaptureFixture[str]
) -> None:
    world.press(world.offer_link(offered), action="accept")
    world.deliver()
    world.feed()
    assert len(measured(capsys)["SpeedToLead"]) == 1
    given_back(world, offered)
    world.feed()
    world.now += timedelta(hours=1)
    world.press(world.offer_link(offered), action="accept")
    world.deliver()
    world.feed()
    assert world.lead(offered).owner
    assert not measured(capsys)["SpeedToLead"]


def test_a_deadline_whose_timer_is_lost_is_measured_until_it_is_done(
    world: World, offered: str, capsys: pytest.CaptureFixture[str]
) -> None:
    due = world.lead(offered).due
    assert due
    world.now = due + timedelta(minutes=20)
    world.sweep()
    assert measured(capsys)["LongestOverdue"] == [20 * 60]
    world.sweep()
    assert measured(capsys)["LongestOverdue"] == [0]

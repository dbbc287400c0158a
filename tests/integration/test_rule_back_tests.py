"""A draft is played over the stored history as a job: once for each draft, with its progress."""

import pytest

from routing_core.service.kernel.back_tests import BackTestState, KeptBackTest
from tests.integration.test_rule_editor import opened, press, rules_world, with_currency
from tests.support.world import World

__all__ = ["rules_world"]


def edited(world: World) -> dict[str, str]:
    """A draft in which partners have much less time."""
    posted = opened(world)
    text = posted["text"].replace("minutes: 120.0", "minutes: 5.0", 1)
    assert text != posted["text"]
    return posted | {"text": text}


def asked(world: World, posted: dict[str, str]) -> str:
    answer = press(world, "back_test", posted)
    assert answer.status == 303, answer.body
    return str(answer.headers["Location"])


def kept(world: World, address: str) -> KeptBackTest:
    found = world.wiring.back_tests.read(address.rpartition("/")[2])
    assert found is not None
    return found


def some_leads(world: World, number: int = 3) -> None:
    for each in range(number):
        world.post_lead(f"lead-{each}", email=f"p{each}@posteo.de", phone="")
        world.deliver()
        world.advance(minutes=7)


def test_a_draft_is_played_over_the_stored_enquiries(rules_world: World) -> None:
    some_leads(rules_world)
    address = asked(rules_world, edited(rules_world))
    waiting = rules_world.desk().get(address)
    assert "It begins in a moment" in waiting.body
    assert '<meta http-equiv="refresh"' in waiting.body
    rules_world.deliver()
    test = kept(rules_world, address)
    assert (test.state, test.done, test.total) == (BackTestState.DONE, 6, 6)
    page = rules_world.desk("max@example.com").get(address).body
    assert "3 enquiries were played" in page
    assert "Enquiries sent to partners" in page or "<table" in page
    assert '<meta http-equiv="refresh"' not in page
    whole = rules_world.desk().get(f"{address}/page")
    assert whole.status == 200
    assert "<svg" in whole.body
    assert rules_world.wiring.rules.programme()[0] == 1


def test_the_same_draft_is_played_once_however_often_it_is_asked_for(rules_world: World) -> None:
    some_leads(rules_world, 1)
    posted = edited(rules_world)
    first = asked(rules_world, posted)
    again = asked(rules_world, opened(rules_world))
    assert first == again
    told = [each for each in rules_world.published if "back_test" in each["DetailType"]]
    assert len(told) == 2  # whoever asked first may have been cut off before it was published
    rules_world.deliver()
    finished = kept(rules_world, first)
    rules_world.tell(told[0])  # the bus delivers at least once
    assert kept(rules_world, first) == finished
    assert asked(rules_world, opened(rules_world)) == first
    assert len([e for e in rules_world.published if "back_test" in e["DetailType"]]) == 2


def test_another_draft_is_another_back_test(rules_world: World) -> None:
    first = asked(rules_world, edited(rules_world))
    second = asked(rules_world, with_currency(opened(rules_world), "CHF"))
    assert first != second


def test_without_a_history_it_says_so_and_can_be_asked_for_again(rules_world: World) -> None:
    address = asked(rules_world, edited(rules_world))
    rules_world.deliver()
    assert kept(rules_world, address).state is BackTestState.FAILED
    assert "There are no past enquiries yet" in rules_world.desk().get(address).body
    some_leads(rules_world, 1)
    assert asked(rules_world, opened(rules_world)) == address
    rules_world.deliver()
    assert kept(rules_world, address).state is BackTestState.DONE


def test_one_that_was_stopped_says_so_and_can_be_asked_for_again(rules_world: World) -> None:
    some_leads(rules_world, 1)
    address = asked(rules_world, edited(rules_world))
    assert rules_world.wiring.back_tests.begin(address.rpartition("/")[2], rules_world.now)
    rules_world.deliver()  # the event comes, and somebody else is at it
    assert kept(rules_world, address).state is BackTestState.RUNNING
    assert "are being read" in rules_world.desk().get(address).body
    rules_world.advance(minutes=20)
    assert "It was stopped before it was over" in rules_world.desk().get(address).body
    assert asked(rules_world, opened(rules_world)) == address
    rules_world.deliver()
    assert kept(rules_world, address).state is BackTestState.DONE


def test_a_draft_with_errors_is_not_played(rules_world: World) -> None:
    answer = press(rules_world, "back_test", opened(rules_world), text="offers: [")
    assert answer.status == 422
    assert not [each for each in rules_world.published if "back_test" in each["DetailType"]]


@pytest.mark.parametrize("email", ["max@example.com", "vera@example.com"])
def test_only_an_admin_asks_for_one(rules_world: World, email: str) -> None:
    posted = edited(rules_world)
    assert press(rules_world, "back_test", posted, email).status == 403


def test_there_is_no_other_back_test(rules_world: World) -> None:
    for address in ("/hq/rules/backtests/nonsense", "/hq/rules/backtests/nonsense/page"):
        assert rules_world.desk().get(address).status == 404

"""Link keys are rotated by a command: what was mailed opens until its key is dropped, and whoever
runs the command next goes on with what another began.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto.secretsmanager.models import secretsmanager_backends

from infra.tools.link_keys import (
    UNTIL_ALL_KNOW,
    USUAL_DAYS,
    Clock,
    LinkSecret,
    OtherKeys,
    rotate,
)
from routing_core.aws.wiring import SECRET_SECONDS, wiring
from tests.support.stack import ACCOUNT, BASE_URL, REGION
from tests.support.world import World, a_programme, munich


@dataclass
class Operator:
    """Somebody at a console, with a watch of their own; moto dates a version by the real clock."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    said: list[str] = field(default_factory=list)
    waited: list[timedelta] = field(default_factory=list)
    leaves: bool = False
    """Presses Ctrl-C as soon as there is something to wait for."""

    def rotate(self, days: int = USUAL_DAYS) -> bool:
        return rotate(secret(), days, Clock(lambda: self.now, self._wait), self.said.append)

    def _wait(self, left: timedelta) -> None:
        if self.leaves:
            raise KeyboardInterrupt
        self.waited.append(left)
        age(left)


def secret() -> LinkSecret:
    return LinkSecret(boto3.client("secretsmanager"), "links")


def held() -> dict[str, str]:
    stored = boto3.client("secretsmanager").get_secret_value(SecretId="links")["SecretString"]
    keys: dict[str, str] = json.loads(stored)
    return keys


def kept() -> dict[str, Any]:
    """Where moto keeps the secrets."""
    stored: dict[str, Any] = secretsmanager_backends[ACCOUNT][REGION].secrets
    return stored


def age(by: timedelta) -> None:
    """Makes the secret look as if it had been as it is for so long."""
    for version in kept()["links"].versions.values():
        version["createdate"] -= int(by.total_seconds())


@pytest.fixture(autouse=True)
def as_before(world: World) -> Iterator[None]:
    """The world is made once for many tests, and its keys with it."""
    original = deepcopy(kept()["links"])
    yield
    kept()["links"] = original
    wiring.cache_clear()


@pytest.fixture
def old_link(world: World) -> str:
    """A link that was mailed before anybody thought of another key."""
    world.use(a_programme(), munich(1))
    world.post_lead()
    world.deliver()
    return world.mailed_link("munich-1", "o")


def opens(world: World, path: str) -> bool:
    wiring.cache_clear()
    return world.http("GET", path).status == 200


def test_a_link_of_before_opens_at_every_step_until_its_key_is_dropped(
    world: World, old_link: str
) -> None:
    seen = []

    class Watching(Operator):
        def _wait(self, left: timedelta) -> None:
            seen.append((held()["sign"], opens(world, old_link)))
            super()._wait(left)

    somebody = Watching()
    assert somebody.rotate() is False
    assert seen == [("k1", True)], "all know the new key before it signs"
    assert (set(held()), held()["sign"]) == ({"sign", "k1", "k2"}, "k2")
    assert opens(world, old_link)
    later = world.wiring.links.desk("munich-1", 1).removeprefix(BASE_URL)
    assert later.startswith("/d/k2.")

    age(timedelta(days=USUAL_DAYS))
    assert Operator().rotate() is True
    assert set(held()) == {"sign", "k2"}
    assert not opens(world, old_link)
    assert opens(world, later)


def test_a_new_key_signs_only_once_every_warm_function_has_read_it(world: World) -> None:
    assert timedelta(seconds=2 * SECRET_SECONDS) <= UNTIL_ALL_KNOW
    gone = Operator(leaves=True)
    with pytest.raises(KeyboardInterrupt):
        gone.rotate()
    added = secret().read().since
    early = Operator(now=added + UNTIL_ALL_KNOW - timedelta(seconds=1), leaves=True)
    with pytest.raises(KeyboardInterrupt):
        early.rotate()
    assert held()["sign"] == "k1"
    in_time = Operator(now=added + UNTIL_ALL_KNOW)
    assert in_time.rotate() is False
    assert (held()["sign"], in_time.waited) == ("k2", [])


def test_an_old_key_is_dropped_when_its_days_are_over_and_not_a_moment_before(
    world: World,
) -> None:
    Operator().rotate()
    signs = secret().read().since
    due = signs + timedelta(days=USUAL_DAYS)
    somebody = Operator(now=due - timedelta(hours=2))
    assert somebody.rotate() is False
    assert f"{due:%Y-%m-%d %H:%M}" in somebody.said[-1]
    nearly = Operator(now=due - timedelta(seconds=1))
    assert nearly.rotate() is True
    assert nearly.waited == [timedelta(seconds=1)]
    assert set(held()) == {"sign", "k2"}


def test_a_key_that_leaked_goes_as_soon_as_nobody_signs_with_it_any_more(world: World) -> None:
    somebody = Operator()
    assert somebody.rotate(days=0) is True
    assert set(held()) == {"sign", "k2"}
    assert len(somebody.waited) == 2, "until all verify the new key; until none signs with the old"
    assert all(wait > UNTIL_ALL_KNOW - timedelta(minutes=1) for wait in somebody.waited)


def test_what_one_began_another_goes_on_with(world: World) -> None:
    first = Operator(leaves=True)
    with pytest.raises(KeyboardInterrupt):
        first.rotate()
    added = held()["k2"]
    age(UNTIL_ALL_KNOW)
    Operator(leaves=True).rotate()
    assert (held()["sign"], held()["k2"]) == ("k2", added), "no third key"
    age(timedelta(days=USUAL_DAYS))
    assert Operator(leaves=True).rotate() is True
    assert held() == {"sign": "k2", "k2": added}


def test_of_two_who_rotate_at_once_one_is_told(world: World) -> None:
    ring = secret().read()
    secret().write({**ring.keys, "k2": "mine"}, "k1", ring)
    with pytest.raises(OtherKeys, match="somebody else"):
        secret().write({**ring.keys, "k2": "yours"}, "k1", ring)
    assert held()["k2"] == "mine"


def test_a_write_whose_answer_was_lost_is_known_again(world: World) -> None:
    ring = secret().read()
    for _ in range(2):
        secret().write({**ring.keys, "k2": "mine"}, "k1", ring)
    assert held()["k2"] == "mine"


@pytest.mark.parametrize(
    "keys", [{"sign": "k1", "k1": "a", "spare": "b"}, {"sign": "k3", "k1": "a"}, {"k1": "a"}]
)
def test_a_secret_that_somebody_wrote_by_other_rules_is_left_alone(
    world: World, keys: dict[str, str]
) -> None:
    boto3.client("secretsmanager").put_secret_value(SecretId="links", SecretString=json.dumps(keys))
    with pytest.raises(OtherKeys):
        Operator().rotate()
    assert held() == keys


def test_no_key_is_ever_said(world: World) -> None:
    somebody = Operator()
    before = held()["k1"]
    somebody.rotate(days=0)
    told: Any = " ".join([*somebody.said, repr(secret().read())])
    assert before not in told
    assert held()["k2"] not in told

"""Nothing is cut off halfway that can stop by itself: the invocation says how much time is left."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from routing_core.aws import wiring as wiring_module
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.aws.time_left import TIME_FOR_ONE
from tests.support.mail_service import mail_moves_again
from tests.support.stack import resources
from tests.support.triggers import Context, stream_record, table_record
from tests.support.world import World, a_programme, munich

SERVICES = sorted(set(re.findall(r'_client\("(\w+)"\)', Path(wiring_module.__file__).read_text())))
READERS = [f"{name}@hq.example.com" for name in ("ada", "ben", "cleo")]
LONGEST_WAITING = (1, 2)
"""Seconds that botocore's standard mode waits at most before the second and the third try."""


class Runs(Context):
    """An invocation that has time for so many looks at the clock."""

    def __init__(self, looks: int):
        self._looks = looks

    def get_remaining_time_in_millis(self) -> int:  # type: ignore[override]
        self._looks -= 1
        return 60_000 if self._looks >= 0 else 1_000


@pytest.fixture
def three(world: World) -> World:
    """Three enquiries, of which nobody has heard yet."""
    world.use(a_programme(hq={"emails": READERS}), munich(1))
    for number in range(3):
        world.post_lead(f"k{number}", email=f"p{number}@posteo.de", phone="", postcode="25980")
    return world


# ── calls ─────────────────────────────────────────────────────────────────────────────────────────


def longest_call(service: str) -> float:
    """Seconds that a call takes at most, all its tries and the waiting between them."""
    config = wiring_module._client(service).meta.config
    tries = config.retries["total_max_attempts"]
    one = config.connect_timeout + config.read_timeout
    return float(tries * one + sum(LONGEST_WAITING[: tries - 1]))


def test_the_services_are_found() -> None:
    assert {"dynamodb", "sesv2", "sqs", "s3", "scheduler", "events"} <= set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_every_client_gives_up_before_its_function_is_ended(world: World, service: str) -> None:
    functions = [each["Properties"] for each in resources().values() if "Handler" in str(each)]
    shortest = min(each["Timeout"] for each in functions if "Timeout" in each)
    assert longest_call(service) < shortest


def test_dynamodb_is_asked_again_after_two_seconds_at_most(world: World) -> None:
    config = wiring_module._client("dynamodb").meta.config
    assert 1 <= config.read_timeout <= 2
    assert config.connect_timeout <= 2
    assert longest_call("dynamodb") * 1_000 <= TIME_FOR_ONE


# ── long handlers ─────────────────────────────────────────────────────────────────────────────────


def test_the_outbox_leaves_to_the_stream_what_it_has_no_time_to_begin(three: World) -> None:
    rows = three.rows()
    from functions.outbox.app import handler as outbox

    with three.clock():
        answer = outbox({"Records": [stream_record(row) for row in rows]}, Runs(2))
    assert len(answer["batchItemFailures"]) == len(rows) - 2
    assert len({str(each["Detail"]) for each in three.published}) > 0
    told = len(three.published)
    three.deliver()
    assert len(three.published) > told


def test_the_read_model_leaves_to_the_stream_what_it_has_no_time_to_begin(three: World) -> None:
    items = three.items(only=lambda pk, sk: sk == "LEAD")
    assert len(items) == 3
    records = [table_record(serialize_item(item), three.now) for item in items]
    from functions.read_model.app import handler as read_model

    with three.clock():
        answer = read_model({"Records": records}, Runs(1))
    assert len(answer["batchItemFailures"]) == 2


def test_a_sweep_without_time_leaves_all_to_the_next(three: World) -> None:
    three.now += timedelta(days=2)
    overdue = three.wiring.leads.overdue(three.now, 10)
    assert overdue
    from functions.sweep.app import handler as sweep

    with three.clock():
        sweep({}, Runs(1))
    assert len(three.wiring.leads.overdue(three.now, 10)) == len(overdue) - 1, "one was begun"
    three.sweep()
    assert three.wiring.leads.overdue(three.now, 10) == ()


def test_a_mail_to_several_stops_between_two_readers_and_goes_on_from_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.use(a_programme(hq={"emails": READERS}))
    world.post_lead(postcode="25980")

    def left(*_: Any) -> int:
        return 1_000 if world.mails(READERS[0]) else 60_000

    monkeypatch.setattr(Context, "get_remaining_time_in_millis", left)
    world.deliver()
    assert [len(world.mails(reader)) for reader in READERS] == [1, 0, 0]
    monkeypatch.undo()
    mail_moves_again(world)
    assert [len(world.mails(reader)) for reader in READERS] == [1, 1, 1]

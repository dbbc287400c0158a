"""Facts that were not told are in the table, and can be told again without anything happening
twice.
"""

import io
import json
from argparse import ArgumentTypeError
from datetime import timedelta
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from infra.tools.redrive import instant, line, redrive, rows_of, rows_since
from tests.support.triggers import Context
from tests.support.world import World, a_programme, munich

STREAM = "arn:aws:dynamodb:eu-central-1:000000000000:table/leads/stream/now"


class Functions:
    """A Lambda client whose functions run here."""

    def __init__(self, world: World):
        self._world = world

    def invoke(self, FunctionName: str, Payload: str) -> dict[str, Any]:
        from functions.outbox.app import handler

        assert FunctionName == "outbox"
        try:
            with self._world.clock():
                answer = handler(json.loads(Payload), Context())
        except BatchProcessingError as error:
            told = {"errorType": "BatchProcessingError", "errorMessage": str(error)}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(told).encode())}
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


def again(world: World, rows: list[dict[str, Any]]) -> list[bool]:
    told = [taken for _, taken in redrive(Functions(world), "outbox", rows, STREAM)]
    world.notify()
    return told


@pytest.fixture
def dynamodb(world: World) -> Any:
    world.use(a_programme(), munich(1))
    return boto3.client("dynamodb")


def test_what_an_outage_kept_back_is_told_once(world: World, dynamodb: Any) -> None:
    lead_id = world.post_lead().json()["lead"]
    assert not world.mails()
    rows = rows_of(dynamodb, "leads", lead_id)
    assert again(world, rows) == [True] * len(world.events(lead_id))
    assert len(world.mails("munich-1")) == 1
    left, timers = len(world.mails()), world.schedules()
    again(world, rows)
    assert (len(world.mails()), world.schedules()) == (left, timers)


def test_only_what_was_committed_since_then_is_told_again(world: World, dynamodb: Any) -> None:
    world.post_lead()
    world.advance(hours=1)
    later = world.post_lead("two", email="other@example.com", phone="").json()["lead"]
    rows = rows_since(dynamodb, "leads", world.now - timedelta(minutes=1))
    assert {row["pk"]["S"] for row in rows} == {f"LEAD#{later}"}
    assert len(rows_since(dynamodb, "leads", world.now - timedelta(days=1))) > len(rows)


def test_a_row_that_the_outbox_cannot_take_is_named(
    world: World, dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead_id = world.post_lead().json()["lead"]
    rows = rows_of(dynamodb, "leads", lead_id)

    def down(*_: Any) -> None:
        raise ConnectionError("the bus is away")

    monkeypatch.setattr(type(world.wiring.bus), "publish", down)
    assert again(world, rows) == [False] * len(rows)
    assert line(rows[0], taken=False).startswith("FAILED  ")
    assert f"{lead_id} 000001  offer.made, lead.received" in line(rows[0], taken=True)


def test_a_row_that_nobody_can_read_holds_up_nobody(
    world: World, dynamodb: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Streams are retried for a day: one bad row at the head would keep every lead behind it
    silent.
    """
    rows = rows_of(dynamodb, "leads", world.post_lead().json()["lead"])
    poison = rows[0] | {"facts": {"S": "not JSON"}}
    assert all(again(world, [poison, *rows]))
    assert len(world.mails("munich-1")) == 1
    assert '"UnreadableRows"' in capsys.readouterr().out


def test_an_instant_is_utc_unless_it_says_otherwise_and_not_older_than_what_is_known_of_mails() -> (
    None
):
    assert instant("2999-11-21T09:00") == instant("2999-11-21T10:00+01:00")
    for wrong in ("yesterday", "2020-01-01T00:00Z"):
        with pytest.raises(ArgumentTypeError):
            instant(wrong)

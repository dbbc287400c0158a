"""API keys are listed with their last use and revoked from a console, as on HQ's desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import boto3
import pytest

from infra.tools.hq_key import create_key
from infra.tools.hq_keys import run
from infra.tools.stack import Target
from routing_core.domain.activity import ActivityKind
from routing_core.domain.errors import NotFound
from tests.support.hooks import writes_counted
from tests.support.stack import TABLES
from tests.support.world import World, a_programme, munich


class Deployed(Target):
    """The stack over moto, whose resources bear the names that tests give them."""

    def resource(self, logical_id: str) -> str:
        return {**TABLES, "Bucket": "networks"}[logical_id]


@pytest.fixture
def there(world: World) -> Target:
    world.use(a_programme(), munich(1))
    return Deployed("relay", boto3.client)


def asked(world: World, key: str) -> int:
    return world.http("GET", "/v1/programme", headers={"X-Api-Key": key}).status


def said(world: World, there: Target, key_id: str = "") -> list[str]:
    return list(run(there, key_id, world.now))


def test_who_has_no_key_reads_how_to_make_one(world: World, there: Target) -> None:
    assert said(world, there) == ["There is no key yet: make hq-key"]


def test_the_list_tells_what_keys_may_do_and_when_they_were_used_but_no_key(
    world: World, there: Target
) -> None:
    key = create_key(boto3.client("dynamodb"), "partners", "crm", ["programme:read"])
    (before,) = said(world, there)
    assert "crm" in before
    assert "not used yet" in before
    assert before.endswith("programme:read")
    assert asked(world, key) == 200
    (after,) = said(world, there)
    assert f"used {world.now:%Y-%m-%d %H}h UTC" in after
    assert key not in after


def test_a_use_is_written_once_an_hour(world: World, there: Target) -> None:
    key = create_key(boto3.client("dynamodb"), "partners", "crm", ["programme:read"])

    def writes() -> Any:
        with writes_counted(world) as counted:
            assert asked(world, key) == 200
        return len(counted)

    assert [writes(), writes()] == [1, 0]
    world.advance(hours=1)
    assert [writes(), writes()] == [1, 0]


def test_a_key_that_was_revoked_opens_nothing_and_the_log_says_so_once(
    world: World, there: Target
) -> None:
    kept = create_key(boto3.client("dynamodb"), "partners", "shop", ["programme:read"])
    key = create_key(boto3.client("dynamodb"), "partners", "crm", ["programme:read"])
    key_id = next(line for line in said(world, there) if "crm" in line).split()[0]
    assert said(world, there, key_id) == ["crm opens nothing any more."]
    assert (asked(world, key), asked(world, kept)) == (401, 200)
    world.advance(minutes=1)
    assert said(world, there, key_id) == ["crm opens nothing any more."]
    revoked = next(line for line in said(world, there) if "crm" in line)
    assert f"revoked {world.now - timedelta(minutes=1):%Y-%m-%d %H:%M}" in revoked
    entries = world.items("read-model", lambda pk, sk: pk.startswith("LOG#"))
    assert len([each for each in entries if ActivityKind.KEY_REVOKED in str(each)]) == 1


def test_an_id_that_is_none_ends_no_key(world: World, there: Target) -> None:
    key = create_key(boto3.client("dynamodb"), "partners", "crm", ["programme:read"])
    with pytest.raises(NotFound):
        said(world, there, "nobody")
    assert asked(world, key) == 200

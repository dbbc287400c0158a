"""A right that is missing is never taken for an object that is missing, however S3 words it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from routing_core.domain.errors import NotFound
from routing_core.domain.lead_file import FileKind, LeadFile
from routing_core.domain.territory.gazetteer import Point
from routing_core.domain.territory.territory import Territory
from tests.support.builders import NOON
from tests.support.hooks import nothing_listed
from tests.support.world import World, a_programme, munich

FILE = LeadFile("f1", "plan.pdf", FileKind.PDF, 3, NOON, "")
READS: dict[str, tuple[str, Callable[[World], Any]]] = {
    "an export": ("exports/e1/export.json", lambda world: world.wiring.exports.get("e1")),
    "a lead's file": ("files/l1/f1", lambda world: world.wiring.lead_files.get("l1", FILE)),
    "a report": ("reports/2026-11.gz", lambda world: world.wiring.reports.files.read("2026-11.gz")),
    "a back-test's page": ("backtests/b1.html", lambda world: world.wiring.back_tests.page("b1")),
}
"""Each: the key of an object that may be there or not, and what reads it."""


@contextmanager
def denied(world: World, operation: str) -> Iterator[None]:
    """S3 refuses that call, whether there is anything or not."""

    def deny(parsed: dict[str, Any], http_response: Any, **_: Any) -> None:
        parsed["Error"] = {"Code": "AccessDenied", "Message": "Access Denied"}
        http_response.status_code = 403

    events = world.wiring.rules._s3().meta.events
    events.register(f"after-call.s3.{operation}", deny)
    try:
        yield
    finally:
        events.unregister(f"after-call.s3.{operation}", deny)


@pytest.fixture(autouse=True)
def _nothing_kept(world: World) -> None:
    """The bucket outlives a test's world."""
    for key, _ in READS.values():
        for each in (key, f"{key}.another"):
            world.wiring.rules._s3().delete_object(Bucket="networks", Key=each)


def put(world: World, key: str) -> None:
    world.wiring.rules._s3().put_object(Bucket="networks", Key=key, Body=b"{}")


@pytest.mark.parametrize("what", READS)
def test_what_is_not_there_is_said_so_though_s3_says_denied(world: World, what: str) -> None:
    key, read = READS[what]
    with nothing_listed(world):
        assert read(world) is None
        put(world, f"{key}.another")  # begins alike
        assert read(world) is None


@pytest.mark.parametrize("what", READS)
def test_what_is_there_and_may_not_be_read_is_an_error(world: World, what: str) -> None:
    key, read = READS[what]
    put(world, key)
    with denied(world, "GetObject"), pytest.raises(ClientError, match="AccessDenied"):
        read(world)


@pytest.mark.parametrize("what", READS)
def test_whoever_may_not_even_know_hears_no_answer(world: World, what: str) -> None:
    _, read = READS[what]
    with (
        nothing_listed(world),
        denied(world, "ListObjectsV2"),
        pytest.raises(ClientError, match="AccessDenied"),
    ):
        read(world)


def test_no_network_is_compiled_without_coordinates_that_may_not_be_read(world: World) -> None:
    near = munich(1, territories=(Territory.parse("DE 20km 80331"),))
    world.use(a_programme(), near)
    world.wiring.rules.save_places("DE", {"80331": Point(48.1, 11.5)}, {}, world.now)
    before = world.wiring.rules.network().version
    with denied(world, "GetObject"), pytest.raises(ClientError, match="AccessDenied"):
        world.compile()
    assert world.wiring.rules.network().version == before


def test_a_network_that_may_not_be_read_is_not_said_to_be_gone(world: World) -> None:
    world.use(a_programme(), munich(1))
    rules = world.wiring.rules
    with denied(world, "GetObject"), pytest.raises(ClientError, match="AccessDenied"):
        rules.network_version(rules.network().version)
    with nothing_listed(world), pytest.raises(NotFound):
        rules.network_version("of-never")

"""One stack for all journeys: the sample network, the partners of every story, a programme with
quick clocks.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.logs import errors
from routing_core.routing.index.snapshot import unpack
from tests.journeys.cast import EMPTY_AREAS, clocks
from tests.journeys.life import Life
from tests.support.embedded import Stack, eventually, needs_local_python


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.embedded)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What the functions logged as errors stands beside a failure."""
    report = yield
    stack = getattr(item, "funcargs", {}).get("stack") or getattr(item, "funcargs", {}).get("life")
    if report.failed and stack:
        told = errors(getattr(stack, "stack", stack).client("logs"))
        report.sections.append(("errors of the functions", "\n".join(map(_short, told[-5:]))))
    return report


def _short(line: str) -> str:
    """A log line without the frames of the libraries."""
    try:
        told = json.loads(line)
    except ValueError:
        return line[-1500:]
    trace = str(told.get("exception", "")).splitlines()
    ours = [each for each in trace if "routing_core/" in each or "functions/" in each]
    return "\n".join([f"{told.get('service')}: {told.get('message')}", *ours[-6:], *trace[-1:]])


@pytest.fixture(scope="session")
def stack(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Stack]:
    """Every module names its partners in ``CAST``; all are there before the first story starts."""
    needs_local_python()
    modules = {getattr(item, "module", None) for item in request.session.items}
    cast = [partner for module in modules for partner in getattr(module, "CAST", ())]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAMBDA_ACCOUNT_CONCURRENCY", "64")  # the races must not be told 429
        running = Stack(tmp_path_factory.mktemp("journeys")).start()
    try:
        running.use_sample("dach-heating", clocks, without=EMPTY_AREAS)
        add_partners(running, cast)
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def life(stack: Stack) -> Life:
    return Life(stack)


def add_partners(stack: Stack, partners: list[dict[str, Any]]) -> None:
    """Returns once routing's snapshot has them; functions that never looked before see it at
    once.
    """
    stack.hq("POST", "/v1/partners/import", json={"partners": partners}).raise_for_status()
    wanted = {partner["id"] for partner in partners}
    eventually(
        lambda: wanted <= _in_network(stack),
        within=30,
        what="the network with the partners of the stories",
    )


def _in_network(stack: Stack) -> set[str]:
    dynamodb, s3 = stack.client("dynamodb"), stack.client("s3")
    pointer = dynamodb.get_item(
        TableName=stack.outputs["PartnersTable"],
        Key={"pk": {"S": "NETWORK"}, "sk": {"S": "ACTIVE"}},
        ConsistentRead=True,
    ).get("Item")
    if not pointer:
        return set()
    body = s3.get_object(Bucket=stack.outputs["Bucket"], Key=pointer["object"]["S"])["Body"].read()
    return set(unpack(body).partners)

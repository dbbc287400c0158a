"""A restore on the embedded AWS: real tables, streams, timers and an update of the real stack.

It copies a table as it is at the moment, so both are restored at the point itself, and the command
goes on from there, as for anybody who stopped it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.deploy import STACK
from infra.tools.arm_timers import arm_timers, clear_timers, timer_settings
from infra.tools.restore import Drill
from infra.tools.restored_tables import PARAMETERS, like_its_source, planned, restore_table
from infra.tools.stack import Target
from routing_core.aws.codecs.lead_items import lead_from_item
from routing_core.aws.queues.timers import SchedulerTimers
from routing_core.aws.tables.dynamo import deserialize_item
from tests.journeys.life import Life
from tests.support.embedded import Stack, eventually, needs_local_python

pytestmark = pytest.mark.embedded


@pytest.fixture
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that no other test works on: this one leaves it on other tables."""
    needs_local_python()
    with Stack(tmp_path_factory.mktemp("restored")) as running:
        yield running


def leads_in(stack: Stack, table: str) -> dict[str, dict[str, Any]]:
    """Every lead of a table by its id."""
    items = stack.client("dynamodb").scan(TableName=table)["Items"]
    return {
        item["pk"]["S"].removeprefix("LEAD#"): item for item in items if item["sk"]["S"] == "LEAD"
    }


def timers_of(stack: Stack) -> set[str]:
    """The names of the leads' timers."""
    found = stack.client("scheduler").list_schedules(GroupName=STACK)["Schedules"]
    return {each["Name"] for each in found if re.fullmatch(r"[^.]+\.\d+", each["Name"])}


def test_a_stack_goes_on_from_a_point_in_time(own_stack: Stack) -> None:
    stack = own_stack
    stack.use_sample("dach-heating")
    life = Life(stack)
    life.until_covered("80331")
    for number in range(3):
        life.enquire("80331", email=f"before{number}@posteo.de")
    used = stack.outputs["LeadsTable"]
    leads = eventually(lambda: len(leads_in(stack, used)) == 3 and leads_in(stack, used))
    eventually(lambda: len(timers_of(stack)) >= 3, what="a timer of each lead")

    there, at = Target(STACK, stack.client), datetime.now(UTC).replace(microsecond=0)
    dynamodb = stack.client("dynamodb")
    for logical_id in PARAMETERS:
        table = planned(there, logical_id, at)
        restore_table(dynamodb, table, at)
        like_its_source(dynamodb, table)
    gone, *kept = sorted(leads)
    stack.hq("POST", f"/v1/leads/{gone}/erase").raise_for_status()
    life.enquire("80331", email="after@posteo.de")

    said: list[str] = []
    Drill(there, at, lambda: datetime.now(UTC), said.append).run()

    restored = there.resource("LeadsTable")
    (described,) = stack.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    rollout = {"ParameterKey": "Rollout", "ParameterValue": "AllAtOnce"}
    assert rollout in described["Parameters"]
    assert restored != used
    now = leads_in(stack, restored)
    assert set(now) == set(leads), "what came after the point is not there"
    assert "before" not in str(now[gone])
    armed = {name.partition(".")[0] for name in timers_of(stack)}
    assert set(kept) <= armed <= set(now)
    made_up = [
        replace(lead_from_item(deserialize_item(now[kept[0]])), id=f"{n}") for n in range(500)
    ]
    scheduler, settings = stack.client("scheduler"), timer_settings(there)
    began = time.monotonic()
    assert arm_timers(SchedulerTimers(scheduler, settings), made_up, datetime.now(UTC)) == 500
    assert time.monotonic() - began < 30, "more than a thousand a minute"
    assert clear_timers(scheduler, settings.schedule_group) >= 500
    assert not timers_of(stack)

    life.enquire("80331", email="new@posteo.de")
    eventually(lambda: len(leads_in(stack, restored)) == 4, what="a lead in the restored table")
    stack.wait_for_mail(to="new@posteo.de")

"""A restore to a point in time, played over moto: everything that must not come back does not.

moto copies a table as it is at the moment, so the tables are restored at the point itself; the
command then goes on with what was begun, as it would for anybody who stopped it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.scheduler.models import scheduler_backends

from infra.tools.arm_timers import arm_timers, clear_timers, timer_settings
from infra.tools.hq_key import create_key
from infra.tools.restore import Drill
from infra.tools.restored_tables import PARAMETERS, like_its_source, planned, restore_table
from infra.tools.stack import Target
from routing_core.aws.queues.timers import SchedulerTimers
from routing_core.aws.tables.api_keys import ApiKeys, key_digest
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.aws.wiring import wiring
from routing_core.domain.lead import LeadStatus, open_counts
from tests.support import world as world_module
from tests.support.stack import ACCOUNT, ENVIRONMENT, REGION, TABLES
from tests.support.world import World, a_programme, munich

VARIABLES = {"RestoredLeads": "LEADS_TABLE", "RestoredPartners": "PARTNERS_TABLE"}


@dataclass
class CloudFormation:
    """Stands in for AWS's: an update of the stack has its functions work on other tables."""

    monkeypatch: pytest.MonkeyPatch
    parameters: dict[str, str] = field(default_factory=lambda: {"Sender": "a@b.example"})
    updates: int = 0

    def describe_stacks(self, **_: str) -> dict[str, Any]:
        told = [{"ParameterKey": k, "ParameterValue": v} for k, v in self.parameters.items()]
        return {"Stacks": [{"Parameters": told}]}

    def update_stack(self, **asked: Any) -> None:
        changed = [each for each in asked["Parameters"] if "ParameterValue" in each]
        self.parameters |= {each["ParameterKey"]: each["ParameterValue"] for each in changed}
        self.updates += 1
        used = {name: self.parameters[name].split("/")[1] for name in VARIABLES}
        for name, variable in VARIABLES.items():
            self.monkeypatch.setenv(variable, used[name])

        def tables() -> dict[str, Any]:
            stored = dynamodb_backends[ACCOUNT][REGION].tables
            return {
                "leads": stored[used["RestoredLeads"]],
                "partners": stored[used["RestoredPartners"]],
                "read-model": stored["read-model"],
            }

        self.monkeypatch.setattr(world_module, "dynamo_tables", tables)
        wiring.cache_clear()

    def get_waiter(self, _: str) -> CloudFormation:
        return self

    def wait(self, **_: Any) -> None:
        pass


class Lambda:
    """Stands in for AWS's, of which only the settings of the outbox are asked."""

    def get_function_configuration(self, **asked: str) -> dict[str, Any]:
        assert asked == {"FunctionName": "outbox"}
        return {"Environment": {"Variables": ENVIRONMENT}}


class Deployed(Target):
    """The stack over moto."""

    def resource(self, logical_id: str) -> str:
        if logical_id in PARAMETERS:
            parameters = self.client("cloudformation").parameters
            used = parameters.get(PARAMETERS[logical_id])
            return str(used.split("/")[1]) if used else TABLES[logical_id]
        others = {"Bucket": "networks", "OutboxFunction": "outbox", "ContactKey": "contact"}
        return {**TABLES, **others}[logical_id]


@dataclass
class Restoring:
    """An operator, from the point on that will be restored."""

    world: World
    there: Target
    cloudformation: CloudFormation
    at: datetime
    said: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Restore both tables as they are, which is all that the command did when it was ended."""
        self.at = self.world.now
        dynamodb = self.there.client("dynamodb")
        for logical_id in PARAMETERS:
            table = planned(self.there, logical_id, self.at)
            assert restore_table(dynamodb, table, self.at)
            like_its_source(dynamodb, table)

    def go_on(self) -> None:
        self.world.feed()
        self.said.clear()
        Drill(self.there, self.at, lambda: self.world.now, self.said.append).run()


@pytest.fixture
def restoring(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Restoring]:
    world.use(a_programme(), *(munich(number) for number in (1, 2, 3)))
    cloudformation = CloudFormation(monkeypatch)
    others = {"cloudformation": cloudformation, "lambda": Lambda()}
    clients: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in clients:
            clients[service] = others.get(service) or boto3.client(service)
        return clients[service]

    yield Restoring(world, Deployed("relay", client), cloudformation, world.now)
    wiring.cache_clear()
    tables = dynamodb_backends[ACCOUNT][REGION].tables
    for name in [name for name in tables if name.startswith("relay-")]:
        del tables[name]


def posted(world: World, name: str) -> str:
    lead: str = world.post_lead(name, email=f"{name}@posteo.de", phone="").json()["lead"]
    world.deliver()
    return lead


def test_every_open_lead_has_its_timer_and_no_timer_of_before_is_left(
    world: World, restoring: Restoring
) -> None:
    leads = [posted(world, name) for name in ("one", "two", "three")]
    restoring.begin()
    due = {lead: world.lead(lead).due for lead in leads}
    world.advance(minutes=3)
    world.press(world.offer_link(leads[0]), action="decline")
    world.deliver()
    later = posted(world, "later")
    restoring.go_on()
    assert {world.lead(lead).due for lead in leads} == set(due.values()), "as at the point"
    expected = {f"{lead}.{world.lead(lead).version}" for lead in leads}
    assert set(world.schedules()) == expected
    assert not any(name.startswith(later) for name in world.schedules())
    world.run_for(hours=200)
    assert all(world.lead(lead).status is not LeadStatus.OFFERED for lead in leads)


def test_a_schedule_that_is_no_leads_stays(world: World, restoring: Restoring) -> None:
    posted(world, "one")
    schedules = scheduler_backends[ACCOUNT][REGION].schedule_groups["leads"].schedules
    schedules["relay-SweepSchedule-1A2B"] = next(iter(schedules.values()))
    restoring.begin()
    restoring.go_on()
    assert "relay-SweepSchedule-1A2B" in schedules


def test_whoever_was_erased_since_stays_erased(world: World, restoring: Restoring) -> None:
    erased, kept = posted(world, "erased"), posted(world, "kept")
    key = create_key(boto3.client("dynamodb"), "partners", "crm", ["leads:write"])
    restoring.begin()
    world.advance(minutes=1)
    headers = {"X-Api-Key": key}
    assert world.http("POST", f"/v1/leads/{erased}/erase", headers=headers).status == 200
    world.deliver()
    restoring.go_on()
    assert world.lead(erased).status is LeadStatus.ERASED
    assert world.lead(kept).contact is not None
    assert "erased@posteo.de" not in str(world.items())


def test_loads_are_what_the_restored_leads_say(world: World, restoring: Restoring) -> None:
    leads = [posted(world, name) for name in ("one", "two", "three", "four")]
    restoring.begin()
    partners = planned(restoring.there, "PartnersTable", restoring.at).name
    dynamodb = boto3.client("dynamodb")
    for number, wrong in ((1, 7), (2, 0)):  # each table is restored for itself
        dynamodb.update_item(
            TableName=partners,
            Key=serialize_item({"pk": f"PARTNER#munich-{number}", "sk": "LOAD"}),
            UpdateExpression="SET places = :wrong",
            ExpressionAttributeValues=serialize_item({":wrong": wrong}),
        )
    restoring.go_on()
    counted = dict.fromkeys((f"munich-{number}" for number in (1, 2, 3)), 0)
    for lead in leads:
        for partner, places in open_counts(world.lead(lead)).items():
            counted[partner] += places
    assert {partner: world.load(partner).open_count for partner in counted} == counted
    assert sum(counted.values()) == 4
    assert all(
        sum(world.load(partner).products.values()) == places for partner, places in counted.items()
    )


def test_links_and_keys_that_were_ended_since_stay_ended(
    world: World, restoring: Restoring
) -> None:
    lead = posted(world, "one")
    link = world.mailed_link("munich-1", "o")
    other = posted(world, "two")
    others_link = world.mailed_link("munich-2", "o")
    key = create_key(boto3.client("dynamodb"), "partners", "crm", ["leads:read"])
    hq_links = world.wiring.services.programme.hq.links
    restoring.begin()
    world.advance(minutes=1)
    for _ in range(2):
        world.wiring.partners.revoke_links("munich-1", world.now)
    ApiKeys(boto3.client("dynamodb"), "partners").revoke(key_digest(key)[:12], world.now)
    restoring.go_on()
    assert world.http("GET", link).status != 200
    assert world.http("GET", others_link).status == 200, "of whom nothing was ended, go on"
    assert world.http("GET", "/v1/leads", headers={"X-Api-Key": key}).status == 401
    assert world.wiring.services.programme.hq.links == hq_links + 1
    assert {lead, other} <= set(world.lead_ids())


def everything(world: World) -> Any:
    """But for the pointer to the network, which is published at each run."""
    partners = world.items("partners", lambda pk, sk: pk not in ("NETWORK", "KEYS"))
    return world.items(), partners, world.schedules()


def test_it_may_be_stopped_anywhere_and_run_again(world: World, restoring: Restoring) -> None:
    posted(world, "one")
    restoring.begin()
    world.advance(minutes=1)
    for steps in range(1, 12):
        left = iter(range(steps))

        def say(line: str, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise KeyboardInterrupt(line)

        drill = Drill(restoring.there, restoring.at, lambda: world.now, say)
        with pytest.raises(KeyboardInterrupt):
            drill.run()
    restoring.go_on()
    before = everything(world)
    restoring.go_on()
    assert everything(world) == before
    assert restoring.cloudformation.updates == 1
    assert world.wiring.services.programme.hq.links == 2, "raised once"


def test_a_thousand_timers_and_more_are_armed_in_a_minute(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead = world.lead(posted(world, "one"))
    many = [replace(lead, id=f"{lead.id}{number}") for number in range(1_000)]
    scheduler = boto3.client("scheduler")
    timers = SchedulerTimers(scheduler, timer_settings(Deployed("relay", lambda _: Lambda())))
    began = time.monotonic()
    assert arm_timers(timers, many, world.now) == 1_000
    assert time.monotonic() - began < 60
    assert len(world.schedules()) >= 1_000
    assert clear_timers(scheduler, "leads") >= 1_000
    assert not world.schedules()


def test_the_restored_tables_are_set_up_like_those_of_the_template(restoring: Restoring) -> None:
    restoring.begin()
    dynamodb = boto3.client("dynamodb")
    for logical_id in PARAMETERS:
        name = planned(restoring.there, logical_id, restoring.at).name
        table = dynamodb.describe_table(TableName=name)["Table"]
        assert table["DeletionProtectionEnabled"]
        assert table["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
        expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
        backups = dynamodb.describe_continuous_backups(TableName=name)
        assert (
            backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"][
                "PointInTimeRecoveryStatus"
            ]
            == "ENABLED"
        )


def test_a_point_that_is_later_restored_again_is_another_table(restoring: Restoring) -> None:
    first = planned(restoring.there, "LeadsTable", restoring.at)
    second = planned(restoring.there, "LeadsTable", restoring.at + timedelta(seconds=1))
    assert first.name != second.name
    assert first.source == second.source == "leads"

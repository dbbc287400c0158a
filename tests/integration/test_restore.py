"""A restore to a point in time, played over moto: everything that must not come back does not.

moto copies a table as it is at the moment, so the tables are restored at the point itself; the
command then goes on with what was begun, as it would for anybody who stopped it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.scheduler.models import scheduler_backends

from infra.tools.arm_timers import arm_timers, clear_timers, timer_settings
from infra.tools.hq_key import create_key
from infra.tools.restore import Drill
from infra.tools.restored_tables import (
    PARAMETERS,
    CannotRestore,
    like_its_source,
    planned,
    restore_table,
)
from infra.tools.stack import Target
from routing_core.aws.queues.timers import SchedulerTimers
from routing_core.aws.tables.api_keys import ApiKeys, key_digest
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.aws.wiring import wiring
from routing_core.domain.hq_people import hq_person
from routing_core.domain.lead import LeadStatus, open_counts
from routing_core.domain.partner import Person
from routing_core.domain.people import person_id
from routing_core.domain.rule_version import RuleEdition
from routing_core.service.hq.lead_files import (
    FileDesk,
    SentFile,
    attach_file,
    new_file,
    remove_file,
)
from routing_core.service.kernel.rule_saving import save_rules
from tests.support import world as world_module
from tests.support.merged import merged
from tests.support.stack import ACCOUNT, ENVIRONMENT, REGION, TABLES
from tests.support.world import World, a_programme, munich

NEW_YEAR = datetime(2036, 1, 1, tzinfo=UTC)
"""Far from now: tools have the machine's clock."""
VARIABLES = {"RestoredLeads": "LEADS_TABLE", "RestoredPartners": "PARTNERS_TABLE"}


@dataclass
class CloudFormation:
    """Stands in for AWS's: an update of the stack has its functions work on other tables."""

    monkeypatch: pytest.MonkeyPatch
    parameters: dict[str, str] = field(
        default_factory=lambda: {
            "Sender": "a@b.example",
            "Rollout": "Canary10Percent5Minutes",
            **dict.fromkeys(VARIABLES, ""),
        }
    )
    updates: int = 0
    status: str = "UPDATE_COMPLETE"
    waited: list[str] = field(default_factory=list)
    """What was waited for, in order."""
    meanwhile: Callable[[], None] = lambda: None
    """What somebody does while the stack is being updated."""

    def describe_stacks(self, **_: str) -> dict[str, Any]:
        told = [{"ParameterKey": k, "ParameterValue": v} for k, v in self.parameters.items()]
        return {"Stacks": [{"Parameters": told, "StackStatus": self.status}]}

    def update_stack(self, **asked: Any) -> None:
        assert "IN_PROGRESS" not in self.status, "AWS takes one update at a time"
        self.meanwhile()
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

    def get_waiter(self, name: str) -> CloudFormation:
        self.waited.append(name)
        return self

    def wait(self, **_: Any) -> None:
        self.status = "UPDATE_COMPLETE"


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

    def go_on(self, feed: bool = True) -> None:
        """``feed``: HQ's lists have heard of everything before it."""
        if feed:
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


def erase(world: World, lead: str) -> None:
    used = os.environ["PARTNERS_TABLE"]
    key = create_key(boto3.client("dynamodb"), used, f"crm-{lead}", ["leads:write"])
    headers = {"X-Api-Key": key}
    assert world.http("POST", f"/v1/leads/{lead}/erase", headers=headers).status == 200


def test_whoever_was_erased_a_moment_before_the_switch_stays_erased(
    world: World, restoring: Restoring
) -> None:
    before, during = posted(world, "before"), posted(world, "during")
    restoring.begin()
    world.advance(minutes=1)
    erase(world, before)  # and HQ's lists have not heard of it
    restoring.cloudformation.meanwhile = lambda: erase(world, during)
    restoring.go_on(feed=False)
    assert [world.lead(each).status for each in (before, during)] == [LeadStatus.ERASED] * 2
    assert not {"before@posteo.de", "during@posteo.de"} & set(str(world.items()).split("'"))


def test_whoever_was_erased_because_it_was_time_is_so_again(
    world: World, restoring: Restoring
) -> None:
    lead = posted(world, "one")
    assert world.http("POST", world.mailed_link("one@posteo.de", "s"), form={"action": "withdraw"})
    assert world.lead(lead).status is LeadStatus.WITHDRAWN
    restoring.begin()
    while world.lead(lead).contact:
        world.run_for(hours=30 * 24)
        world.sweep()
    mails = len(world.mails())
    restoring.go_on(feed=False)
    world.deliver()
    assert world.lead(lead).status is LeadStatus.ERASED
    assert len(world.mails()) == mails, "nobody is asked to erase what they never saw"


def test_what_a_repeat_said_is_erased_again_in_the_enquiry_it_joined(
    world: World, restoring: Restoring
) -> None:
    first = posted(world, "one")
    world.press(world.offer_link(first), action="accept")
    repeat = merged(world, first, "two", "zwei Wohnungen", email="one@posteo.de", phone="")
    assert "zwei Wohnungen" in str(world.wiring.leads.context(first))
    restoring.begin()
    world.advance(minutes=1)
    erase(world, repeat)
    restoring.go_on(feed=False)
    assert world.lead(first).contact is not None
    assert "zwei Wohnungen" not in str(world.wiring.leads.context(first))


def test_a_file_that_was_removed_since_does_not_come_back(
    world: World, restoring: Restoring
) -> None:
    lead = posted(world, "one")
    services, store = world.wiring.services, world.wiring.lead_files
    desk, hq = FileDesk(services, store), services.programme.hq.emails[0]
    person = hq_person(services.programme, person_id(hq))
    assert person is not None
    content = b"%PDF-1.7\n1 0 obj\n"
    file = new_file(SentFile("Erika plan.pdf", content), "f1", person.actor, world.now)
    attach_file(desk, person, lead, file, content)
    restoring.begin()
    world.advance(minutes=1)
    remove_file(desk, person, lead, "f1", world.now)
    restoring.go_on(feed=False)
    assert world.wiring.leads.context(lead).files == ()
    assert store.get(lead, file) is None
    assert "Erika plan" not in str(world.items())


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


def test_a_colleagues_links_that_were_ended_since_stay_ended(
    world: World, restoring: Restoring
) -> None:
    office = Person("office@firm.example", "Chris Boss")
    world.add(munich(4, tier=1, contact=office, confirmed_email=office.email))
    mine = posted(world, "one")
    assert world.lead(mine).offers[-1].partner == "munich-4"
    world.press(world.offer_link(mine), action="accept")
    world.press(world.offer_link(mine), action="colleague", name="S", email="sam@firm.example")
    world.deliver()
    link = world.mailed_link("sam@firm.example", "o")
    assert world.http("GET", link).status == 200
    restoring.begin()
    world.advance(minutes=1)
    world.wiring.partners.revoke_links("munich-4", world.now, person_id("sam@firm.example"))
    world.wiring.services.partners.confirm("munich-4", office.email, world.now)
    restoring.go_on()
    assert world.http("GET", link).status != 200
    restoring.go_on()
    assert "0 partners' links" in " ".join(restoring.said), "they are ended once"


def test_rules_that_wait_for_their_time_are_still_planned(
    world: World, restoring: Restoring
) -> None:
    store = world.wiring.services.rules
    number, programme = store.programme()
    later = RuleEdition("link:hq", "new year", "", NEW_YEAR)
    changed = programme.model_copy(update={"currency": "CHF"})
    save_rules(store, changed, world.now, number, later)
    restoring.begin()
    world.advance(minutes=1)
    restoring.go_on()
    services = world.wiring.services
    assert services.programme.hq.links == programme.hq.links + 1
    plan = services.rules.planned()
    assert plan is not None
    assert plan.starts_at == later.starts_at
    planned_rules = services.rules.programme_version(plan.number)
    assert (planned_rules.currency, planned_rules.hq.links) == ("CHF", programme.hq.links + 1)
    world.now = NEW_YEAR
    assert services.rules.settle(world.now), "their time comes"
    assert services.programme.currency == "CHF"


def test_planned_rules_that_raise_hqs_links_themselves_are_no_obstacle(
    world: World, restoring: Restoring
) -> None:
    store = world.wiring.services.rules
    number, programme = store.programme()
    hq = programme.hq.model_copy(update={"links": programme.hq.links + 6})
    later = RuleEdition("link:hq", "all out", "", NEW_YEAR)
    save_rules(store, programme.model_copy(update={"hq": hq}), world.now, number, later)
    restoring.begin()
    restoring.go_on()
    services = world.wiring.services
    plan = services.rules.planned()
    assert plan is not None
    assert plan.starts_at == later.starts_at
    assert services.programme.hq.links == programme.hq.links + 1
    assert services.rules.programme_version(plan.number).hq.links == programme.hq.links + 1


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
    assert restoring.cloudformation.updates == 1, "the stack is pointed once"
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


def test_a_second_try_at_an_earlier_point_begins_with_what_was_in_use_then(
    world: World, restoring: Restoring
) -> None:
    right_point = world.now
    lead = posted(world, "one")
    world.advance(minutes=10)
    restoring.begin()
    restoring.go_on()
    first = restoring.there.resource("LeadsTable")
    world.advance(minutes=10)
    erase(world, lead)
    again = planned(restoring.there, "LeadsTable", right_point)
    assert (again.source, again.replaced) == ("leads", first)
    assert planned(restoring.there, "LeadsTable", world.now).source == first
    restoring.at = right_point
    restoring.go_on(feed=False)
    assert restoring.there.resource("LeadsTable") not in ("leads", first)
    assert world.lead(lead).status is LeadStatus.ERASED, "though the table it came from knows not"
    assert first in restoring.said[-1], "what came after stands there"
    restoring.go_on()
    assert restoring.cloudformation.updates == 2


def test_a_table_that_was_worked_on_is_not_taken_for_its_point_once_more(
    world: World, restoring: Restoring
) -> None:
    restoring.begin()
    restoring.go_on()
    worked_on = restoring.at
    world.advance(minutes=10)
    restoring.begin()
    restoring.go_on()
    with pytest.raises(CannotRestore, match="another second"):
        planned(restoring.there, "LeadsTable", worked_on)


def test_it_says_which_table_is_gone(world: World, restoring: Restoring) -> None:
    posted(world, "one")
    world.advance(minutes=10)
    restoring.begin()
    restoring.go_on()
    kept = dynamodb_backends[ACCOUNT][REGION].tables.pop("leads")
    with pytest.raises(CannotRestore, match="leads, which was in use then, is gone"):
        planned(restoring.there, "LeadsTable", world.now - timedelta(minutes=10))
    dynamodb_backends[ACCOUNT][REGION].tables["leads"] = kept


def test_what_is_still_to_come_is_refused(world: World, restoring: Restoring) -> None:
    restoring.at = world.now + timedelta(minutes=1)
    with pytest.raises(CannotRestore, match="still to come"):
        restoring.go_on()
    assert len(boto3.client("dynamodb").list_tables()["TableNames"]) == len(TABLES)


@pytest.mark.parametrize(
    ("status", "waited"),
    [
        ("UPDATE_IN_PROGRESS", "stack_update_complete"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "stack_update_complete"),
        ("UPDATE_ROLLBACK_IN_PROGRESS", "stack_rollback_complete"),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "stack_rollback_complete"),
        ("CREATE_IN_PROGRESS", "stack_create_complete"),
    ],
)
def test_the_end_of_a_change_that_is_under_way_is_waited_for(
    restoring: Restoring, status: str, waited: str
) -> None:
    restoring.begin()
    restoring.cloudformation.status = status
    restoring.go_on()
    assert restoring.cloudformation.waited == [waited, "stack_update_complete"]
    restoring.cloudformation.status = status  # as for who runs it again during its own update
    restoring.go_on()
    assert restoring.cloudformation.waited[2:] == [waited]
    assert restoring.cloudformation.updates == 1


def test_a_stack_that_is_being_deleted_is_left_alone(restoring: Restoring) -> None:
    restoring.begin()
    restoring.cloudformation.status = "DELETE_IN_PROGRESS"
    with pytest.raises(CannotRestore, match="DELETE_IN_PROGRESS"):
        restoring.go_on()
    assert not restoring.cloudformation.updates


def test_old_and_new_tables_are_never_written_at_once(restoring: Restoring) -> None:
    restoring.begin()
    restoring.go_on()
    assert restoring.cloudformation.parameters["Rollout"] == "AllAtOnce"
    told = [line for line in restoring.said if "Canary10Percent5Minutes" in line]
    assert len(told) == 1
    restoring.go_on()
    assert not any("Canary" in line for line in restoring.said), "it was changed once"


def test_a_stack_of_before_there_were_canaries_is_not_asked_for_them(restoring: Restoring) -> None:
    del restoring.cloudformation.parameters["Rollout"]
    restoring.begin()
    restoring.go_on()
    assert "Rollout" not in restoring.cloudformation.parameters

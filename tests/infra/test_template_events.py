"""Promises about what carries events: streams, rules, queues, schedules, state machines and mail."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.template import (
    ROOT,
    of_type,
    properties,
)


@pytest.mark.parametrize(
    ("function", "table", "hours"),
    [
        ("Outbox", "LeadsTable", 24),
        ("ReadModel", "LeadsTable", 24),
        ("Network", "PartnersTable", 6),
    ],  # no stream keeps a record longer than a day
)
def test_an_outage_of_hours_is_waited_out_and_a_record_that_never_succeeds_is_given_up_and_known(
    function: str, table: str, hours: int
) -> None:
    stream = properties(f"{function}FunctionChanges")
    assert stream["EventSourceArn"] == {"Fn::GetAtt": [table, "StreamArn"]}
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert stream["BisectBatchOnFunctionError"] is True
    assert stream["MaximumRecordAgeInSeconds"] == hours * 3600
    at_one_a_minute = (
        stream["MaximumRetryAttempts"] * 60
    )  # our guess: AWS does not say how long Lambda pauses
    assert 2 * 3600 <= at_one_a_minute < stream["MaximumRecordAgeInSeconds"]
    assert stream["DestinationConfig"]["OnFailure"]["Destination"] == {
        "Fn::GetAtt": [f"{function}Failures", "Arn"]
    }


def test_streams_bring_only_what_their_function_wants() -> None:
    def pattern(mapping: str) -> Any:
        (wanted,) = properties(mapping)["FilterCriteria"]["Filters"]
        return json.loads(wanted["Pattern"])

    events = {"eventName": ["INSERT"], "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "EVENT#"}]}}}}
    assert pattern("OutboxFunctionChanges") == events
    assert pattern("ReadModelFunctionChanges") == {
        "eventName": ["INSERT", "MODIFY"],
        "dynamodb": {"Keys": {"sk": {"S": ["LEAD", "CONTEXT", "PULSE", {"prefix": "EVENT#"}]}}},
    }
    assert pattern("NetworkFunctionChanges") == {
        "dynamodb": {"Keys": {"sk": {"S": ["PROFILE", "CHANGED"]}}}
    }


def test_every_target_of_a_rule_retries_and_has_dead_letters() -> None:
    targets = [t for rule in of_type("AWS::Events::Rule").values() for t in rule["Targets"]]
    assert len(targets) == 4
    for target in targets:
        assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["BusFailures", "Arn"]}}
        assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0


def test_a_mail_is_tried_five_times_then_kept_and_never_read_twice_at_once() -> None:
    queue = properties("MailQueue")
    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": ["MailFailures", "Arn"]},
        "maxReceiveCount": 5,
    }
    assert queue["VisibilityTimeout"] >= 6 * properties("NotifyFunction")["Timeout"]
    assert properties("NotifyFunctionMail")["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize(
    ("function", "qualifier"),
    [
        ("Wake", "live"),
        ("Wake", "$LATEST"),  # timers that were armed before there was an alias
        ("Sweep", "live"),
        ("Calendars", "live"),
        ("BackTest", "live"),
        ("Reports", "live"),
    ],
)
def test_a_call_that_nobody_waits_for_has_dead_letters(function: str, qualifier: str) -> None:
    (config,) = [
        each
        for each in of_type("AWS::Lambda::EventInvokeConfig").values()
        if each["FunctionName"] == {"Ref": f"{function}Function"} and each["Qualifier"] == qualifier
    ]
    assert config["DestinationConfig"]["OnFailure"]["Destination"] == {
        "Fn::GetAtt": ["AsyncFailures", "Arn"]
    }


def test_the_sweep_is_scheduled_with_dead_letters() -> None:
    schedule = properties("SweepSchedule")
    assert schedule["ScheduleExpression"] == "rate(5 minutes)"
    assert schedule["Target"]["DeadLetterConfig"] == {
        "Arn": {"Fn::GetAtt": ["TimerFailures", "Arn"]}
    }


def test_clicks_and_opens_are_not_tracked_for_that_rewrites_links() -> None:
    assert "TrackingOptions" not in properties("ConfigurationSet")
    assert properties("ConfigurationSet")["VdmOptions"]["DashboardOptions"] == {
        "EngagementMetrics": "DISABLED"
    }
    tracked = properties("MailEvents")["EventDestination"]["MatchingEventTypes"]
    assert tracked == ["bounce", "complaint", "reject", "delivery", "deliveryDelay"]
    told = properties("BouncesToMail")["EventPattern"]["detail"]["eventType"]
    assert [each[0].lower() + each[1:] for each in told] == tracked


def states_of(part: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every state of a state machine, those inside of maps too."""
    for name, state in part["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from states_of(state["ItemProcessor"])


@pytest.mark.parametrize("path", sorted((ROOT / "infra/statemachines").glob("*.asl.json")))
def test_every_task_of_a_state_machine_has_a_timeout_is_tried_again_and_is_caught(
    path: Path,
) -> None:
    definition = json.loads(path.read_text())
    names = [name for name, _ in states_of(definition)]
    assert len(names) == len(set(names))
    for name, state in states_of(definition):
        if state["Type"] == "Task":
            assert state["TimeoutSeconds"] > 0, name
            assert state["Retry"][0]["MaxAttempts"] > 0, name
            # The embedded AWS tells no errors apart; what fails is tried again, whatever it is.
            assert state["Retry"][0]["ErrorEquals"] == ["States.ALL"], name
            assert state["Catch"][0]["ErrorEquals"] == ["States.ALL"], name
        if state["Type"] == "Map":
            assert 0 < state["MaxConcurrency"] <= 8, name
            assert state["Catch"], name


def test_the_state_machine_of_reports_calls_one_function_and_names_what_it_needs() -> None:
    machine = properties("ReportMachine")
    text = (ROOT / "infra/statemachines/report.asl.json").read_text()
    assert set(re.findall(r"\$\{(\w+)\}", text)) == set(machine["DefinitionSubstitutions"])
    (policy,) = properties("ReportMachineRole")["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "lambda:InvokeFunction"
    assert statement["Resource"] == {"Fn::Sub": "${ReportsFunction.Arn}:live"}
    longest = [state.get("TimeoutSeconds", 0) for _, state in states_of(json.loads(text))]
    assert max(longest) == properties("ReportsFunction")["Timeout"]


def test_reports_are_looked_for_every_hour_with_dead_letters() -> None:
    schedule = properties("ReportsSchedule")
    assert schedule["ScheduleExpression"] == "rate(1 hour)"
    assert json.loads(schedule["Target"]["Input"]) == {"task": "nudge"}
    dead = {"Arn": {"Fn::GetAtt": ["TimerFailures", "Arn"]}}
    assert schedule["Target"]["DeadLetterConfig"] == dead

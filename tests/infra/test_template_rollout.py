"""Promises about how new code takes over from the old."""

from __future__ import annotations

import json
import re

import pytest

from infra.checks.lint import transformed, transformed_text
from tests.support.template import (
    FUNCTIONS,
    OVER_HTTP,
    ROOT,
    of_type,
    properties,
)


def test_everything_calls_the_alias_of_a_function_so_that_a_deployment_can_lead_it_over() -> None:
    called = [each["FunctionName"] for each in of_type("AWS::Lambda::EventSourceMapping").values()]
    called += [each["FunctionName"] for each in of_type("AWS::Lambda::Permission").values()]
    called += [each["Target"]["Arn"] for each in of_type("AWS::Scheduler::Schedule").values()]
    for rule in of_type("AWS::Events::Rule").values():
        called += [target["Arn"] for target in rule["Targets"] if "Queue" not in str(target["Arn"])]
    assert called
    assert [each for each in called if not each["Ref"].endswith("FunctionAliaslive")] == []
    integrations = json.dumps(properties("Api")["Body"])
    assert set(re.findall(r"functions/\$\{(\w+)", integrations)) == {
        f"{function}FunctionAliaslive" for function in OVER_HTTP
    }
    for function in FUNCTIONS:
        variables = properties(f"{function}Function")["Environment"]["Variables"]
        assert variables.get("WAKE_ARN", {"Fn::Sub": ":live"})["Fn::Sub"].endswith(":live")


def test_timers_arrive_that_were_armed_before_there_was_an_alias() -> None:
    allowed = properties("SchedulerRights")["PolicyDocument"]["Statement"][0]["Resource"]
    assert {"Fn::Sub": "${WakeFunction.Arn}:live"} in allowed
    assert {"Fn::GetAtt": ["WakeFunction", "Arn"]} in allowed


def versions(template: str) -> set[str]:
    made = transformed_text(template)["Resources"]
    return {name for name, each in made.items() if each["Type"] == "AWS::Lambda::Version"}


def test_a_new_layer_and_new_settings_publish_a_new_version_of_every_function() -> None:
    text = (ROOT / "template.yaml").read_text()
    before = versions(text)
    layer = versions(text.replace("ContentUri: layers/routing_core", "ContentUri: layers/other"))
    settings = versions(text.replace("LOG_LEVEL: INFO", "LOG_LEVEL: DEBUG"))
    assert len(before) == len(FUNCTIONS)
    assert before.isdisjoint(layer)
    assert before.isdisjoint(settings)
    # Of a parameter SAM sees its name alone: what the version says of itself has its value.
    for name in before:
        text, chosen = properties(name)["Description"]["Fn::Sub"]
        told = {*re.findall(r"\$\{(\w+)\}", text)}
        assert chosen.keys() <= told
        everywhere = {
            "Address",
            "Sender",
            "MailsPerSecond",
            "Leads",
            "Partners",
            "Architecture",
            "Key",
        }
        of_api = name.startswith(tuple(f"{function}FunctionVersion" for function in OVER_HTTP))
        assert told == everywhere | ({"EdgeMark", "Snap"} if of_api else set()), name


def test_snapshots_are_taken_as_soon_as_they_are_asked_for() -> None:
    """Only a version that is published with the parameter has one, so that another one must be."""
    (name,) = [each for each in of_type("AWS::Lambda::Version") if each.startswith("Intake")]
    _, chosen = properties(name)["Description"]["Fn::Sub"]
    assert chosen["Snap"] == {"Fn::If": ["TakesSnapshots", "snap", ""]}
    asked = {"Fn::Not": [{"Fn::Equals": [{"Ref": "SnapStart"}, "None"]}]}
    assert transformed()["Conditions"]["TakesSnapshots"] == asked


def test_what_a_version_says_of_itself_has_room_also_after_a_restore() -> None:
    longest = {"BaseUrl": 64, "Sender": 64, "EdgeMark": 8}
    for parameter, length in longest.items():
        assert transformed()["Parameters"][parameter]["MaxLength"] == length
    stack = "partner-relay-prod"
    restored = [f"{stack}-{kind}-20261121T090000Z" for kind in ("leads", "partners")]
    told = ["500", *restored, "x86_64", "snap", "12ab34cd"]
    said = [*("x" * length for length in longest.values()), *told]
    assert len(" ".join(said)) <= 256


def watched_by(function: str) -> list[str]:
    """Name the alarms that take a function back while it is led over bit by bit."""
    group = of_type("AWS::CodeDeploy::DeploymentGroup")[f"{function}FunctionDeploymentGroup"]
    condition, bit_by_bit, _ = group["AlarmConfiguration"]["Fn::If"]
    assert condition == "BitByBit"
    assert bit_by_bit["Enabled"] is True
    return [alarm["Name"]["Ref"] for alarm in bit_by_bit["Alarms"]]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_alarm_takes_every_function_back_that_is_led_over(function: str) -> None:
    watched = watched_by(function)
    assert {f"{each}ErrorsAlarm" for each in OVER_HTTP} < set(watched)
    assert len(watched) <= 10  # CodeDeploy takes no more
    group = properties(f"{function}FunctionDeploymentGroup")
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    if function in ("Outbox", "ReadModel", "Wake", "Sweep", "Notify", "Network"):
        assert f"{function}ErrorsAlarm" in watched


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_answer_of_500_takes_new_code_back_though_nothing_was_raised(function: str) -> None:
    assert "ErrorsLoggedAlarm" in watched_by(function)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_alarm_that_rings_keeps_no_mend_away_that_takes_over_at_once(function: str) -> None:
    """SAM makes an empty configuration, which takes away what the group watched before; a missing
    one would leave it.
    """
    group = properties(f"{function}FunctionDeploymentGroup")
    assert group["AlarmConfiguration"]["Fn::If"][2] == {}
    assert transformed()["Conditions"]["BitByBit"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "Rollout"}, "AllAtOnce"]}]
    }

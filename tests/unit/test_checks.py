"""What `make check` and `make audit` look at themselves finds what it is meant to find."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.checks.lint import MACHINES, unreachable
from infra.checks.policies import Written, write_policies

STATES: dict[str, Any] = {
    "First": {"Type": "Task", "Next": "Choose", "Catch": [{"Next": "Failed"}]},
    "Choose": {"Type": "Choice", "Choices": [{"Next": "Each"}], "Default": "Done"},
    "Each": {
        "Type": "Map",
        "End": True,
        "ItemProcessor": {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": True}}},
    },
    "Done": {"Type": "Succeed"},
    "Failed": {"Type": "Fail"},
}
TABLE = {"Type": "AWS::DynamoDB::Table"}
ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/Leads"
RESTORED = "arn:aws:dynamodb:eu-central-1:123456789012:table/restored-leads"


def template(resource: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": resource}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Properties": {"Policies": [{"PolicyDocument": document}]}}
    return {"Resources": {"Leads": TABLE, "Role": role}}


def test_a_machine_whose_every_state_is_led_to_has_none_that_is_lost() -> None:
    assert unreachable({"StartAt": "First", "States": STATES}) == set()


def test_a_state_that_nothing_leads_to_is_found_in_a_map_too() -> None:
    inner = {"StartAt": "One", "States": {"One": {"End": True}, "Lost": {"End": True}}}
    lost = STATES | {"Each": {**STATES["Each"], "ItemProcessor": inner}, "Alone": {"End": True}}
    assert unreachable({"StartAt": "First", "States": lost}) == {"Lost", "Alone"}


def test_every_machine_of_ours_is_checked() -> None:
    machines = [json.loads(path.read_text()) for path in MACHINES.glob("*.asl.json")]
    assert machines
    assert [unreachable(machine) for machine in machines] == [set() for _ in machines]


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ({"Fn::GetAtt": ["Leads", "Arn"]}, ARN),
        ({"Fn::Sub": "${Leads.Arn}/index/*"}, f"{ARN}/index/*"),
        (
            {"Fn::Sub": ["${Table}/*", {"Table": {"Fn::GetAtt": ["Leads", "Arn"]}}]},
            f"{ARN}/*",
        ),
        (
            {"Fn::Select": [0, {"Fn::Split": ["/stream/", {"Ref": "RestoredLeads"}]}]},
            RESTORED,
        ),
        ({"Fn::Sub": "arn:${AWS::Partition}:ses:${AWS::Region}:*"}, "arn:aws:ses:eu-central-1:*"),
    ],
)
def test_what_a_policy_says_by_reference_is_written_out(said: Any, written: str) -> None:
    ((_, policy),) = Written(template(said), with_options=False).policies()
    assert policy["Statement"][0]["Resource"] == written


def test_what_is_not_known_how_to_write_out_is_refused() -> None:
    with pytest.raises(ValueError, match="Fn::Cidr is not known here"):
        list(Written(template({"Fn::Cidr": []}), with_options=False).policies())


def test_a_policy_that_an_option_changes_is_written_both_ways(tmp_path: Path) -> None:
    chosen = {"Fn::If": ["Restored", RESTORED, {"Fn::GetAtt": ["Leads", "Arn"]}]}
    write_policies(template(chosen), tmp_path)
    resources = {}
    for path in tmp_path.glob("Role-*.json"):
        resources[path.name] = json.loads(path.read_text())["Statement"][0]["Resource"]
    assert resources == {"Role-0.json": ARN, "Role-0-with-options.json": RESTORED}

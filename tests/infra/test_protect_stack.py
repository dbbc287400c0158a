"""A deployed stack is protected from accidents, and what would end every link is pinned."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from infra.checks.lint import transformed
from infra.tools.protect_stack import POLICY, protect
from tests.support.stack import resources
from tests.support.template import deployed

STATEFUL = ("LeadsTable", "PartnersTable", "ReadModelTable", "Bucket")
SECRETS = ("LinkKeys", "ContactKey")


def allows(action: str, logical_id: str) -> bool:
    """As CloudFormation reads a policy: a denial wins."""
    said = [
        statement["Effect"]
        for statement in json.loads(POLICY.read_text())["Statement"]
        if _matches(statement["Action"], action)
        and _matches(statement["Resource"], f"LogicalResourceId/{logical_id}")
    ]
    return "Allow" in said and "Deny" not in said


def _matches(patterns: str | list[str], said: str) -> bool:
    listed = [patterns] if isinstance(patterns, str) else patterns
    return any(fnmatchcase(said, pattern) for pattern in listed)


@pytest.mark.parametrize("logical_id", [*STATEFUL, *SECRETS])
def test_nothing_that_keeps_what_people_entrusted_to_us_is_replaced_or_deleted(
    logical_id: str,
) -> None:
    assert not allows("Update:Replace", logical_id)
    assert not allows("Update:Delete", logical_id)


def test_tables_may_get_an_index_and_functions_may_change_but_no_secret_does() -> None:
    assert all(allows("Update:Modify", logical_id) for logical_id in STATEFUL)
    assert all(allows("Update:Replace", each) for each in ("IntakeFunction", "RoutingCore"))
    assert not any(allows("Update:Modify", logical_id) for logical_id in SECRETS)


def test_everything_that_is_retained_is_in_the_policy() -> None:
    versions_of_code = ("AWS::Lambda::LayerVersion", "AWS::Lambda::Version")
    kept = {
        name
        for name, each in resources().items()
        if each.get("DeletionPolicy", "").startswith("Retain")
        and each["Type"] not in versions_of_code
    }
    assert kept == {*STATEFUL, *SECRETS}


@contextmanager
def a_stack_with(protection: str) -> Iterator[tuple[Any, Stubber]]:
    """A client of CloudFormation, which knows one stack and answers what it is told to."""
    client = boto3.client(
        "cloudformation", "eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    with Stubber(client) as aws:
        values = {"Sender": "leads@example.com", "DeletionProtection": protection}
        aws.add_response("describe_stacks", {"Stacks": [_stack(values)]}, {"StackName": "relay"})
        yield client, aws
        aws.assert_no_pending_responses()


def _stack(values: Mapping[str, str], status: str = "CREATE_COMPLETE") -> dict[str, Any]:
    told = [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]
    made = datetime(2026, 11, 21, tzinfo=UTC)
    return {
        "StackName": "relay",
        "CreationTime": made,
        "StackStatus": status,
        "Parameters": told,
    }


def _expect_policy(aws: Stubber) -> None:
    policy = {"StackName": "relay", "StackPolicyBody": POLICY.read_text("utf-8")}
    aws.add_response("set_stack_policy", {}, policy)
    ending = {"StackName": "relay", "EnableTerminationProtection": True}
    aws.add_response("update_termination_protection", {"StackId": "relay"}, ending)


def test_a_stack_gets_the_policy_and_cannot_be_deleted_by_accident() -> None:
    with a_stack_with("true") as (client, aws):
        _expect_policy(aws)
        protect(client, "relay")


def test_tables_are_protected_once_the_first_deployment_is_through() -> None:
    with a_stack_with("false") as (client, aws):
        update = {
            "StackName": "relay",
            "UsePreviousTemplate": True,
            "Parameters": [
                {"ParameterKey": "Sender", "UsePreviousValue": True},
                {"ParameterKey": "DeletionProtection", "ParameterValue": "true"},
            ],
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        }
        aws.add_response("update_stack", {"StackId": "relay"}, update)
        done = {"Stacks": [_stack({}, "UPDATE_COMPLETE")]}
        aws.add_response("describe_stacks", done, {"StackName": "relay"})
        _expect_policy(aws)
        protect(client, "relay")


@pytest.mark.parametrize("logical_id", [*STATEFUL, *SECRETS])
def test_what_people_entrusted_to_us_outlives_the_stack_but_not_a_first_deployment_that_failed(
    logical_id: str,
) -> None:
    kept = resources()[logical_id]
    assert kept["DeletionPolicy"] == "RetainExceptOnCreate"
    assert kept["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("protection", ["true", "false"])
def test_dynamodb_refuses_to_delete_tables_where_the_parameter_says_so(protection: str) -> None:
    made = deployed(DeletionProtection=protection)
    tables = [each for each in made.values() if each["Type"] == "AWS::DynamoDB::Table"]
    assert len(tables) == 3
    for table in tables:
        assert table["Properties"]["DeletionProtectionEnabled"] == (protection == "true")


def test_a_first_deployment_that_fails_can_take_its_tables_back() -> None:
    assert transformed()["Parameters"]["DeletionProtection"]["Default"] == "false"


def test_the_secrets_are_generated_as_they_always_were() -> None:
    """CloudFormation makes a new secret when any of this is edited: each link that is out in
    people's mail would end, and nobody who is known would be known again. Rotate instead.
    """
    assert resources()["LinkKeys"]["Properties"] == {
        "Description": 'Keys that sign magic links. "sign" names the one in use; the others only verify.',
        "GenerateSecretString": {
            "SecretStringTemplate": '{"sign": "k1"}',
            "GenerateStringKey": "k1",
            "PasswordLength": 64,
            "ExcludePunctuation": True,
        },
    }
    assert resources()["ContactKey"]["Properties"] == {
        "Description": "Key that turns an email address or a phone number into a claim's key.",
        "GenerateSecretString": {"PasswordLength": 64, "ExcludePunctuation": True},
    }

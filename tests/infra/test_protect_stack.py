"""A deployed stack is protected from accidents, and what would end every link is pinned."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase

import boto3
import pytest
from botocore.stub import Stubber

from infra.tools.protect_stack import POLICY, protect
from tests.support.stack import resources

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


def test_a_stack_gets_the_policy_and_cannot_be_deleted_by_accident() -> None:
    client = boto3.client(
        "cloudformation", "eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    with Stubber(client) as aws:
        policy = {"StackName": "relay", "StackPolicyBody": POLICY.read_text("utf-8")}
        aws.add_response("set_stack_policy", {}, policy)
        ending = {"StackName": "relay", "EnableTerminationProtection": True}
        aws.add_response("update_termination_protection", {"StackId": "relay"}, ending)
        protect(client, "relay")
        aws.assert_no_pending_responses()


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

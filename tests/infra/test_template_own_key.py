"""A key of the operator's own encrypts whatever keeps people's data, and nothing changes without one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from infra.checks.lint import transformed
from infra.checks.policies import stand_alone
from infra.tools.own_key import SECRETS, key_of, put_under
from infra.tools.protect_stack import encrypt_secrets
from infra.tools.restored_tables import RestoredTable, restore_table
from infra.tools.stack import Target
from tests.support.stack import resources
from tests.support.template import FUNCTIONS, ROOT, deployed

KEY = "arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-0000-1111-2222-333344445555"
OTHER_KEY = KEY.replace("0a1b2c3d", "9f8e7d6c")
KEY_OF = {
    "AWS::DynamoDB::Table": ("SSESpecification", "KMSMasterKeyId"),
    "AWS::Events::EventBus": ("KmsKeyIdentifier",),
    "AWS::Lambda::Function": ("KmsKeyArn",),
    "AWS::Logs::LogGroup": ("KmsKeyId",),
    "AWS::SNS::Topic": ("KmsMasterKeyId",),
    "AWS::SQS::Queue": ("KmsMasterKeyId",),
}
"""Kind of resource → where its key stands."""
POLICY = ROOT / "infra" / "key-policy.json"


def of_kind(made: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in made.values() if each["Type"] == kind]


def at(properties: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = properties
    for name in path:
        found = found.get(name, {})
    return found


@pytest.mark.parametrize("kind", KEY_OF)
def test_whatever_keeps_data_is_encrypted_with_the_key_that_is_named(kind: str) -> None:
    made = of_kind(deployed(KmsKey=KEY, AlarmEmail="ops@example.com"), kind)
    assert made
    assert [at(each, KEY_OF[kind]) for each in made] == [KEY] * len(made)


@pytest.mark.parametrize("kind", KEY_OF)
def test_without_a_key_nothing_names_one(kind: str) -> None:
    made = of_kind(deployed(AlarmEmail="ops@example.com"), kind)
    assert made
    assert all(at(each, KEY_OF[kind]) == {} for each in made)


def test_the_bucket_asks_for_the_key_once_for_many_objects() -> None:
    (bucket,) = of_kind(deployed(KmsKey=KEY), "AWS::S3::Bucket")
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule == {
        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY},
        "BucketKeyEnabled": True,
    }
    (before,) = of_kind(deployed(), "AWS::S3::Bucket")
    (rule,) = before["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}


def test_a_queue_has_one_kind_of_encryption() -> None:
    own = of_kind(deployed(KmsKey=KEY), "AWS::SQS::Queue")
    assert not [each for each in own if "SqsManagedSseEnabled" in each]
    usual = of_kind(deployed(), "AWS::SQS::Queue")
    assert all(each["SqsManagedSseEnabled"] is True for each in usual)


def test_the_template_changes_neither_a_secret_nor_a_role() -> None:
    """The stack policy refuses updates of secrets; rights in roles come after changed tables."""
    usual, own = deployed(), deployed(KmsKey=KEY)
    kept = ("AWS::SecretsManager::Secret", "AWS::IAM::Role", "AWS::IAM::Policy")
    for name, each in usual.items():
        if each["Type"] in kept:
            assert own[name] == each, name


@pytest.mark.parametrize(
    ("named", "is_taken"),
    [
        ("", True),
        (KEY, True),
        (KEY.replace("arn:aws:", "arn:aws-cn:"), True),
        ("alias/relay", False),
        (KEY.replace("key/", "alias/"), False),
        # The first letters of its name tell versions apart, and are the same for all of these.
        ("arn:aws:kms:eu-central-1:123456789012:key/mrk-00001111222233334444555566667777", False),
    ],
)
def test_the_parameter_takes_the_arn_of_a_key_of_one_region(named: str, is_taken: bool) -> None:
    pattern = transformed()["Parameters"]["KmsKey"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, named)) == is_taken


# ── the key's own policy ──────────────────────────────────────────────────────────────────────────


def said(sid: str) -> dict[str, Any]:
    (found,) = (s for s in json.loads(POLICY.read_text())["Statement"] if s["Sid"] == sid)
    return dict(found)


def test_the_keys_policy_lets_each_function_use_it_through_the_services_that_it_calls() -> None:
    statement = said("RolesOfTheStackThroughServices")
    pattern = statement["Condition"]["ArnLike"]["aws:PrincipalArn"]
    for function in FUNCTIONS:
        role = f"arn:aws:iam::123456789012:role/relay-prod-{function}FunctionRole-1A2B3C"
        assert fnmatchcase(role, pattern)
    # CloudFormation's own, of infra/deploy-role.yaml under the name that the guide gives it.
    assert fnmatchcase(
        "arn:aws:iam::123456789012:role/relay-prod-deploys-CloudFormationRole-1", pattern
    )
    assert not fnmatchcase("arn:aws:iam::123456789012:role/relay-dev-WakeFunctionRole-1", pattern)
    services = statement["Condition"]["StringEquals"]["kms:ViaService"]
    through = {each.partition(".")[0] for each in services}
    assert through == {"dynamodb", "events", "lambda", "s3", "secretsmanager", "sqs"}
    assert {"kms:Decrypt", "kms:GenerateDataKey*"} <= set(statement["Action"])


def test_whoever_is_anybody_in_the_keys_policy_is_a_role_of_the_stack_in_the_account() -> None:
    for statement in json.loads(POLICY.read_text())["Statement"]:
        if statement["Principal"] == {"AWS": "*"}:
            condition = statement["Condition"]
            assert condition["StringEquals"]["kms:CallerAccount"] == "123456789012"
            assert condition["ArnLike"]["aws:PrincipalArn"].endswith(":role/relay-prod-*")


def test_the_keys_policy_lets_the_services_in_that_have_no_role() -> None:
    """EventBridge writes to queues, CloudWatch to the topic, and logs are encrypted by CloudWatch."""
    services = said("RulesIntoQueuesAndAlarmsIntoTheTopic")["Principal"]["Service"]
    assert services == ["cloudwatch.amazonaws.com", "events.amazonaws.com"]
    logs = said("LogsOfTheStack")
    assert logs["Principal"] == {"Service": "logs.eu-central-1.amazonaws.com"}
    patterns = logs["Condition"]["StringLike"]["kms:EncryptionContext:aws:logs:arn"]
    place = "arn:aws:logs:eu-central-1:123456789012:log-group:"
    groups = [name for name, r in resources().items() if r["Type"] == "AWS::Logs::LogGroup"]
    names = [f"{place}relay-prod-{name}-1A2B3C" for name in groups if name != "ApiLog"]
    names.append(f"{place}/aws/vendedlogs/relay-prod-api-11112222-3333")
    for name in names:
        assert any(fnmatchcase(name, each) for each in patterns), name


def test_the_keys_policy_is_read_by_parliament_with_the_key_where_it_says_all() -> None:
    policy = dict(stand_alone())["key-policy"]
    assert {each["Sid"] for each in policy["Statement"]} == {
        each["Sid"] for each in json.loads(POLICY.read_text())["Statement"]
    } - {"AccountKeepsTheKey"}
    assert all(":key/" in each["Resource"] for each in policy["Statement"])


# ── what is outside the template ──────────────────────────────────────────────────────────────────


@pytest.fixture
def aws() -> Iterator[dict[str, tuple[Any, Stubber]]]:
    """Clients that answer what they are told to, and fail where anything else is asked."""
    made = {}
    for service in ("cloudformation", "dynamodb", "secretsmanager"):
        client = boto3.client(
            service, "eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        made[service] = (client, Stubber(client))
        made[service][1].activate()
    yield made
    for _, stubber in made.values():
        stubber.assert_no_pending_responses()


def a_stack(key: str) -> dict[str, Any]:
    told = [{"ParameterKey": "KmsKey", "ParameterValue": key}] if key else []
    return {
        "Stacks": [
            {
                "StackName": "relay",
                "CreationTime": "2026-11-21T00:00:00Z",
                "StackStatus": "UPDATE_COMPLETE",
                "Parameters": told,
            }
        ]
    }


def test_secrets_are_put_under_the_key_once_and_their_values_stay(aws: Any) -> None:
    client, stubber = aws["secretsmanager"]
    stubber.add_response("describe_secret", {"KmsKeyId": OTHER_KEY}, {"SecretId": "links"})
    stubber.add_response("update_secret", {}, {"SecretId": "links", "KmsKeyId": KEY})
    stubber.add_response("describe_secret", {"KmsKeyId": KEY}, {"SecretId": "contact"})
    assert put_under(client, ["links", "contact"], KEY) == []


def test_who_may_not_change_secrets_deploys_and_is_told_the_command(aws: Any) -> None:
    stack, told = aws["cloudformation"]
    secrets, answers = aws["secretsmanager"]
    told.add_response("describe_stacks", a_stack(KEY))
    for name in SECRETS:
        told.add_response("describe_stacks", a_stack(KEY))
        detail = {
            "LogicalResourceId": name,
            "PhysicalResourceId": f"secret-{name}",
            "ResourceType": "AWS::SecretsManager::Secret",
            "LastUpdatedTimestamp": "2026-11-21T00:00:00Z",
            "ResourceStatus": "CREATE_COMPLETE",
        }
        told.add_response("describe_stack_resource", {"StackResourceDetail": detail})
        answers.add_client_error("describe_secret", "AccessDeniedException")
    there = Target("relay", {"cloudformation": stack, "secretsmanager": secrets}.__getitem__)
    left = encrypt_secrets(there)
    for name in SECRETS:
        assert f"update-secret --secret-id secret-{name} --kms-key-id {KEY}" in left


def test_a_stack_without_a_key_keeps_whatever_key_its_secrets_were_given(aws: Any) -> None:
    stack, told = aws["cloudformation"]
    told.add_response("describe_stacks", a_stack(""))
    assert encrypt_secrets(Target("relay", {"cloudformation": stack}.__getitem__)) == ""


def test_a_stack_of_before_the_parameter_has_no_key(aws: Any) -> None:
    stack, told = aws["cloudformation"]
    told.add_response("describe_stacks", a_stack(""))
    assert key_of(stack, "relay") == ""


@pytest.mark.parametrize("key", ["", KEY])
def test_a_restored_table_is_under_the_stacks_own_key_whatever_its_source_was(
    aws: Any, key: str
) -> None:
    dynamodb, stubber = aws["dynamodb"]
    table = RestoredTable("LeadsTable", "source", "source", "restored")
    stubber.add_client_error("describe_table", "ResourceNotFoundException")
    asked: dict[str, Any] = {
        "SourceTableName": "source",
        "TargetTableName": "restored",
        "RestoreDateTime": "2026-11-21T09:00:00Z",
    }
    if key:
        chosen = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
        asked["SSESpecificationOverride"] = chosen
    stubber.add_response("restore_table_to_point_in_time", {}, asked)
    stubber.add_response("describe_table", {"Table": {"TableStatus": "ACTIVE"}})
    assert restore_table(dynamodb, table, asked["RestoreDateTime"], key)

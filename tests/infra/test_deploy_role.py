"""Promises about the roles that deploy from GitHub Actions: `infra/deploy-role.yaml`."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from infra.checks.lint import DEPLOY_ROLE
from tests.support.stack import resources

SERVICES = {
    "ApiGatewayV2": "apigateway",
    "Backup": "backup",
    "CE": "ce",
    "CloudWatch": "cloudwatch",
    "CodeDeploy": "codedeploy",
    "DynamoDB": "dynamodb",
    "Events": "events",
    "IAM": "iam",
    "Lambda": "lambda",
    "Logs": "logs",
    "S3": "s3",
    "SES": "ses",
    "SNS": "sns",
    "SQS": "sqs",
    "Scheduler": "scheduler",
    "SecretsManager": "secretsmanager",
    "StepFunctions": "states",
}
"""The name that a service has in the types of resources, and in the actions of policies."""


def role(name: str) -> dict[str, Any]:
    """Read a role as it is written."""
    found: dict[str, Any] = yaml_parse(DEPLOY_ROLE.read_text())["Resources"][name]["Properties"]
    return found


def statements_of(name: str) -> list[dict[str, Any]]:
    """Give the statements of a role's policy, each with a list of actions."""
    (policy,) = role(name)["Policies"]
    written = policy["PolicyDocument"]["Statement"]
    return [each | {"Action": _listed(each["Action"])} for each in written]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def allowed(name: str) -> set[str]:
    """Give the actions that some statement allows, as written."""
    said = [each["Action"] for each in statements_of(name) if each["Effect"] == "Allow"]
    return {action for actions in said for action in actions}


def test_one_environment_of_one_repository_deploys() -> None:
    (trust,) = role("DeployRole")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    github = "token.actions.githubusercontent.com"
    assert trust["Condition"] == {
        "StringEquals": {
            f"{github}:aud": "sts.amazonaws.com",
            f"{github}:sub": {"Fn::Sub": "repo:${Repository}:environment:${Environment}"},
        }
    }


def test_only_cloudformation_works_with_the_rights_on_what_the_stack_is_made_of() -> None:
    (trust,) = role("CloudFormationRole")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "cloudformation.amazonaws.com"}
    (passing,) = [
        each for each in statements_of("DeployRole") if each["Action"] == ["iam:PassRole"]
    ]
    assert passing["Resource"] == {"Fn::GetAtt": ["CloudFormationRole", "Arn"]}
    assert passing["Condition"] == {
        "StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}
    }
    changes = {
        action for action in allowed("DeployRole") if not action.startswith("cloudformation:")
    }
    assert changes == {
        "iam:PassRole",
        "lambda:GetAccountSettings",
        "pricing:GetProducts",
        "s3:GetBucketLocation",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
        "ses:GetAccount",
        "ses:GetEmailIdentity",
    }


def test_whoever_deploys_reads_no_rows_no_secrets_and_no_logs() -> None:
    denied = {
        action
        for each in statements_of("CloudFormationRole")
        if each["Effect"] == "Deny"
        for action in each["Action"]
    }
    reading = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "logs:GetLogEvents"}
    assert reading | {"secretsmanager:GetSecretValue"} <= denied
    # What a first deployment that failed has made, CloudFormation takes back.
    assert not [action for action in denied if action.rpartition(":")[2].startswith("Delete")]
    assert "s3:DeleteBucket" in allowed("CloudFormationRole")


def test_the_roles_of_a_stack_have_its_whole_name() -> None:
    """CloudFormation names a role ``stack-LogicalId-`` and 13 letters, and shortens what is longer."""
    most = yaml_parse(DEPLOY_ROLE.read_text())["Parameters"]["Stack"]["MaxLength"]
    longest = max(
        len(name) for name, each in resources().items() if each["Type"] == "AWS::IAM::Role"
    )
    assert most + len("-") + longest + len("-") + 13 <= 64


def test_roles_are_made_under_the_stacks_name_alone_and_given_no_policy_of_an_administrator() -> (
    None
):
    of_iam = [
        each
        for each in statements_of("CloudFormationRole")
        if any(action.startswith("iam:") for action in each["Action"])
        and each["Sid"] != "RoleOfApiGateway"
    ]
    named = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Stack}-*"}
    assert all(each["Resource"] == named for each in of_iam)
    (attaching,) = [each for each in of_iam if "iam:AttachRolePolicy" in each["Action"]]
    given = {each["Fn::Sub"] for each in attaching["Condition"]["ArnEquals"]["iam:PolicyARN"]}
    needed = set()
    for each in resources().values():
        for policy in each.get("Properties", {}).get("ManagedPolicyArns", []):
            text = policy if isinstance(policy, str) else policy["Fn::Sub"]
            needed.add(text.partition(":policy/")[2])
    assert {text.partition(":policy/")[2] for text in given} == needed


@pytest.mark.parametrize(
    "service", sorted({each["Type"].split("::")[1] for each in resources().values()})
)
def test_cloudformation_may_make_what_the_template_is_made_of(service: str) -> None:
    prefix = SERVICES[service]
    may = allowed("CloudFormationRole")
    assert any(fnmatchcase(action, f"{prefix}:*") for action in may)

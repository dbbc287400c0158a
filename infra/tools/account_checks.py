"""What an AWS account and region have to offer, against what a deployment wants of them.

Each check asks AWS and says what it found, and where that is not enough what to do about it. What
would make the deployment fail, or the application useless, stops it; everything else is only said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as NoConnection

from infra.tools.deploy_plan import Client, Finding, Findings, Grade, Plan
from infra.tools.ses_checks import sender, sending

USUAL_CONCURRENCY = 100
"""Fewer executions at a time are those of a new account; of so many Lambda lets none be reserved."""
LONGEST_NAME = 64
"""Letters that Lambda, Scheduler and SES take for a name."""
LONGEST_PLAN_NAME = 50
"""Letters that AWS Backup takes for the name of a plan."""
LONGEST_DESCRIPTION = 256
"""Letters that Lambda takes for what a version says of its settings."""
DESCRIBED_BESIDE = 92
"""Letters of it at most that are neither addresses nor the stack's name: what CloudFormation puts
behind that in the names of two tables, the rate, the processor, marks and spaces."""
SERVICES = (
    "apigatewayv2",
    "cloudwatch",
    "codedeploy",
    "dynamodb",
    "events",
    "lambda",
    "logs",
    "s3",
    "scheduler",
    "secretsmanager",
    "sesv2",
    "sqs",
    "stepfunctions",
)
"""What the template has to find in the region, as botocore calls it."""
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
BAD_CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""What AWS says to credentials that are none, or none any more."""
NO_CREDENTIALS = (NoCredentialsError, CredentialRetrievalError, TokenRetrievalError, SSOError)
OUT_OF_REACH = (HTTPClientError, NoConnection)
SIGN_IN = "Sign in again (aws sso login), or name other credentials."
PROCESSOR = "the processor"
"""It is asked elsewhere, so that it may be out of reach alone."""
CANNOT_BE_UPDATED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
NEVER_MADE = "REVIEW_IN_PROGRESS"
"""The changes of a first deployment were looked at and not made: SAM begins again from there."""


def findings_of(plan: Plan, client: Client) -> Findings:
    """Ask the account and the region, one thing after the other; nothing raises but a mistake."""
    yield from names(plan)
    yield from services(plan)
    deployed: dict[str, str] = {}
    checks: tuple[tuple[str, Callable[[], Findings]], ...] = (
        ("the stack", lambda: stack(client("cloudformation"), plan, deployed)),
        ("the sender", lambda: sender(client("sesv2"), plan)),
        ("sending", lambda: sending(client("sesv2"), plan, deployed)),
        ("concurrency", lambda: concurrency(client("lambda"), plan, deployed)),
        (PROCESSOR, lambda: processor(client("pricing"), plan)),
    )
    for about, check in checks:
        try:
            yield from check()
        except (ClientError, BotoCoreError) as error:
            found = _unasked(about, plan.region, error)
            yield found
            if found.grade is Grade.STOPS:
                return


def _unasked(about: str, region: str, error: ClientError | BotoCoreError) -> Finding:
    """Say why something could not be asked; only what no other question would survive stops."""
    says = f"Nothing is known about {about}: {error}"
    if isinstance(error, ClientError):
        code = error.response["Error"]["Code"]
        if code in BAD_CREDENTIALS:
            return Finding(Grade.STOPS, f"Credentials: {error}. {SIGN_IN}")
        if code in DENIED:
            says = f"Nothing is known about {about}: {error.operation_name} is denied to you."
    elif isinstance(error, NO_CREDENTIALS):
        return Finding(Grade.STOPS, f"Credentials: {error}. {SIGN_IN}")
    elif isinstance(error, OUT_OF_REACH) and about != PROCESSOR:
        return Finding(Grade.STOPS, f"AWS is not to be reached in {region}: {error}")
    return Finding(Grade.WARNS, says)


# ── names and services ────────────────────────────────────────────────────────────────────────────


def names(plan: Plan) -> Findings:
    """Look whether the stack's name is one, and has room for what is called after it."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", plan.stack):
        says = f"A stack's name has letters, digits and hyphens, and begins with a letter: {plan.stack}"
        yield Finding(Grade.STOPS, says)
        return
    room = LONGEST_NAME - max(map(len, _endings(plan.template)), default=0)
    if plan.said.get("BackupVault"):
        room = min(room, LONGEST_PLAN_NAME)
    room = min(room, _room_in_descriptions(plan))
    if len(plan.stack) > room:
        says = (
            f"{plan.stack} has {len(plan.stack)} letters: at most {room}, for names are made of it"
        )
        yield Finding(Grade.STOPS, says)
        return
    yield Finding(Grade.FINE, f"the name {plan.stack} has room for what is called after it")


def _room_in_descriptions(plan: Plan) -> int:
    """Give how long the name may be where versions of functions name both tables and addresses."""
    addresses = len(_said_address(plan)) + len(plan.sender)
    return (LONGEST_DESCRIPTION - DESCRIBED_BESIDE - addresses) // 2


def _said_address(plan: Plan) -> str:
    """Give what links begin with, as said: the base, else the domain; empty where neither is."""
    said, domain = plan.said.get("BaseUrl", ""), plan.said.get("DomainName", "")
    if said or not domain:
        return said
    return f"https://{domain}"


def _endings(written: Any) -> Iterator[str]:
    """Yield what stands behind the stack's name in names of the template."""
    if isinstance(written, Mapping):
        for each in written.values():
            yield from _endings(each)
    elif isinstance(written, list):
        for each in written:
            yield from _endings(each)
    elif isinstance(written, str):
        yield from re.findall(r"^\$\{AWS::StackName\}([\w-]*)$", written)


def services(plan: Plan) -> Findings:
    """Look whether the region has every service, by the lists that the SDK comes with."""
    missing = [each for each in SERVICES if plan.region not in plan.regions_of(each)]
    if len(missing) == len(SERVICES):
        says = f"The SDK does not know the region {plan.region}: look whether it has SES and Scheduler."
        yield Finding(Grade.WARNS, says)
    elif missing:
        lacks = ", ".join(missing)
        yield Finding(
            Grade.STOPS, f"{plan.region} does not have {lacks}: choose another AWS_REGION."
        )
    else:
        yield Finding(Grade.FINE, f"{plan.region} has every service")


def processor(pricing: Any, plan: Plan) -> Findings:
    """Look whether Lambda has the processor in the region: only what has a price is there."""
    if plan.architecture != "arm64":
        return
    wanted = {"group": "AWS-Lambda-Duration-ARM", "regionCode": plan.region}
    filters = [
        {"Type": "TERM_MATCH", "Field": name, "Value": each} for name, each in wanted.items()
    ]
    found = pricing.get_products(ServiceCode="AWSLambda", Filters=filters, MaxResults=1)
    if found["PriceList"]:
        yield Finding(Grade.FINE, "Lambda has arm64 there")
    else:
        says = f"Lambda has no price for arm64 in {plan.region}: add ARCHITECTURE=x86_64."
        yield Finding(Grade.WARNS, says)


# ── the stack ─────────────────────────────────────────────────────────────────────────────────────


def stack(cloudformation: Any, plan: Plan, deployed: dict[str, str]) -> Findings:
    """Look whether the stack can be made or updated, and note its parameters in ``deployed``."""
    try:
        (found,) = cloudformation.describe_stacks(StackName=plan.stack)["Stacks"]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        yield Finding(Grade.FINE, f"{plan.stack} is a new stack")
        return
    for each in found.get("Parameters", []):
        deployed[each["ParameterKey"]] = each.get("ParameterValue", "")
    status = found["StackStatus"]
    if status == NEVER_MADE:
        yield Finding(Grade.FINE, f"{plan.stack} is a new stack, whose changes were not made yet")
    elif status.endswith("_IN_PROGRESS"):
        yield Finding(Grade.STOPS, f"{plan.stack} is being changed ({status}): wait for its end.")
    elif status in CANNOT_BE_UPDATED:
        says = (
            f"{plan.stack} is {status}: nothing updates that. Delete it first "
            f"(aws cloudformation delete-stack --stack-name {plan.stack})."
        )
        yield Finding(Grade.STOPS, says)
    elif status == "UPDATE_ROLLBACK_FAILED":
        says = (
            f"{plan.stack} could not take its last update back: mend what its events say, then go on with "
            f"aws cloudformation continue-update-rollback --stack-name {plan.stack}."
        )
        yield Finding(Grade.STOPS, says)
    else:
        yield Finding(Grade.FINE, f"{plan.stack} is there and will be updated")


# ── concurrency ───────────────────────────────────────────────────────────────────────────────────


def concurrency(lambda_: Any, plan: Plan, deployed: Mapping[str, str]) -> Findings:
    """Look whether functions may run often enough at once, and what they reserve can be reserved."""
    limit = lambda_.get_account_settings()["AccountLimit"]
    most, free = limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]
    reserves = sum(_reserved(plan, deployed))
    before = sum(_reserved(plan, deployed, before=True))
    # Lambda keeps so much for functions that reserve nothing.
    left = free + before - reserves
    kept = min(USUAL_CONCURRENCY, most)
    if reserves > before and left < kept:
        says = (
            f"{reserves} executions would be reserved, and {left} be left of the {kept} that Lambda "
            "keeps free: reserve fewer, or ask for more concurrent executions in Service Quotas."
        )
        yield Finding(Grade.STOPS, says)
    elif most < USUAL_CONCURRENCY:
        says = (
            f"The account runs {most} functions at once, as new ones do: forms, links and mail wait "
            "for each other. Ask for 1,000 concurrent executions (Service Quotas, Lambda); it is free."
        )
        yield Finding(Grade.WARNS, says)
    else:
        yield Finding(Grade.FINE, f"{most:,} functions may run at once, {reserves} reserved here")


def _reserved(plan: Plan, deployed: Mapping[str, str], *, before: bool = False) -> Iterator[int]:
    """Yield what each function reserves by its parameter; ``before``: in the stack as it is."""
    for resource in plan.template["Resources"].values():
        wanted = resource.get("Properties", {}).get("ReservedConcurrentExecutions")
        for name in _references(wanted, plan.template["Parameters"]):
            value = deployed.get(name, "0") if before else plan.parameter(name, deployed)
            yield int(value or 0)


def _references(written: Any, parameters: Mapping[str, Any]) -> Iterator[str]:
    """Yield the parameters that a value of the template refers to."""
    if isinstance(written, Mapping):
        if written.get("Ref") in parameters:
            yield written["Ref"]
        for each in written.values():
            yield from _references(each, parameters)
    elif isinstance(written, list):
        for each in written:
            yield from _references(each, parameters)

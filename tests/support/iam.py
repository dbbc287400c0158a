"""The roles of the template over moto, which knows no rights: whatever a function calls that its
role does not allow is denied there, as AWS would, and fails the test even if the function caught it.

A call is a function's from the entry of its handler to its end; whatever a test calls itself is
nobody's and is allowed.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from email.utils import parseaddr
from functools import cache, wraps
from importlib import import_module
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError

from routing_core.aws import wiring as wiring_module
from tests.support.refusals import REFUSED
from tests.support.roles import Right, role_of
from tests.support.stack import SENDER, folder_of, resources

TABLES = {
    "LEADS_TABLE": "LeadsTable",
    "PARTNERS_TABLE": "PartnersTable",
    "READ_MODEL_TABLE": "ReadModelTable",
}
"""Variable → the table that it names, or names another in the place of."""
QUEUES = {"mail": "MailQueue"}
SECRETS = {"links": "LinkKeys", "contact": "ContactKey"}
WRITES = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
LISTINGS = {"ListObjectsV2": "s3:ListBucket", "ListObjectVersions": "s3:ListBucketVersions"}
Needed = Mapping[str, set[Right]]
"""What each function needed, by its folder."""

_running: list[str] = [""]
"""The function whose handler was entered last; empty: the test itself. Its threads are its own."""
_recorders: list[defaultdict[str, set[Right]]] = []


# ── what a call needs ─────────────────────────────────────────────────────────────────────────────


def rights_for(service: str, operation: str, asked: Mapping[str, Any]) -> Iterator[Right]:
    """Gives what a call needs."""
    if service == "dynamodb":
        yield from _of_tables(operation, asked)
    elif service == "s3":
        yield _of_bucket(operation, asked)
    elif service == "secretsmanager":
        yield Right(f"secretsmanager:{operation}", SECRETS[asked["SecretId"]])
    elif service == "events":
        yield Right(f"events:{operation}", "Bus")
    elif service == "scheduler":
        yield Right(f"scheduler:{operation}", f"schedule/ScheduleGroup/{asked['Name']}")
        yield Right("iam:PassRole", "SchedulerRole", "scheduler.amazonaws.com")
    elif operation == "DeleteSuppressedDestination":
        yield Right(f"ses:{operation}", "*")
    elif service == "sesv2":
        yield from _of_mail(asked)
    elif service == "stepfunctions":
        yield Right(f"states:{operation}", "stateMachine:${AWS::StackName}-report")
    else:
        assert service == "sqs", f"say here what {service} asks for"
        queue = asked["QueueUrl"].rpartition("/")[2]
        yield Right(f"sqs:{operation}", QUEUES.get(queue, queue))


def _of_mail(asked: Mapping[str, Any]) -> Iterator[Right]:
    address = parseaddr(asked["FromEmailAddress"])[1]
    sender = "Sender" if address == SENDER else address
    named = [f"identity/{address}"]
    if "ConfigurationSetName" in asked:
        named.append("configuration-set/ConfigurationSet")
    for resource in named:
        for action in ("SendEmail", "SendRawEmail"):  # with a raw message it asks for both
            yield Right(f"ses:{action}", resource, sender)


def _of_bucket(operation: str, asked: Mapping[str, Any]) -> Right:
    if operation in LISTINGS:
        return Right(LISTINGS[operation], "Bucket", asked["Prefix"])
    version = "Version" if "VersionId" in asked else ""
    return Right(f"s3:{operation}{version}", f"Bucket/{asked['Key']}")


def _of_tables(operation: str, asked: Mapping[str, Any]) -> Iterator[Right]:
    if operation == "BatchGetItem":
        for table, wanted in asked["RequestItems"].items():
            for key in wanted["Keys"]:
                yield Right("dynamodb:BatchGetItem", _table(table), key["pk"]["S"])
    elif operation == "TransactWriteItems":
        for item in asked["TransactItems"]:
            ((kind, write),) = item.items()
            yield Right(f"dynamodb:{WRITES[kind]}", _table(write["TableName"]), _key(write))
    else:
        index = f"/index/{asked['IndexName']}" if "IndexName" in asked else ""
        yield Right(f"dynamodb:{operation}", _table(asked["TableName"]) + index, _key(asked))


def _table(name: str) -> str:
    named = {os.environ[variable]: table for variable, table in TABLES.items()}
    return named[name]


def _key(asked: Mapping[str, Any]) -> str:
    stated = asked.get("Key") or asked.get("Item") or {}
    partition = re.match(r"\w+ = (:\w+)", asked.get("KeyConditionExpression", ""))
    if partition:
        return str(asked["ExpressionAttributeValues"][partition[1]]["S"])
    return str(stated["pk"]["S"]) if "pk" in stated else ""


# ── whose call it is ──────────────────────────────────────────────────────────────────────────────


def functions() -> list[str]:
    """All functions of the template, by their folders."""
    kinds = resources().items()
    return [folder_of(name) for name, each in kinds if each["Type"] == "AWS::Lambda::Function"]


@contextmanager
def running(function: str) -> Iterator[None]:
    """Whatever is called within is that function's."""
    _running.append(function)
    try:
        yield
    finally:
        _running.pop()


@contextmanager
def outside() -> Iterator[None]:
    """Whatever is called within is the test's, in the middle of a function's call."""
    with running(""):
        yield


def _entered(function: str, handler: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(handler)
    def run(event: Any, context: Any) -> Any:
        if _recorders:
            wiring_module.wiring.cache_clear()
        with running(function):
            return handler(event, context)

    return run


# ── what AWS says ─────────────────────────────────────────────────────────────────────────────────


def _judge(params: Mapping[str, Any], model: Any, **_: Any) -> None:
    function = _running[-1]
    if not function:
        return
    for right in rights_for(model.service_model.service_name, model.name, params):
        for recorder in _recorders:
            recorder[function].add(right)
        if not _may(function, right):
            REFUSED.append(f"{function}: {right.action} on {right.resource} {right.about}".strip())
            raise ClientError(
                {"Error": {"Code": "AccessDeniedException", "Message": REFUSED[-1]}}, model.name
            )


@cache
def _may(function: str, right: Right) -> bool:
    return role_of(function).may(*right)


def _hide(parsed: dict[str, Any], **_: Any) -> None:
    """S3 tells a role that may not list the bucket that what is not there is denied; and of a
    condition on what may be listed it knows nothing where an object is read.
    """
    function = _running[-1]
    if not function or parsed.get("Error", {}).get("Code") != "NoSuchKey":
        return
    if not _may(function, Right("s3:ListBucket", "Bucket")):
        parsed["Error"] |= {"Code": "AccessDenied", "Message": "Access Denied"}
        parsed["ResponseMetadata"]["HTTPStatusCode"] = 403


@contextmanager
def roles_enforced() -> Iterator[None]:
    """Within, every client that the wiring makes asks the template first."""
    make = wiring_module._client

    @cache
    def client(service: str) -> Any:
        made = make(service)
        # A client may be known already: then it is judged once all the same.
        made.meta.events.register("provide-client-params", _judge, unique_id="roles")
        made.meta.events.register("after-call.s3.*", _hide, unique_id="what is there")
        return made

    with ExitStack() as stack:
        for function in functions():
            app = import_module(f"functions.{function}.app")
            stack.enter_context(patch.object(app, "handler", _entered(function, app.handler)))
        stack.enter_context(patch.object(wiring_module, "_client", client))
        yield


@contextmanager
def recorded() -> Iterator[Needed]:
    """What each function needed while this is open.

    Each starts cold each time: what another has read would be read by none.
    """
    recorder: defaultdict[str, set[Right]] = defaultdict(set)
    _recorders.append(recorder)
    try:
        yield recorder
    finally:
        _recorders.remove(recorder)

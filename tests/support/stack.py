"""The stack of ``template.yaml`` over moto: what there is, and a look into where moto keeps it."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar
from urllib.parse import unquote

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.checks.lint import transformed
from infra.local.routes import routes_of_body
from routing_core.aws import wiring as wiring_module
from routing_core.aws.tables.dynamo import deserialize_item
from routing_core.aws.wiring import wiring
from tests.support.swift_moto import swift_moto

REGION, ACCOUNT = "eu-central-1", "123456789012"
BASE_URL = "https://relay.example.com"
SENDER = "leads@relay.example.com"
LINK_KEY = "a secret of the tests"
MAIL_QUEUE = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/mail"
REPORT_MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:report"
T = TypeVar("T")

TABLES = {"LeadsTable": "leads", "PartnersTable": "partners", "ReadModelTable": "read-model"}
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "LEADS_TABLE": "leads",
    "PARTNERS_TABLE": "partners",
    "READ_MODEL_TABLE": "read-model",
    "BUCKET": "networks",
    "BUS": "relay",
    "SCHEDULE_GROUP": "leads",
    "SCHEDULE_ROLE_ARN": "arn:aws:iam::123456789012:role/scheduler",
    "WAKE_ARN": "arn:aws:lambda:eu-central-1:123456789012:function:wake",
    "REPORT_MACHINE_ARN": REPORT_MACHINE,
    "LINK_SECRET": "links",
    "CONTACT_SECRET": "contact",
    "BASE_URL": BASE_URL,
    "SENDER": SENDER,
    "MAIL_QUEUE": MAIL_QUEUE,
    "POWERTOOLS_SERVICE_NAME": "test",
    "POWERTOOLS_METRICS_NAMESPACE": "PartnerRelay",
}


@contextmanager
def a_stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As deployed, with nothing stored yet, and no function warm."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(
        wiring_module, "CONFIG", wiring_module.CONFIG.merge(Config(parameter_validation=True))
    )
    with mock_aws():
        forget_warm_state()
        dynamo = boto3.client("dynamodb")
        for name, properties in tables():
            dynamo.create_table(TableName=name, **properties)
        boto3.client("s3").create_bucket(
            Bucket="networks", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        secrets = boto3.client("secretsmanager")
        secrets.create_secret(Name="links", SecretString=json.dumps({"sign": "k1", "k1": LINK_KEY}))
        secrets.create_secret(Name="contact", SecretString="another secret of the tests")
        boto3.client("events").create_event_bus(Name="relay")
        boto3.client("scheduler").create_schedule_group(Name="leads")
        boto3.client("sqs").create_queue(QueueName="mail")
        boto3.client("sesv2").create_email_identity(EmailIdentity=SENDER)
        wiring_module._client("sesv2").meta.events.register(
            "before-call.sesv2.DeleteSuppressedDestination", _take_off
        )
        boto3.client("stepfunctions").create_state_machine(
            name="report",
            definition='{"StartAt": "Begin", "States": {"Begin": {"Type": "Succeed"}}}',
            roleArn="arn:aws:iam::123456789012:role/report",
        )
        with swift_moto():
            yield
        forget_warm_state()


def forget_warm_state() -> None:
    wiring.cache_clear()
    wiring_module._client.cache_clear()


def folder_of(logical: str) -> str:
    """The folder of a function by its logical name: ``HqDeskFunction`` is ``hq_desk``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", logical.removesuffix("Function")).lower()


def logical_name(folder: str) -> str:
    """The other way round, without ``Function``: ``hq_desk`` is ``HqDesk``."""
    return "".join(part.capitalize() for part in folder.split("_"))


@cache
def resources() -> dict[str, Any]:
    """The template's, as CloudFormation gets them, of a stack that works on its own tables."""
    found: dict[str, Any] = on_own_tables(transformed()["Resources"])
    return found


def on_own_tables(written: Any) -> Any:
    """What is written, without the choice between a table of the stack and a restored one."""
    if isinstance(written, list):
        return [on_own_tables(each) for each in written]
    if not isinstance(written, dict):
        return written
    chosen = written.get("Fn::If", [""])
    if chosen[0] in ("LeadsRestored", "PartnersRestored"):
        return chosen[2]
    joined = written.get("Fn::Sub")
    if isinstance(joined, list) and set(joined[1]) == {"Table"}:
        table = on_own_tables(joined[1]["Table"])["Fn::GetAtt"][0]
        return {"Fn::Sub": joined[0].replace("${Table}", f"${{{table}.Arn}}")}
    return {name: on_own_tables(each) for name, each in written.items()}


@cache
def routes() -> tuple[tuple[str, str], ...]:
    """Gives each route of the API with the short name of its function: ("GET /o/{token}",
    "partner").
    """
    body = resources()["Api"]["Properties"]["Body"]
    return tuple((route.key, folder_of(route.function)) for route in routes_of_body(body))


def tables() -> Iterator[tuple[str, dict[str, Any]]]:
    """The template's own table definitions."""
    for logical, name in TABLES.items():
        properties = resources()[logical]["Properties"]
        kept = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
        yield name, {k: properties[k] for k in kept if k in properties}


def route_of(method: str, path: str) -> tuple[str, str, dict[str, str]]:
    """Route, function and path parameters, as the template's routes say and API Gateway chooses
    between them: what fits whole before what fits by ``{proxy+}``, the longer of two of those, and
    ``$default`` for the rest.
    """
    fitting = []
    for route, function in routes():
        verb, _, pattern = route.partition(" ")
        shape = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern.replace("{proxy+}", "(?P<proxy>.+)"))
        found = re.fullmatch(shape, path)
        if found and verb in (method, "ANY"):
            whole = "proxy" not in found.groupdict()
            fitting.append(((whole, len(pattern)), pattern, function, found.groupdict()))
    if fitting:
        _, pattern, function, parameters = max(fitting, key=lambda fit: fit[0])
        return pattern, function, parameters
    return "$default", dict(routes())["$default"], {}


def forget_reports() -> None:
    """Takes away reports' files and executions, of which there is one for each name ever."""
    from moto.s3.models import s3_backends
    from moto.stepfunctions.models import stepfunctions_backends

    keys = s3_backends[ACCOUNT]["aws"].buckets["networks"].keys
    for name in [name for name in keys if name.startswith("report")]:
        for each in keys.getlist(name):
            each.dispose()
        del keys[name]
    for machine in stepfunctions_backends[ACCOUNT][REGION].state_machines:
        machine.executions.clear()


def dynamo_tables() -> dict[str, Any]:
    """moto's own."""
    from moto.dynamodb.models import dynamodb_backends

    tables: dict[str, Any] = dynamodb_backends[ACCOUNT][REGION].tables
    return {name: tables[name] for name in TABLES.values()}


def schedules() -> dict[str, Any]:
    from moto.scheduler.models import scheduler_backends

    schedules: dict[str, Any] = (
        scheduler_backends[ACCOUNT][REGION].schedule_groups["leads"].schedules
    )
    return schedules


def sent_messages() -> list[Any]:
    from moto.ses.models import ses_backends

    sent: list[Any] = ses_backends[ACCOUNT][REGION].sent_messages
    return sent


def put_back_messages() -> list[Any]:
    """What notify put back into its queue."""
    from moto.sqs.models import sqs_backends

    messages: list[Any] = sqs_backends[ACCOUNT][REGION].queues["mail"]._messages
    return messages


TRIED_ANEW: list[str] = []
"""The addresses that were taken off SES's suppression list, which moto does not have."""


def _take_off(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
    TRIED_ANEW.append(unquote(params["url_path"].rpartition("/")[2]))
    return AWSResponse("", 200, {}, None), {}


REFUSING: list[tuple[str, str, str]] = []
"""What SES says of mails at the moment, if it refuses any, and to whom."""


def ses_refuses(code: str, message: str, to: str = "") -> list[int]:
    """SES refuses every mail from now on, or those to one address; gives how often it did."""
    ses_takes_all()
    REFUSING.append((code, message, to))
    asked = [0]

    def refuse(params: dict[str, Any], **_: Any) -> None:
        if to and to not in json.loads(params["body"])["Destination"]["ToAddresses"]:
            return
        asked[0] += 1
        raise ClientError({"Error": {"Code": code, "Message": message}}, "SendEmail")

    events = wiring_module._client("sesv2").meta.events
    events.register("before-call.sesv2.SendEmail", refuse, unique_id="refuses")
    return asked


def ses_takes_all() -> None:
    """SES takes every mail again."""
    REFUSING.clear()
    events = wiring_module._client("sesv2").meta.events
    events.unregister("before-call.sesv2.SendEmail", unique_id="refuses")


def read(item: Any, how: Callable[[dict[str, Any]], T]) -> T:
    """What ``how`` makes of one of moto's items: the very same object for as long as nobody writes
    the item.
    """
    known = item.__dict__.setdefault("known", {})
    if how not in known:
        known[how] = how(deserialize_item(item.to_json()["Attributes"]))
    return known[how]  # type: ignore[no-any-return]

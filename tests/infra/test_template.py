"""Promises about the infrastructure, checked on the template as SAM transforms it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.checks.lint import transformed, transformed_text
from infra.local.package import LAYERS
from routing_core.domain.territory import countries
from routing_core.service.upkeep.vital_signs import FUNNEL
from tests.support.roles import Role
from tests.support.stack import folder_of, logical_name, resources, routes

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = [
    "Intake",
    "Partner",
    "Hq",
    "HqDesk",
    "Outbox",
    "ReadModel",
    "Wake",
    "Sweep",
    "Notify",
    "Network",
    "Calendars",
    "Reports",
    "BackTest",
]
OVER_HTTP = ["Intake", "Partner", "Hq", "HqDesk"]
STAGE = "ApiApiGatewayDefaultStage"
DEAD_ENDS = [
    "OutboxFailures",
    "ReadModelFailures",
    "NetworkFailures",
    "MailFailures",
    "BusFailures",
    "TimerFailures",
    "AsyncFailures",
]

Properties = dict[str, Any]


def of_type(kind: str) -> dict[str, Properties]:
    return {name: r.get("Properties", {}) for name, r in resources().items() if r["Type"] == kind}


def properties(name: str) -> Properties:
    return resources()[name]["Properties"]


def statements(function: str) -> list[dict[str, Any]]:
    policies = properties(f"{function}FunctionRole")["Policies"]
    return [s for p in policies for s in p["PolicyDocument"]["Statement"]]


def actions(function: str) -> set[str]:
    found: set[str] = set()
    for statement in statements(function):
        if statement["Effect"] == "Deny":
            continue
        action = statement["Action"]
        found |= {action} if isinstance(action, str) else set(action)
    return found


def test_every_function_that_there_is_is_looked_at() -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/app.py")}
    assert set(of_type("AWS::Lambda::Function")) == {
        f"{function}Function" for function in FUNCTIONS
    }
    assert folders == {folder_of(function) for function in FUNCTIONS}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_logs_into_a_group_that_forgets(function: str) -> None:
    assert properties(f"{function}Function")["LoggingConfig"] == {
        "LogGroup": {"Ref": f"{function}Log"}
    }
    assert properties(f"{function}Log")["RetentionInDays"] == {"Ref": "LogRetention"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_makes_a_log_group_that_the_next_deploy_would_stumble_over(
    function: str,
) -> None:
    denied = [s["Action"] for s in statements(function) if s["Effect"] == "Deny"]
    assert "logs:CreateLogGroup" in denied


def test_every_log_group_forgets() -> None:
    assert all("RetentionInDays" in group for group in of_type("AWS::Logs::LogGroup").values())


def test_a_restored_table_takes_the_place_of_the_stacks_own_wherever_that_is_named() -> None:
    """Write ``*leads_arn`` and so on: what names the table itself stays on the old one."""

    def named(written: Any) -> Iterator[str]:
        if isinstance(written, list):
            for each in written:
                yield from named(each)
        elif isinstance(written, dict):
            chosen = written.get("Fn::If", [""])
            restored = chosen[0] in ("LeadsRestored", "PartnersRestored")
            yield from () if restored else named(list(written.values()))
        elif isinstance(written, str):
            yield from re.findall(r"(?:^|\$\{)(?:Leads|Partners)Table\b", written)

    document = transformed()
    kept = {name: each for name, each in document["Resources"].items() if "Table" not in name}
    assert not list(named([kept, document["Outputs"], document.get("Globals", {})]))


def test_backups_are_of_the_tables_in_use_and_only_where_a_vault_was_named() -> None:
    made = {each["Type"]: each for each in transformed()["Resources"].values()}
    plan, selection = made["AWS::Backup::BackupPlan"], made["AWS::Backup::BackupSelection"]
    (rule,) = plan["Properties"]["BackupPlan"]["BackupPlanRule"]
    assert rule["TargetBackupVault"] == {"Ref": "BackupVault"}
    assert rule["Lifecycle"] == {"DeleteAfterDays": {"Ref": "BackupDays"}}
    leads, partners, lists = selection["Properties"]["BackupSelection"]["Resources"]
    assert leads["Fn::If"][0] == "LeadsRestored"
    assert partners["Fn::If"][0] == "PartnersRestored"
    assert lists == {"Fn::GetAtt": ["ReadModelTable", "Arn"]}
    trust = resources()["BackupRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert [each["Principal"] for each in trust] == [{"Service": "backup.amazonaws.com"}]
    for name in ("Backups", "BackedUp", "BackupRole"):
        assert resources()[name]["Condition"] == "BacksUp"


@pytest.mark.parametrize("table", ["LeadsTable", "PartnersTable", "ReadModelTable"])
def test_tables_survive_accidents_and_forget_what_expired(table: str) -> None:
    assert resources()[table]["DeletionPolicy"] == "Retain"
    assert resources()[table]["UpdateReplacePolicy"] == "Retain"
    kept = properties(table)
    assert kept["DeletionProtectionEnabled"] is True
    assert kept["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert kept["SSESpecification"] == {"SSEEnabled": True}
    assert kept["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert kept["BillingMode"] == "PAY_PER_REQUEST"
    assert "TableName" not in kept


def test_the_bucket_is_private_encrypted_and_versioned() -> None:
    bucket = properties("Bucket")
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert "BucketEncryption" in bucket
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}


NAMES_NO_RESOURCE = {"ses:DeleteSuppressedDestination"}
"""Actions for which AWS knows no resource that a policy could name."""


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_names_its_actions_and_its_resources(function: str) -> None:
    assert not [a for a in actions(function) if "*" in a]
    of_all = [s["Action"] for s in statements(function) if s["Resource"] == "*"]
    assert set(of_all) <= NAMES_NO_RESOURCE


@pytest.mark.parametrize("function", FUNCTIONS)
def test_of_what_sam_adds_only_logs_and_traces_are_for_the_whole_account(function: str) -> None:
    added = {
        arn.rpartition("/")[2] for arn in properties(f"{function}FunctionRole")["ManagedPolicyArns"]
    }
    assert added == {"AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"}


def test_only_who_must_may() -> None:
    def may(action: str) -> list[str]:
        return [f for f in FUNCTIONS if action in actions(f)]

    assert may("ses:SendEmail") == ["Sweep", "Notify", "Calendars", "Reports"]
    assert may("scheduler:CreateSchedule") == may("iam:PassRole") == ["Outbox", "Wake"]
    assert may("s3:PutObject") == ["Hq", "HqDesk", "Network", "Reports", "BackTest"]
    assert may("s3:DeleteObjectVersion") == ["ReadModel"]
    assert Role("HqDesk").may("s3:PutObject", "Bucket/exports/x")
    assert not Role("HqDesk").may("s3:PutObject", "Bucket/networks/x")
    written = {
        f: s["Resource"] for f in FUNCTIONS for s in statements(f) if s["Action"] == "s3:PutObject"
    }
    assert written["Hq"] == {"Fn::Sub": "${Bucket.Arn}/places/*"}
    assert written["BackTest"] == {"Fn::Sub": "${Bucket.Arn}/backtests/*"}
    assert written["Network"] == {"Fn::Sub": "${Bucket.Arn}/networks/*"}
    assert may("sqs:ReceiveMessage") == ["Notify"]
    assert may("dynamodb:GetRecords") == ["Outbox", "ReadModel", "Network"]
    assert may("dynamodb:ConditionCheckItem") == []
    assert may("events:PutEvents") == ["Partner", "Hq", "HqDesk", "Outbox", "Network"]
    for function in ("Intake", "Wake"):
        assert not Role(function).may("dynamodb:PutItem", "PartnersTable", "PARTNER#munich-1")
    # An import and the compilers read them all; a prospect's or partner's request never.
    assert may("dynamodb:Scan") == ["Hq", "Network", "Calendars", "Reports"]
    # A wave's pointers, a mail's lease, a sent line of a digest, and a row on the list of a partner
    # who has the lead no more, are all that is ever deleted.
    assert may("dynamodb:DeleteItem") == [
        "Intake",
        "Partner",
        "Hq",
        "HqDesk",
        "ReadModel",
        "Wake",
        "Sweep",
        "Notify",
        "Calendars",
        "Reports",
    ]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_but_hqs_desk_and_api_may_write_api_keys(function: str) -> None:
    for write in ("PutItem", "UpdateItem", "DeleteItem"):
        for key in ("KEY#FIRST", "KEY#0123"):
            makes_keys = function in ("Hq", "HqDesk") and write != "DeleteItem"
            assert Role(function).may(f"dynamodb:{write}", "PartnersTable", key) == makes_keys


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_hqs_desk_signs_anybody_in(function: str) -> None:
    """The API ends the access of whoever its rules leave out."""
    may = Role(function).may("dynamodb:PutItem", "PartnersTable", "HQ#0123")
    assert may == (function in ("Hq", "HqDesk"))


PUBLIC = ("Intake", "Partner", "Hq", "HqDesk")
"""Functions that the internet reaches."""


@pytest.mark.parametrize("function", PUBLIC)
@pytest.mark.parametrize("write", ["PutItem", "UpdateItem", "DeleteItem"])
def test_nobody_from_outside_reaches_rows_that_say_which_mail_has_left_or_how_many_posted(
    function: str, write: str
) -> None:
    for key in (
        "MAIL#x",
        "DIGEST#x",
        "DIGESTS",
        "COUNT#x",
        "WALK#merged",
        "KEY#x",
        "anything else",
    ):
        assert not Role(function).may(f"dynamodb:{write}", "LeadsTable", key), key
    others = ["NETWORK", "LEAD#x", "anything else"]
    if function not in ("Hq", "HqDesk"):
        others.append("KEY#x")
    for key in others:
        assert not Role(function).may(f"dynamodb:{write}", "PartnersTable", key), key


def test_who_asks_or_answers_reaches_no_rules_and_no_other_sort_of_row() -> None:
    assert not Role("Intake").may("dynamodb:PutItem", "PartnersTable", "PARTNER#munich-1")
    assert not Role("Intake").may("dynamodb:UpdateItem", "PartnersTable", "PARTNERS")
    assert not Role("Partner").may("dynamodb:PutItem", "LeadsTable", "CLAIM#x")
    assert not Role("Partner").may("dynamodb:PutItem", "LeadsTable", "PRESSURE")
    assert not Role("Hq").may("dynamodb:PutItem", "LeadsTable", "PRESSURE")


def test_only_hq_changes_the_rules_but_for_their_holidays_and_only_the_compiler_the_network() -> (
    None
):
    def may_put(table: str, key: str) -> list[str]:
        return [
            function for function in FUNCTIONS if Role(function).may("dynamodb:PutItem", table, key)
        ]

    assert (
        may_put("LeadsTable", "PROGRAMME")
        == may_put("PartnersTable", "PROGRAMME")
        == ["Hq", "HqDesk", "Calendars"]
    )
    assert may_put("PartnersTable", "PLACES") == ["Hq"]
    assert may_put("PartnersTable", "NETWORK") == ["Network"]
    assert may_put("PartnersTable", "PARTNER#munich-1") == [
        "Partner",
        "Hq",
        "HqDesk",
        "Sweep",
        "Notify",
        "Network",
        "Calendars",
    ]


def test_passing_the_scheduler_role_is_for_the_scheduler_only() -> None:
    for function in ("Outbox", "Wake"):
        (passing,) = [s for s in statements(function) if s["Action"] == "iam:PassRole"]
        assert passing["Resource"] == {"Fn::GetAtt": ["SchedulerRole", "Arn"]}
        assert passing["Condition"] == {
            "StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}
        }


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


@pytest.mark.parametrize("function", ["Wake", "Sweep", "Calendars", "BackTest"])
def test_a_call_that_nobody_waits_for_has_dead_letters(function: str) -> None:
    (config,) = [
        c
        for c in of_type("AWS::Lambda::EventInvokeConfig").values()
        if c["FunctionName"] == {"Ref": f"{function}Function"}
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


@pytest.mark.parametrize("queue", DEAD_ENDS)
def test_somebody_hears_of_every_dead_letter(queue: str) -> None:
    alarm = properties(f"{queue}Alarm")
    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert alarm["Dimensions"] == [
        {"Name": "QueueName", "Value": {"Fn::GetAtt": [queue, "QueueName"]}}
    ]
    assert alarm["AlarmActions"]
    assert properties(queue)["MessageRetentionPeriod"] == 14 * 24 * 3600


@pytest.mark.parametrize("function", FUNCTIONS)
def test_somebody_hears_of_every_error(function: str) -> None:
    assert properties(f"{function}ErrorsAlarm")["MetricName"] == "Errors"


MEASURES = {"Fn::Sub": "PartnerRelay/${AWS::StackName}"}


def sent(function: str) -> set[str]:
    """Name the metrics that the code of a function sends by name."""
    code = (ROOT / f"functions/{function}/app.py").read_text()
    return set(re.findall(r"(?:add_metric|sound_alarm)\(\"(\w+)\"", code))


def counted_in_logs() -> dict[str, list[dict[str, Any]]]:
    """Give the filters that make a metric of lines of a log, by that metric."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in of_type("AWS::Logs::MetricFilter").values():
        (made,) = each["MetricTransformations"]
        assert made["MetricNamespace"] == MEASURES
        found.setdefault(made["MetricName"], []).append(each)
    return found


def test_alarms_watch_metrics_that_the_functions_really_send() -> None:
    own = [a for a in of_type("AWS::CloudWatch::Alarm").values() if a.get("Namespace") == MEASURES]
    watched = {
        (d["Value"], a["MetricName"])
        for a in own
        for d in a.get("Dimensions", [])
        if isinstance(d, dict) and d["Name"] == "service"
    }
    all_sent = {(folder_of(f), metric) for f in FUNCTIONS for metric in sent(folder_of(f))}
    assert watched == all_sent - {("read_model", "SpeedToLead")}
    from_logs = {a["MetricName"] for a in own} - {metric for _, metric in watched}
    assert from_logs == {"DigestFailures", "ErrorsLogged"} <= set(counted_in_logs())


def test_two_stacks_of_an_account_do_not_count_into_each_others_metrics() -> None:
    for function in FUNCTIONS:
        variables = properties(f"{function}Function")["Environment"]["Variables"]
        assert variables["POWERTOOLS_METRICS_NAMESPACE"] == MEASURES


def test_every_error_that_a_function_gets_over_is_counted_by_the_level_of_its_line() -> None:
    filters = counted_in_logs()["ErrorsLogged"]
    assert {each["LogGroupName"]["Ref"] for each in filters} == {f"{f}Log" for f in FUNCTIONS}
    assert {each["FilterPattern"] for each in filters} == {'{ $.level = "ERROR" }'}


def test_the_line_that_counts_a_digest_that_failed_is_the_one_that_is_written() -> None:
    (counted,) = counted_in_logs()["DigestFailures"]
    line = re.search(r'message = "(.+)"', counted["FilterPattern"])
    code = ROOT / "layers/routing_core/routing_core/service/notifications/held_mails.py"
    assert line
    assert f'logger.exception("{line[1]}"' in code.read_text()


def test_whoever_hears_of_an_alarm_hears_of_its_end() -> None:
    for name, alarm in of_type("AWS::CloudWatch::Alarm").items():
        assert alarm["AlarmActions"] == alarm["OKActions"], name


def test_every_alarm_says_what_to_do_in_the_guide() -> None:
    guide = (ROOT / "infra/README.md").read_text()
    table = guide.partition("## When an alarm rings")[2].partition("\n## ")[0]
    alarms = {name.removesuffix("Alarm") for name in of_type("AWS::CloudWatch::Alarm")}
    told = {name for name in alarms if f"`{name}`" in table}
    errors = {f"{function}Errors" for function in FUNCTIONS}
    assert alarms - told <= errors, sorted(alarms - told - errors)


def test_the_dashboard_shows_metrics_that_are_sent() -> None:
    body, tables = properties("Dashboard")["DashboardBody"]["Fn::Sub"]
    shown = json.loads(re.sub(r"\$\{[\w.:]+\}", "x", body))["widgets"]
    titles = " ".join(each["properties"]["title"] for each in shown)
    for asked in ("Speed to lead", "Funnel", "Ages of queues", "Errors", "paid for"):
        assert asked in titles
    own = {
        (metric[3] if len(metric) > 4 else "", metric[1])
        for each in shown
        for metric in each["properties"]["metrics"]
        if metric[0] == "PartnerRelay/x"
    }
    known = {(folder_of(f), name) for f in FUNCTIONS for name in sent(folder_of(f))}
    known |= {("outbox", name) for name in FUNNEL.values()}
    known |= {("", name) for name in counted_in_logs()}
    assert own <= known
    named = set(re.findall(r"\$\{(\w+)[.}]", body))
    assert named <= {*resources(), *tables}


def test_every_route_has_a_throttle_of_its_own_that_no_single_client_fills_for_a_form() -> None:
    throttles = properties(STAGE)["RouteSettings"]
    assert {route for route, _ in routes()} == set(throttles)
    for route, throttle in throttles.items():
        if "{form}" in route or route == "GET /embed.js":
            assert throttle["ThrottlingRateLimit"] >= 25 * 20, (
                route
            )  # 25 clients at 20 requests a second


def test_who_counts_posts_may_write_counts_and_nothing_else() -> None:
    outbox = Role("Outbox")
    for key in ("PRESSURE", "COUNT#c0123"):
        assert outbox.may("dynamodb:PutItem", "LeadsTable", key)
    for key in ("LEAD#L1", "PROGRAMME", "PROOF#1", "KEY#1"):
        assert not outbox.may("dynamodb:PutItem", "LeadsTable", key)
        assert not outbox.may("dynamodb:UpdateItem", "PartnersTable", key)


def test_what_no_route_takes_goes_to_the_function_whose_addresses_begin_so() -> None:
    """HEAD and a slash at the end among it; by name no route takes more than one method."""
    targets = dict(routes())
    assert {route.partition(" ")[0] for route in targets} == {
        "GET",
        "POST",
        "PUT",
        "OPTIONS",
        "ANY",
        "$default",
    }
    catching = {
        route: target for route, target in targets.items() if route.startswith(("ANY ", "$default"))
    }
    assert all(
        route in ("$default", "ANY /hq") or route.endswith("/{proxy+}") for route in catching
    )
    for route, target in targets.items():
        beginnings = [
            each
            for each in catching
            if route.split(" ")[-1].startswith(each[4:].removesuffix("{proxy+}"))
        ]
        nearest = max(
            (each for each in beginnings if each != "$default"), key=len, default="$default"
        )
        assert catching[nearest] == target, f"{route} and {nearest} belong to one function"


def test_access_logs_hold_no_path_for_tokens_are_in_it() -> None:
    logged = set(
        re.findall(r"\$context\.([\w.]+)", properties(STAGE)["AccessLogSettings"]["Format"])
    )
    assert {"routeKey", "status", "responseLatency", "requestId"} <= logged
    assert not logged & {
        "path",
        "identity.userAgent",
        "identity.sourceIp",
        "httpMethod",
        "error.message",
    }
    json.loads(properties(STAGE)["AccessLogSettings"]["Format"])


def test_the_api_may_call_the_functions_that_it_routes_to() -> None:
    """SAM writes a permission for each route, or one for all of a function that answers what no
    route takes.
    """
    for route, function in routes():
        allowed = [
            source
            for source, called in permissions()
            if called == f"{logical_name(function)}Function"
        ]
        method, _, path = route.partition(" ")
        wanted = f"{'*' if method == 'ANY' else method}{re.sub('{[^}]+}', '*', path)}"
        assert any(source in ("*", wanted) for source in allowed), route


def permissions() -> Iterator[tuple[str, str]]:
    """Yields what of the API may call a function, such as ``GET/o/*``, and the function."""
    for permission in of_type("AWS::Lambda::Permission").values():
        if permission["Principal"] == "apigateway.amazonaws.com":
            text, names = permission["SourceArn"]["Fn::Sub"]
            assert names == {"__ApiId__": {"Ref": "Api"}, "__Stage__": "*"}
            yield (
                text.partition("${__Stage__}/")[2],
                permission["FunctionName"]["Ref"].removesuffix("Aliaslive"),
            )


@pytest.mark.parametrize("function", OVER_HTTP)
def test_the_permissions_of_a_function_fit_into_what_lambda_takes(function: str) -> None:
    """20 KB a function. A statement is its source, its id with the stack's name, and 330 characters
    around them.
    """
    longest_stack_name = 40
    sources = [source for source, called in permissions() if called == f"{function}Function"]
    assert sum(330 + longest_stack_name + 60 + len(source) for source in sources) < 20_480


def test_what_the_api_names_does_not_name_the_api() -> None:
    """Its functions would go round in a circle with it: they take their address from the
    request.
    """
    for function in FUNCTIONS:
        names_the_api = "${Api}" in json.dumps(properties(f"{function}Function"))
        assert names_the_api == (function not in OVER_HTTP), function
    for function in OVER_HTTP:
        assert properties(f"{function}Function")["Environment"]["Variables"]["BASE_URL"] == {
            "Ref": "BaseUrl"
        }


def test_the_api_answers_no_preflight_by_itself_for_only_the_programme_knows_the_origins() -> None:
    assert "CorsConfiguration" not in properties("Api")
    assert "x-amazon-apigateway-cors" not in properties("Api")["Body"]


def test_every_function_knows_its_surroundings() -> None:
    common = {
        "LEADS_TABLE",
        "PARTNERS_TABLE",
        "READ_MODEL_TABLE",
        "BUCKET",
        "BUS",
        "SCHEDULE_GROUP",
        "SCHEDULE_ROLE_ARN",
        "SCHEDULE_DLQ_ARN",
        "LINK_SECRET",
        "CONTACT_SECRET",
        "BASE_URL",
        "CONFIGURATION_SET",
        "SENDER",
        "MAILS_PER_SECOND",
        "POWERTOOLS_METRICS_NAMESPACE",
        "POWERTOOLS_SERVICE_NAME",
        "LOG_LEVEL",
    }
    for function in FUNCTIONS:
        variables = properties(f"{function}Function")["Environment"]["Variables"]
        arms_timers = function in ("Outbox", "Wake")
        own = {"WAKE_ARN"} if arms_timers else set()
        if function in ("Hq", "HqDesk", "Reports"):
            own = {"REPORT_MACHINE_ARN"}
        if function == "HqDesk":
            own |= {"FAILURE_QUEUES"}
        if function in OVER_HTTP:
            own |= {"EDGE_SECRET"}
        if function == "Notify":
            own |= {"MAIL_QUEUE"}
        assert set(variables) == common | own
        assert variables["POWERTOOLS_SERVICE_NAME"] == folder_of(function)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_packaged_as_it_is_imported(function: str) -> None:
    name = folder_of(function)
    assert properties(f"{function}Function")["Handler"] == f"functions.{name}.app.handler"
    metadata = resources()[f"{function}Function"]["Metadata"]
    assert metadata["BuildProperties"] == {
        "ParentPackageMode": "explicit",
        "ParentPackages": f"functions.{name}",
    }
    assert (ROOT / "functions" / name / "app.py").exists()


def test_clicks_and_opens_are_not_tracked_for_that_rewrites_links() -> None:
    assert "TrackingOptions" not in properties("ConfigurationSet")
    assert properties("ConfigurationSet")["VdmOptions"]["DashboardOptions"] == {
        "EngagementMetrics": "DISABLED"
    }
    tracked = properties("MailEvents")["EventDestination"]["MatchingEventTypes"]
    assert tracked == ["bounce", "complaint", "reject", "delivery", "deliveryDelay"]
    told = properties("BouncesToMail")["EventPattern"]["detail"]["eventType"]
    assert [each[0].lower() + each[1:] for each in told] == tracked


def test_the_layer_gets_what_the_code_declares_at_the_versions_that_are_tested() -> None:
    def pins(path: str) -> dict[str, str]:
        lines = (ROOT / path).read_text().splitlines()
        return dict(line.split(" ;")[0].split("==") for line in lines if "==" in line)

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {
        "routing_core": project["dependencies"],
        "hq_tools": project["optional-dependencies"]["hq"],
    }
    tested = pins("constraints.txt")
    for folder, needed in declared.items():
        layer = pins(f"layers/{folder}/requirements.txt")
        assert set(needed) <= set(layer)
        assert {name: tested.get(name) for name in layer} == layer


def test_what_hq_alone_needs_goes_to_its_functions_and_no_other() -> None:
    layers = {name: len(properties(f"{name}Function")["Layers"]) for name in FUNCTIONS}
    assert {name for name, count in layers.items() if count == 2} == {"Hq", "HqDesk", "Reports"}
    assert set(layers.values()) == {1, 2}
    folders = re.findall("ContentUri: (layers/.+)", (ROOT / "template.yaml").read_text())
    assert folders == [str(layer.source) for layer in LAYERS]


def test_no_function_but_the_one_that_makes_reports_waits_for_numpy_when_it_starts() -> None:
    code = """
import importlib, pathlib, sys
for app in sorted(pathlib.Path("functions").glob("*/app.py")):
    if app.parent.name != "reports":
        importlib.import_module(f"functions.{app.parent.name}.app")
print("numpy" in sys.modules)
"""
    environment = {
        "PYTHONPATH": f".:{LAYERS[0].source}",
        "LEADS_TABLE": "leads",
        "PARTNERS_TABLE": "partners",
        "PATH": "",
    }
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert told.stdout == "False\n", told.stderr


def test_no_committed_file_names_an_index() -> None:
    for name in (
        "constraints.txt",
        "layers/routing_core/requirements.txt",
        "layers/hq_tools/requirements.txt",
        "infra/local/requirements.txt",
    ):
        assert "://" not in (ROOT / name).read_text()


def test_every_botocore_service_that_the_code_asks_for_is_in_the_layer() -> None:
    makefile = (ROOT / "layers/routing_core/Makefile").read_text()
    shipped = re.search(r"^SERVICES\s*:=\s*(.+)$", makefile, re.MULTILINE)
    assert shipped
    sources = [
        *(ROOT / "functions").rglob("*.py"),
        *(ROOT / "layers/routing_core/routing_core").rglob("*.py"),
    ]
    asked = {
        s
        for path in sources
        for s in re.findall(r"client\(\s*[\"']([\w-]+)[\"']", path.read_text())
    }
    assert asked <= set(shipped[1].split())


def test_deploy_says_everything_that_is_missing_and_fails() -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    told = subprocess.run(
        [sys.executable, ROOT / "infra/tools/before_deploy.py", ""],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 1
    assert all(word in told.stdout for word in ("credentials", "region", "SENDER="))


def test_the_layer_keeps_every_language_in_which_a_list_may_name_a_country() -> None:
    """It is pruned when it is built: what is gone there is only missed by whoever imports a
    list.
    """
    prune = (ROOT / "layers/routing_core/Makefile").read_text()
    kept = set(re.findall(r"! -name '(\w+)\*?\.dat'", prune))
    assert set(countries._LANGUAGES) <= kept


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


def test_the_layer_keeps_what_boto3_knows_of_every_service_that_the_code_talks_to() -> None:
    wiring = (ROOT / "layers/routing_core/routing_core/aws/wiring.py").read_text()
    makefile = (ROOT / "layers/routing_core/Makefile").read_text()
    kept = re.search(r"^SERVICES +:= (.+)$", makefile, re.MULTILINE)
    assert kept is not None
    assert set(re.findall(r"_client\(\"(\w+)\"\)", wiring)) == set(kept[1].split())


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
        everywhere = {"BaseUrl", "Sender", "MailsPerSecond", "Leads", "Partners", "Architecture"}
        of_api = name.startswith(tuple(f"{function}FunctionVersion" for function in OVER_HTTP))
        assert told == everywhere | ({"EdgeMark"} if of_api else set()), name


def test_what_a_version_says_of_itself_has_room_also_after_a_restore() -> None:
    longest = {"BaseUrl": 64, "Sender": 64, "EdgeMark": 8}
    for parameter, length in longest.items():
        assert transformed()["Parameters"][parameter]["MaxLength"] == length
    stack = "partner-relay-prod"
    restored = [f"{stack}-{kind}-20261121T090000Z" for kind in ("leads", "partners")]
    said = [*("x" * length for length in longest.values()), "500", *restored, "x86_64"]
    assert len(" ".join(said)) <= 256


def test_an_alarm_takes_every_function_back_that_is_led_over() -> None:
    groups = of_type("AWS::CodeDeploy::DeploymentGroup")
    assert len(groups) == len(FUNCTIONS)
    for name, group in groups.items():
        watched = [alarm["Name"]["Ref"] for alarm in group["AlarmConfiguration"]["Alarms"]]
        assert group["AlarmConfiguration"]["Enabled"] is True
        assert "IntakeErrorsAlarm" in watched
        assert len(watched) <= 10
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"], name
    for function in ("Outbox", "ReadModel", "Wake", "Sweep", "Notify", "Network"):
        alarms = groups[f"{function}FunctionDeploymentGroup"]["AlarmConfiguration"]["Alarms"]
        assert {"Name": {"Ref": f"{function}ErrorsAlarm"}} in alarms


INDEXES = ROOT / "tests" / "samples" / "indexes_before.json"
"""The indexes of the version that was landed last: whoever lands a version brings it up to date."""


def test_a_release_has_at_most_one_new_index_a_table_for_dynamodb_makes_one_at_a_time() -> None:
    before = json.loads(INDEXES.read_text())
    for table, indexes in before.items():
        now = {
            each["IndexName"]: each for each in properties(table).get("GlobalSecondaryIndexes", ())
        }
        assert len(now.keys() - indexes.keys()) <= 1, table
        assert len(indexes.keys() - now.keys()) <= 1, table
        # An index is never changed in its place: CloudFormation would delete it and make another.
        for name in now.keys() & indexes.keys():
            assert now[name] == indexes[name], name
    assert before.keys() == of_type("AWS::DynamoDB::Table").keys()

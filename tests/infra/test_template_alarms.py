"""Promises about what tells a person: alarms, metrics and the dashboard."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from routing_core.service.upkeep.vital_signs import FUNNEL
from tests.support.stack import folder_of, resources
from tests.support.template import (
    FUNCTIONS,
    ROOT,
    of_type,
    properties,
)

DEAD_ENDS = [
    "OutboxFailures",
    "ReadModelFailures",
    "NetworkFailures",
    "MailFailures",
    "BusFailures",
    "TimerFailures",
    "AsyncFailures",
]


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
    files = sorted((ROOT / "functions" / function).glob("*.py"))
    code = "\n".join(path.read_text() for path in files)
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


def test_the_dashboard_asks_ses_for_what_it_publishes() -> None:
    """Without a CloudWatch destination SES tells of a configuration set its reputation alone."""
    body, _ = properties("Dashboard")["DashboardBody"]["Fn::Sub"]
    shown = json.loads(re.sub(r"\$\{[\w.:]+\}", "x", body))["widgets"]
    asked = [
        metric
        for each in shown
        for metric in each["properties"]["metrics"]
        if metric[0] == "AWS/SES"
    ]
    of_sets = {metric[1] for metric in asked if "ses:configuration-set" in metric}
    assert of_sets == {"Reputation.BounceRate", "Reputation.ComplaintRate"}
    assert {metric[1] for metric in asked} - of_sets == {"Send", "Bounce", "Complaint"}

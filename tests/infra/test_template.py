"""Promises about the infrastructure, checked on the template as SAM transforms it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.stack import folder_of, resources
from tests.support.template import (
    FUNCTIONS,
    OVER_HTTP,
    ROOT,
    of_type,
    properties,
    statements,
)


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
        "PYDANTIC_DISABLE_PLUGINS",
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


def test_deploy_says_everything_that_is_missing_and_fails() -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    told = subprocess.run(
        [sys.executable, "-m", "infra.tools.before_deploy", ""],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 1
    assert all(word in told.stdout for word in ("credentials", "region", "SENDER="))


def test_nothing_that_an_earlier_stack_left_over_is_in_the_way_of_a_deployment() -> None:
    """A name of ours would be there already: what has none gets another one from CloudFormation."""
    named = {name for name in FUNCTIONS if "FunctionName" in properties(f"{name}Function")}
    assert named == {"Wake"}  # it names itself, and timers that are armed name it
    groups = of_type("AWS::Logs::LogGroup")
    assert {name for name, group in groups.items() if "LogGroupName" in group} == {"ApiLog"}
    text, parts = groups["ApiLog"]["LogGroupName"]["Fn::Sub"]
    assert text.endswith("${Id}")
    assert parts["Id"] == {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}


def test_addresses_of_people_are_masked_in_every_log_and_no_numbers_that_alarms_read() -> None:
    for name, group in of_type("AWS::Logs::LogGroup").items():
        found, masked = group["DataProtectionPolicy"]["Statement"]
        assert found["Operation"] == {"Audit": {"FindingsDestination": {}}}, name
        assert masked["Operation"] == {"Deidentify": {"MaskConfig": {}}}, name
        assert found["DataIdentifier"] == masked["DataIdentifier"]  # AWS takes no others
        kinds = {each["Fn::Sub"].rpartition("/")[2] for each in found["DataIdentifier"]}
        assert kinds == {"EmailAddress", "IpAddress"}

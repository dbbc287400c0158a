"""A month's report on the embedded AWS: the real state machine over real functions, to the mails."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.journeys.life import Life
from tests.support.embedded import Stack, eventually

pytestmark = pytest.mark.embedded


def shifted(value: Any, days: int) -> Any:
    """The same item so many days earlier: each instant in it."""
    if isinstance(value, dict):
        return {name: shifted(each, days) for name, each in value.items()}
    if isinstance(value, list):
        return [shifted(each, days) for each in value]
    if not isinstance(value, str):
        return value

    def earlier(found: re.Match[str]) -> str:
        day = datetime.fromisoformat(found[0]) - timedelta(days=days)
        return f"{day:%Y-%m-%d}"

    return re.sub(r"20\d\d-\d\d-\d\d(?=T)", earlier, value)


def test_a_month_is_reported_by_the_real_state_machine(stack: Stack) -> None:
    stack.use_sample("dach-heating")
    dynamodb, table = stack.client("dynamodb"), stack.outputs["LeadsTable"]
    Life(stack).enquire("80331")
    rows = eventually(
        lambda: [
            item
            for item in dynamodb.scan(TableName=table)["Items"]
            if item["pk"]["S"].startswith("LEAD#")
        ],
        what="the lead",
    )
    now = datetime.now(UTC)
    days = now.day + 10  # into the month before
    for row in rows:
        dynamodb.put_item(TableName=table, Item=shifted(row, days))
    period = f"{now - timedelta(days=days):%Y-%m}"

    asked = stack.hq("POST", "/v1/reports", json={"period": period, "send": True})
    assert asked.status_code == 202, asked.text
    again = stack.hq("POST", "/v1/reports", json={"period": period})
    assert (again.status_code, again.json()["id"]) == (200, period)

    def done() -> dict[str, Any] | None:
        report: dict[str, Any] = stack.hq("GET", f"/v1/reports/{period}").json()
        assert report["run"]["state"] != "failed"
        return report if report["run"]["state"] == "done" else None

    report = eventually(done, within=90, what="the report")
    assert report["figures"]["reconciliation"]["received"] == 1
    assert report["run"]["failed_partners"] == []
    stack.wait_for_mail(subject="ericht")
    machine = stack.client("stepfunctions").list_state_machines()["stateMachines"][0]
    executions = stack.client("stepfunctions").list_executions(
        stateMachineArn=machine["stateMachineArn"]
    )["executions"]
    assert [each["status"] for each in executions if each["name"] == f"{period}-1"] == ["SUCCEEDED"]

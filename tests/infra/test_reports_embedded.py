"""A month's report on the embedded AWS: the real state machine over real functions, to the mails."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from routing_core.service.reports.gather_leads import SCAN_SEGMENTS
from tests.benchmarks.report_run import Size, expected
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


def kind_of(request: dict[str, Any]) -> str:
    """Names a request as ``report_run`` does, if it is one that a report makes."""
    name, given = request["eventName"], request["requestParameters"] or {}
    text = json.dumps(given)
    if name == "Query" and '"pk = :lead"' in text:
        return "Query leads"
    if name == "Scan" and "TotalSegments" in given:
        return "Scan leads"
    if name in ("PutItem", "UpdateItem") and "report." in text and "#partner#" in text:
        return f"{name} leads"
    return ""


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
    days = now.day + 40  # into the month before the last
    for row in rows:
        dynamodb.put_item(TableName=table, Item=shifted(row, days))
    first, second = (f"{now - timedelta(days=each):%Y-%m}" for each in (days, now.day + 10))

    with stack.recording() as recorded:
        report = made(stack, first)
        assert report["figures"]["reconciliation"]["received"] == 1
        counted = Counter(map(kind_of, recorded()))
        # The first report scans; each of the slices fits a page.
        assert (counted["Scan leads"], counted["Query leads"]) == (SCAN_SEGMENTS, 0)
    stack.wait_for_mail(subject="ericht")

    with stack.recording() as recorded:
        report = made(stack, second)
        assert report["figures"]["reconciliation"]["open_at_start"] == 1
        counted = Counter(map(kind_of, recorded()))
    # The second one asks as the benchmark says, which is counted over moto at larger sizes.
    said = expected(Size(leads=0, partners=report["run"]["partners"], known=1))
    for task, kinds in (
        ("gather", ["Query leads"]),
        ("send", ["UpdateItem leads"]),
    ):
        for kind in kinds:
            assert counted[kind] == said[task][kind], (kind, counted)
    assert counted["Scan leads"] == 0
    machine = stack.client("stepfunctions").list_state_machines()["stateMachines"][0]
    executions = stack.client("stepfunctions").list_executions(
        stateMachineArn=machine["stateMachineArn"]
    )["executions"]
    assert [each["status"] for each in executions if each["name"] == f"{second}-1"] == ["SUCCEEDED"]


def made(stack: Stack, period: str) -> dict[str, Any]:
    """Has a report made, asked for twice, and waits for it."""
    asked = stack.hq("POST", "/v1/reports", json={"period": period, "send": True})
    assert asked.status_code == 202, asked.text
    again = stack.hq("POST", "/v1/reports", json={"period": period})
    assert (again.status_code, again.json()["id"]) == (200, period)

    def done() -> dict[str, Any] | None:
        report: dict[str, Any] = stack.hq("GET", f"/v1/reports/{period}").json()
        assert report["run"]["state"] != "failed"
        return report if report["run"]["state"] == "done" else None

    report = eventually(done, within=90, what="the report")
    assert report["run"]["failed_partners"] == []
    return report

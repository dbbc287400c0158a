"""The template as SAM transforms it, looked into by the tests of ``tests/infra``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.stack import resources

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

Properties = dict[str, Any]


def of_type(kind: str) -> dict[str, Properties]:
    return {name: r.get("Properties", {}) for name, r in resources().items() if r["Type"] == kind}


def properties(name: str) -> Properties:
    found: Properties = resources()[name]["Properties"]
    return found


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

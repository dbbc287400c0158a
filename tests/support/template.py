"""The template as SAM transforms it, looked into by the tests of ``tests/infra``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.checks.lint import transformed
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


NO_VALUE = {"Ref": "AWS::NoValue"}


def deployed(**chosen: str) -> dict[str, Any]:
    """Give the resources as CloudFormation makes them with these parameters, the others by
    their defaults: without conditions, without what they leave out, with parameters' values.
    """
    template = transformed()
    values = {name: str(each.get("Default", "")) for name, each in template["Parameters"].items()}
    assert chosen.keys() <= values.keys()
    return _Deployment(values | chosen, template["Conditions"]).resources(template["Resources"])


@dataclass(frozen=True)
class _Deployment:
    """A template's conditions under values of its parameters."""

    values: Mapping[str, str]
    conditions: Mapping[str, Any]

    def resources(self, written: Mapping[str, Any]) -> dict[str, Any]:
        """Leave out what stands under a condition that does not hold."""
        return {
            name: self.of(each)
            for name, each in written.items()
            if "Condition" not in each or self.holds({"Condition": each["Condition"]})
        }

    def of(self, written: Any) -> Any:
        """Choose, fill in and leave out."""
        if isinstance(written, list):
            made = [self.of(each) for each in written]
            return [each for each in made if each != NO_VALUE]
        if not isinstance(written, dict):
            return written
        if "Fn::If" in written:
            condition, then, otherwise = written["Fn::If"]
            return self.of(then if self.holds({"Condition": condition}) else otherwise)
        if written.get("Ref") in self.values:
            return self.values[written["Ref"]]
        filled = {name: self.of(each) for name, each in written.items()}
        return {name: each for name, each in filled.items() if each != NO_VALUE}

    def holds(self, condition: Mapping[str, Any]) -> bool:
        """Evaluate a condition."""
        ((kind, parts),) = condition.items()
        if kind == "Condition":
            return self.holds(self.conditions[parts])
        if kind == "Fn::Equals":
            left, right = (str(self.of(each)) for each in parts)
            return left == right
        held = [self.holds(each) for each in parts]
        return {"Fn::Not": not held[0], "Fn::And": all(held), "Fn::Or": any(held)}[kind]

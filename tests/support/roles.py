"""What the template's roles may do: as much of IAM's evaluation as its policies use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from tests.support.stack import resources


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def resource_name(written: Any) -> str:
    """A resource as ``LeadsTable``, ``LeadsTable/index/*`` or ``Bucket/networks/*``, from its
    intrinsic.
    """
    if written == "*":
        return "*"
    if "Fn::GetAtt" in written:
        return str(written["Fn::GetAtt"][0])
    if "Ref" in written:
        return str(written["Ref"])
    text = str(written["Fn::Sub"])
    return re.sub(r"\$\{(\w+)(?:\.Arn)?\}", r"\1", text)


@dataclass(frozen=True)
class Role:
    """The role of one function, by the function's short name: ``Intake``."""

    function: str

    @cached_property
    def statements(self) -> list[Mapping[str, Any]]:
        policies = resources()[f"{self.function}FunctionRole"]["Properties"]["Policies"]
        return [
            statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]
        ]

    @property
    def allowed(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Each allowed action with its statement's name (empty where SAM wrote it) and its
        resources.
        """
        return [
            (
                str(statement.get("Sid", "")),
                str(action),
                tuple(map(resource_name, _listed(statement["Resource"]))),
            )
            for statement in self.statements
            if statement["Effect"] == "Allow"
            for action in _listed(statement["Action"])
        ]

    def may(self, action: str, resource: str, leading_key: str = "") -> bool:
        """Whether some statement allows it and none denies it. ``leading_key``: the partition key
        of the item.
        """
        effects = {
            s["Effect"]
            for s in self.statements
            if self._speaks_of(s, action, resource, leading_key)
        }
        return effects == {"Allow"}

    def _speaks_of(
        self, statement: Mapping[str, Any], action: str, resource: str, leading_key: str
    ) -> bool:
        named = any(fnmatchcase(action, each) for each in _listed(statement["Action"]))
        there = any(
            fnmatchcase(resource, resource_name(each)) for each in _listed(statement["Resource"])
        )
        return named and there and self._holds(statement.get("Condition", {}), leading_key)

    def _holds(self, condition: Mapping[str, Any], leading_key: str) -> bool:
        for operator, tested in condition.items():
            if operator in (
                "ForAnyValue:StringLike",
                "ForAllValues:StringLike",
            ):  # of one key, they say the same
                patterns = tested["dynamodb:LeadingKeys"]
                if not any(fnmatchcase(leading_key, pattern) for pattern in patterns):
                    return False
            elif operator == "StringLike" and set(tested) == {"s3:prefix"}:
                # Of a listing of the bucket, the key is what the names begin with.
                if not fnmatchcase(leading_key, tested["s3:prefix"]):
                    return False
            elif operator != "StringEquals" or set(tested) != {"iam:PassedToService"}:
                raise AssertionError(
                    f"say here what {operator} {tested} means: else no test knows what a role may do"
                )
        return True

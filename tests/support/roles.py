"""What the template's roles may do: as much of IAM's evaluation as its policies use."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, cached_property
from typing import Any, NamedTuple

from tests.support.stack import logical_name, resources

CONDITION_KEYS = {
    "dynamodb": "dynamodb:LeadingKeys",
    "s3": "s3:prefix",
    "ses": "ses:FromAddress",
    "iam": "iam:PassedToService",
}
"""The one thing, by service, that conditions of the template look at."""
OPERATORS: Mapping[str, tuple[Callable[[str, str], bool], bool]] = {
    "StringEquals": (str.__eq__, False),
    "StringLike": (fnmatchcase, False),
    "ForAnyValue:StringLike": (fnmatchcase, False),
    "ForAllValues:StringLike": (fnmatchcase, True),
}
"""How an operator compares, and whether it holds where a call does not say what it looks at.

A call has one value here, of which "any" and "all" say the same.
"""


class Right(NamedTuple):
    """What a call needs of the role that makes it."""

    action: str
    resource: str
    """As ``resource_name`` gives it, without a pattern: ``Bucket/networks/v1.network``."""
    about: str = ""
    """The value of the service's key of conditions, such as the partition key; empty: none."""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def resource_name(written: Any) -> str:
    """A resource as ``LeadsTable``, ``LeadsTable/index/*``, ``Bucket/networks/*`` or
    ``identity/*``, from its intrinsic.
    """
    if written == "*":
        return "*"
    if isinstance(written, str):
        return written
    if "Fn::GetAtt" in written:
        return str(written["Fn::GetAtt"][0])
    if "Ref" in written:
        return str(written["Ref"])
    text = re.sub(r"\$\{(\w+)(?:\.Arn)?\}", r"\1", str(written["Fn::Sub"]))
    return re.sub(r"^arn:\$\{AWS::Partition\}:\w+:[^:]*(?:::[^:]*)?:[^:]*(?:::[^:]*)?:", "", text)


@dataclass(frozen=True)
class Statement:
    """One statement of a policy, read."""

    sid: str
    """Empty where SAM wrote it."""
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, Any]]
    spared: tuple[str, ...] = ()
    """What it does not speak of, where it names that and not what it speaks of."""

    @property
    def abouts(self) -> tuple[str, ...]:
        """The values that its condition looks for; none without a condition."""
        tested = [each for operator in self.condition.values() for each in operator.values()]
        return tuple(_text(value) for each in tested for value in _listed(each))

    def speaks_of(self, right: Right) -> bool:
        """Tell whether it decides about a call."""
        return (
            any(fnmatchcase(right.action, each) for each in self.actions)
            and self._is_about(right.resource)
            and all(self._holds(*each, right) for each in self.condition.items())
        )

    def _is_about(self, resource: str) -> bool:
        if self.spared:
            return not any(fnmatchcase(resource, each) for each in self.spared)
        return any(fnmatchcase(resource, each) for each in self.resources)

    def _holds(self, operator: str, tested: Mapping[str, Any], right: Right) -> bool:
        service = right.action.partition(":")[0]
        is_known = operator in OPERATORS and set(tested) == {CONDITION_KEYS.get(service)}
        assert is_known, (
            f"say here what {operator} {tested} means: else no test knows what a role may do"
        )
        compares, holds_without = OPERATORS[operator]
        if not right.about:
            return holds_without
        return any(compares(right.about, each) for each in self.abouts)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else resource_name(value)


@dataclass(frozen=True)
class Role:
    """The role of one function, by the function's short name: ``Intake``."""

    function: str

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        policies = resources()[f"{self.function}FunctionRole"]["Properties"]["Policies"]
        return tuple(
            Statement(
                sid=str(written.get("Sid", "")),
                effect=written["Effect"],
                actions=tuple(_listed(written["Action"])),
                resources=tuple(map(resource_name, _listed(written.get("Resource", [])))),
                condition=written.get("Condition", {}),
                spared=tuple(map(resource_name, _listed(written.get("NotResource", [])))),
            )
            for policy in policies
            for written in policy["PolicyDocument"]["Statement"]
        )

    @property
    def allowed(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Each allowed action with its statement's name and its resources."""
        return [
            (statement.sid, action, statement.resources)
            for statement in self.statements
            if statement.effect == "Allow"
            for action in statement.actions
        ]

    def may(self, action: str, resource: str, about: str = "") -> bool:
        """Whether some statement allows it and none denies it."""
        right = Right(action, resource, about)
        return {s.effect for s in self.statements if s.speaks_of(right)} == {"Allow"}

    def denies(self, action: str, resource: str, about: str = "") -> bool:
        """Whether some statement denies it, whatever AWS's own policies on the role allow."""
        right = Right(action, resource, about)
        return any(s.effect == "Deny" and s.speaks_of(right) for s in self.statements)


@cache
def role_of(folder: str) -> Role:
    """The role of a function, by its folder: ``hq_desk``."""
    return Role(logical_name(folder))

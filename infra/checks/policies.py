"""Write every policy of the stack into a file of its own, for parliament to read: `make audit`.

Parliament knows IAM and nothing of CloudFormation, so what a template says by reference is written
out, as an example: resources get ARNs of a made-up account.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.checks.lint import REGION, TEMPLATE, transformed

ACCOUNT = "123456789012"
ARNS = {
    "AWS::DynamoDB::Table": "dynamodb:{place}:table/{name}",
    "AWS::Events::EventBus": "events:{place}:event-bus/{name}",
    "AWS::Events::Rule": "events:{place}:rule/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::KMS::Key": "kms:{place}:key/00000000-0000-0000-0000-000000000000",
    "AWS::Lambda::Alias": "lambda:{place}:function:{name}:live",
    "AWS::Lambda::Function": "lambda:{place}:function:{name}",
    "AWS::Logs::LogGroup": "logs:{place}:log-group:{name}",
    "AWS::S3::Bucket": "s3:::{lower}",
    "AWS::Scheduler::ScheduleGroup": "scheduler:{place}:schedule-group/{name}",
    "AWS::SecretsManager::Secret": "secretsmanager:{place}:secret:{name}-AbCdEf",
    "AWS::SNS::Topic": "sns:{place}:{name}",
    "AWS::SQS::Queue": "sqs:{place}:{name}",
    "AWS::StepFunctions::StateMachine": "states:{place}:stateMachine:{name}",
}
"""Kind of resource → its ARN behind ``arn:aws:``."""
REFERRED_TO_BY_ARN = {
    "AWS::Lambda::Alias",
    "AWS::SecretsManager::Secret",
    "AWS::SNS::Topic",
    "AWS::StepFunctions::StateMachine",
}
"""Kinds of resources whose `!Ref` is the ARN rather than the name."""
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": "partner-relay",
    "AWS::URLSuffix": "amazonaws.com",
}
_TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/restored"
PARAMETERS = {
    "RestoredLeads": f"{_TABLE}-leads/stream/2026-01-01",
    "RestoredPartners": f"{_TABLE}-partners/stream/2026-01-01",
    "Sender": "leads@example.com",
}
"""Example values of parameters that policies name; of any other its default is taken."""
KEY_POLICY = "key-policy.json"
_NAMED = re.compile(r"\$\{([\w:.]+)\}")


class Written:
    """A template whose references can be written out, with every option taken or none."""

    def __init__(self, template: Mapping[str, Any], *, with_options: bool) -> None:
        """Read a transformed template; ``with_options``: every `!If` takes its first branch."""
        self._resources = template["Resources"]
        self._parameters = template.get("Parameters", {})
        self._branch = 1 if with_options else 2

    def policies(self) -> Iterator[tuple[str, Any]]:
        """Yield each policy by a name that tells where it stands."""
        for name, resource in self._resources.items():
            properties = resource.get("Properties", {})
            for place in ("PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy"):
                if place in properties:
                    policy = self.plain(properties[place])
                    if place == "AssumeRolePolicyDocument":
                        _say_what_is_assumed(policy, self._arn(name))
                    yield f"{name}-{place}", policy
            for number, policy in enumerate(properties.get("Policies") or ()):
                yield f"{name}-{number}", self.plain(policy["PolicyDocument"])

    def plain(self, value: Any) -> Any:
        """Write out a value of the template."""
        if isinstance(value, list):
            plain = [self.plain(each) for each in value]
            return [each for each in plain if each is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((key, argument),) = value.items()
            if key == "Ref" or key.startswith("Fn::"):
                return self._called(key, argument)
        return {key: self.plain(each) for key, each in value.items()}

    def _called(self, function: str, argument: Any) -> Any:
        called: dict[str, Callable[[Any], Any]] = {
            "Ref": self._reference,
            "Fn::GetAtt": self._attribute,
            "Fn::If": self._chosen,
            "Fn::Select": self._selected,
            "Fn::Split": self._split,
            "Fn::Sub": self._substituted,
        }
        if function not in called:
            raise ValueError(f"{function} is not known here: say how it is written out")
        return called[function](argument)

    def _chosen(self, argument: list[Any]) -> Any:
        return self.plain(argument[self._branch])

    def _selected(self, argument: list[Any]) -> Any:
        return self.plain(argument[1])[int(argument[0])]

    def _split(self, argument: list[Any]) -> list[str]:
        parts: list[str] = self.plain(argument[1]).split(argument[0])
        return parts

    def _reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return None
        if name in PSEUDO:
            return PSEUDO[name]
        if name in PARAMETERS:
            return PARAMETERS[name]
        if name in self._parameters:
            return self._parameters[name].get("Default", name)
        is_arn = self._resources[name]["Type"] in REFERRED_TO_BY_ARN
        return self._arn(name) if is_arn else name

    def _attribute(self, argument: list[str]) -> str:
        name, attribute = argument
        if attribute == "Arn":
            return self._arn(name)
        if attribute == "StreamArn":
            return f"{self._arn(name)}/stream/2026-01-01"
        return f"{name}-{attribute}"

    def _arn(self, name: str) -> str:
        form = ARNS[self._resources[name]["Type"]]
        place = f"{REGION}:{ACCOUNT}"
        return "arn:aws:" + form.format(name=name, lower=name.lower(), place=place, account=ACCOUNT)

    def _substituted(self, argument: Any) -> str:
        text, given = (argument, {}) if isinstance(argument, str) else argument

        def written(found: re.Match[str]) -> str:
            name, _, attribute = found[1].partition(".")
            if name in given:
                return str(self.plain(given[name]))
            if attribute:
                return self._attribute([name, attribute])
            return str(self._reference(name))

        return _NAMED.sub(written, text)


def _say_what_is_assumed(policy: dict[str, Any], role: str) -> None:
    """Name the role in each statement on who may take it, where IAM itself knows which it is."""
    for statement in policy["Statement"]:
        statement["Resource"] = role


def _say_which_key(policy: dict[str, Any]) -> None:
    """Name the key in each statement of its own policy, where "*" is that key alone.

    What every key begins with is left out: the account may do everything, as its own rights say.
    """
    place = f"{REGION}:{ACCOUNT}"
    policy["Statement"] = [each for each in policy["Statement"] if each["Action"] != "kms:*"]
    for statement in policy["Statement"]:
        statement["Resource"] = "arn:aws:" + ARNS["AWS::KMS::Key"].format(place=place)


def stand_alone() -> Iterator[tuple[str, Any]]:
    """Yield each policy that is a file of its own: by their form, whatever their name."""
    for path in sorted((TEMPLATE.parent / "infra").rglob("*.json")):
        document = json.loads(path.read_text("utf-8"))
        if isinstance(document, dict) and document.get("Version") == "2012-10-17":
            if path.name == KEY_POLICY:
                _say_which_key(document)
            yield path.stem, document


def write_policies(template: Mapping[str, Any], folder: Path) -> int:
    """Write all policies into a folder, and give how many they are.

    Those of the stack twice, with all its options and with none, where that makes a difference.
    """
    for old in folder.glob("*.json"):
        old.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    usual = dict(Written(template, with_options=False).policies()) | dict(stand_alone())
    for name, policy in Written(template, with_options=True).policies():
        if policy != usual[name]:
            usual[f"{name}-with-options"] = policy
    for name, policy in usual.items():
        (folder / f"{name}.json").write_text(json.dumps(policy, indent=1))
    return len(usual)


def main() -> None:
    """Write the transform and its policies into the folder that is named."""
    folder = Path(sys.argv[1])
    template = transformed()
    count = write_policies(template, folder / "policies")
    (folder / "transformed.json").write_text(json.dumps(template, indent=1))
    print(f"parliament: {count} policies of the stack")


if __name__ == "__main__":
    main()

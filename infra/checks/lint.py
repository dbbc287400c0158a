"""Checks the templates and state machines with cfn-lint, before and after SAM: `make check`.

cfn-lint reads a SAM template only in part. So the transform is made here too, offline. It never
reads a state machine that stands in a file of its own: that is put into a template first.
"""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

TEMPLATE = Path(__file__).resolve().parents[2] / "template.yaml"
EDGE = TEMPLATE.parent / "infra" / "edge.yaml"
DEPLOY_ROLE = EDGE.with_name("deploy-role.yaml")
REGION = "eu-central-1"
"""The region whose resources cfn-lint knows: not every region has every one."""
EXAMPLE_FUNCTION = f"arn:aws:lambda:{REGION}:123456789012:function:example"
MACHINES = EDGE.parent / "statemachines"
BESIDE_THE_POINT = {
    "W1100": "anchors need a `sam build`, which there is",
    "W2001": "SAM itself reads the parameter that seems unused",
    "WS1004": "it looks for log groups by name: ours are named by CloudFormation and by LoggingConfig",
    "ES1001": "what reads a queue gives up by the queue's own redrive",
    "ES1007": "it looks for the function's failure queue: ours is the alias's, which is what is called",
    "ES6000": "it wants a failure queue of the failure queues",
    "WS5000": "the functions of its tasks are traced, and its history says the rest",
}
"""Rule → why it finds nothing that is wrong here."""

# It warns once a function of a feature that only AWS's own service can switch on.
logging.getLogger("samtranslator.feature_toggle").setLevel(logging.ERROR)


class _Session:
    """Stands in for a boto3 session, of which the translator reads no more than the region."""

    region_name = REGION


def transformed(template: Path = TEMPLATE) -> dict[str, Any]:
    """Give what CloudFormation gets from SAM.

    Local code becomes an object in S3, as `sam package` makes it.
    """
    return transformed_text(template.read_text())


def transformed_text(text: str) -> dict[str, Any]:
    """Give what CloudFormation gets from SAM for the text of a template."""
    # Each path is an object of its own: changed code has another name.
    text = re.sub(r"(CodeUri|ContentUri|DefinitionUri): (\S+)", r"\1: s3://artifacts/\2.zip", text)
    translator = Translator({}, Parser(), boto_session=_Session())
    made: dict[str, Any] = translator.translate(yaml_parse(text), parameter_values={})
    return made


def unreachable(machine: Mapping[str, Any]) -> set[str]:
    """Give the states of a state machine that no other leads to, those of its maps included."""
    states = machine["States"]
    reached: set[str] = set()
    ahead = [machine["StartAt"]]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += _next_states(states[name])
    lost = set(states) - reached
    for state in states.values():
        if "ItemProcessor" in state:
            lost |= unreachable(state["ItemProcessor"])
    return lost


def _next_states(state: Mapping[str, Any]) -> list[str]:
    """List where a state may lead."""
    named = [state.get("Next"), state.get("Default")]
    named += [branch["Next"] for branch in (*state.get("Catch", ()), *state.get("Choices", ()))]
    return [name for name in named if name]


def _machine_template(path: Path) -> dict[str, Any]:
    """Put a state machine into a template of its own, with what is substituted as an example."""
    definition = re.sub(r"\$\{\w+\}", EXAMPLE_FUNCTION, path.read_text("utf-8"))
    properties = {
        "RoleArn": "arn:aws:iam::123456789012:role/machine",
        "Definition": json.loads(definition),
    }
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Machine": machine}}


def _has_unreachable(path: Path) -> bool:
    lost = unreachable(json.loads(path.read_text("utf-8")))
    if lost:
        print(f"{path.name}: nothing leads to {', '.join(sorted(lost))}")
    return bool(lost)


def _cfn_lint(region: str, templates: Iterable[Path], *options: str) -> bool:
    """Run cfn-lint, and tell whether it finds fault."""
    cfn_lint = Path(sys.executable).with_name("cfn-lint")
    command = [str(cfn_lint), *options, "--regions", region, "--", *map(str, templates)]
    return subprocess.run(command).returncode != 0


def main() -> int:
    """Run cfn-lint on everything, and give 1 if something is wrong."""
    machines = sorted(MACHINES.glob("*.asl.json"))
    print(
        "cfn-lint: template.yaml and its transform, infra/edge.yaml, "
        "infra/deploy-role.yaml, state machines"
    )
    serverless = ("--append-rules", "cfn_lint_serverless.rules")
    ignored = ("--ignore-checks", *BESIDE_THE_POINT)
    with tempfile.TemporaryDirectory() as folder:
        transform = Path(folder) / "transformed.json"
        transform.write_text(json.dumps(transformed(), indent=1))
        wrapped = []
        for path in machines:
            wrapped.append(Path(folder) / path.name)
            wrapped[-1].write_text(json.dumps(_machine_template(path), indent=1))
        faults = [
            _cfn_lint(REGION, [TEMPLATE, transform, DEPLOY_ROLE], *serverless, *ignored),
            _cfn_lint("us-east-1", [EDGE]),
            _cfn_lint(REGION, wrapped),
            *map(_has_unreachable, machines),
        ]
    return int(any(faults))


if __name__ == "__main__":
    sys.exit(main())

"""Checks the template as it is and as SAM transforms it, and every state machine.

cfn-lint reads a SAM template only in part, and a DefinitionUri never. So the transform is made
here, offline, and each `infra/statemachines/*.asl.json` is wrapped into a resource whose definition
cfn-lint does read.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
REGION = "eu-central-1"


class _Session:
    """All that the translator wants of a boto3 session."""

    region_name = REGION


def transformed(template: Path = ROOT / "template.yaml") -> dict[str, Any]:
    """Give what CloudFormation gets from SAM.

    Local code becomes an object in S3, as `sam package` makes it.
    """
    text = re.sub(
        r"(CodeUri|ContentUri): \S+", r"\1: s3://artifacts/code.zip", template.read_text()
    )
    translator = Translator({}, Parser(), boto_session=_Session())
    made: dict[str, Any] = translator.translate(yaml_parse(text), parameter_values={})
    return made


def state_machine(definition: Path) -> dict[str, Any]:
    """Wrap one state machine into a template.

    Substitutions are filled with an ARN, which is what they all are.
    """
    text = re.sub(
        r"\$\{\w+\}", f"arn:aws:lambda:{REGION}:123456789012:function:any", definition.read_text()
    )
    role = "arn:aws:iam::123456789012:role/any"
    properties = {"Definition": json.loads(text), "RoleArn": role}
    return {
        "Resources": {
            "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
        }
    }


def main() -> int:
    machines = sorted((ROOT / "infra/statemachines").glob("*.asl.json"))
    with tempfile.TemporaryDirectory() as folder:
        files = [ROOT / "template.yaml", _written(Path(folder) / "transformed.json", transformed())]
        files += [_written(Path(folder) / m.name, state_machine(m)) for m in machines]
        print(f"cfn-lint: template.yaml, its transform, {len(machines)} state machines")
        cfn_lint = Path(sys.executable).with_name("cfn-lint")
        return subprocess.run([cfn_lint, "--regions", REGION, "--", *map(str, files)]).returncode


def _written(path: Path, template: dict[str, Any]) -> Path:
    path.write_text(json.dumps(template, indent=1))
    return path


if __name__ == "__main__":
    sys.exit(main())

"""Checks the template with cfn-lint, as it is and as SAM transforms it: `make check`.

cfn-lint reads a SAM template only in part. So the transform is made here too, offline.
"""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import tempfile
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


def main() -> int:
    """Run cfn-lint on the template and its transform, and give its exit code."""
    cfn_lint = Path(sys.executable).with_name("cfn-lint")
    with tempfile.TemporaryDirectory() as folder:
        transform = Path(folder) / "transformed.json"
        transform.write_text(json.dumps(transformed(), indent=1))
        print("cfn-lint: template.yaml and its transform, infra/edge.yaml, infra/deploy-role.yaml")
        stack = subprocess.run(
            [cfn_lint, "--regions", REGION, "--", TEMPLATE, transform, DEPLOY_ROLE]
        )
        edge = subprocess.run([cfn_lint, "--regions", "us-east-1", "--", EDGE])
        return stack.returncode or edge.returncode


if __name__ == "__main__":
    sys.exit(main())

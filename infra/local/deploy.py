"""Deploys the real template.yaml to the embedded AWS through its CloudFormation.

Three things are different from a deployment by SAM: new code takes over at once, local code paths
become objects in the local S3,
as `sam package` makes them, and the routes of the API are made by calls (see ``routes``).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

from infra.local.package import LAYERS, ROOT, function_zips, layer_zip, named_by_content
from infra.local.routes import put_routes

STACK = "partner-relay"
REGION = "eu-central-1"
ARTIFACTS = "partner-relay-artifacts"
_LED_OVER = re.compile(r"^( +)DeploymentPreference:(?: \{.*\}|(?:\n\1 +.*)+)\n", re.MULTILINE)
"""It says how new code takes over: at once here, for the embedded AWS has no CodeDeploy."""


@dataclass(frozen=True)
class Application:
    """A template and the code that it names, which are deployed together."""

    root: Path = ROOT
    """The folder that the template's code paths start from."""
    other_template: Path | None = None
    """A template that takes the place of the root's own ``template.yaml``."""

    @property
    def template(self) -> str:
        """Read the template, which is YAML with CloudFormation's tags."""
        path = self.other_template or self.root / "template.yaml"
        return path.read_text("utf-8")

    def packages(self) -> dict[str, Path]:
        """Make a file for each code path of the template, and give them by that path."""
        build = self.root / ".local" / "build"
        packages = function_zips(self.root, build)
        for layer in LAYERS:
            if f"ContentUri: {layer.source}" in self.template:
                packages[str(layer.source)] = layer_zip(self.root, build, layer)
        for machine in sorted(self.root.glob("infra/statemachines/*.asl.json")):
            packages[str(machine.relative_to(self.root))] = named_by_content(machine, build)
        return packages


def client(service: str, endpoint: str) -> Any:
    """Make a boto3 client of the embedded AWS.

    Its credentials are made up: nothing here can reach a real account.
    """
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(
            s3={"addressing_style": "path"}, retries={"mode": "standard"}, read_timeout=120
        ),
    )


def deploy(
    endpoint: str, data: Path, application: Application, parameters: Mapping[str, str]
) -> dict[str, str]:
    """Bring the stack to what the application is now, and return the stack's outputs by name.

    Do nothing when nothing has changed since the last deployment, which a file in the data folder
    remembers. Raise RuntimeError with CloudFormation's reasons if the stack cannot be brought
    there.
    """
    packages = application.packages()
    stamp = _stamp(application.template, parameters, packages)
    marker = data / "deployed.json"
    if marker.exists():
        done = json.loads(marker.read_text())
        if done["stamp"] == stamp:
            return {name: str(value) for name, value in done["outputs"].items()}

    template = _packaged(application.template, packages)
    key = f"{stamp}.yaml"
    _upload(client("s3", endpoint), packages, key, template)
    address = f"{endpoint}/{ARTIFACTS}/{key}"  # as text, CloudFormation takes 51,200 bytes
    cloudformation = client("cloudformation", endpoint)
    outputs = _create_or_update(cloudformation, address, parameters)
    put_routes(cloudformation, client("apigatewayv2", endpoint), STACK)
    marker.write_text(json.dumps({"stamp": stamp, "outputs": outputs}))
    return outputs


def _stamp(template: str, parameters: Mapping[str, str], packages: Mapping[str, Path]) -> str:
    """Give a hash of everything a deployment depends on.

    The names of packages stand for them: they are hashes of what is inside.
    """
    names = sorted(package.name for package in packages.values())
    return hashlib.sha256(json.dumps([template, dict(parameters), names]).encode()).hexdigest()


def _packaged(template: str, packages: Mapping[str, Path]) -> str:
    """Write into a template where its code lies in S3, instead of where it lies here."""
    for source, package in packages.items():
        code_path = rf"(CodeUri|ContentUri|DefinitionUri): {re.escape(source)}$"
        template = re.sub(
            code_path, rf"\1: s3://{ARTIFACTS}/{package.name}", template, flags=re.MULTILINE
        )
    return _LED_OVER.sub("", template)


def _upload(s3: Any, packages: Mapping[str, Path], key: str, template: str) -> None:
    """Put packages and a template into the bucket of artifacts, the template under a key."""
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):  # made by the deployment before this one
        s3.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": REGION})
    for package in packages.values():
        s3.upload_file(str(package), ARTIFACTS, package.name)
    s3.put_object(Bucket=ARTIFACTS, Key=key, Body=template.encode())


def _create_or_update(
    cloudformation: Any, template_url: str, parameters: Mapping[str, str]
) -> dict[str, str]:
    """Make the stack, or change the one that is there, wait for it, and give its outputs."""
    stack = {
        "StackName": STACK,
        "TemplateURL": template_url,
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Parameters": [
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
        ],
    }
    try:
        if _is_there(cloudformation):
            cloudformation.update_stack(**stack)
            done = "stack_update_complete"
        else:
            cloudformation.create_stack(**stack)
            done = "stack_create_complete"
        cloudformation.get_waiter(done).wait(
            StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )
    except WaiterError as problem:
        raise RuntimeError(
            "The stack could not be deployed:\n" + "\n".join(_reasons(cloudformation))
        ) from problem
    except ClientError as problem:
        # CloudFormation refuses an update that changes nothing; that is what we want, too.
        if "No updates" not in str(problem):
            raise
    described = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}


def _is_there(cloudformation: Any) -> bool:
    """Tell whether an earlier deployment made the stack."""
    try:
        cloudformation.describe_stacks(StackName=STACK)
    except ClientError:
        return False
    return True


def _reasons(cloudformation: Any) -> Iterator[str]:
    """Yield what CloudFormation says of each resource that it could not make or change."""
    for event in cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]:
        if event["ResourceStatus"].endswith("FAILED"):
            yield f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"

"""Deploys the real template.yaml to the embedded AWS through its CloudFormation.

Only one thing is changed on the way, as `sam package` does it: local code paths become objects in
S3.
"""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

from infra.local.package import ROOT, function_zips, layer_zip

STACK = "partner-relay"
REGION = "eu-central-1"
ARTIFACTS = "partner-relay-artifacts"


def client(service: str, endpoint: str) -> Any:
    """A boto3 client of the embedded AWS. Its credentials are made up: nothing here can reach a
    real account.
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
    endpoint: str,
    data: Path,
    parameters: dict[str, str],
    root: Path = ROOT,
    template: Path | None = None,
    build: Path | None = None,
) -> dict[str, str]:
    """Brings the stack to what the working tree says, and returns its outputs. Does nothing when
    nothing changed.
    """
    build = build or root / ".local" / "build"
    text = (template or root / "template.yaml").read_text()
    artifacts = function_zips(root, build)
    if "ContentUri: layers/routing_core" in text:
        artifacts["layers/routing_core"] = layer_zip(root, build)

    stamp = hashlib.sha256(
        json.dumps([text, parameters, sorted(p.name for p in artifacts.values())]).encode()
    ).hexdigest()
    marker = data / "deployed.json"
    if marker.exists() and (done := json.loads(marker.read_text()))["stamp"] == stamp:
        return {name: str(value) for name, value in done["outputs"].items()}

    for source, package in artifacts.items():
        text = re.sub(
            rf"(CodeUri|ContentUri): {re.escape(source)}$",
            rf"\1: s3://{ARTIFACTS}/{package.name}",
            text,
            flags=re.MULTILINE,
        )
    s3 = client("s3", endpoint)
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):  # made by the deployment before this one
        s3.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": REGION})
    for package in artifacts.values():
        s3.upload_file(str(package), ARTIFACTS, package.name)
    s3.put_object(Bucket=ARTIFACTS, Key=f"{stamp}.yaml", Body=text.encode())
    address = f"{endpoint}/{ARTIFACTS}/{stamp}.yaml"  # as text, CloudFormation takes 51,200 bytes
    outputs = _create_or_update(client("cloudformation", endpoint), address, parameters)
    marker.write_text(json.dumps({"stamp": stamp, "outputs": outputs}))
    return outputs


def _create_or_update(
    cloudformation: Any, template_url: str, parameters: dict[str, str]
) -> dict[str, str]:
    stack = {
        "StackName": STACK,
        "TemplateURL": template_url,
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
    }
    verb, done = "update", "stack_update_complete"
    try:
        cloudformation.describe_stacks(StackName=STACK)
    except ClientError:
        verb, done = "create", "stack_create_complete"
    try:
        getattr(cloudformation, f"{verb}_stack")(**stack)
        cloudformation.get_waiter(done).wait(
            StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )
    except WaiterError as problem:
        events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
        reasons = [
            f"  {e['LogicalResourceId']}: {e.get('ResourceStatusReason', '')}"
            for e in events
            if e["ResourceStatus"].endswith("FAILED")
        ]
        raise RuntimeError("The stack could not be deployed:\n" + "\n".join(reasons)) from problem
    except ClientError as problem:
        if "No updates" not in str(problem):
            raise
    described = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    return {o["OutputKey"]: o["OutputValue"] for o in described.get("Outputs", [])}

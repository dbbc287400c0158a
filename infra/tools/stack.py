"""Finds the stack that a tool works on.

It is the one of `make run` on this machine, or one in the account that credentials reach.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routing_core.aws.settings import StoreSettings
    from routing_core.aws.tables.rules_store import RulesStore
    from routing_core.service.kernel.services import Services


@dataclass(frozen=True)
class Target:
    """A stack that runs, and how to talk to it."""

    name: str
    """The name that CloudFormation has for it."""
    client: Callable[[str], Any]
    """Makes a client of a service where the stack is, as boto3.client does."""

    def resource(self, logical_id: str) -> str:
        """Ask what a resource of the template is called there.

        A restored table may have taken the place of the stack's own: its outputs name those in use.
        """
        cloudformation = self.client("cloudformation")
        (stack,) = cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        for output in stack.get("Outputs", []):
            if output["OutputKey"] == logical_id and logical_id.endswith("Table"):
                return str(output["OutputValue"])
        found = cloudformation.describe_stack_resource(
            StackName=self.name, LogicalResourceId=logical_id
        )
        return str(found["StackResourceDetail"]["PhysicalResourceId"])


def stores_of(there: Target) -> StoreSettings:
    """Name the tables in use and the bucket."""
    from routing_core.aws.settings import StoreSettings

    return StoreSettings(
        leads_table=there.resource("LeadsTable"),
        partners_table=there.resource("PartnersTable"),
        bucket=there.resource("Bucket"),
    )


def rules_of(there: Target, stores: StoreSettings) -> RulesStore:
    """Make what keeps the programme and the network that stand in these tables."""
    from routing_core.aws.tables.rules_store import RulesStore

    return RulesStore(
        there.client("dynamodb"),
        lambda: there.client("s3"),
        stores,
        time.monotonic,
        lambda: datetime.now(UTC),
    )


def services_of(there: Target, stores: StoreSettings | None = None) -> Services:
    """Make what use cases work with, for tools: it can sign no link and hash no contact.

    It works on the tables that are named, else on those in use.
    """
    from routing_core.aws.tables.activity_rows import ActivityRows
    from routing_core.aws.tables.gate_rows import GateRows
    from routing_core.aws.tables.hq_access_rows import HqAccessRows
    from routing_core.aws.tables.leads_table import LeadsTable
    from routing_core.aws.tables.partners_table import PartnersTable
    from routing_core.aws.tables.row_writes import RowWrites
    from routing_core.service.kernel.gate import Gate
    from routing_core.service.kernel.links import Links
    from routing_core.service.kernel.services import Services

    dynamo = there.client("dynamodb")
    names = stores or stores_of(there)
    activity = ActivityRows(RowWrites(dynamo, there.resource("ReadModelTable")))
    return Services(
        leads=LeadsTable(dynamo, names.leads_table, names.partners_table),
        partners=PartnersTable(dynamo, names.partners_table, activity.writes),
        rules=rules_of(there, names),
        links=Links("", {}, ""),
        contact_secret=b"",
        gate=Gate(GateRows(dynamo, names.leads_table)),
        hq_access=HqAccessRows(dynamo, names.partners_table),
        activity=activity,
    )


@contextmanager
def reachable(stack: str | None) -> Iterator[None]:
    """End the process with a hint, not with a traceback, when AWS cannot be asked or says no."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        where = f"the stack {stack}" if stack else "what runs here"
        sys.exit(
            f"Cannot work on {where}: {error}\nSet AWS_PROFILE and AWS_REGION to where a stack is deployed."
        )


def tool(description: str) -> argparse.ArgumentParser:
    """Prepare the arguments that say which stack is meant, which ``target`` then finds."""
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument(
        "--stack", help="name of a deployed stack; if left out, the embedded AWS of make run"
    )
    arguments.add_argument("--data", type=Path, default=Path(".local/data"))
    return arguments


def target(stack: str | None, data: Path, command: str) -> Target:
    """Find the named stack, or the one that runs on a data folder.

    End the process if there is none, with ``command`` as what to type for a deployed one.
    """
    if stack:
        import boto3  # here, for it takes a second, which the help of a tool should not

        return Target(stack, boto3.client)
    try:
        running = json.loads((data / "running.json").read_text())
        os.kill(running["pid"], 0)  # signal 0 only asks whether the process is there
    except (FileNotFoundError, ProcessLookupError):
        sys.exit(
            f"Nothing is running here. Start `make run` first, or name a deployed stack: {command} STACK=name"
        )
    from infra.local.deploy import STACK, client

    return Target(STACK, lambda service: client(service, running["endpoint"]))

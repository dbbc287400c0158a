"""Restores the tables of leads and partners beside those in use, and points the stack at them.

The tables that were in use stay as they are: nothing is deleted here. What was restored is told by
its name, which follows from the instant, and by a tag that names where it came from; so each step
finds out what was done already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from infra.tools.stack import Target

SOURCE = "partner-relay:restored-from"
"""The tag of a restored table that names the table which it was restored from."""
PARAMETERS = {"LeadsTable": "RestoredLeads", "PartnersTable": "RestoredPartners"}
"""The parameter of the template that takes the stream of a restored table."""
PATIENCE = {"Delay": 10, "MaxAttempts": 2_000}
"""A table of some size takes AWS an hour."""


@dataclass(frozen=True)
class RestoredTable:
    """A table and the one that was restored from it."""

    logical_id: str
    """What the template calls it."""
    source: str
    """The table that was in use until now."""
    name: str
    """The table that was restored."""


def planned(there: Target, logical_id: str, at: datetime) -> RestoredTable:
    """Name what is restored from the table in use, or was by an earlier run for this instant."""
    kind = logical_id.removesuffix("Table").lower()
    name = f"{there.name}-{kind}-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    used = there.resource(logical_id)
    source = _tags(there.client("dynamodb"), used)[SOURCE] if used == name else used
    return RestoredTable(logical_id, source, name)


def restore_table(dynamodb: Any, table: RestoredTable, at: datetime) -> bool:
    """Restore a table unless it is there, and wait for it; tell whether this call began it."""
    begun = False
    if _described(dynamodb, table.name) is None:
        dynamodb.restore_table_to_point_in_time(
            SourceTableName=table.source, TargetTableName=table.name, RestoreDateTime=at
        )
        begun = True
    dynamodb.get_waiter("table_exists").wait(TableName=table.name, WaiterConfig=PATIENCE)
    return begun


def like_its_source(dynamodb: Any, table: RestoredTable) -> str:
    """Give a restored table what AWS does not restore, and give the ARN of its stream.

    That is the stream, the time to live, backups and the protection from being deleted.
    """
    described = _described(dynamodb, table.name) or {}
    dynamodb.tag_resource(
        ResourceArn=described["TableArn"], Tags=[{"Key": SOURCE, "Value": table.source}]
    )
    if not described.get("LatestStreamArn"):
        stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
        _updated(dynamodb, table.name, StreamSpecification=stream)
    if not described.get("DeletionProtectionEnabled"):
        _updated(dynamodb, table.name, DeletionProtectionEnabled=True)
    expiry = dynamodb.describe_time_to_live(TableName=table.name)["TimeToLiveDescription"]
    if expiry["TimeToLiveStatus"] == "DISABLED":
        dynamodb.update_time_to_live(
            TableName=table.name,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"},
        )
    dynamodb.update_continuous_backups(
        TableName=table.name,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    return str((_described(dynamodb, table.name) or {})["LatestStreamArn"])


def point_at(cloudformation: Any, stack: str, streams: dict[str, str]) -> bool:
    """Point a stack at the tables of these streams; tell whether it was elsewhere before.

    ``streams``: by the logical id of the table that each takes the place of.
    """
    wanted = {PARAMETERS[logical_id]: stream for logical_id, stream in streams.items()}
    (described,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    known = {
        each["ParameterKey"]: each.get("ParameterValue", "") for each in described["Parameters"]
    }
    if wanted.items() <= known.items():
        return False
    kept = [
        {"ParameterKey": name, "UsePreviousValue": True} for name in known if name not in wanted
    ]
    changed = [{"ParameterKey": name, "ParameterValue": stream} for name, stream in wanted.items()]
    cloudformation.update_stack(
        StackName=stack,
        UsePreviousTemplate=True,
        Parameters=[*kept, *changed],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    cloudformation.get_waiter("stack_update_complete").wait(
        StackName=stack, WaiterConfig={"Delay": 2, "MaxAttempts": 900}
    )
    return True


def _described(dynamodb: Any, name: str) -> dict[str, Any] | None:
    """Describe a table; None if there is none."""
    try:
        table: dict[str, Any] = dynamodb.describe_table(TableName=name)["Table"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None
    return table


def _updated(dynamodb: Any, name: str, **settings: Any) -> None:
    """Change a table and wait until it is changed: AWS takes one change at a time."""
    dynamodb.update_table(TableName=name, **settings)
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig=PATIENCE)


def _tags(dynamodb: Any, name: str) -> dict[str, str]:
    """Give the tags of a table."""
    arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
    tags = dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]
    return {each["Key"]: each["Value"] for each in tags}

"""Restores the tables of leads and partners beside those in use, and points the stack at them.

The tables that were in use stay as they are: nothing is deleted here. What was restored is told by
its name, which follows from the instant, and by tags that name where it came from, what it takes the
place of and since when; so each step finds out what was done already, and who restores once more
gets what was in use at the point.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from infra.tools.stack import Target

SOURCE = "partner-relay:restored-from"
"""The tag of a restored table that names the table which it was restored from."""
REPLACED = "partner-relay:replaces"
"""The tag of a restored table that names the table which was in use before it."""
IN_USE_SINCE = "partner-relay:in-use-since"
"""The tag of a restored table that says from which instant on it was the one in use."""
PARAMETERS = {"LeadsTable": "RestoredLeads", "PartnersTable": "RestoredPartners"}
"""The parameter of the template that takes the stream of a restored table."""
AT_ONCE = {"Rollout": "AllAtOnce"}
"""The parameter by which no call works on the table of before once another works on this one."""
PATIENCE = {"Delay": 10, "MaxAttempts": 2_000}
"""A table of some size takes AWS an hour."""
STACK_PATIENCE = {"Delay": 2, "MaxAttempts": 900}
"""An update of the stack takes minutes, half an hour at most."""
WAITERS = {
    "CREATE": "stack_create_complete",
    "UPDATE": "stack_update_complete",
    "UPDATE_ROLLBACK": "stack_rollback_complete",
}
"""What waits for the end of a change to a stack, by how the stack's state begins."""


class CannotRestore(Exception):
    """That point cannot be restored; the message says what can be."""


@dataclass(frozen=True)
class RestoredTable:
    """A table and the one that was restored from it."""

    logical_id: str
    """What the template calls it."""
    source: str
    """The table that was in use at the point, and is restored from."""
    replaced: str
    """The table that was in use until now: it is the source, but for who restores once more."""
    name: str
    """The table that was restored."""


def planned(there: Target, logical_id: str, at: datetime) -> RestoredTable:
    """Name what is restored, or was by an earlier run for this instant.

    Raises CannotRestore if no table is left that was in use at that instant, or if the one restored
    for it was worked on already.
    """
    dynamodb = there.client("dynamodb")
    kind = logical_id.removesuffix("Table").lower()
    name = f"{there.name}-{kind}-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    used = there.resource(logical_id)
    tags = _tags(dynamodb, name)
    replaced = tags.get(REPLACED, used)
    if used == name:
        return RestoredTable(logical_id, tags[SOURCE], replaced, name)
    if replaced != used:
        raise CannotRestore(
            f"{name} was restored and worked on before {used} took its place: name another second"
        )
    return RestoredTable(logical_id, in_use_at(dynamodb, used, at), used, name)


def in_use_at(dynamodb: Any, used: str, at: datetime) -> str:
    """Name the table that was in use at an instant, going back from the one in use now.

    So a second try may name an earlier point than the first one, whose table begins with it. Raises
    CannotRestore if that table is gone.
    """
    table = used
    while True:
        tags = _tags(dynamodb, table)
        since = tags.get(IN_USE_SINCE)
        if since is None or datetime.fromisoformat(since) <= at:
            return table
        before = tags[REPLACED]
        if _described(dynamodb, before) is None:
            raise CannotRestore(
                f"{before}, which was in use then, is gone: {table} is in use since {since}"
            )
        table = before


def restore_table(dynamodb: Any, table: RestoredTable, at: datetime, key: str = "") -> bool:
    """Restore a table unless it is there, and wait for it; tell whether this call began it.

    ``key``: the ARN of the stack's own key; without one it is encrypted as its source is by now.
    """
    begun = False
    encrypted: dict[str, Any] = {}
    if key:
        chosen = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
        encrypted = {"SSESpecificationOverride": chosen}
    if _described(dynamodb, table.name) is None:
        dynamodb.restore_table_to_point_in_time(
            SourceTableName=table.source,
            TargetTableName=table.name,
            RestoreDateTime=at,
            **encrypted,
        )
        begun = True
    dynamodb.get_waiter("table_exists").wait(TableName=table.name, WaiterConfig=PATIENCE)
    return begun


def like_its_source(dynamodb: Any, table: RestoredTable) -> str:
    """Give a restored table what AWS does not restore, and give the ARN of its stream.

    That is the stream, the time to live, backups and the protection from being deleted.
    """
    described = _described(dynamodb, table.name) or {}
    _tag(dynamodb, table.name, {SOURCE: table.source, REPLACED: table.replaced})
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


def mark_in_use(dynamodb: Any, table: RestoredTable, now: datetime) -> None:
    """Note from when on a table is the one in use; the first time counts."""
    if IN_USE_SINCE not in _tags(dynamodb, table.name):
        _tag(dynamodb, table.name, {IN_USE_SINCE: now.astimezone(UTC).isoformat()})


def point_at(cloudformation: Any, stack: str, streams: dict[str, str]) -> dict[str, str]:
    """Point a stack at the tables of these streams, once no other change of it is under way.

    ``streams``: by the logical id of the table that each takes the place of. Give the parameters
    that were others before; none if it points there already.
    """
    wanted = {PARAMETERS[logical_id]: stream for logical_id, stream in streams.items()}
    known = _settled_parameters(cloudformation, stack)
    if wanted.items() <= known.items():
        return {}
    # Bit by bit, old code would write to the tables of before while new code writes to these.
    wanted |= {name: value for name, value in AT_ONCE.items() if name in known}
    kept = [
        {"ParameterKey": name, "UsePreviousValue": True} for name in known if name not in wanted
    ]
    changed = [{"ParameterKey": name, "ParameterValue": value} for name, value in wanted.items()]
    cloudformation.update_stack(
        StackName=stack,
        UsePreviousTemplate=True,
        Parameters=[*kept, *changed],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    _wait(cloudformation, stack, "stack_update_complete")
    return {name: known[name] for name, value in wanted.items() if known[name] != value}


def _settled_parameters(cloudformation: Any, stack: str) -> dict[str, str]:
    """Wait for the end of a change that is under way, and give the stack's parameters."""
    described = _stack(cloudformation, stack)
    change, under_way, _ = described["StackStatus"].partition("_IN_PROGRESS")
    if under_way:
        change = change.removesuffix("_COMPLETE_CLEANUP")
        if change not in WAITERS:
            raise CannotRestore(f"{stack} is {described['StackStatus']}: there is nothing to go on")
        _wait(cloudformation, stack, WAITERS[change])
        described = _stack(cloudformation, stack)
    return {
        each["ParameterKey"]: each.get("ParameterValue", "") for each in described["Parameters"]
    }


def _stack(cloudformation: Any, stack: str) -> dict[str, Any]:
    (described,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return dict(described)


def _wait(cloudformation: Any, stack: str, waiter: str) -> None:
    cloudformation.get_waiter(waiter).wait(StackName=stack, WaiterConfig=STACK_PATIENCE)


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
    """Give the tags of a table; none if there is no such table."""
    described = _described(dynamodb, name)
    if described is None:
        return {}
    tags = dynamodb.list_tags_of_resource(ResourceArn=described["TableArn"])["Tags"]
    return {each["Key"]: each["Value"] for each in tags}


def _tag(dynamodb: Any, name: str, tags: dict[str, str]) -> None:
    """Put tags on a table."""
    arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
    written = [{"Key": key, "Value": value} for key, value in tags.items()]
    dynamodb.tag_resource(ResourceArn=arn, Tags=written)

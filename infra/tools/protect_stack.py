"""Protects a deployed stack from accidents: what `make deploy` does when SAM is done.

    python -m infra.tools.protect_stack --stack name

The stack cannot be deleted before somebody takes its termination protection away, no update
replaces or deletes its tables and its bucket, or touches its secrets (`infra/stack-policy.json`),
and DynamoDB itself refuses to delete the tables. That last comes by a parameter of the stack after
the first deployment, which could not be taken back otherwise. Doing it again changes nothing.

Where the stack has a key of the operator's own, its secrets are put under that key here: an update
of the stack may not touch them, for it might make new ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infra.tools.own_key import SECRETS, key_of, put_under
from infra.tools.stack import Target, reachable, target, tool

POLICY = Path(__file__).parents[1] / "stack-policy.json"
"""What an update of the stack may do."""


PARAMETER = "DeletionProtection"
PATIENCE = {"Delay": 5, "MaxAttempts": 240}
"""Twenty minutes: three tables are updated, and nothing else."""


def protect(cloudformation: Any, stack: str) -> None:
    """Set a stack's policy, and that neither it nor its tables can be deleted."""
    _protect_tables(cloudformation, stack)
    cloudformation.set_stack_policy(StackName=stack, StackPolicyBody=POLICY.read_text("utf-8"))
    cloudformation.update_termination_protection(StackName=stack, EnableTerminationProtection=True)


def _protect_tables(cloudformation: Any, stack: str) -> None:
    """Set the parameter that protects the tables, unless it is set, and wait for the update."""
    (described,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    known = {each["ParameterKey"]: each.get("ParameterValue") for each in described["Parameters"]}
    if known.get(PARAMETER) == "true":
        return
    kept = [{"ParameterKey": name, "UsePreviousValue": True} for name in known if name != PARAMETER]
    cloudformation.update_stack(
        StackName=stack,
        UsePreviousTemplate=True,
        Parameters=[*kept, {"ParameterKey": PARAMETER, "ParameterValue": "true"}],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    waiter = cloudformation.get_waiter("stack_update_complete")
    waiter.wait(StackName=stack, WaiterConfig=PATIENCE)


def encrypt_secrets(there: Target) -> str:
    """Put a stack's secrets under its own key, if it has one, and say what is left to do by hand."""
    key = key_of(there.client("cloudformation"), there.name)
    if not key:
        return ""
    secrets = [there.resource(each) for each in SECRETS]
    refused = put_under(there.client("secretsmanager"), secrets, key)
    return "\n".join(
        "These credentials may not change a secret's key. Whoever may: "
        f"aws secretsmanager update-secret --secret-id {each} --kms-key-id {key}"
        for each in refused
    )


def main() -> None:
    """Protect the stack that the command line names."""
    options = tool("Protects a stack from accidents.").parse_args()
    there = target(options.stack, options.data, "make deploy")
    with reachable(options.stack):
        protect(there.client("cloudformation"), there.name)
        left = encrypt_secrets(there)
    if left:
        print(left)
    print(
        f"{there.name} cannot be deleted by accident, nor its tables, bucket and secrets replaced."
    )


if __name__ == "__main__":
    main()

"""Protects a deployed stack from accidents: what `make deploy` does when SAM is done.

    python -m infra.tools.protect_stack --stack name

The stack cannot be deleted before somebody takes its termination protection away, and no update
replaces or deletes its tables and its bucket, or touches its secrets: see `infra/stack-policy.json`.
Doing it again changes nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infra.tools.stack import reachable, target, tool

POLICY = Path(__file__).parents[1] / "stack-policy.json"
"""What an update of the stack may do."""


def protect(cloudformation: Any, stack: str) -> None:
    """Set a stack's policy, and that it cannot be deleted, by a client of CloudFormation."""
    cloudformation.set_stack_policy(StackName=stack, StackPolicyBody=POLICY.read_text("utf-8"))
    cloudformation.update_termination_protection(StackName=stack, EnableTerminationProtection=True)


def main() -> None:
    """Protect the stack that the command line names."""
    options = tool("Protects a stack from accidents.").parse_args()
    there = target(options.stack, options.data, "make deploy")
    with reachable(options.stack):
        protect(there.client("cloudformation"), there.name)
    print(
        f"{there.name} cannot be deleted by accident, nor its tables, bucket and secrets replaced."
    )


if __name__ == "__main__":
    main()

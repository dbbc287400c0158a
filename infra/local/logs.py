"""What the functions logged, oldest first, from the embedded CloudWatch: `python -m
infra.local.logs [--errors]`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.local.deploy import client

PLATFORM = ("START ", "END ", "REPORT ", "INIT_START ")


def lines(logs: Any) -> Iterator[str]:
    """`logs`: a CloudWatch Logs client."""
    groups = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]
    events = [
        event
        for group in groups
        for page in logs.get_paginator("filter_log_events").paginate(
            logGroupName=group["logGroupName"]
        )
        for event in page["events"]
    ]
    for event in sorted(events, key=lambda e: e["timestamp"]):
        if not event["message"].startswith(PLATFORM):
            yield event["message"].rstrip()


def errors(logs: Any) -> list[str]:
    """Lines that a person should look at."""
    return [
        line
        for line in lines(logs)
        if '"level":"ERROR"' in line or "Traceback" in line or "Error:" in line
    ]


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--data", type=Path, default=Path(".local/data"))
    arguments.add_argument("--errors", action="store_true")
    options = arguments.parse_args()
    try:
        running = json.loads((options.data / "running.json").read_text())
    except FileNotFoundError:
        raise SystemExit("Nothing is running here. Start `make run` first.") from None
    logs = client("logs", running["endpoint"])
    print("\n".join(errors(logs) if options.errors else lines(logs)))


if __name__ == "__main__":
    main()

"""Prints what the functions logged, oldest first: `make logs`, or only errors by `--errors`."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.local.deploy import client

PLATFORM = ("START ", "END ", "REPORT ", "INIT_START ")
"""The beginnings of lines that Lambda itself writes."""

SIGN_OF_ERROR = re.compile('"level":"ERROR"|Traceback|Error:')
"""Stands in a line of an error: of our logger, or of Python where our logger was not reached."""


def lines(logs: Any) -> Iterator[str]:
    """Yield every line that the functions logged, oldest first.

    ``logs``: a client of CloudWatch Logs.
    """
    events: list[dict[str, Any]] = []
    paginator = logs.get_paginator("filter_log_events")
    for group in logs.describe_log_groups()["logGroups"]:
        for page in paginator.paginate(logGroupName=group["logGroupName"]):
            events += page["events"]
    for event in sorted(events, key=lambda event: event["timestamp"]):
        # Lambda's own lines are three a call, and say nothing that a person looks for.
        if not event["message"].startswith(PLATFORM):
            yield event["message"].rstrip()


def errors(logs: Any) -> list[str]:
    """Give the lines that a person should look at."""
    return list(filter(SIGN_OF_ERROR.search, lines(logs)))


def main() -> None:
    """Print the lines of what runs on a data folder, or only its errors."""
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

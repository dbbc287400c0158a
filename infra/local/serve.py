"""Starts the embedded AWS for another program.

It prints one line of JSON when it is ready, and ends when its input does.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from infra.local.embedded import Embedded
from infra.local.package import ROOT


def main() -> None:
    """Serve until the input ends."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--root", type=Path, default=ROOT)
    arguments.add_argument("--template", type=Path)
    options = arguments.parse_args()
    with Embedded(options.data, options.port, options.root, options.template) as aws:
        assert aws.process
        ready = {
            "base_url": aws.base_url,
            "endpoint": aws.endpoint,
            "pid": aws.process.pid,
            "outputs": aws.outputs,
        }
        print(json.dumps(ready), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()

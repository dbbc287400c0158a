"""Brings everything up, shows what happens to one sample enquiry, stays up: `make run`."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from infra.local.api import Api, Refused
from infra.local.embedded import Busy, Embedded
from infra.local.mailbox import Mailbox
from infra.local.package import ROOT
from infra.local.pages import Sight
from infra.local.seed import api_of, sample, seed, submit
from infra.local.timeline import Timeline

DATA = Path(".local/data")
"""The folder in which everything is kept if nobody says otherwise."""
LOADED = "history.json"
"""The file that stands in the data folder once the made-up history is loaded."""


def main() -> int:
    """Run until somebody stops it, and give the exit code."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--sample", default="dach-heating")
    arguments.add_argument("--port", type=int, default=8000)
    arguments.add_argument("--data", type=Path, default=DATA)
    arguments.add_argument(
        "--started", type=float, default=time.time(), help="when make began, in seconds since 1970"
    )
    options = arguments.parse_args()
    sample(options.sample)  # a wrong name is told before anything starts
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a script that starts it with & has it ignored
    try:
        print("Starting ...", flush=True)
        with Embedded(options.data, options.port) as aws:
            started = options.started
            while _stay(aws, options.sample, started, key_command(options.data)):
                print("\nStarting again with an empty folder ...", flush=True)
                started = time.time()
                aws.start_empty()
    except KeyboardInterrupt:
        print("\nStopped. Everything is kept; `make run` continues from here.")
    except (Busy, Refused, RuntimeError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def key_command(data: Path) -> str:
    """Write what a person types to get a key for what runs in that folder."""
    return "make hq-key" if data == DATA else f"make hq-key DATA={shlex.quote(str(data))}"


def _stay(aws: Embedded, name: str, started: float, key_command: str) -> bool:
    """Tell the story until the person asks for a reset, which is True.

    Every other end is an exception.
    """
    assert aws.front
    running = aws.data / "running.json"
    loading: subprocess.Popen[bytes] | None = None
    running.write_text(
        json.dumps({"pid": os.getpid(), "endpoint": aws.endpoint, "outputs": aws.outputs})
    )
    try:
        api = api_of(aws)
        lead = _prepared(aws, api, name)
        loading = _begin_history(aws, name)
        aws.front.sight = _sight(api.get("/v1/programme"), key_command)
        _greet(aws, time.time() - started, key_command)
        timeline = Timeline(
            api, Mailbox(aws.data / "mails"), {"enquiry": lead}, aws.front.sight.zone
        )
        while aws.alive():
            timeline.look()
            if aws.front.reset.wait(1):
                return True
        raise RuntimeError(f"The embedded AWS has stopped; see {aws.data / 'ministack.log'}")
    finally:
        running.unlink(missing_ok=True)
        if loading and loading.poll() is None:
            loading.terminate()


def _sight(programme: dict[str, Any], key_command: str) -> Sight:
    """Take from a programme what the pages show of it."""
    language = programme["languages"][0]
    forms = []
    for form in programme["forms"]:
        title = form["title"].get(language) or form["id"]
        forms.append((form["id"], title))
    return Sight(
        tuple(forms),
        language,
        ZoneInfo(programme["time_zone"]),
        key_command,
        _hq_address(programme["hq"]),
    )


def _hq_address(hq: dict[str, Any]) -> str:
    """Give the address of somebody at HQ who may do everything: every programme has one."""
    admins = [each["email"] for each in hq.get("people", ()) if each.get("role") == "admin"]
    addresses: list[str] = [*admins, *hq.get("emails", ())]
    return addresses[0]


def _prepared(aws: Embedded, api: Api, name: str) -> str:
    """Give the id of the lead to follow.

    A sample is put, and its enquiry sent, once for a data folder.
    """
    marker = aws.data / "seeded.json"
    done: dict[str, Any] = {}
    if marker.exists():
        done = json.loads(marker.read_text())
    if done.get("sample") != name:
        print(f"Loading the sample network {name} ...", flush=True)
        put = seed(api, name)
        answer = submit(api, put["enquiries"]["routed"], key=f"make-run-{name}")
        done = {"sample": name, "lead": answer["lead"]}
        marker.write_text(json.dumps(done))
    return str(done["lead"])


def _begin_history(aws: Embedded, name: str) -> subprocess.Popen[bytes] | None:
    """Have the year of made-up history loaded while people look around; None if it is there.

    It is no part of starting: nobody looks at a report in the first seconds.
    """
    if (aws.data / LOADED).exists():
        return None
    command = [sys.executable, "-m", "infra.local.on_layer", "infra.local.load_history"]
    options = ["--sample", name, "--data", str(aws.data)]
    with (aws.data / "history.log").open("wb") as log:
        return subprocess.Popen([*command, *options], stdout=log, stderr=log, cwd=ROOT)


def _greet(aws: Embedded, seconds: float, key_command: str) -> None:
    """Print where to start, and how to stop."""
    assert aws.front
    zone = aws.front.sight.zone.key
    print(f"\n  {aws.base_url}    forms, mailbox, HQ: start here (ready after {seconds:.0f} s)")
    print(f"  {key_command:<24} a key for the API, in another terminal")
    print("  Ctrl-C                   stops; everything is kept")
    print(f"\nOne enquiry is on its way (times are in {zone}):\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())

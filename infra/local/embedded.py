"""Starts an embedded AWS with the application on it, and the front that people use; stops both.

with Embedded(data=Path(".local/data"), port=8000) as aws:
    print(aws.base_url)
"""

from __future__ import annotations

import fcntl
import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from infra.local.deploy import REGION, Application, client, deploy
from infra.local.front import Front
from infra.local.package import ROOT

SENDER = "leads@partner-relay.example"
"""The address that mails come from here; its domain is nobody's."""
FOR_HERE = {"Sender": SENDER, "MailsPerSecond": "500"}
"""What the stack is told here: the embedded SES keeps no rate, so none is waited for."""


class Busy(RuntimeError):
    """The port or the data folder is in use by somebody else."""


def free_port() -> int:
    """Find a port of this machine that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Embedded:
    """One embedded AWS on a data folder, in which everything is kept from one start to the next."""

    def __init__(
        self, data: Path, port: int = 0, root: Path = ROOT, template: Path | None = None
    ) -> None:
        """Prepare it; nothing runs before ``start``.

        ``port``: of the one address that people use, 0 = any that is free. ``root``: the folder
        that the application
        is deployed from; ``template``: another than the root's own, which then gets no parameters.
        """
        self.data = data.resolve()
        self.root = root
        self.template = template
        self.port = port or free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        """The one address that people use."""
        self.gateway_port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.gateway_port}"
        """The address at which clients of AWS find every service."""
        self.outputs: dict[str, str] = {}
        """The stack's outputs by name."""
        self.process: subprocess.Popen[bytes] | None = None
        """The launcher; None before it is started."""
        self.front: Front | None = None
        """The server that listens at ``base_url``."""

    def __enter__(self) -> Embedded:
        """Start; end whatever runs already if that fails."""
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def start(self) -> Embedded:
        """Bring everything up, and return when it can be used. Raise Busy or RuntimeError."""
        self.data.mkdir(parents=True, exist_ok=True)
        self._lock()
        self.front = self._listen()
        return self._bring_up(self.front)

    def start_empty(self) -> Embedded:
        """Forget everything in the data folder and start again behind the same address."""
        assert self.front
        self.front.wait()
        self._end_process()
        for entry in self.data.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != "lock":
                entry.unlink()
        return self._bring_up(self.front)

    def _bring_up(self, front: Front) -> Embedded:
        """Start the launcher, deploy, and let the front forward."""
        self.process = self._launch()
        self._wait_until_healthy()
        own = {} if self.template else FOR_HERE | {"BaseUrl": self.base_url}
        self.outputs = deploy(self.endpoint, self.data, Application(self.root, self.template), own)
        front.open(self.gateway_port, self.outputs["ApiId"])
        return self

    def stop(self) -> None:
        """End everything; what is in the data folder stays."""
        if self.front:
            self.front.close()
        self._end_process()
        self.front = None

    def _end_process(self) -> None:
        """End the launcher, which saves first; kill it if that takes too long."""
        if self.process:
            if self.process.stdin:
                self.process.stdin.close()  # the launcher saves and ends when its input does
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process = None

    def client(self, service: str) -> Any:
        """Make a boto3 client of a service."""
        return client(service, self.endpoint)

    def alive(self) -> bool:
        """Tell whether the launcher runs."""
        return self.process is not None and self.process.poll() is None

    def _lock(self) -> None:
        """Keep the data folder for us until this process ends. Raise Busy if it is another's."""
        self._lock_file = (self.data / "lock").open("w")
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Busy(
                f"{self.data} is in use by another run; use a different folder with DATA=folder"
            ) from None

    def _listen(self) -> Front:
        """Open the address that people use. Raise Busy if its port is taken."""
        try:
            return Front(self.port, self.data / "mails")
        except OSError:
            raise Busy(f"Port {self.port} is in use; choose another with PORT=8001") from None

    def _launch(self) -> subprocess.Popen[bytes]:
        """Start the launcher as a process of its own."""
        temp = self.data / "tmp"
        temp.mkdir(exist_ok=True)
        # A clean environment: functions inherit it, and nothing of a real account may leak into
        # them.
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.data),
            "TMPDIR": str(temp),
            "LANG": "C.UTF-8",
            "AWS_DEFAULT_REGION": REGION,
            "MINISTACK_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        if (
            "LAMBDA_ACCOUNT_CONCURRENCY" in os.environ
        ):  # the one setting that tests and benchmarks change
            environment["LAMBDA_ACCOUNT_CONCURRENCY"] = os.environ["LAMBDA_ACCOUNT_CONCURRENCY"]
        return subprocess.Popen(
            [
                sys.executable,
                str(ROOT / "infra/local/launcher.py"),
                str(self.gateway_port),
                str(self.data),
            ],
            cwd=self.data,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=(self.data / "ministack.log").open("a"),
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us; the launcher ends when its input does
        )

    def _wait_until_healthy(self, seconds: float = 30) -> None:
        """Ask the embedded AWS until it answers.

        Raise RuntimeError if it ends, or has not answered after so many seconds.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.alive():
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.gateway_port, timeout=2)
                connection.request("GET", "/_ministack/health")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"The embedded AWS did not start; see {self.data / 'ministack.log'}")

"""One embedded AWS with the application on it: start, deploy, front server; stop.

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

from infra.local.deploy import REGION, client, deploy
from infra.local.front import Front
from infra.local.package import ROOT

SENDER = "leads@partner-relay.example"


class Busy(RuntimeError):
    """The port or the data folder is in use by somebody else."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Embedded:
    def __init__(
        self, data: Path, port: int = 0, root: Path = ROOT, template: Path | None = None
    ) -> None:
        self.data = data.resolve()
        self.root, self.template = root, template
        self.port = port or free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.gateway_port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.gateway_port}"
        self.outputs: dict[str, str] = {}

    def __enter__(self) -> Embedded:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()

    process: subprocess.Popen[bytes] | None = None
    front: Front | None = None

    def start(self) -> Embedded:
        self.data.mkdir(parents=True, exist_ok=True)
        self._lock()
        self.front = self._listen()
        return self._bring_up(self.front)

    def start_empty(self) -> Embedded:
        """Forgets everything in the data folder and starts again behind the same address."""
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
        self.process = self._launch()
        self._wait_until_healthy()
        own = {} if self.template else {"BaseUrl": self.base_url, "Sender": SENDER}
        self.outputs = deploy(self.endpoint, self.data, own, self.root, self.template)
        front.open(self.gateway_port, self.outputs["ApiId"])
        return self

    def stop(self) -> None:
        if self.front:
            self.front.close()
        self._end_process()
        self.front = None

    def _end_process(self) -> None:
        if self.process:
            if self.process.stdin:
                self.process.stdin.close()  # the launcher saves and ends when its input does
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process = None

    def client(self, service: str) -> Any:
        return client(service, self.endpoint)

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def _lock(self) -> None:
        self._lock_file = (self.data / "lock").open("w")
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Busy(
                f"{self.data} is in use by another run; use a different folder with DATA=folder"
            ) from None

    def _listen(self) -> Front:
        try:
            return Front(self.port, self.data / "mails")
        except OSError:
            raise Busy(f"Port {self.port} is in use; choose another with PORT=8001") from None

    def _launch(self) -> subprocess.Popen[bytes]:
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
        keep = {k: v for k, v in os.environ.items() if k == "LAMBDA_ACCOUNT_CONCURRENCY"}
        return subprocess.Popen(
            [
                sys.executable,
                str(ROOT / "infra/local/launcher.py"),
                str(self.gateway_port),
                str(self.data),
            ],
            cwd=self.data,
            env=environment | keep,
            stdin=subprocess.PIPE,
            stdout=(self.data / "ministack.log").open("a"),
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us; the launcher ends when its input does
        )

    def _wait_until_healthy(self, seconds: float = 30) -> None:
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

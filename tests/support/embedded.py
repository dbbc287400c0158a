"""The application on the embedded AWS, for tests that talk to it as a person would: over HTTP and
by mail.

ministack lives in an environment of its own, so it runs as a separate process; here are only its
address, clients for looking behind the scenes, and the mailbox. One stack serves a whole test
session.
"""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import boto3
import httpx
import pytest
import yaml
from botocore.config import Config

from infra.local.logs import lines
from infra.tools.hq_key import create_key
from tests.support.logged import private

ROOT = Path(__file__).resolve().parents[2]
LOCAL_PYTHON = ROOT / ".venv-local/bin/python"
SAMPLES = ROOT / "infra/local/samples"

OWN_KEY = "local"
"""The key with which tests look behind the scenes."""

T = TypeVar("T")


def eventually(
    look: Callable[[], T | None], within: float = 20, what: str = "what the test waits for"
) -> T:
    """Looks until there is something true to return; fails with `what` when the time is over."""
    deadline = time.monotonic() + within
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not seen within {within} s")
        time.sleep(0.1)


class Stack:
    """`with Stack(folder) as stack:` is a running application; leaving the block ends every
    process.
    """

    base_url: str
    endpoint: str
    outputs: dict[str, str]
    pid: int
    http: httpx.Client

    def __init__(
        self, data: Path, root: Path = ROOT, template: Path | None = None, port: int = 0
    ) -> None:
        """``port``: of the one address that people use; 0 = any, another one after each start."""
        self.data = data
        arguments = ["--data", str(data), "--root", str(root), "--port", str(port)]
        self._arguments = [*arguments, "--template", str(template)] if template else arguments
        self._process: subprocess.Popen[str] | None = None
        self._api_key: str | None = None
        self._ready = False
        self._wrong: list[str] = []
        """Logged since the start, by processes killed meanwhile too, and must not be."""

    def __enter__(self) -> Stack:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Stack:
        self.data.mkdir(parents=True, exist_ok=True)
        log = self.data / "serve.log"
        with log.open("a") as errors:
            self._process = subprocess.Popen(
                [str(LOCAL_PYTHON), "-m", "infra.local.serve", *self._arguments],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            self.stop()
            raise RuntimeError(f"The embedded AWS did not start:\n{log.read_text()[-3000:]}")
        for name, value in json.loads(line).items():
            setattr(self, name, value)
        self.http = httpx.Client(base_url=self.base_url, timeout=60)
        self._ready = True
        return self

    def stop(self) -> None:
        """Fails if a function logged a person or a token meanwhile."""
        try:
            self._look_through_logs()
        finally:
            self._end()
        wrong, self._wrong = self._wrong, []
        assert not wrong, "\n".join(["logged, and must not be:", *wrong])

    def _look_through_logs(self) -> None:
        if self._ready:
            self._wrong += private(self.logs())

    def _end(self) -> None:
        self._ready = False
        if self._process and self._process.stdin and self._process.stdout:
            self._process.stdin.close()
            self._process.wait(timeout=40)
            self._process.stdout.close()
            self.http.close()
        self._process = None

    def kill(self) -> None:
        """As when the machine's plug is pulled: nothing is saved, nobody is told. What was logged
        dies with it, so it is read first.
        """
        self._look_through_logs()
        assert self._process
        assert self._process.stdin
        assert self._process.stdout
        self._ready = False
        for pid in (self._process.pid, self.pid):
            os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
        self._process = None
        self.http.close()

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="eu-central-1",
            aws_access_key_id=OWN_KEY,
            aws_secret_access_key="local",
            config=Config(s3={"addressing_style": "path"}),
        )

    def logs(self) -> list[str]:
        """Every line that a function logged."""
        return list(lines(self.client("logs")))

    # ------------------------------------------------------------ requests

    @contextmanager
    def recording(self) -> Iterator[Callable[[], list[dict[str, Any]]]]:
        """Records what is asked of AWS in the meantime; gives a look at it, as CloudTrail has it,
        without what the test itself asked.
        """
        self._record("true")
        began = time.time()
        try:
            yield lambda: self._recorded(began)
        finally:
            self._record("false")

    def _record(self, is_on: str) -> None:
        setting = {"cloudtrail._recording_enabled": is_on}
        httpx.post(f"{self.endpoint}/_ministack/config", json=setting).raise_for_status()

    def _recorded(self, began: float) -> list[dict[str, Any]]:
        """Reads back page by page: fifty are answered at a time, the newest first."""
        found: dict[str, dict[str, Any]] = {}
        asked: dict[str, float] = {"StartTime": began}
        while True:
            events = self._look_up(asked)
            new = [each for each in events if each["EventId"] not in found]
            if not new:
                break
            found |= {each["EventId"]: each for each in new}
            asked["EndTime"] = events[-1]["EventTime"]
        told = [json.loads(each["CloudTrailEvent"]) for each in found.values()]
        return [each for each in told if each["userIdentity"]["accessKeyId"] != OWN_KEY]

    def _look_up(self, asked: dict[str, float]) -> list[dict[str, Any]]:
        headers = {
            "X-Amz-Target": "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents",
            "Content-Type": "application/x-amz-json-1.1",
        }
        answer = httpx.post(self.endpoint, json=asked, headers=headers)
        answer.raise_for_status()
        events: list[dict[str, Any]] = answer.json()["Events"]
        return events

    # ------------------------------------------------------------ mail

    def mails(self, to: str = "", subject: str = "") -> list[dict[str, Any]]:
        """Newest first; `to` and `subject` keep the mails that contain them."""
        mails = self.http.get("/mailbox.json").json()
        return [m for m in mails if to in ", ".join(m["to"]) and subject in m["subject"]]

    def wait_for_mail(self, to: str = "", subject: str = "", within: float = 20) -> dict[str, Any]:
        what = f"a mail to {to or 'anybody'} about {subject or 'anything'}"
        return eventually(lambda: self.mails(to, subject), within, what)[0]

    # ------------------------------------------------------------ HQ

    @property
    def api_key(self) -> str:
        if self._api_key is None:
            self._api_key = create_key(
                self.client("dynamodb"), self.outputs["PartnersTable"], name="tests"
            )
        return self._api_key

    def hq(self, method: str, path: str, **request: Any) -> httpx.Response:
        """A call of the HQ API with the tests' key."""
        headers = {"X-Api-Key": self.api_key, **request.pop("headers", {})}
        return self.http.request(method, path, headers=headers, **request)

    def use_sample(
        self,
        sample: str,
        change: Callable[[dict[str, Any]], None] = lambda programme: None,
        without: Sequence[str] = (),
    ) -> None:
        """Puts a sample's programme, changed by `change`, and its partners through the HQ API;
        ``without``: postcode areas of Germany, such as 52, that are taken away from all of them.
        """
        programme = yaml.safe_load((SAMPLES / sample / "programme.yaml").read_text())
        change(programme)
        self.hq("PUT", "/v1/programme", json=programme).raise_for_status()
        partners = (SAMPLES / sample / "partners.csv").read_text("utf-8")
        if without:
            partners = _without(partners, "".join(f"|not DE {area}*" for area in without))
        self.hq(
            "POST",
            "/v1/partners/import",
            content=partners.encode(),
            headers={"Content-Type": "text/csv"},
        ).raise_for_status()


def _without(partners: str, taken_away: str) -> str:
    rows = list(csv.DictReader(io.StringIO(partners), delimiter=";"))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=";")
    writer.writeheader()
    for row in rows:
        here = row["territories"].startswith(("DE", "region"))
        writer.writerow(row | {"territories": row["territories"] + (taken_away if here else "")})
    return text.getvalue()


def needs_local_python() -> None:
    if not LOCAL_PYTHON.exists():
        pytest.skip(
            "the embedded AWS is not installed: run `make test-infra`, which makes .venv-local"
        )
    if sys.platform == "win32":
        pytest.skip("the embedded AWS needs Linux or macOS")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The real template with no programme and no partners yet."""
    needs_local_python()
    with Stack(tmp_path_factory.mktemp("embedded")) as running:
        yield running

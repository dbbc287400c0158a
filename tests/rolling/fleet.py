"""Two versions of the functions behind one world: who is called runs as the old code or the new, by
the dice.
"""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from botocore.awsrequest import AWSPreparedRequest
from moto.core.models import botocore_stubber

from routing_core.domain.events import CommitRecord
from tests.support.iam import functions
from tests.support.stack import dynamo_tables
from tests.support.triggers import table_record
from tests.support.world import World

HOST = Path(__file__).with_name("host.py")
CHANGES = Path(__file__).with_name("changes.py")
REFUSED_BY_NAME = "NewerData"
NOT_NOW = 503
"""The status by which the API says the same."""
PUT_EVENTS = "AWSEvents.PutEvents"
TRANSACTION = "DynamoDB_20120810.TransactWriteItems"


class VersionFailed(AssertionError):
    """A version ended a call with an error, or with an answer that says so."""

    by_name = False
    """Whether it said that it leaves what is newer than itself to newer code."""

    @classmethod
    def told(cls, text: str, by_name: bool) -> "VersionFailed":
        failure = cls(text)
        failure.by_name = by_name
        return failure


class Host:
    """One version of all functions, in a process of its own."""

    def __init__(self, name: str, tree: Path, log: Path) -> None:
        self.name, self.log = name, log
        path = os.pathsep.join([str(tree / "layers" / "routing_core"), str(tree)])
        with log.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, str(HOST), str(tree)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                env={**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"},
                cwd=tree,
            )

    def order(self, aws: Callable[..., Any], *words: Any) -> Any:
        """Gives what the order came to; meanwhile ``aws`` answers what the version asks of AWS."""
        self._tell(words)
        while True:
            kind, *told = self._hear()
            if kind == "aws":
                self._tell(aws(self, *told))
            elif kind == "failed":
                text = f"{self.name} code, {words[:2]}: {told[0]}\n{told[1]}"
                raise VersionFailed.told(text, told[0] == REFUSED_BY_NAME)
            else:
                return told[0]

    def _tell(self, what: Any) -> None:
        assert self._process.stdin
        pickle.dump(what, self._process.stdin)
        self._process.stdin.flush()

    def _hear(self) -> Any:
        assert self._process.stdout
        try:
            return pickle.load(self._process.stdout)
        except EOFError:
            raise VersionFailed(f"{self.name} code ended: {self.log.read_text()[-2000:]}") from None

    def end(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()

    def log_end(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]

    def errors(self) -> list[str]:
        """What it logged as an error."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if '"level":"ERROR"' in line or "Traceback" in line]


@dataclass
class RollingWorld(World):
    """What is streamed is what is stored, not what this version of the code would make of it."""

    def stream(self, *rows: CommitRecord) -> dict[str, Any]:
        from functions.outbox.app import handler

        self._rows |= {(row.lead, row.version) for row in rows}
        records = [table_record(image_of(row), self.now) for row in rows]
        return dict(handler({"Records": records}, None))


def image_of(row: CommitRecord) -> dict[str, Any]:
    stored = dynamo_tables()["leads"].items
    events = {key.value: item for key, item in _of(stored, f"LEAD#{row.lead}").items()}
    image: dict[str, Any] = events[f"EVENT#{row.version:06d}"].to_json()["Attributes"]
    return image


def _of(stored: Any, hash_key: str) -> Any:
    return next(items for key, items in stored.items() if key.value == hash_key)


@dataclass
class Fleet:
    """Who answers which call, and what the versions ask of AWS meanwhile."""

    world: RollingWorld
    old: Host
    new: Host
    dice: Random
    share: float = 0.0
    """How much of the traffic goes to the new code."""
    only: Host | None = None
    """Everything goes there, if a test says so."""
    meanwhile: Callable[[], None] | None = None
    """Happens at the other version before the next commit of this one."""
    refusals: list[str] = field(default_factory=list)
    """What the old code left to the new, by name: nothing may, unless ``newer``."""
    newer: bool = False
    """Whether the new code writes what the old cannot know."""
    calls: dict[str, set[str]] = field(default_factory=dict)
    """Which versions ran each function."""

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Whatever calls a function, calls this."""
        with ExitStack() as stack:
            for name in functions():
                handler = self._handler(name)
                stack.enter_context(patch(f"functions.{name}.app.handler", handler))
            yield

    def _handler(self, function: str) -> Callable[[Any, Any], Any]:
        return lambda event, context: self.call(function, event)

    @contextmanager
    def served_by(self, host: Host) -> Iterator[None]:
        before, self.only = self.only, host
        try:
            yield
        finally:
            self.only = before

    def other(self, host: Host) -> Host:
        return self.old if host is self.new else self.new

    def call(self, function: str, event: Any) -> Any:
        """Runs a function; what the old code refuses by name comes to the new, as a redelivery or
        another press of the button would.
        """
        host = self.only or (self.new if self.dice.random() < self.share else self.old)
        try:
            return self._run(host, function, event)
        except VersionFailed as failure:
            if host is self.new or not self.newer or not failure.by_name:
                raise
            self.refusals.append(function)
            return self._run(self.new, function, event)

    def _run(self, host: Host, function: str, event: Any) -> Any:
        self.calls.setdefault(function, set()).add(host.name)
        answer = host.order(self._aws, "run", function, event, self.world.now)
        told = answer if isinstance(answer, dict) else {}
        if told.get("batchItemFailures") or told.get("statusCode", 200) >= 500:
            text = f"{host.name} code, {function}: {answer}\n{host.log_end()}"
            raise VersionFailed.told(text, told.get("statusCode") == NOT_NOW)
        return answer

    def _aws(self, host: Host, method: str, url: str, headers: Any, body: Any) -> Any:
        target = _text(headers.get("X-Amz-Target"))
        if target == TRANSACTION and self.meanwhile:
            act, self.meanwhile = self.meanwhile, None
            with self.served_by(self.other(host)):
                act()
        request = AWSPreparedRequest(method, url, headers, body, False)
        told = botocore_stubber.process_request(request)
        assert told, f"moto knows nothing of {url}"
        status, answered, text = told
        if target == PUT_EVENTS and status == 200:
            self._published(body)
        answer = text.encode() if isinstance(text, str) else text
        return status, {name: str(value) for name, value in answered.items()}, answer

    def _published(self, body: Any) -> None:
        self.world.published += json.loads(body)["Entries"]

    def cold(self, host: Host) -> None:
        """Lambda starts other instances of that version: they know nothing yet."""
        host.order(self._aws, "cold")

    def changed(self, host: Host, name: str) -> None:
        """That version is another than its tree says: tomorrow's, or one with a mistake."""
        host.order(self._aws, "change", str(CHANGES), name)


def _text(header: Any) -> str:
    return header.decode() if isinstance(header, bytes) else str(header)

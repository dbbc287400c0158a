"""A process that runs the functions of one tree of code, as Lambda runs one version of them.

It is handed events through its input, one after the other, and hands every call to AWS back through
its output, so that several versions work on the same moto. It knows nothing of the tests beside it:
the tree it runs may be another than theirs.
"""

import os
import pickle
import sys
import threading
import traceback
from datetime import datetime
from importlib import import_module
from io import BytesIO
from types import ModuleType, SimpleNamespace
from typing import Any, BinaryIO

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.handlers import BUILTIN_HANDLERS

NOW = [datetime.min]
"""What the clock of whoever sends the events shows."""


class Clock(datetime):
    """Stands in for the class wherever the code looks at the clock."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return NOW[0]


class Invocation:
    """What Lambda tells a function of its call."""

    function_name = "rolling"
    memory_limit_in_mb = 128
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rolling:live"
    aws_request_id = "rolling"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 29_000


class Body(BytesIO):
    """The body of an answer, as urllib3 would stream it."""

    def stream(self, **_: Any) -> Any:
        yield self.read()


class Line:
    """The line to whoever sends the events; of several threads one at a time asks AWS."""

    def __init__(self, given: BinaryIO, told: BinaryIO) -> None:
        self.given, self.told = given, told
        self.one_at_a_time = threading.Lock()

    def hear(self) -> Any:
        return pickle.load(self.given)

    def tell(self, *what: Any) -> None:
        pickle.dump(what, self.told)
        self.told.flush()

    def aws(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        body = request.body.read() if hasattr(request.body, "read") else request.body
        sent = (request.method, request.url, dict(request.headers), body)
        with self.one_at_a_time:
            self.tell("aws", *sent)
            status, headers, answer = self.hear()
        return AWSResponse(request.url, status, headers, Body(answer))  # type: ignore[arg-type]


def edges() -> list[ModuleType]:
    """The modules that look at the clock: those of the handlers, and the wiring."""
    ours = [name for name in sys.modules if name.startswith("functions.")]
    return [sys.modules[name] for name in (*ours, "routing_core.aws.wiring")]


def look_at_the_senders_clock() -> None:
    for module in edges():
        if getattr(module, "datetime", None) is datetime:
            module.datetime = Clock  # type: ignore[attr-defined]
    wiring = sys.modules["routing_core.aws.wiring"]
    wiring.time = SimpleNamespace(monotonic=lambda: NOW[0].timestamp())  # type: ignore[attr-defined]


def run(function: str, event: Any, now: datetime) -> Any:
    app = import_module(f"functions.{function}.app")
    NOW[0] = now
    look_at_the_senders_clock()
    return app.handler(event, Invocation())


def grow_cold() -> None:
    """Forgets all that a warm function knows, as an instance does that is just started."""
    wiring = import_module("routing_core.aws.wiring")
    wiring.wiring.cache_clear()
    wiring._client.cache_clear()


def change(path: str, name: str) -> None:
    """Turns this version into another, as a file of the tests says."""
    scope: dict[str, Any] = {}
    with open(path, encoding="utf-8") as file:
        exec(compile(file.read(), path, "exec"), scope)
    scope["CHANGES"][name]()


def main(tree: str) -> None:
    line = Line(sys.stdin.buffer, os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)  # what the functions print is a log
    BUILTIN_HANDLERS.append(("before-send", line.aws))
    core = import_module("routing_core.aws.wiring").__file__ or ""
    assert core.startswith(tree), f"{core} is not of {tree}"
    orders = {"run": run, "change": change, "cold": grow_cold}
    while True:
        try:
            order, *words = line.hear()
        except EOFError:
            return
        try:
            line.tell("done", orders[order](*words))
        except Exception as error:  # noqa: BLE001 - whatever the code raised is the answer
            line.tell("failed", type(error).__name__, traceback.format_exc())


if __name__ == "__main__":
    main(sys.argv[1])

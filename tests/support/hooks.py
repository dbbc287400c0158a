"""Things that happen just before or just after a call to AWS, through botocore's own events.

``before-call``: nothing has happened yet. ``after-call``: it has happened, and an error raised
there is a lost reply.
moto never raises TransactionConflict, ignores ClientRequestToken and never leaves keys unprocessed:
this does.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.support.iam import outside
from tests.support.world import World

WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"}


@contextmanager
def hooked(
    world: World, event: str, operation: str, action: Callable[..., Any], times: int = 1
) -> Iterator[list[int]]:
    """Runs ``action`` at the first ``times`` calls of an operation on the tables; yields how many
    calls there were.

    What the action itself calls is not counted and sets off nothing.
    """
    client, calls, busy = world.wiring._dynamo, [0], [False]

    def hook(**told: Any) -> Any:
        if busy[0]:
            return None
        calls[0] += 1
        if calls[0] > times:
            return None
        busy[0] = True
        try:
            with outside():
                return action(**told)
        finally:
            busy[0] = False

    name = f"{event}.dynamodb.{operation}"
    client.meta.events.register(name, hook)
    try:
        yield calls
    finally:
        client.meta.events.unregister(name, hook)


@contextmanager
def meanwhile(world: World, action: Callable[[], Any], times: int = 1) -> Iterator[list[int]]:
    """Somebody else commits between our read and our commit."""

    def act(**_: Any) -> None:
        now = world.now
        action()
        world.now = now

    with hooked(world, "before-call", "TransactWriteItems", act, times) as calls:
        yield calls


@contextmanager
def refused(
    world: World, code: str, times: int = 1, operation: str = "TransactWriteItems"
) -> Iterator[list[int]]:
    """The service refuses without any effect."""

    def refuse(**_: Any) -> None:
        raise error(code, operation)

    with hooked(world, "before-call", operation, refuse, times) as calls:
        yield calls


@contextmanager
def crowd(world: World, times: int = 99) -> Iterator[list[int]]:
    """Others keep committing on the partners' loads: every transaction that touches one meets
    another.
    """
    met = [0]

    def meet(params: dict[str, Any], **_: Any) -> None:
        body = params["body"]
        if b'"PARTNER#' in (body if isinstance(body, bytes) else body.encode()) and met[0] < times:
            met[0] += 1
            raise error("TransactionConflict", "TransactWriteItems")

    with hooked(world, "before-call", "TransactWriteItems", meet, times=10_000):
        yield met


@contextmanager
def reply_lost(world: World, then: Callable[[], Any] = lambda: None) -> Iterator[None]:
    """The commit happened, its reply was lost, and the SDK's own retry finds its condition no
    longer true.
    """
    client, sent = world.wiring._dynamo, []

    def remember(params: dict[str, Any], **_: Any) -> None:
        sent.append(dict(params))

    def again(**_: Any) -> None:
        then()
        client.transact_write_items(**sent[0])

    client.meta.events.register("provide-client-params.dynamodb.TransactWriteItems", remember)
    try:
        with hooked(world, "after-call", "TransactWriteItems", again):
            yield
    finally:
        client.meta.events.unregister("provide-client-params.dynamodb.TransactWriteItems", remember)


@contextmanager
def timed_out(world: World) -> Iterator[None]:
    """The commit happened, and nobody will ever say so."""

    def silence(**_: Any) -> None:
        raise ReadTimeoutError(endpoint_url="https://dynamodb")

    with hooked(world, "after-call", "TransactWriteItems", silence):
        yield


@contextmanager
def nothing_listed(world: World) -> Iterator[None]:
    """S3 as roles know it that may read objects and not list them: an object that is not there is
    denied.
    """

    def deny(parsed: dict[str, Any], **_: Any) -> None:
        if parsed.get("Error", {}).get("Code") == "NoSuchKey":
            parsed["Error"]["Code"] = "AccessDenied"

    events = world.wiring.rules._s3().meta.events
    events.register("after-call.s3.GetObject", deny)
    try:
        yield
    finally:
        events.unregister("after-call.s3.GetObject", deny)


def error(code: str, operation: str) -> ClientError:
    response: dict[str, Any] = {"Error": {"Code": code, "Message": code}}
    if code == "TransactionConflict":
        response = {"Error": {"Code": "TransactionCanceledException", "Message": "cancelled"}}
        response["CancellationReasons"] = [{"Code": "None"}, {"Code": "TransactionConflict"}]
    return ClientError(response, operation)


@contextmanager
def writes_counted(world: World) -> Iterator[list[str]]:
    """Every call that changes anything: tables, bus, timers."""
    from routing_core.aws import wiring

    seen: list[str] = []

    def note(model: Any, **_: Any) -> None:
        if model.name in WRITES or model.name.startswith(
            ("Put", "Create", "Delete", "Send", "Update")
        ):
            seen.append(model.name)

    clients = [wiring._client(name) for name in ("dynamodb", "events", "scheduler", "sesv2", "s3")]
    for client in clients:
        client.meta.events.register("provide-client-params", note)
    try:
        yield seen
    finally:
        for client in clients:
            client.meta.events.unregister("provide-client-params", note)

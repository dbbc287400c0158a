"""Every call to AWS can go wrong in every way: before it happened, after it happened, or with the
process.

moto answers at once and always; this makes the n-th call of an action fail as AWS, the network or
Lambda would.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from routing_core.aws import wiring
from tests.support.hooks import error

SERVICES = ("dynamodb", "events", "scheduler", "sesv2", "s3", "secretsmanager")


class Killed(BaseException):
    """The process ended: no ``except Exception`` of ours sees it."""


class Fault(StrEnum):
    FAILS = "fails"  # an error of the service, its retries used up
    THROTTLED = "throttled"
    CONFLICT = "conflict"  # another transaction on the same item
    UNREACHABLE = "unreachable"
    KILLED_BEFORE = "killed before"
    RESENT = "reply lost, sent again"  # by the SDK: our own condition no longer holds
    SILENT = "timeout after it happened"
    KILLED_AFTER = "killed after"


BEFORE = (Fault.FAILS, Fault.THROTTLED, Fault.CONFLICT, Fault.UNREACHABLE, Fault.KILLED_BEFORE)
AFTER = (Fault.RESENT, Fault.SILENT, Fault.KILLED_AFTER)


def is_read(operation: str) -> bool:
    return operation.startswith(("Get", "BatchGet", "Query", "Scan"))


def applies(fault: Fault, call: str) -> bool:
    """A read has no effect that could be lost; only DynamoDB's writes meet another transaction."""
    service, operation = call.split(".")
    reads = is_read(operation)
    if fault is Fault.CONFLICT:
        return service == "dynamodb" and not reads
    return fault in BEFORE or not reads


@dataclass
class Trouble:
    """What is to go wrong at which call (its number from 0, or the first of that name), and the
    calls so far.
    """

    fault: Fault | None = None
    at: int | str = -1
    calls: list[str] = field(default_factory=list)
    fired: str = ""
    """The call that was hit."""
    asleep: bool = False
    """Nothing is counted: it is the test that looks, not the product."""
    _busy: bool = False

    def next(self, fault: Fault | None, at: int | str) -> None:
        """From now on; calls are counted anew."""
        self.fault, self.at, self.fired = fault, at, ""
        self.calls.clear()

    def asked(self, params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["asked"] = dict(
            params
        )  # of this call, whatever else is called before it has answered

    def before(self, model: Any, context: dict[str, Any], **_: Any) -> None:
        if self._busy or self.asleep:
            return
        self.calls.append(
            f"{model.service_model.endpoint_prefix}.{model.name}".replace("email.", "sesv2.")
        )
        context["place"] = len(self.calls) - 1
        if not self._is_at(len(self.calls) - 1) or self.fault not in BEFORE:
            return
        self.fired = self.calls[-1]
        raise self._error(model.name)

    def after(self, model: Any, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        if (
            self._busy
            or self.asleep
            or not self._is_at(context["place"])
            or self.fault not in AFTER
        ):
            return
        self.fired = self.calls[context["place"]]
        if self.fault is Fault.KILLED_AFTER:
            raise Killed(self.fired)
        if self.fault is Fault.SILENT:
            raise ReadTimeoutError(endpoint_url="https://aws")
        self._busy = True
        service = self.fired.partition(".")[0]
        try:
            answer = getattr(wiring._client(service), xform_name(model.name))(**context["asked"])
        finally:
            self._busy = False
        parsed.clear()
        parsed.update(answer)

    def _is_at(self, place: int) -> bool:
        return not self.fired and self.at in (place, self.calls[place])

    def _error(self, operation: str) -> BaseException:
        if self.fault is Fault.KILLED_BEFORE:
            return Killed(self.fired)
        if self.fault is Fault.UNREACHABLE:
            return ConnectTimeoutError(endpoint_url="https://aws")
        if self.fault is Fault.CONFLICT:
            alone = ClientError(
                {"Error": {"Code": "TransactionConflictException", "Message": ""}}, operation
            )
            return (
                error("TransactionConflict", operation)
                if operation.startswith("Transact")
                else alone
            )
        code = "ThrottlingException" if self.fault is Fault.THROTTLED else "InternalServerError"
        return error(code, operation)


@contextmanager
def trouble(fault: Fault | None = None, at: int | str = -1) -> Iterator[Trouble]:
    """Within, every client's calls are counted, and the one at that place meets the fault, once."""
    told = Trouble(fault, at)
    hooks = {
        "provide-client-params": told.asked,
        "before-call": told.before,
        "after-call": told.after,
    }
    emitters = [wiring._client(service).meta.events for service in SERVICES]
    for emitter in emitters:
        for name, hook in hooks.items():
            emitter.register(name, hook)
    try:
        yield told
    finally:
        for emitter in emitters:
            for name, hook in hooks.items():
                emitter.unregister(name, hook)

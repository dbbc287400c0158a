"""A warm intake, and beside it the bare calls of boto3 that it cannot do without: counted by `make
bench-instructions`.

Two enquiries are taken in over moto, of which the second finds a warm function. What AWS answered
is kept and answered again from memory in a process of its own, so that neither a network nor moto
is counted, but all of botocore is.
"""

from __future__ import annotations

import io
import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

READ, WRITE = "BatchGetItem", "TransactWriteItems"
KINDS = ("intake", "read and transaction", "transaction")


class Raw(io.BytesIO):
    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


def capture(file: Path) -> None:
    import boto3
    import pytest

    from functions.intake import app
    from routing_core.aws import wiring as wiring_module
    from tests.benchmarks.requests import HEATING, warm
    from tests.support.stack import forget_warm_state
    from tests.support.world import a_world

    kept: dict[str, Any] = {"cold": [], "warm": [], "params": {}}
    phase = "cold"

    def answered(response_dict: dict[str, Any], **_: Any) -> None:
        body = response_dict["body"]
        if not isinstance(body, bytes):  # a stream that is somebody else's to read
            body = boto3.client("s3").get_object(**kept["params"]["GetObject"])["Body"].read()
        kept[phase].append((response_dict["status_code"], dict(response_dict["headers"]), body))

    def asked(params: dict[str, Any], model: Any, **_: Any) -> None:
        kept["params"][model.name] = params

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        kept["event"] = event
        return handled(event, context)

    handled = app.handler
    with pytest.MonkeyPatch.context() as patch, a_world(patch) as world:
        HEATING.move_in(world)
        forget_warm_state()
        for service in ("dynamodb", "s3", "secretsmanager"):
            told = wiring_module._client(service).meta.events
            told.register("response-received", answered)
            told.register("provide-client-params", asked)
        patch.setattr(app, "handler", handler)
        with warm(world):
            for phase, phone in (("cold", "+498999998777"), ("warm", "+498999998778")):
                somebody = {"email": f"{phase}@posteo.de", "phone": phone}
                answer = world.post_lead(phase, **HEATING.enquiry | somebody)
                if answer.status != 201:
                    raise SystemExit(f"the enquiry was answered {answer.status}: {answer.body}")
        kept["environment"] = dict(os.environ)
    file.write_bytes(pickle.dumps(kept))


def play(file: Path, times: int, kind: str) -> None:
    """Cold once, then warm so many times."""
    kept = pickle.loads(file.read_bytes())
    os.environ.update(kept["environment"])

    import boto3
    from botocore.awsrequest import AWSResponse
    from botocore.httpsession import URLLib3Session

    answers = iter(kept["cold"])

    def send(_: Any, request: Any) -> AWSResponse:
        status, headers, body = next(answers)
        return AWSResponse(request.url, status, headers, Raw(body))

    URLLib3Session.send = send  # type: ignore[method-assign]
    if kind == "intake":
        from functions.intake.app import handler
        from routing_core.aws.wiring import wiring
        from tests.support.triggers import Context

        wiring().rules._clock = lambda: 0.0
        handler(kept["event"], Context())
        for _ in range(times):
            answers = iter(kept["warm"])
            if handler(kept["event"], Context())["statusCode"] != 201:
                raise SystemExit("the enquiry was not taken in")
        return
    client = boto3.client("dynamodb")
    for _ in range(times + 1):
        answers = iter(kept["warm"][-2 if kind == KINDS[1] else -1 :])
        if kind == KINDS[1]:
            client.batch_get_item(**kept["params"][READ])
        client.transact_write_items(**kept["params"][WRITE])


if __name__ == "__main__":
    play(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])

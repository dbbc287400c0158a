"""Mends what ministack 1.5.33 does differently from AWS.

Every function here mends one thing that we saw go wrong, and `tests/infra` holds a test for it. A
remedy that rewrites a line of ministack's source fails loudly when that line is gone: an upgrade is
a decision, not an accident.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import inspect
import io
import json
import re
import shutil
import textwrap
import threading
import time
import zipfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
"""A document as JSON has it: ministack keeps nothing else."""


def _rewrite(module: ModuleType, function: str, old: str, new: str) -> None:
    """Replace a piece of a function's source.

    Raise RuntimeError if the piece is not in it exactly once.
    """
    source = textwrap.dedent(inspect.getsource(getattr(module, function)))
    if source.count(old) != 1:
        raise RuntimeError(
            f"{module.__name__}.{function} has changed; look at infra/local/patches.py again"
        )
    code = compile(ast.parse(source.replace(old, new)), f"{module.__file__} (patched)", "exec")
    exec(code, vars(module))


def let_functions_answer_preflights() -> None:
    """Give OPTIONS to the route where an API has no CORS configuration, as API Gateway does.

    ministack answers 403 by itself.
    """
    from ministack.services import apigateway

    _rewrite(
        apigateway,
        "_handle_execute_in_scope",
        'if method == "OPTIONS":',
        'if method == "OPTIONS" and cors_cfg:',
    )


def hand_on_cookies() -> None:
    """Take the cookies of a request out of its headers into a list of their own, as API Gateway does.

    ministack leaves them in the headers, and gives no list.
    """
    from ministack.services import apigateway

    _rewrite(
        apigateway,
        "_invoke_lambda_proxy",
        '"headers": dict(headers),',
        '"headers": {name: value for name, value in headers.items() if name != "cookie"},'
        ' **({"cookies": headers["cookie"].split("; ")} if headers.get("cookie") else {}),',
    )


def take_alarms_of_several_metrics() -> None:
    """Make an alarm that computes with several metrics, as one on the first of them.

    ministack refuses a stack that has one. Nobody is woken by alarms here, so any metric will do.
    """
    from ministack.services.cloudformation import provisioners

    vars(provisioners)["_of_first_metric"] = _of_first_metric
    _rewrite(
        provisioners,
        "_cw_metric_alarm_record",
        'if props.get("Metrics"):',
        'props = _of_first_metric(props)\n    if props.get("Metrics"):',
    )


def _of_first_metric(alarm: Json) -> Json:
    """Give an alarm's properties with its first metric in the place of all."""
    several = [each["MetricStat"] for each in alarm.get("Metrics", ()) if "MetricStat" in each]
    if not several:
        return alarm
    first = several[0]
    alone = {name: value for name, value in alarm.items() if name != "Metrics"}
    return {**alone, **first["Metric"], "Statistic": first["Stat"], "Period": first["Period"]}


def fire_timers_every_second() -> None:
    """Look at schedules every second.

    ministack does so every ten, which a demo with short windows would feel.
    """
    from ministack.services import scheduler

    scheduler._SCHEDULE_TICK_INTERVAL = 1


def forget_stream_positions() -> None:
    """Read every stream from its beginning after a restart.

    Positions are persisted and records are not: with the old position a restarted stream stays
    deaf.
    """
    from ministack.services import lambda_svc

    lambda_svc._restore_esm_positions = lambda *_: None


def honour_stream_failures(attempts: int = 5) -> None:
    """Try a failed batch of a stream again, then send it to the mapping's failure queue.

    ministack takes partial failures for success, and brings a raising batch back for ever. Here
    both are tried again, ``attempts`` times at most. AWS would retry from the first failed
    record only, so that here its neighbours may be seen again: consumers are idempotent.
    """
    from ministack.services import lambda_svc

    execute = lambda_svc._execute_function
    failures: Counter[tuple[str, str]] = Counter()

    def execute_honestly(function: Json, event: Any) -> Json:
        result: Json = execute(function, event)
        records = _stream_records(event)
        if not records:
            return result
        problem = _stream_failure(result)
        if problem is None:
            return result
        batch = (_function_name(function), records[0]["dynamodb"]["SequenceNumber"])
        failures[batch] += 1
        if failures[batch] <= attempts:
            return problem
        del failures[batch]
        _give_up(function, records, problem)
        return {"body": None}

    lambda_svc._execute_function = execute_honestly


def _stream_records(event: Any) -> list[Json]:
    """Give the records that a stream of DynamoDB brings with an event; none for any other event."""
    records: list[Json] = event.get("Records") or [] if isinstance(event, dict) else []
    is_of_a_stream = bool(records) and records[0].get("eventSource") == "aws:dynamodb"
    return records if is_of_a_stream else []


def _stream_failure(result: Json) -> Json | None:
    """Give an answer as the failure that it is, even of some records; None if all went well."""
    if result.get("error"):
        return result
    body = result.get("body")
    failed = body.get("batchItemFailures") if isinstance(body, dict) else None
    if not failed:
        return None
    told = {"errorType": "BatchItemFailures", "errorMessage": str(failed)}
    return {**result, "error": True, "body": told}


def _give_up(function: Json, records: list[Json], problem: Json) -> None:
    """Send the position of a batch to the failure queue of what reads its stream."""
    from ministack.services import lambda_svc

    name = _function_name(function)
    stream = records[0]["eventSourceARN"]
    for _, _, mapping in lambda_svc._iter_all_esms():
        if mapping["FunctionName"] == name and mapping["EventSourceArn"] == stream:
            lambda_svc._send_ddb_stream_failure_record(
                mapping, function, records, stream, problem, "RetryAttemptsExhausted"
            )


def _function_name(function: Json) -> str:
    """Give the name of a function.

    ministack hands around its record in one place, only its configuration in another.
    """
    return str((function.get("config") or function)["FunctionName"])


def retry_events() -> None:
    """Try a call of a rule or a timer again that failed, then keep the event, as AWS does.

    ministack calls once, and forgets a failure.
    """
    from ministack.services import eventbridge

    _rewrite(
        eventbridge,
        "_dispatch_to_lambda",
        "    threading.Thread(\n"
        "        target=lambda_svc._execute_function_with_config_scope, args=(exec_record, event), daemon=True\n"
        "    ).start()",
        "    lambda_svc.invoke_async_with_retry(exec_record, event)",
    )


def use_few_workers(per_queue: int = 2, for_events: int = 3) -> None:
    """Bound how many processes work at once for a queue, and how many for events.

    Fifty events would each start a process of their own at once: too much for a small machine.
    """
    from ministack.services import lambda_svc

    lambda_svc._sqs_esm_concurrency = lambda *_, **__: per_queue
    lambda_svc._few = ThreadPoolExecutor(for_events, thread_name_prefix="events")
    _rewrite(
        lambda_svc,
        "invoke_async_with_retry",
        "threading.Thread(target=ctx_snapshot.run, args=(_run,), daemon=True).start()",
        "_few.submit(ctx_snapshot.run, _run)",
    )


def unpack_layers_once(folder: Path) -> None:
    """Unpack each layer once, into a folder that all workers share.

    Every worker would unpack the whole layer for itself: four seconds and 45 MB each. They get a
    layer of one line instead, which puts the shared folder at the front of their path.
    """
    from ministack.services import lambda_svc

    resolve = lambda_svc._resolve_layer_zip
    lock = threading.Lock()
    stand_ins: dict[bytes, bytes] = {}

    def resolve_to_stand_in(attachment: str | Json) -> bytes | None:
        layer: bytes | None = resolve(attachment)
        if layer is None:
            return None
        with lock:  # two workers that start together would unpack into the same folder
            digest = hashlib.sha256(layer).digest()
            if digest not in stand_ins:
                stand_ins[digest] = _stand_in_for(_unpacked(layer, folder))
            return stand_ins[digest]

    lambda_svc._resolve_layer_zip = resolve_to_stand_in


def _unpacked(layer: bytes, folder: Path) -> Path:
    """Unpack a layer under a name that is a hash of it, and give where it lies."""
    target = folder / hashlib.sha256(layer).hexdigest()[:16]
    if not target.exists():
        # Renamed when it is whole: after a kill in the middle, half a layer must not be taken for
        # one.
        part = target.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        with zipfile.ZipFile(io.BytesIO(layer)) as archive:
            archive.extractall(part)
        part.rename(target)
    return target


def _stand_in_for(unpacked: Path) -> bytes:
    """Make a layer of one line, which puts another that lies unpacked on the path of Python."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        line = f"import sys; sys.path.insert(0, {str(unpacked / 'python')!r})\n"
        # Named by what it leads to: a function's layers are laid into one folder.
        name = f"python/lib/python3/site-packages/{unpacked.name}.pth"
        archive.writestr(name, line)
    return packed.getvalue()


def keep_mails(folder: Path) -> None:
    """Write every mail that is sent into a folder, for the mailbox to read, and tell the bus.

    ministack keeps mails in memory, without attachments and most headers, and tells nobody that
    they were delivered. Every address counts as verified: nothing leaves the machine, and the
    sender is the programme's own.
    """
    from ministack.services import ses_v2

    ses_v2._message_rejection = lambda *_: None
    handle = ses_v2.handle_request
    folder.mkdir(parents=True, exist_ok=True)

    async def handle_and_keep(
        method: str, path: str, headers: Json, body: bytes, query: Json
    ) -> Any:
        if method == "DELETE" and "/suppression/addresses/" in path:
            # ministack keeps no such list: no address is on it.
            return 200, {"Content-Type": "application/json"}, b"{}"
        response = await handle(method, path, headers, body, query)
        is_mail = method == "POST" and path.rstrip("/").endswith("/outbound-emails")
        if is_mail and response[0] == 200:
            request, answer = json.loads(body), json.loads(response[2])
            _keep_mail(folder, request, answer)
            _tell_of_delivery(request, answer)
        return response

    ses_v2.handle_request = handle_and_keep


def _keep_mail(folder: Path, request: Json, answer: Json) -> None:
    """Write a mail and its envelope under a name that sorts by the time it was sent.

    A request without raw content is no mail.
    """
    raw = request.get("Content", {}).get("Raw", {}).get("Data")
    if not raw:
        return
    name = f"{time.time_ns():020d}"
    envelope = {"to": request.get("Destination", {}).get("ToAddresses", []), **answer}
    (folder / f"{name}.json").write_text(json.dumps(envelope))
    # The mailbox looks for .eml: it finds a mail only when that and the envelope are whole.
    part = folder / f"{name}.part"
    part.write_bytes(base64.b64decode(raw))
    part.rename(folder / f"{name}.eml")


BOUNCES = re.compile(r"bounce(\+[^@]*)?@simulator\.amazonses\.com", re.IGNORECASE)
"""Addresses of SES's mailbox simulator that return every mail."""


def _tell_of_delivery(request: Json, answer: Json) -> None:
    """Put on the default bus that a mail was delivered: the mailbox takes everything.

    Only what goes to the simulator's address for that comes back, as in SES. And as there only a
    mail that was sent with a configuration set is told of.
    """
    from ministack.services import eventbridge

    configuration_set = request.get("ConfigurationSetName")
    if not configuration_set:
        return
    readers = request.get("Destination", {}).get("ToAddresses", [])
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
    tags = {tag["Name"]: [tag["Value"]] for tag in request.get("EmailTags") or []}
    mail = {
        "timestamp": now,
        "messageId": answer["MessageId"],
        "destination": readers,
        "tags": tags | {"ses:configuration-set": [configuration_set]},
    }
    delivery = {"timestamp": now, "recipients": readers, "smtpResponse": "250 2.0.0 OK"}
    kind, detail = "Delivered", {"eventType": "Delivery", "mail": mail, "delivery": delivery}
    if any(BOUNCES.fullmatch(each) for each in readers):
        bounced = [{"emailAddress": each} for each in readers]
        bounce = {"timestamp": now, "bounceType": "Permanent", "bouncedRecipients": bounced}
        kind, detail = "Bounced", {"eventType": "Bounce", "mail": mail, "bounce": bounce}
    entry = {
        "Source": "aws.ses",
        "DetailType": f"Email {kind}",
        "Detail": json.dumps(detail),
    }
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)

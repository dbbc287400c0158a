"""What ministack 1.5.33 does differently from AWS, and the remedy for each.

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
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

from infra.local.write_ahead_log import WriteAheadLog
from infra.tools.event_rows import in_order

Json: TypeAlias = dict[str, Any]


def _rewrite(module: ModuleType, function: str, old: str, new: str) -> None:
    source = textwrap.dedent(inspect.getsource(getattr(module, function)))
    if source.count(old) != 1:
        raise RuntimeError(
            f"{module.__name__}.{function} has changed; look at infra/local/patches.py again"
        )
    code = compile(ast.parse(source.replace(old, new)), f"{module.__file__} (patched)", "exec")
    exec(code, vars(module))


def let_functions_answer_preflights() -> None:
    """An API without a CORS configuration gives OPTIONS to the route, as API Gateway does when
    there is one.
    """
    from ministack.services import apigateway

    _rewrite(
        apigateway,
        "_handle_execute_in_scope",
        'if method == "OPTIONS":',
        'if method == "OPTIONS" and cors_cfg:',
    )


def fire_timers_every_second() -> None:
    """Schedules are looked at every ten seconds otherwise, which a demo with short windows would
    feel.
    """
    from ministack.services import scheduler

    scheduler._SCHEDULE_TICK_INTERVAL = 1


def forget_stream_positions() -> None:
    """Positions are persisted and records are not: with the old position a restarted stream stays
    deaf.
    """
    from ministack.services import lambda_svc

    lambda_svc._restore_esm_positions = lambda *_: None


def honour_stream_failures(attempts: int = 5) -> None:
    """Partial failures of a stream batch count as success, and a raising batch comes back for ever.

    Here both are tried again, `attempts` times at most; then the batch goes to the mapping's
    failure queue. AWS would retry from the first failed record only, so that here its neighbours
    may be seen again: consumers are idempotent.
    """
    from ministack.services import lambda_svc

    execute = lambda_svc._execute_function
    failures: Counter[tuple[str, str]] = Counter()

    def give_up(func: Json, batch: list[Json], result: Json) -> None:
        name = (func.get("config") or func)["FunctionName"]
        stream = batch[0]["eventSourceARN"]
        for _, _, mapping in lambda_svc._iter_all_esms():
            if mapping["FunctionName"] == name and mapping["EventSourceArn"] == stream:
                lambda_svc._send_ddb_stream_failure_record(
                    mapping, func, batch, stream, result, "RetryAttemptsExhausted"
                )

    def execute_honestly(func: Json, event: Any) -> Json:
        result: Json = execute(func, event)
        records = event.get("Records") if isinstance(event, dict) else None
        if not records or records[0].get("eventSource") != "aws:dynamodb":
            return result
        body = result.get("body")
        if not result.get("error"):
            failed = body.get("batchItemFailures") if isinstance(body, dict) else None
            if not failed:
                return result
            result = {
                **result,
                "error": True,
                "body": {"errorType": "BatchItemFailures", "errorMessage": str(failed)},
            }
        batch_id = (
            (func.get("config") or func)["FunctionName"],
            records[0]["dynamodb"]["SequenceNumber"],
        )
        failures[batch_id] += 1
        if failures[batch_id] <= attempts:
            return result
        del failures[batch_id]
        give_up(func, records, result)
        return {"body": None}

    lambda_svc._execute_function = execute_honestly


def retry_events() -> None:
    """A rule or a timer calls its function once, and a failure is forgotten; AWS tries again, then
    keeps the event.
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
    """Fifty events would each start a process of their own at once: too much for a small
    machine.
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
    """Every worker would unpack the whole layer for itself: four seconds and 45 MB each.

    Workers get a layer of one line instead, which puts the shared folder at the front of their
    path.
    """
    from ministack.services import lambda_svc

    resolve = lambda_svc._resolve_layer_zip
    lock = threading.Lock()
    stand_ins: dict[bytes, bytes] = {}

    def unpack(layer: bytes) -> bytes:
        target = folder / hashlib.sha256(layer).hexdigest()[:16]
        if not target.exists():
            part = target.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            with zipfile.ZipFile(io.BytesIO(layer)) as archive:
                archive.extractall(part)
            part.rename(target)
        stand_in = io.BytesIO()
        with zipfile.ZipFile(stand_in, "w") as archive:
            line = f"import sys; sys.path.insert(0, {str(target / 'python')!r})\n"
            archive.writestr("python/lib/python3/site-packages/shared.pth", line)
        return stand_in.getvalue()

    def resolve_to_stand_in(attachment: str | Json) -> bytes | None:
        layer = resolve(attachment)
        if layer is None:
            return None
        with lock:
            key = hashlib.sha256(layer).digest()
            if key not in stand_ins:
                stand_ins[key] = unpack(layer)
            return stand_ins[key]

    lambda_svc._resolve_layer_zip = resolve_to_stand_in


def keep_mails(folder: Path) -> None:
    """ministack keeps mails in memory, without attachments and most headers; the mailbox reads
    these files instead.

    Every address counts as verified: nothing leaves the machine, and the sender is the programme's
    own.
    """
    from ministack.services import ses_v2

    ses_v2._message_rejection = lambda *_: None
    handle = ses_v2.handle_request
    folder.mkdir(parents=True, exist_ok=True)

    async def handle_and_keep(
        method: str, path: str, headers: Json, body: bytes, query: Json
    ) -> Any:
        response = await handle(method, path, headers, body, query)
        if (
            method == "POST"
            and path.rstrip("/").endswith("/outbound-emails")
            and response[0] == 200
        ):
            request = json.loads(body)
            raw = request.get("Content", {}).get("Raw", {}).get("Data")
            if raw:
                name = f"{time.time_ns():020d}"
                envelope = {
                    "to": request.get("Destination", {}).get("ToAddresses", []),
                    **json.loads(response[2]),
                }
                (folder / f"{name}.json").write_text(json.dumps(envelope))
                part = folder / f"{name}.part"
                part.write_bytes(base64.b64decode(raw))
                part.rename(folder / f"{name}.eml")
        return response

    ses_v2.handle_request = handle_and_keep


def save_often(log: WriteAheadLog, every: float = 1.0) -> None:
    """State is written at a graceful end only, so that `kill -9` would lose everything.

    The tables are the truth: each write is logged before it is acknowledged, and they are copied as
    a whole now and then. Everything else (timers, queues, the stack itself) is written a second
    after it changed; what a kill takes of that, ``replay_recent_events`` and the sweeper bring
    again. Lambda holds code and layers (tens of megabytes), so it is asked only after a deployment.
    ministack's own ``save_state`` encodes piece by piece, which takes seconds.
    """
    from ministack import app
    from ministack.core import persistence

    folder = Path(persistence.STATE_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, int] = {}

    def deployed() -> int:
        from ministack.services import lambda_svc

        functions = [
            f.get("config", {}).get("CodeSha256") for f in lambda_svc._functions._data.values()
        ]
        layers = [layer.get("next_version") for layer in lambda_svc._layers._data.values()]
        return hash(f"{functions}{layers}{sorted(map(str, lambda_svc._esms._data))}")

    def encoded(service: str, state: Json) -> str:
        whole = {
            "__ministack_format__": persistence._state_format_version(service),
            "payload": state,
        }
        return json.dumps(whole, default=persistence._json_default)

    def write(service: str, text: str) -> None:
        part = folder / f"{service}.part"
        part.write_text(text)
        part.replace(folder / f"{service}.json")

    def save(service: str, get_state: Callable[[], Any]) -> None:
        mark = deployed() if service == "lambda" else None
        if mark and written.get(service) == mark:
            return
        state = get_state()
        if state is None:
            return
        text = encoded(service, state)
        mark = mark or hash(text)
        if written.get(service) != mark:
            write(service, text)
            written[service] = mark

    def copy_tables(get_state: Callable[[], Any]) -> None:
        if log.copy_is_due():
            log.copy(get_state, lambda state: write("dynamodb", encoded("dynamodb", state)))

    def save_changes() -> None:
        services = app._build_persistence_save_dict()
        tables = services.pop("dynamodb", None)
        if tables is not None:
            _while_it_stands_still(partial(copy_tables, tables))
        for service, get_state in services.items():
            _while_it_stands_still(partial(save, service, get_state))

    _in_background(save_changes, every)


def _while_it_stands_still(work: Callable[[], None], tries: int = 20) -> None:
    """A dict may grow while it is read: it is read again, and after so many times a second
    later.
    """
    for _ in range(tries):
        try:
            work()
        except RuntimeError:
            continue
        return


def move_queues(port: int) -> None:
    """Queues are kept under addresses with the port of the run that made them: after a restart
    nobody found them.
    """
    from ministack.services import sqs

    def here(url: str) -> str:
        return re.sub(r"(//[^/:]+):\d+/", rf"\g<1>:{port}/", url, count=1)

    for account, region, url in list(sqs._queues._data):
        queue = sqs._queues._data.pop((account, region, url))
        sqs._queues._data[account, region, here(url)] = queue | (
            {"url": here(url)} if "url" in queue else {}
        )
    names = sqs._queue_name_to_url._data
    names.update({key: here(url) for key, url in names.items()})


def replay_recent_events(table_prefix: str, minutes: int = 10) -> None:
    """Puts the event rows of the last minutes back on the stream at a start.

    What was committed just before a `kill -9` may not have reached its function, and the stream's
    own records are gone. Every consumer is idempotent, so that seeing a row again does no harm.
    Profiles come along: the network is compiled from the whole table, whichever of them woke it.
    """
    from ministack.core.responses import set_request_account_id, set_request_region
    from ministack.services import dynamodb

    since = datetime.now(UTC) - timedelta(minutes=minutes)
    for (account, region, name), table in list(dynamodb._tables._data.items()):
        if not name.startswith(table_prefix):
            continue
        set_request_account_id(account)
        set_request_region(region)
        items = [item for rows in list(table["items"].values()) for item in list(rows.values())]
        profiles = [item for item in items if item["sk"]["S"] in ("PROFILE", "CHANGED")]
        for item in [*profiles, *in_order(items, since)]:
            dynamodb._emit_stream_event(name, "INSERT", None, item, replicate=False)


def _in_background(work: Callable[[], None], every: float) -> None:
    def loop() -> None:
        while True:
            time.sleep(every)
            work()

    threading.Thread(target=loop, daemon=True).start()

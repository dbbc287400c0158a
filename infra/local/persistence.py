"""Keeps what the embedded AWS holds: a `kill -9` loses at most a second of it.

The tables are the truth: each write is logged before it is acknowledged (``write_ahead_log``), and
they are copied as a whole now and then. Everything else (timers, queues, the stack itself) is
written a second after it changed; what a kill takes of that, ``replay_recent_events`` and the
sweeper bring again.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from infra.local.write_ahead_log import WriteAheadLog
from infra.tools.event_rows import in_order

ReadState = Callable[[], Any]
"""Gives all that a service holds, as ministack persists it; None if it holds nothing."""

TRIES_TO_READ = 20
"""The number of times that a state is read that grew while it was read; then it waits."""


class StateKeeper:
    """Writes the state of ministack's services into its folder, each when it has changed.

    ministack writes it at a graceful end only, so that `kill -9` would lose everything, and its own
    ``save_state`` encodes piece by piece, which takes seconds.
    """

    def __init__(self, folder: Path, log: WriteAheadLog) -> None:
        """Keep states in a folder, which is made if it is not there.

        ``log`` says when tables are to be copied.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._log = log
        self._written: dict[str, int] = {}
        """A mark of each service's state as it was last written, which changes with the state."""

    def save_changes(self) -> None:
        """Write the state of each service that has changed since the last time."""
        from ministack import app

        services = app._build_persistence_save_dict()
        tables = services.pop("dynamodb", None)
        if tables is not None:
            _while_it_stands_still(partial(self._copy_tables, tables))
        for service, read in services.items():
            _while_it_stands_still(partial(self._save, service, read))

    def _copy_tables(self, read: ReadState) -> None:
        """Write all tables, if the log of their writes has become long or old."""
        if self._log.copy_is_due():
            self._log.copy(read, lambda state: self._write("dynamodb", _encoded("dynamodb", state)))

    def _save(self, service: str, read: ReadState) -> None:
        """Write the state of a service, unless it is what was written last."""
        if service == "lambda":
            # It holds code and layers, tens of megabytes: they are read only after a deployment.
            mark = _mark_of_deployment()
            if self._written.get(service) == mark:
                return
        state = read()
        if state is None:
            return
        text = _encoded(service, state)
        if service != "lambda":
            mark = hash(text)
        if self._written.get(service) != mark:
            self._write(service, text)
            self._written[service] = mark

    def _write(self, service: str, text: str) -> None:
        """Put a state where ministack reads it at a start: whole, or as it was before."""
        part = self._folder / f"{service}.part"
        part.write_text(text)
        part.replace(self._folder / f"{service}.json")


def _mark_of_deployment() -> int:
    """Give a number that changes when functions, layers or what triggers them are deployed."""
    from ministack.services import lambda_svc

    functions = [
        function.get("config", {}).get("CodeSha256")
        for function in lambda_svc._functions._data.values()
    ]
    layers = [layer.get("next_version") for layer in lambda_svc._layers._data.values()]
    triggers = sorted(map(str, lambda_svc._esms._data))
    return hash(f"{functions}{layers}{triggers}")


def _encoded(service: str, state: Any) -> str:
    """Encode a state as ministack reads it at a start."""
    from ministack.core import persistence

    whole = {"__ministack_format__": persistence._state_format_version(service), "payload": state}
    return json.dumps(whole, default=persistence._json_default)


def _while_it_stands_still(work: Callable[[], None]) -> None:
    """Do work that reads a state, and do it again if the state grew meanwhile.

    Python answers such growth with RuntimeError.
    """
    for _ in range(TRIES_TO_READ):
        try:
            work()
        except RuntimeError:
            continue
        return


def save_often(log: WriteAheadLog, every: float = 1.0) -> None:
    """Save what has changed, again and again, ``every`` so many seconds."""
    from ministack.core import persistence

    keeper = StateKeeper(Path(persistence.STATE_DIR), log)

    def save_again_and_again() -> None:
        while True:
            time.sleep(every)
            keeper.save_changes()

    threading.Thread(target=save_again_and_again, daemon=True).start()


def move_queues(port: int) -> None:
    """Put the port of this run into the addresses of queues, in place of the last run's.

    Nobody would find them after a restart.
    """
    from ministack.services import sqs

    def here(url: str) -> str:
        return re.sub(r"(//[^/:]+):\d+/", rf"\g<1>:{port}/", url, count=1)

    for account, region, url in list(sqs._queues._data):
        queue = sqs._queues._data.pop((account, region, url))
        if "url" in queue:
            queue = {**queue, "url": here(url)}
        sqs._queues._data[account, region, here(url)] = queue
    names = sqs._queue_name_to_url._data
    for key, url in names.items():
        names[key] = here(url)


def replay_recent_events(table_prefix: str, minutes: int = 10) -> None:
    """Put the event rows of the last minutes back on the streams of tables whose names begin so.

    What was committed just before a `kill -9` may not have reached its function, and the stream's
    own records are gone. Every consumer is idempotent, so that seeing a row again does no harm.
    Profiles come along: the network is compiled from the whole table, whichever of them woke it; and
    the leads of those rows, from which the read model is made.
    """
    from ministack.core.responses import set_request_account_id, set_request_region
    from ministack.services import dynamodb

    since = datetime.now(UTC) - timedelta(minutes=minutes)
    for (account, region, name), table in list(dynamodb._tables._data.items()):
        if not name.startswith(table_prefix):
            continue
        set_request_account_id(account)
        set_request_region(region)
        items: list[dict[str, Any]] = []
        # Copied before it is walked: functions of the run before may write at this very moment.
        for rows in list(table["items"].values()):
            items += list(rows.values())
        profiles = [item for item in items if item["sk"]["S"] in ("PROFILE", "CHANGED")]
        events = in_order(items, since)
        changed = {event["pk"]["S"] for event in events}
        leads = [
            item
            for item in items
            if item["pk"]["S"] in changed and item["sk"]["S"] in ("LEAD", "CONTEXT")
        ]
        for item in [*profiles, *leads, *events]:
            dynamodb._emit_stream_event(name, "INSERT", None, item, replicate=False)

"""Runs ministack in this process, mended and quiet, until the parent goes away.

The parent holds the other end of our standard input: when it dies, however it dies, the pipe closes
and we save and end, so that no emulator is ever left behind.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from pathlib import Path

sys.path.insert(
    0, str(Path(__file__).resolve().parents[2])
)  # not PYTHONPATH: functions would inherit it

# ministack reads its settings while it is imported, so they are set before anything else happens.
PORT = int(sys.argv[1])
DATA = Path(sys.argv[2])
os.environ.update(
    BIND_HOST="127.0.0.1",  # it would listen on every interface, and it runs code for whoever asks
    MINISTACK_HOST="127.0.0.1",
    GATEWAY_PORT=str(PORT),
    IOT_MTLS_ENABLED="0",  # its broker ignores BIND_HOST
    SFTP_ENABLED="0",
    PERSIST_STATE="1",
    STATE_DIR=str(DATA / "state"),
    S3_PERSIST="1",
    S3_DATA_DIR=str(DATA / "s3"),
    # Each call at once is a process of its own: 80 posts at once took 6.7 GB without a limit.
    LAMBDA_ACCOUNT_CONCURRENCY=os.environ.get("LAMBDA_ACCOUNT_CONCURRENCY", "24"),
    DOCKER_HOST="unix:///nonexistent",  # a machine that has Docker behaves like one that has not
)


def main() -> None:
    """Mend ministack, then serve it until the parent goes away."""
    _mend()
    asyncio.run(_serve_until_parent_leaves())
    os._exit(0)  # saved; workers and pollers need no farewell


def _mend() -> None:
    """Put every remedy in, and let ministack read what was kept when it starts."""
    from ministack import app
    from ministack.core import persistence

    from infra.local import patches
    from infra.local.persistence import move_queues, replay_recent_events, save_often
    from infra.local.write_ahead_log import WriteAheadLog

    assert persistence.PERSIST_STATE, "ministack was imported before its settings"
    patches.let_functions_answer_preflights()
    patches.hand_on_cookies()
    patches.take_alarms_of_several_metrics()
    patches.fire_timers_every_second()
    patches.forget_stream_positions()
    patches.honour_stream_failures()
    patches.retry_events()
    patches.use_few_workers()
    patches.unpack_layers_once(DATA / "layers")
    patches.keep_mails(DATA / "mails")
    log = WriteAheadLog(DATA / "state" / "writes")
    log.install()

    load = app._load_persisted_state

    def load_and_replay() -> None:
        load()
        log.replay()
        move_queues(PORT)
        replay_recent_events("partner-relay-")
        # Not before: on a busy machine reading takes seconds, and what is not read yet would be
        # kept as empty.
        save_often(log)

    app._load_persisted_state = load_and_replay


async def _serve_until_parent_leaves() -> None:
    """Answer requests until our standard input ends."""
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack import app

    logging.getLogger("hypercorn.access").disabled = True  # magic links are in the paths
    config = Config()
    config.bind = [f"127.0.0.1:{PORT}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 2
    config.loglevel = "WARNING"

    gone = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait_for_end_of_input() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(gone.set)

    threading.Thread(target=wait_for_end_of_input, daemon=True).start()
    await serve(app.app, config, shutdown_trigger=gone.wait)


if __name__ == "__main__":
    main()

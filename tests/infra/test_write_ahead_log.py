"""The embedded DynamoDB is killed under load, again and again: nothing acknowledged is gone, and
nothing is half.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from tests.support.embedded import LOCAL_PYTHON, ROOT, needs_local_python

pytestmark = pytest.mark.embedded
KILLS = 20
TABLE = "written"
WRITERS = 4
PACE = 0.4
"""Seconds of writing before a kill, once to four times: a second after its start the emulator
copies its tables, so that some kills come before that, some after, and some meanwhile.
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


SLOW_TO_READ = """
import sys, time
from infra.local import launcher
from ministack import app
from ministack.services import secretsmanager
load = app._load_persisted_state
def load_slowly():
    time.sleep(3)
    load()
app._load_persisted_state = load_slowly
launcher.main()
"""
"""Starts the launcher on a machine so busy that the first time to save comes while what was kept is
still being read: there is a service by then (another's code needs it), and nothing in it.
"""


@contextmanager
def emulator(
    data: Path, service: str = "dynamodb", script: str = ""
) -> Iterator[tuple[Any, subprocess.Popen[bytes]]]:
    """The embedded AWS alone, with nothing deployed: a client of ``service``. ``script``: another
    way to start it.
    """
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(data),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONPATH": str(ROOT),
    }
    start = ["-c", script] if script else [str(ROOT / "infra/local/launcher.py")]
    launcher = [str(LOCAL_PYTHON), *start, str(port), str(data)]
    with (data / "launcher.log").open("a") as log:
        process = subprocess.Popen(
            launcher, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment
        )
    try:
        _wait_for(port, process, data / "launcher.log")
        yield client(port, service), process
    finally:
        process.kill()
        process.wait()
        assert process.stdin
        process.stdin.close()


def client(port: int, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="eu-central-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}, max_pool_connections=WRITERS + 1),
    )


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()[-2000:]
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the embedded AWS did not start")


def write_until_the_end(table: Any, name: str, acknowledged: list[str]) -> None:
    """Pairs of items, each pair in one transaction; and a counter, by a condition on what it
    was.
    """
    number = 0
    try:
        while True:
            number += 1
            key = f"{name}.{number}"
            puts = [
                {"Put": {"TableName": TABLE, "Item": item(key, half)}} for half in ("one", "other")
            ]
            table.transact_write_items(TransactItems=puts)
            acknowledged.append(key)
            table.put_item(TableName=TABLE, Item=item(f"{key}.alone", "one"))
            table.delete_item(TableName=TABLE, Key=item(f"{key}.alone", "one"))
            acknowledged.append(f"{key}.deleted")
    except BotoCoreError:  # nobody is there any more
        return


def item(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def stored(table: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for page in table.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True):
        for row in page["Items"]:
            found.setdefault(row["pk"]["S"], set()).add(row["sk"]["S"])
    return found


def missing(found: dict[str, set[str]], acknowledged: list[str]) -> list[str]:
    wrong = []
    for key in acknowledged:
        deleted = key.removesuffix(".deleted")
        if deleted != key:
            wrong += [key] if f"{deleted}.alone" in found else []
        elif found.get(key) != {"one", "other"}:
            wrong.append(key)
    return wrong


def test_killed_under_load_twenty_times_it_has_all_that_it_acknowledged(tmp_path: Path) -> None:
    needs_local_python()
    acknowledged: list[str] = []
    with emulator(tmp_path) as (table, _):
        table.create_table(
            TableName=TABLE,
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        copied = tmp_path / "state/dynamodb.json"
        end = time.monotonic() + 30
        while not (copied.exists() and TABLE in copied.read_text()):
            assert time.monotonic() < end, "the new table was not written"
            time.sleep(0.1)
    for kill in range(KILLS):
        with emulator(tmp_path) as (table, process):
            wrong = missing(stored(table), acknowledged)
            assert wrong == [], f"lost by kill {kill}: {len(wrong)} of {len(acknowledged)}"
            halves = {
                key: parts
                for key, parts in stored(table).items()
                if len(parts) != 2 and ".alone" not in key
            }
            assert halves == {}, f"half a transaction after kill {kill}"
            names = [f"{kill}.{writer}" for writer in range(WRITERS)]
            writers = [
                threading.Thread(target=write_until_the_end, args=(table, name, acknowledged))
                for name in names
            ]
            for writer in writers:
                writer.start()
            time.sleep(PACE * (1 + kill % 4))
            os.kill(process.pid, signal.SIGKILL)
            for writer in writers:
                writer.join()
    with emulator(tmp_path) as (table, _):
        assert missing(stored(table), acknowledged) == []
    assert len(acknowledged) > 50 * KILLS, "hardly anything was written"


def test_a_start_on_a_busy_machine_does_not_keep_as_empty_what_it_has_not_read_yet(
    tmp_path: Path,
) -> None:
    needs_local_python()
    kept = tmp_path / "state/secretsmanager.json"
    with emulator(tmp_path, "secretsmanager") as (secrets, _):
        secrets.create_secret(Name="link-keys", SecretString="k1")
        end = time.monotonic() + 30
        while not (kept.exists() and "link-keys" in kept.read_text()):
            assert time.monotonic() < end, "the secret was not written"
            time.sleep(0.1)
    with emulator(tmp_path, "secretsmanager", SLOW_TO_READ) as (secrets, _):
        assert secrets.get_secret_value(SecretId="link-keys")["SecretString"] == "k1"

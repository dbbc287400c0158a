"""Logs the writes of the embedded DynamoDB ahead, so that none is lost that was acknowledged.

ministack keeps tables in memory and writes them as a whole, which takes seconds under load. Here
each request's writes are appended to a file, as one line, before the request is answered. At a
start the lines are played over the last whole copy. Each says what an item then is, not what
changes, so that playing one again does no harm: a copy may be taken while others write.

Against `kill -9` an append needs no fsync: the operating system has it. A machine that loses its
power may lose more.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LARGEST_SEGMENT = 8_000_000
"""Bytes of a segment, after which the tables are copied as a whole and the log begins anew."""
OLDEST_SEGMENT = 60.0
"""Seconds after which they are, too: so a start has little to play."""

Write = tuple[str, str, str, dict[str, Any] | None]
"""Table, partition key, sort key, and the item as it then is; None = deleted."""


class WriteAheadLog:
    """The log of a data folder: segments, each the writes since a copy of the tables was begun."""

    def __init__(self, folder: Path) -> None:
        """Go on in a folder, which is made if it is not there, with a segment of its own."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.RLock()
        """Held for each request, so that a copy of the tables shows none of them half done."""
        self._pending: list[Write] | None = None
        """Writes of the request under way; None between requests."""
        self._number = max((int(path.stem) for path in self._segments()), default=0)
        self._structure = ""
        self._replayed = False
        """True once the tables hold what was kept; a copy before that would be the end of it."""
        self._begin_segment()

    def install(self) -> None:
        """Let every write of ministack's DynamoDB go through the log from now on."""
        from ministack.services import dynamodb

        handle = dynamodb.handle_request
        put = dynamodb._set_item
        remove = dynamodb._remove_item

        async def handle_and_log(*request: Any) -> Any:
            with self._one_request():  # the original never yields to another request while it works
                return await handle(*request)

        def put_and_log(table: dict[str, Any], pk: str, sk: str, item: dict[str, Any]) -> Any:
            with self._one_request():
                self._note((table["TableArn"], pk, sk, item))
                return put(table, pk, sk, item)

        def remove_and_log(table: dict[str, Any], pk: str, sk: str) -> Any:
            with self._one_request():
                self._note((table["TableArn"], pk, sk, None))
                return remove(table, pk, sk)

        self._put = put
        self._remove = remove
        dynamodb.handle_request = handle_and_log
        dynamodb._set_item = put_and_log
        dynamodb._remove_item = remove_and_log

    def replay(self) -> None:
        """Play what was logged over the tables that were read.

        What is of a table that is gone is left out.
        """
        from ministack.services import dynamodb

        tables = {table["TableArn"]: table for table in dynamodb._tables.all_values()}
        for segment in self._segments():
            for arn, pk, sk, item in _writes(segment):
                table = tables.get(arn)
                if table is None:
                    continue
                if item is None:
                    self._remove(table, pk, sk)
                else:
                    self._put(table, pk, sk, item)
        self._replayed = True

    def copy_is_due(self) -> bool:
        """Tell whether the tables are to be written as a whole.

        They are when one was made or changed, or when the log is long or old.
        """
        if not self._replayed:
            return False
        size = self._file.tell()
        is_old = size > 0 and time.monotonic() - self._begun > OLDEST_SEGMENT
        is_long = size > LARGEST_SEGMENT
        return is_old or is_long or _structure() != self._structure

    def copy(self, read: Callable[[], Any], write: Callable[[Any], None]) -> None:
        """Write the tables as a whole, and forget what was logged before that."""
        with self._lock:
            # From here on writes go to a new segment: one that the copy has too is played twice,
            # none is lost.
            before = self._segments()
            structure = _structure()
            self._begin_segment()
            state = read()
        write(state)
        self._structure = structure
        for segment in before:
            segment.unlink()

    @contextmanager
    def _one_request(self) -> Iterator[None]:
        """Make one line of the writes of one request.

        After a start all of them are there, or none.
        """
        with self._lock:
            if self._pending is not None:
                yield
                return
            self._pending = []
            try:
                yield
            finally:
                writes = self._pending
                self._pending = None
                if writes:
                    self._file.write(json.dumps(writes).encode() + b"\n")

    def _note(self, write: Write) -> None:
        """Add a write to those of the request under way."""
        assert self._pending is not None
        self._pending.append(write)

    def _segments(self) -> list[Path]:
        """List the files of the log, oldest first."""
        return sorted(self._folder.glob("*.log"))

    def _begin_segment(self) -> None:
        """Write into a new file from now on."""
        self._number += 1
        self._begun = time.monotonic()
        # Unbuffered: what is written is the operating system's by then.
        self._file = (self._folder / f"{self._number:09d}.log").open("ab", buffering=0)


def _writes(segment: Path) -> Iterator[Write]:
    """Yield the writes of a segment in their order.

    A last line that was cut off belongs to a request that nobody was answered.
    """
    with segment.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                yield from json.loads(line)


def _structure() -> str:
    """Write down which tables there are and how they are made, without what is in them."""
    from ministack.services import dynamodb

    counted = {"items", "ItemCount", "TableSizeBytes", dynamodb._INDEX_MEMBERS}
    tables = {}
    for table in dynamodb._tables.all_values():
        made = {name: value for name, value in table.items() if name not in counted}
        tables[table["TableArn"]] = made
    settings = [dynamodb._ttl_settings._data, dynamodb._pitr_settings._data, dynamodb._tags._data]
    return json.dumps([tables, *map(_readable, settings)], sort_keys=True, default=str)


def _readable(settings: dict[Any, Any]) -> dict[str, Any]:
    """Make texts of the keys of a dict, which are tuples, as JSON wants them."""
    return {str(key): value for key, value in settings.items()}

"""Keep back-tests: a row for each with how far it is, and its page in the bucket."""

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.codecs.value_codecs import Item, instant_text, read_stored_instant, seconds
from routing_core.aws.tables.bucket import find_object
from routing_core.aws.tables.dynamo import condition_failed, read_item, serialize_item
from routing_core.service.kernel.back_tests import BackTestFigure, BackTestState, KeptBackTest

KEPT_SECONDS = 30 * 24 * 3600
"""A back-test is kept for a month: the enquiries of the next one would tell more."""


def _key(name: str) -> Item:
    return {"pk": f"BACKTEST#{name}", "sk": "BACKTEST"}


def _object_name(name: str) -> str:
    return f"backtests/{name}.html"


class BackTestRows:
    """Keeps back-tests: ``BackTests``."""

    def __init__(self, client: Any, table: str, s3: Callable[[], Any], bucket: str):
        self._client = client
        self._table = table
        self._s3 = s3
        self._bucket = bucket

    def read(self, name: str) -> KeptBackTest | None:
        """Give a back-test; None if nobody has asked for it."""
        item = read_item(self._client, self._table, _key(name))
        if item is None:
            return None
        changed_at = item.get("changed_at")
        return KeptBackTest(
            name=name,
            text=zlib.decompress(bytes(item["text"])).decode(),
            number=int(item["number"]),
            by=item["by"],
            asked_at=read_stored_instant(item["asked_at"]),
            state=BackTestState(item["state"]),
            done=int(item.get("done", 0)),
            total=int(item.get("total", 0)),
            changed_at=read_stored_instant(changed_at) if changed_at else None,
            problem=item.get("problem", ""),
            figures=tuple(BackTestFigure(**each) for each in json.loads(item.get("figures", "[]"))),
        )

    def ask(self, asked: KeptBackTest, instead_of: KeptBackTest | None) -> None:
        """Keep what was asked for, in place of one that is over, unless another was faster."""
        item = _key(asked.name) | {
            "text": zlib.compress(asked.text.encode(), 9),
            "number": asked.number,
            "by": asked.by,
            "asked_at": instant_text(asked.asked_at),
            "state": BackTestState.ASKED.value,
            "expires": seconds(asked.asked_at) + KEPT_SECONDS,
        }
        write: dict[str, Any] = {"TableName": self._table, "Item": serialize_item(item)}
        write["ConditionExpression"] = "attribute_not_exists(pk)"
        if instead_of:
            write["ConditionExpression"] += " OR asked_at = :asked"
            asked_before = {":asked": instant_text(instead_of.asked_at)}
            write["ExpressionAttributeValues"] = serialize_item(asked_before)
        try:
            self._client.put_item(**write)
        except ClientError as error:
            if not condition_failed(error):
                raise

    def begin(self, name: str, now: datetime) -> bool:
        """Note that it is being played; False if it is not waiting for that."""
        try:
            self._change(
                name, {"state": BackTestState.RUNNING.value}, now, only_if=BackTestState.ASKED
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return False
        return True

    def note(self, name: str, done: int, total: int, now: datetime) -> None:
        """Note how far it is."""
        self._change(name, {"done": done, "total": total}, now)

    def finish(
        self, name: str, figures: Sequence[BackTestFigure], page: str, now: datetime
    ) -> None:
        """Keep what came of it: its figures, and the whole as a page."""
        self._s3().put_object(
            Bucket=self._bucket,
            Key=_object_name(name),
            Body=page.encode(),
            ContentType="text/html; charset=utf-8",
        )
        told = json.dumps([asdict(each) for each in figures], ensure_ascii=False)
        self._change(name, {"state": BackTestState.DONE.value, "figures": told}, now)

    def fail(self, name: str, problem: str, now: datetime) -> None:
        """Note why it could not be played."""
        self._change(name, {"state": BackTestState.FAILED.value, "problem": problem}, now)

    def page(self, name: str) -> str | None:
        """Give the page of one that is over; None if there is none."""
        found = find_object(self._s3(), self._bucket, _object_name(name))
        return found["Body"].read().decode() if found else None

    def _change(
        self,
        name: str,
        values: Mapping[str, Any],
        now: datetime,
        only_if: BackTestState | None = None,
    ) -> None:
        written = {**values, "changed_at": instant_text(now)}
        names = {f"#{each}": each for each in written}
        filled = {f":{each}": value for each, value in written.items()}
        update: dict[str, Any] = {
            "TableName": self._table,
            "Key": serialize_item(_key(name)),
            "UpdateExpression": "SET " + ", ".join(f"#{each} = :{each}" for each in written),
            "ExpressionAttributeNames": names,
        }
        if only_if:
            update["ConditionExpression"] = "#state = :seen"
            filled[":seen"] = only_if.value
        update["ExpressionAttributeValues"] = serialize_item(filled)
        self._client.update_item(**update)

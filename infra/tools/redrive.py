"""Tells again what was not told: puts event rows through the outbox once more.

    make redrive LEAD=01J…                   everything that happened to one lead
    make redrive SINCE=2026-11-21T09:00Z     everything committed since then (it reads the whole table of leads)

For after an outage, when OutboxFailures or BusFailures hold messages: those name positions in a
stream or single events; the facts themselves are in the table. Timers that are armed, mails that
left and facts that were heard are recognised, so that nothing happens twice, and mails that have
lost their sense meanwhile are not sent.

Works on the embedded AWS of `make run` and, with STACK=name, on a stack in the account that your
credentials reach.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.tools.event_rows import Row, in_order, text
from infra.tools.stack import Target, reachable, target, tool

PER_CALL = 25
"""Rows for one call of the outbox: far below its time limit even when AWS is slow to answer."""
ALWAYS = datetime.min.replace(tzinfo=UTC)
MARKED = timedelta(days=90)
"""So long it is known which mails left; before that, they would leave again."""


def rows_of(dynamodb: Any, table: str, lead: str) -> list[Row]:
    """All of one lead."""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="pk = :lead AND begins_with(sk, :event)",
        ExpressionAttributeValues={":lead": {"S": f"LEAD#{lead}"}, ":event": {"S": "EVENT#"}},
        ConsistentRead=True,
    )
    return in_order((item for page in pages for item in page["Items"]), ALWAYS)


def rows_since(dynamodb: Any, table: str, since: datetime) -> list[Row]:
    """Of every lead."""
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="begins_with(sk, :event) AND #at >= :since",
        ExpressionAttributeNames={"#at": "at"},
        ExpressionAttributeValues={":event": {"S": "EVENT#"}, ":since": {"S": text(since)}},
        ConsistentRead=True,
    )
    return in_order((item for page in pages for item in page["Items"]), since)


def redrive(
    functions: Any, outbox: str, rows: Iterable[Row], stream: str
) -> Iterator[tuple[Row, bool]]:
    """Each row, and whether the outbox took it. ``functions``: a Lambda client; ``stream``: whose
    records they are.
    """
    waiting = list(rows)
    for start in range(0, len(waiting), PER_CALL):
        batch = waiting[start : start + PER_CALL]
        records = [_record(row, str(start + n), stream) for n, row in enumerate(batch)]
        answer = functions.invoke(FunctionName=outbox, Payload=json.dumps({"Records": records}))
        told = json.loads(answer["Payload"].read() or "null") or {}
        refused = {each["itemIdentifier"] for each in told.get("batchItemFailures", [])}
        for record, row in zip(records, batch, strict=True):
            yield (
                row,
                "FunctionError" not in answer
                and record["dynamodb"]["SequenceNumber"] not in refused,
            )


def _record(row: Row, number: str, stream: str) -> dict[str, Any]:
    """As the stream brings it. The decision stays behind: it is binary, and no fact is in it."""
    return {
        "eventID": f"redrive-{row['pk']['S']}-{row['sk']['S']}",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "eventSourceARN": stream,
        "dynamodb": {
            "Keys": {"pk": row["pk"], "sk": row["sk"]},
            "NewImage": {name: value for name, value in row.items() if name != "decision"},
            "SequenceNumber": number,
            "StreamViewType": "NEW_IMAGE",
        },
    }


def line(row: Row, taken: bool) -> str:
    facts = ", ".join(kind for kind, _ in json.loads(row["facts"]["S"]))
    lead, version = row["pk"]["S"].removeprefix("LEAD#"), row["sk"]["S"].removeprefix("EVENT#")
    return f"{'told' if taken else 'FAILED'}  {row['at']['S']}  {lead} {version}  {facts}"


def instant(said: str) -> datetime:
    """Without an offset it is UTC. Raises ArgumentTypeError."""
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{said} is not a date and time like 2026-11-21T09:00Z"
        ) from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if datetime.now(UTC) - at > MARKED:
        raise argparse.ArgumentTypeError(
            f"{said} is more than {MARKED.days} days ago: old emails would be sent again"
        )
    return at


def main() -> None:
    arguments = tool("Sends event rows through the outbox again.")
    which = arguments.add_mutually_exclusive_group()
    which.add_argument("--lead", help="its id")
    which.add_argument("--since", type=instant, help="a date and time such as 2026-11-21T09:00Z")
    options = arguments.parse_args()
    if not (options.lead or options.since):
        sys.exit(__doc__.strip())

    there = target(
        options.stack,
        options.data,
        "make redrive SINCE=…" if options.since else "make redrive LEAD=…",
    )
    with reachable(options.stack):
        tell_again(there, options.lead, options.since or ALWAYS)


def tell_again(there: Target, lead: str | None, since: datetime) -> None:
    """Prints each row; ends the process with an error if the outbox refused one."""
    dynamodb, table = there.client("dynamodb"), there.resource("LeadsTable")
    rows = rows_of(dynamodb, table, lead) if lead else rows_since(dynamodb, table, since)
    stream = dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
    failed = 0
    for row, taken in redrive(
        there.client("lambda"), there.resource("OutboxFunction"), rows, stream
    ):
        print(line(row, taken), flush=True)
        failed += not taken
    if failed:
        sys.exit(
            f"{failed} of {len(rows)} rows could not be sent: see the outbox's log, then run this again."
        )
    print(f"{len(rows)} rows sent again." if rows else "There is no such row.")


if __name__ == "__main__":
    main()
